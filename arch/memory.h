// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical memory as the kernel sees it.
 *
 * One window maps all physical memory the kernel can ever touch, RAM and device registers alike, readable
 * and writable, never executable. RISC-V: [0, ARCH_WINDOW_SIZE) at a fixed virtual offset; host: an arena
 * below 2^38 that is its own window. The machine's part is arch_isa/memory.h, which defines:
 *
 *   ARCH_USER_LIMIT                    first virtual address user space cannot have (exclusive limit)
 *   ARCH_WINDOW_SIZE                   physical addresses below this are in the window
 *   void *arch_ptr(paddr_t p)          pointer to physical address p; p must be in the window
 *   paddr_t arch_paddr(const void *v)  the reverse; v must be a pointer that arch_ptr() can give. (Pointers
 *                                      into the kernel's own image or stack are not: those are linked
 *                                      elsewhere. Nothing the kernel hands out lives there.)
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#include "arch_isa/memory.h"

ALWAYS_INLINE paddr_t paddr_of(u64 value) {
    return (paddr_t){value};
}

/* Is all of [base, base + size) inside the window? False also when the sum overflows. */
ALWAYS_INLINE bool arch_memory_in_window(paddr_t base, u64 size) {
    return base.value <= ARCH_WINDOW_SIZE && size <= ARCH_WINDOW_SIZE - base.value;
}

/*
 * Set `bytes` bytes at `p` to zero. p is aligned to 8, bytes a multiple of 8 and at most ARCH_CLEAR_MAX;
 * fastest when both are multiples of 64 (then by cache block, where the machine can).
 */
#define ARCH_CLEAR_MAX 4096
void arch_clear(void *p, u64 bytes);

/*
 * Make instructions written as data visible to fetches of this hart (user code placed into frames). One
 * fence; to be called once after code was written, before it may run.
 */
void arch_instruction_sync(void);

/*
 * Does a load from physical address p trap with an access fault? The self-test of the walls between
 * partitions; boot only. p must be in the window and naturally aligned for one byte; any other kind of trap
 * panics.
 */
MUST_USE bool arch_load_faults(paddr_t p);
