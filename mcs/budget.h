// SPDX-License-Identifier: BSD-2-Clause
/*
 * Charging. Time from kernel.stint_start to kernel.now belongs to kernel.current_sc; it is charged when the
 * context changes hands, when it is asked about, and when the timer fires. Time does not call IPC: who may
 * send a timeout fault learns so from the outcome.
 */
#pragma once

#include "kernel/model/kernel.h"
#include "lib/build_checks.h"
#include "mcs/refill.h"

enum budget_outcome {
    BUDGET_LEFT,     /* go on */
    BUDGET_EXHAUSTED /* the head refill is used up: timeout fault, or wait for the next refill */
};

/* Note the time that kernel.current_sc ran until now. */
ALWAYS_INLINE void budget_count(struct sched_context *sc) {
    ticks_t used = kernel.now - kernel.stint_start;

    kernel.stint_start = kernel.now;
    kernel.timer_stale = true;
    sc->consumed += used;
    if (BUILD_BENCH && kernel.current != NULL) {
        kernel.current->used_ticks += used;
    }
}

/* Charge kernel.current_sc up to kernel.now, where refill_covers() what it used. */
ALWAYS_INLINE void budget_charge_covered(struct sched_context *sc) {
    ticks_t start = kernel.stint_start;

    budget_count(sc);
    refill_charge_covered(sc, kernel.now - start, start);
}

/* Charge the running context up to kernel.now. */
enum budget_outcome budget_charge(void);

/*
 * Charge; if the head refill is used up, the entry ends the slice when it ends (kernel.slice_over): with a timeout
 * fault if the thread has a handler, as the timer would have.
 */
void budget_commit(void);

/* The running thread's head refill is used up and no handler took it: queue it by its next refill. */
void budget_end_slice(void);

/* Microseconds consumed since last asked; resets the count. Charge first if the context is running. */
u64 budget_take_consumed_us(struct sched_context *sc);
