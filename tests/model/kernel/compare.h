// SPDX-License-Identifier: BSD-2-Clause
/*
 * Is what the kernel has what the model has? In everything a program could see, and in some things behind it so that a
 * difference shows early.
 */
#pragma once

#include "arch/host/host.h"
#include "tests/model/kernel/model.h"

extern char difference[400];  /* in words, after something differed */
extern bool compare_thorough; /* compare everything at each step */

static inline void *pointer(u64 address) {
    return (void *)(uintptr_t)address;
}

static inline struct tcb *kernel_thread(int thread) {
    return pointer(threads[thread].address);
}

static inline u32 bell_of(int line) {
    return (u32)(line_irq(line) - BELL_IRQ);
}

/* After the number-th step. False: see `difference`. */
bool compare(int number);
