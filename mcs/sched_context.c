// SPDX-License-Identifier: BSD-2-Clause
/* Who holds a scheduling context; see mcs/sched_context.h. */
#include "mcs/sched_context.h"

#include "mcs/budget.h"
#include "mcs/ready.h"
#include "mcs/refill.h"
#include "mcs/schedule.h"

void sc_bind_tcb(struct sched_context *sc, struct tcb *tcb) {
    sc->tcb = tcb;
    tcb->sc = sc;
    sc_unblock(sc);
    thread_resume_scheduling(tcb);
}

void sc_unbind_tcb(struct sched_context *sc) {
    struct tcb *tcb = sc->tcb;

    if (tcb == NULL) {
        return;
    }
    if (sc == kernel.current_sc) {
        (void)budget_charge();
        kernel.current_sc = NULL; /* it may be gone before the next thread is chosen */
        kernel.timer_stale = true;
    }
    thread_dequeue(tcb);
    tcb->sc = NULL;
    sc->tcb = NULL;
}

void sc_bind_notification(struct sched_context *sc, struct notification *notification) {
    sc->notification = notification;
    notification->sc = sc;
}

void sc_unbind_notification(struct sched_context *sc) {
    if (sc->notification != NULL) {
        sc->notification->sc = NULL;
        sc->notification = NULL;
    }
}

void sc_donate(struct sched_context *sc, struct tcb *to) {
    struct tcb *from = sc->tcb;

    if (from != NULL) {
        thread_dequeue(from);
        from->sc = NULL;
    }
    sc->tcb = to;
    to->sc = sc;
}

void sc_unblock(struct sched_context *sc) {
    struct refill *head = NULL;

    /* Time that runs now did not wait: it is passed on in a call, and owes what it used so far. */
    if (!sc_is_configured(sc) || (sc->flags & SC_SPORADIC) == 0 || sc == kernel.current_sc) {
        return;
    }
    refill_merge_due(sc, kernel.now);
    head = refill_head(sc);
    head->time = max_u64(head->time, kernel.now);
    refill_merge_due(sc, kernel.now);
}

void sc_maybe_lend(struct notification *notification, struct tcb *tcb) {
    struct sched_context *sc = notification->sc;

    if (tcb->sc == NULL && sc != NULL && sc->tcb == NULL) {
        sc_donate(sc, tcb);
    }
}

void sc_maybe_return(struct notification *notification, struct tcb *tcb) {
    struct sched_context *sc = notification->sc;

    if (sc != NULL && tcb->sc == sc) {
        thread_dequeue(tcb);
        tcb->sc = NULL;
        sc->tcb = NULL;
    }
}

void sc_configure(struct sched_context *sc, unsigned max_refills, ticks_t budget, ticks_t period,
                  u64 badge, u16 flags) {
    if (sc == kernel.current_sc) {
        (void)budget_charge();
    }
    sc->badge = badge;
    kernel.timer_stale = true;
    if (sc_is_configured(sc) && sc->tcb != NULL && thread_is_schedulable(sc->tcb)) {
        refill_update(sc, max_refills, budget, period, flags, kernel.now, kernel.min_budget);
    } else {
        refill_new(sc, max_refills, budget, period, flags, kernel.now);
    }
    if (sc->tcb == kernel.current && sc->tcb != NULL && !refill_is_ready(sc, kernel.now)) {
        budget_end_slice();
    } else if (sc->tcb != NULL && sc->tcb != kernel.current) {
        thread_requeue(sc->tcb);
    }
}

NOINLINE void sc_complete_yield(struct sched_context *sc) {
    struct tcb *waiting = sc->yield_from;

    sc->yield_from = NULL;
    waiting->yield_to = NULL;
    if (waiting->yield_answer) {
        waiting->context.reg[REG_MR0] = budget_take_consumed_us(sc);
    }
}

void sc_cancel_yield(struct tcb *waiting) {
    if (waiting->yield_to != NULL) {
        waiting->yield_to->yield_from = NULL;
        waiting->yield_to = NULL;
    }
}

bool sc_yield_to(struct sched_context *sc, struct tcb *caller, bool answer) {
    struct tcb *target = sc->tcb;

    if (sc->yield_from != NULL) {
        sc_complete_yield(sc); /* whoever yielded to it before waits no longer: one can */
    }
    sc_unblock(sc);
    thread_resume_scheduling(target);
    if (target->queue != QUEUE_READY && target != kernel.candidate) {
        return false; /* not runnable, or its budget is used up: nothing to wait for */
    }
    thread_dequeue(target);
    if (target->priority < caller->priority) {
        ready_push_head(target);
        return false;
    }
    caller->yield_to = sc;
    caller->yield_answer = answer;
    sc->yield_from = caller;
    /* The caller stands right behind the target, both at the heads of their queues. */
    if (budget_charge() == BUDGET_EXHAUSTED) {
        budget_end_slice();
    } else {
        ready_push_head(caller);
    }
    ready_push_head(target);
    kernel.reschedule = true;
    return true;
}
