// SPDX-License-Identifier: BSD-2-Clause
/*
 * Handing the core from one scheduling context to another within a fast path: what mcs/schedule.c does for any
 * number of threads, done for two of which everything is known.
 *
 *   running thread ── goes on / is displaced / blocks ──┐
 *                                                       ├─ charge, install, timer ─► next thread
 *   blocked thread ── is woken ── or ── ready thread ───┘
 *
 * The questions (handover_may_…) read only; one that is answered with no leaves the call to the slow path. The other
 * functions write only. Each says which function of the slow path it stands for. `now` is the clock as the fast
 * path read it; it becomes kernel.now when the path is committed.
 */
#pragma once

#include "arch/timer.h"
#include "kernel/model/kernel.h"
#include "lib/build_checks.h"
#include "mcs/budget.h"
#include "mcs/ready.h"
#include "mcs/refill.h"

/* The running context stays with budget in its head refill when it is charged: budget_charge() == BUDGET_LEFT. */
ALWAYS_INLINE bool handover_may_charge(ticks_t now) {
    return refill_covers(kernel.current_sc, now - kernel.stint_start, now, kernel.min_budget);
}

/* Woken with its own context, the thread competes for the core at once: thread_unblock() ends in thread_wake(). */
ALWAYS_INLINE bool handover_may_wake(const struct tcb *tcb, ticks_t now) {
    struct sched_context *sc = tcb->sc;

    return sc != NULL && sc_is_configured(sc) && tcb->domain == kernel.domain &&
           refill_is_ready(sc, now) && !refill_next_is_due(sc, now);
}

/* Nobody in the queues is above the thread: schedule_next() installs it when the running one stops. */
ALWAYS_INLINE bool handover_is_next(const struct tcb *tcb) {
    return !ready_has_above(tcb->priority);
}

/* The rest of thread_unblock() of a thread that may wake and is runnable already. Time that did not wait for it is forgotten (SC_SPORADIC). */
ALWAYS_INLINE void handover_wake(struct tcb *tcb, ticks_t now) {
    struct sched_context *sc = tcb->sc;

    tcb->resume.object = NULL;
    if ((sc->flags & SC_SPORADIC) != 0) {
        refill_head(sc)->time = now;
    }
}

/* The timer for the context that now runs, from `now` on. */
ALWAYS_INLINE void handover_set_timer(ticks_t now, struct sched_context *sc) {
    ticks_t deadline = min_u64(now + refill_head(sc)->amount, kernel.events_deadline);

    if (deadline != kernel.timer_deadline) {
        kernel.timer_deadline = deadline;
        arch_timer_set(deadline);
    }
}

/* Charge the running context, which may be charged: budget_charge(). */
ALWAYS_INLINE void handover_charge(ticks_t now) {
    ticks_t start = kernel.stint_start;
    ticks_t used = now - start;
    struct sched_context *sc = kernel.current_sc;

    kernel.now = now;
    if (used > 0) {
        kernel.stint_start = now;
        sc->consumed += used;
        if (BUILD_BENCH) {
            kernel.current->used_ticks += used;
        }
        refill_charge_covered(sc, used, start);
    }
}

/* The core was idle: nobody is charged. */
ALWAYS_INLINE void handover_from_idle(ticks_t now) {
    kernel.now = now;
    kernel.stint_start = now;
}

/* Install the next thread with its own context, which has been charged to nobody yet: install(), program_timer(). */
ALWAYS_INLINE void handover_install(struct tcb *next, ticks_t now) {
    kernel.current = next;
    kernel.current_sc = next->sc;
    if (BUILD_BENCH) {
        next->scheduled++;
    }
    handover_set_timer(now, next->sc);
}

/* Charge the running context, install the next thread: schedule_next(). */
ALWAYS_INLINE void handover_to(struct tcb *next, ticks_t now) {
    handover_charge(now);
    handover_install(next, now);
}
