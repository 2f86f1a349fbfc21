// SPDX-License-Identifier: BSD-2-Clause
/*
 * RISC-V Sv39: how physical memory is seen. See arch/memory.h for the contract.
 *
 * The upper half of the address space (256 GiB) belongs to the kernel:
 *
 *   0xffffffff_c0000000  top GiB: the kernel image, 4 KiB pages, W^X; its stack at the end of the image's 2 MiB
 *   0xffffffc0_00000000  255 GiB: physical [0, 0x3f_c0000000), 1 GiB pages, read and write, global
 */
#pragma once

#include "lib/types.h"

#define ARCH_USER_LIMIT  0x3ffffff000ull
#define ARCH_WINDOW_SIZE 0x3fc0000000ull

#define RISCV_WINDOW_BASE 0xffffffc000000000ull
#define RISCV_IMAGE_BASE  0xffffffffc0000000ull

ALWAYS_INLINE void *arch_ptr(paddr_t p) {
    return (void *)(p.value + RISCV_WINDOW_BASE);
}

ALWAYS_INLINE paddr_t arch_paddr(const void *v) {
    return (paddr_t){(u64)v - RISCV_WINDOW_BASE};
}
