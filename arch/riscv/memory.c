// SPDX-License-Identifier: BSD-2-Clause
/* Clearing memory, fences for code, and the test of the walls. */
#include "arch/memory.h"

#include "arch/riscv/riscv.h"
#include "lib/bound.h"

#define BLOCK_BYTES 64 /* of cbo.zero; boot.c sets riscv_has_clear_block only for this size */

/* cbo.zero, written by its encoding (unprivileged specification, "Zicboz"). */
ALWAYS_INLINE void clear_block(u8 *at) {
    __asm__ volatile(".insn i 0x0f, 2, x0, %0, 4" : : "r"(at) : "memory");
}

/* Four blocks a turn: the unit in which untyped memory is cleared between preemption points. */
static void clear_blocks(u8 *at, u64 bytes) {
    u8 *end = at + bytes;

    BOUND(clear_fours, ARCH_CLEAR_MAX / (4 * BLOCK_BYTES));
    for (; end - at >= 4 * BLOCK_BYTES; at += 4 * BLOCK_BYTES) {
        BOUND_STEP(clear_fours);
        clear_block(at);
        clear_block(at + BLOCK_BYTES);
        clear_block(at + 2 * BLOCK_BYTES);
        clear_block(at + 3 * BLOCK_BYTES);
    }
    BOUND(clear_ones, 3);
    for (; at < end; at += BLOCK_BYTES) {
        BOUND_STEP(clear_ones);
        clear_block(at);
    }
}

static void clear_words(u64 *at, u64 bytes) {
    u64 *end = at + bytes / 8;

    BOUND(clear_eights, ARCH_CLEAR_MAX / 64);
    for (; end - at >= 8; at += 8) {
        BOUND_STEP(clear_eights);
        at[0] = 0;
        at[1] = 0;
        at[2] = 0;
        at[3] = 0;
        at[4] = 0;
        at[5] = 0;
        at[6] = 0;
        at[7] = 0;
    }
    BOUND(clear_words, 7);
    for (; at < end; at++) {
        BOUND_STEP(clear_words);
        *at = 0;
    }
}

void arch_clear(void *p, u64 bytes) {
    if (riscv_has_clear_block && (((u64)p | bytes) & (BLOCK_BYTES - 1)) == 0) {
        clear_blocks(p, bytes);
    } else {
        clear_words(p, bytes);
    }
}

void arch_instruction_sync(void) {
    __asm__ volatile("fence rw, rw\n\tfence.i" : : : "memory");
}

bool arch_load_faults(paddr_t p) {
    return riscv_probe_load(arch_ptr(p)) != 0;
}
