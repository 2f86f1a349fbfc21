// SPDX-License-Identifier: BSD-2-Clause
/* Choosing who runs; see mcs/schedule.h for the candidate's rules. */
#include "mcs/schedule.h"

#include "lib/bound.h"
#include "lib/build_checks.h"
#include "mcs/budget.h"
#include "mcs/ready.h"
#include "mcs/refill.h"
#include "mcs/sched_context.h"

/* In no queue until now, the thread waits for its head refill. */
static void release_push(struct tcb *tcb) {
    tcb->queue = QUEUE_RELEASE;
    pqueue_push(&kernel.release, &tcb->wait, refill_head(tcb->sc)->time, next_seq());
    kernel.timer_stale = true;
}

void thread_queue(struct tcb *tcb) {
    if (refill_is_ready(tcb->sc, kernel.now)) {
        ready_push_tail(tcb);
    } else {
        release_push(tcb);
    }
}

/* Several are woken in this entry: all compete through the queues, in the order they were woken. */
static void candidate_to_queue(void) {
    struct tcb *candidate = kernel.candidate;

    kernel.crowd = true;
    kernel.candidate = NULL;
    if (candidate != NULL) {
        ready_push_tail(candidate);
    }
}

void thread_wake(struct tcb *tcb) {
    kernel.reschedule = true;
    if (tcb == kernel.current) {
        return; /* still on the core: schedule_next() finds it runnable */
    }
    if (!refill_is_ready(tcb->sc, kernel.now)) {
        release_push(tcb);
    } else if (tcb->domain != kernel.domain) {
        ready_push_tail(tcb);
    } else if (kernel.candidate == NULL && !kernel.crowd) {
        kernel.candidate = tcb;
    } else {
        candidate_to_queue();
        ready_push_tail(tcb);
    }
}

void thread_dequeue(struct tcb *tcb) {
    if (tcb == kernel.candidate) {
        kernel.candidate = NULL;
    } else if (tcb->queue == QUEUE_READY) {
        ready_remove(tcb);
    } else if (tcb->queue == QUEUE_RELEASE) {
        tcb->queue = QUEUE_NONE;
        pqueue_remove(&kernel.release, &tcb->wait);
        kernel.timer_stale = true;
    }
    if (tcb == kernel.current) {
        kernel.reschedule = true;
    }
}

void thread_resume_scheduling(struct tcb *tcb) {
    if (thread_is_schedulable(tcb) && tcb->queue == QUEUE_NONE && tcb != kernel.candidate) {
        thread_wake(tcb);
    }
}

void thread_requeue(struct tcb *tcb) {
    thread_dequeue(tcb);
    thread_resume_scheduling(tcb);
}

void release_awaken(unsigned limit) {
    BOUND(release_awaken, limit);
    for (; limit > 0 && !pqueue_is_empty(&kernel.release); limit--) {
        BOUND_STEP(release_awaken);
        struct tcb *tcb = tcb_of_wait(kernel.release.top);

        if (tcb->wait.key > kernel.now) {
            return;
        }
        thread_dequeue(tcb);
        thread_wake(tcb);
    }
}

/*
 * The running thread may stay: it has not been queued, blocked or deprived of its context or
 * domain, and the time of the context it has now (perhaps lent to it in this entry) has come.
 */
ALWAYS_INLINE bool current_may_stay(void) {
    struct tcb *current = kernel.current;

    return current != NULL && thread_is_schedulable(current) && current->queue == QUEUE_NONE &&
           current->domain == kernel.domain && refill_is_ready(current->sc, kernel.now);
}

/*
 * Settle the candidate. Returns it if it is to run at once: above the running thread, and not below
 * anybody in the queues. Otherwise it is queued.
 */
ALWAYS_INLINE struct tcb *settle_candidate(bool stays) {
    struct tcb *candidate = kernel.candidate;

    kernel.candidate = NULL;
    kernel.crowd = false;
    if (candidate == NULL) {
        return NULL;
    }
    if (candidate->domain != kernel.domain ||
        (stays && candidate->priority <= kernel.current->priority)) {
        ready_push_tail(candidate);
        return NULL;
    }
    if (ready_has_above(candidate->priority)) {
        ready_push_head(candidate);
        return NULL;
    }
    return candidate;
}

ALWAYS_INLINE struct tcb *take_from_queue(void) {
    struct tcb *tcb = ready_first();

    if (tcb != NULL) {
        ready_remove(tcb);
    }
    return tcb;
}

/*
 * A call or an answer may have given the context that ran until now to a thread that is queued already, as if its
 * time had come: that is over now.
 */
NOINLINE static void requeue_holder(const struct sched_context *sc) {
    struct tcb *holder = sc != NULL ? sc->tcb : NULL;

    if (holder == NULL || holder->queue != QUEUE_READY) {
        return;
    }
    thread_dequeue(holder);
    thread_queue(holder);
}

/* The context that ran until now is charged before another one runs. */
ALWAYS_INLINE enum budget_outcome close_stint(void) {
    enum budget_outcome outcome = budget_charge();

    if (outcome == BUDGET_EXHAUSTED) {
        requeue_holder(kernel.current_sc);
    }
    return outcome;
}

/* The thread on the core makes room: charge it, and queue it where its budget says. */
ALWAYS_INLINE void displace_current(struct tcb *next) {
    struct tcb *current = kernel.current;
    bool runnable = current != NULL && current != next && thread_is_schedulable(current) &&
                    current->queue == QUEUE_NONE;

    bool over =
        (next == NULL || next->sc != kernel.current_sc) && close_stint() == BUDGET_EXHAUSTED;

    if (!runnable) {
        return;
    }
    if ((over && current->sc == kernel.current_sc) || !refill_is_ready(current->sc, kernel.now)) {
        budget_end_slice();
    } else {
        ready_push_head(current);
    }
}

ALWAYS_INLINE void install(struct tcb *next) {
    struct sched_context *sc = next != NULL ? next->sc : NULL;

    kernel.current = next;
    if (sc != kernel.current_sc) {
        kernel.current_sc = sc;
        kernel.stint_start = kernel.now;
        kernel.timer_stale = true;
    }
    if (next != NULL) {
        if (BUILD_BENCH) {
            next->scheduled++;
        }
        if (UNLIKELY(next->yield_to != NULL)) {
            sc_complete_yield(next->yield_to);
        }
    }
}

void schedule_next(void) {
    bool stays = current_may_stay();
    struct tcb *next = settle_candidate(stays);

    if (next == NULL) {
        if (stays && !ready_has_above(kernel.current->priority)) {
            if (kernel.current->sc != kernel.current_sc) {
                (void)close_stint();
                install(kernel.current);
            }
            kernel.reschedule = false;
            return;
        }
        next = take_from_queue();
    }
    displace_current(next);
    install(next);
    kernel.reschedule = false;
}

ticks_t schedule_budget_deadline(void) {
    struct sched_context *sc = kernel.current_sc;

    return sc != NULL && sc_is_configured(sc) ? kernel.stint_start + refill_head(sc)->amount
                                              : ~0ull;
}

ticks_t schedule_event_deadline(void) {
    ticks_t release = pqueue_is_empty(&kernel.release) ? ~0ull : kernel.release.top->key;

    return min_u64(release, kernel.domain_end);
}
