// SPDX-License-Identifier: BSD-2-Clause
/* Charging; see mcs/budget.h. */
#include "mcs/budget.h"

#include "mcs/schedule.h"

enum budget_outcome budget_charge(void) {
    struct sched_context *sc = kernel.current_sc;
    ticks_t start = kernel.stint_start;
    ticks_t used = kernel.now - start;

    if (used == 0 || sc == NULL || !sc_is_configured(sc)) {
        kernel.stint_start = kernel.now;
        return BUDGET_LEFT;
    }
    if (LIKELY(refill_covers(sc, used, kernel.now, kernel.min_budget))) {
        budget_charge_covered(sc);
        return BUDGET_LEFT;
    }
    budget_count(sc);
    refill_merge_due(sc, kernel.now);
    if (refill_charge(sc, used, start, kernel.min_budget) == REFILL_LEFT) {
        return BUDGET_LEFT;
    }
    sc->exhaustions++;
    return BUDGET_EXHAUSTED;
}

/* Never a part of its callers, whose usual ways would need more registers. */
NOINLINE void budget_end_slice(void) {
    kernel.reschedule = true;
    thread_queue(kernel.current);
}

void budget_commit(void) {
    if (budget_charge() == BUDGET_EXHAUSTED) {
        kernel.slice_over = true;
    }
}

u64 budget_take_consumed_us(struct sched_context *sc) {
    u64 us = sc->consumed / kernel.ticks_per_us;

    sc->consumed = 0;
    return us;
}
