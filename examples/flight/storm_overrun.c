// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 5 of 6: a periodic domain whose every job needs more than its budget. The kernel stops it when
 * the budget is used up and lets it go on in the next period: its jobs are late, nobody else's.
 */
#include "examples/flight/domain.h"

enum { ROUNDS_PER_JOB = 1000000 }; // about three instructions each, three times the budget

static void job(void *unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS_PER_JOB; i++) {
        __asm__ volatile("" : : "r"(i)); // keeps the loop
    }
}

void init(void) {
    rt_periodic(job, NULL);
}
