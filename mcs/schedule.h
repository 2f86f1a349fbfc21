// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who runs next. The running thread is in no queue. A thread that becomes runnable during an entry
 * is kept as the candidate, without touching a queue, until the next one comes or the entry ends; so handing
 * over to a server costs no queue operation.
 *
 *     thread_wake(a)      candidate = a
 *     thread_wake(b)      a and b go to the tails of their queues, candidate = none, reschedule
 *     thread_wake(c)      c, too: threads of one priority run in the order they were woken
 *     schedule_next()     picks candidate, current or the head of the highest queue
 *
 * An unreleased thread (head refill ahead) goes to the release queue instead.
 */
#pragma once

#include "kernel/model/kernel.h"

/* The thread is runnable, has a configured context, and is not in a queue: let it compete for the core. */
void thread_wake(struct tcb *tcb);

/* Take a thread out of the ready or release queue or the candidate's place; no effect elsewhere. */
void thread_dequeue(struct tcb *tcb);

/* Runnable, with a context that has refills: may be in a queue. */
ALWAYS_INLINE bool thread_is_schedulable(const struct tcb *tcb) {
    return tcb->state == THREAD_RUNNABLE && tcb->sc != NULL && tcb->sc->refill_max > 0;
}

/* Let the thread compete if it can and does not yet (after binding a context, a refill, a resume). */
void thread_resume_scheduling(struct tcb *tcb);

/* A thread in no queue goes behind its equals, or waits for its head refill. */
void thread_queue(struct tcb *tcb);

/* Queue the thread anew: its refills, priority or domain changed. */
void thread_requeue(struct tcb *tcb);

/*
 * Move every thread whose refill is due by kernel.now from the release queue to the ready queues. At most
 * `limit` at a time; the timer fires again at once if more are due.
 */
void release_awaken(unsigned limit);

/*
 * Choose and install the next thread (kernel.current, kernel.current_sc). The context that loses the core is
 * charged up to kernel.now; a lent context that only changes hands is not.
 */
void schedule_next(void);

/* When the running context's head refill ends; never while idle. */
ticks_t schedule_budget_deadline(void);

/* The first of the other instants that concern the scheduler: first release, end of the domain's slot. */
ticks_t schedule_event_deadline(void);
