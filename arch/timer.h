// SPDX-License-Identifier: BSD-2-Clause
/*
 * Time. One counter that never stops and is the same for all harts, and one alarm per hart.
 * arch_isa/timer.h defines `ticks_t arch_time(void)` (inline): the counter now.
 *
 * Implementations of the alarm: arch/riscv/timer_sstc.c (one instruction), arch/riscv/timer_sbi.c (a firmware
 * call, for machines without Sstc), arch/host.
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#include "arch_isa/timer.h"

/* No alarm: a deadline that never comes. */
#define ARCH_TIMER_NEVER (~0ull)

/*
 * The timer interrupt becomes pending when arch_time() >= deadline, and stays so until the next call with a
 * later deadline. A deadline in the past fires at once.
 */
void arch_timer_set(ticks_t deadline);

/* NULL, or one sentence saying what the machine lacks for the timer this kernel was linked with. Boot only;
 * enables the timer interrupt with no alarm set. */
MUST_USE const char *arch_timer_init(const struct boot_platform *platform);
