// SPDX-License-Identifier: BSD-2-Clause
/*
 * Configuration of the kernel, as programs see it: an option that is on is defined, one that is off is not.
 * What differs between build variants (debug output, benchmark calls) is in <kernel/gen_variant.h>, of
 * which user/sel4/variant/ has one per variant; a program is compiled for the variant it will run on.
 */
#pragma once

#include <kernel/gen_variant.h>

#define CONFIG_ARCH_RISCV                        1
#define CONFIG_ARCH_RISCV64                      1
#define CONFIG_SEL4_ARCH                         riscv64
#define CONFIG_SEL4_ARCH_RISCV64                 1
#define CONFIG_ARCH                              riscv
#define CONFIG_WORD_SIZE                         64
#define CONFIG_PT_LEVELS                         3
#define CONFIG_HAVE_FPU                          1
#define CONFIG_RISCV_EXT_F                       1
#define CONFIG_RISCV_EXT_D                       1
#define CONFIG_PLAT                              qemu - riscv - virt
#define CONFIG_PLAT_QEMU_RISCV_VIRT              1
#define CONFIG_KERNEL_MCS                        1
#define CONFIG_KERNEL_WCET_SCALE                 1
#define CONFIG_KERNEL_STACK_BITS                 12
#define CONFIG_MAX_NUM_NODES                     1
#define CONFIG_NUM_DOMAINS                       1
#define CONFIG_NUM_PRIORITIES                    256
#define CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS     230
#define CONFIG_RETYPE_FAN_OUT_LIMIT              256
#define CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION 100
#define CONFIG_RESET_CHUNK_BITS                  8
#define CONFIG_BOOT_THREAD_TIME_SLICE            5
#define CONFIG_TIMER_FREQUENCY                   10000000
#define CONFIG_TIME_SLICE                        5
#define CONFIG_TIMER_TICK_MS                     2
