// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fast paths: the system calls that real-time systems make all day, in three steps.
 *
 *   admit   reads only. Every line names the rule of the slow path that it stands for; if one does not hold, the
 *           slow path does the call, from the beginning.
 *   commit  writes only, and cannot fail.
 *   arrive  the context to resume.
 *
 * A taken fast path leaves exactly the state that the slow path would (tests/unit/kernel/entry/fastpath_test.c).
 * One that lends its context, or comes back to its caller, reads no clock: nobody's account or timer changes. One that
 * hands the core to another context does (kernel/entry/handover.h).
 *
 * This header has what all of them share.
 */
#pragma once

#include "arch/memory.h"
#include "kernel/entry/handover.h"
#include "kernel/ipc/thread.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/vspace.h"

#define NOT_ADMITTED NULL

/* tcb->fault goes to a handler that waits. The context to resume, or NOT_ADMITTED: nothing changed. */
struct arch_context *fast_fault(struct tcb *tcb);

/*
 * The running thread used up its head refill (kernel.slice_over), has been charged, and nothing else is due: its timeout
 * handler runs. As above.
 */
struct arch_context *fast_timeout(void);

/* ---- Waiting threads ------------------------------------------------------------------------------ */

/* The thread is no longer in the queue of what it waited for. (Neighbours: the compiler makes one store of two.) */
ALWAYS_INLINE void stop_waiting(struct tcb *tcb) {
    tcb->state = THREAD_RUNNABLE;
    tcb->queue = QUEUE_NONE;
    tcb->blocked_on = NULL;
}

/* The only waiter leaves an endpoint's queue: dequeue() in kernel/ipc/endpoint.c. */
ALWAYS_INLINE void pop_receiver(struct endpoint *endpoint, struct tcb *tcb) {
    endpoint->queue.top = NULL;
    endpoint->state = ENDPOINT_IDLE;
    stop_waiting(tcb);
}

/* A thread waits in an empty queue of an endpoint or notification: pqueue_push(). */
ALWAYS_INLINE void push_waiter(struct pqueue *queue, struct tcb *tcb, enum thread_state state) {
    queue->top = &tcb->wait;
    tcb->wait = (struct pqueue_node){.key = WAIT_KEY(tcb), .seq = next_seq()};
    tcb->blocked_on = queue;
    tcb->state = (u8)state;
    tcb->queue = QUEUE_OBJECT;
}

ALWAYS_INLINE void push_receiver(struct endpoint *endpoint, struct tcb *tcb) {
    endpoint->state = ENDPOINT_RECEIVING_ONE;
    push_waiter(&endpoint->queue, tcb, THREAD_BLOCKED_RECEIVE);
}

/* ---- Arrive --------------------------------------------------------------------------------------- */

/* The caller goes on: its call is complete. */
ALWAYS_INLINE struct arch_context *arrive_same(struct tcb *caller) {
    thread_complete(caller);
    return &caller->context;
}

/* Not 0: another address space has to be loaded. Looked at before the commit, and used behind it. */
ALWAYS_INLINE u64 space_change(const struct tcb *to, const struct tcb *from) {
    return to->slot[TCB_VSPACE].cap.word1 ^ from->slot[TCB_VSPACE].cap.word1;
}

/* The address space of the thread to come is loaded, or known. */
ALWAYS_INLINE bool may_arrive(const struct tcb *to, u64 change) {
    return LIKELY(change == 0) || vspace_is_known(to);
}

/* May the thread be taken from the ready queues? One that waits in YieldTo gets its answer there. */
ALWAYS_INLINE bool may_arrive_ready(const struct tcb *next, const struct tcb *from) {
    return next != NULL && next->yield_to == NULL && may_arrive(next, space_change(next, from));
}

/* The core changes to another thread. */
ALWAYS_INLINE struct arch_context *arrive_in(struct tcb *to, u64 change) {
    if (change != 0) {
        arch_vspace_load(to->space);
    }
    return &to->context;
}

/* … and the lent context goes on running in it. */
ALWAYS_INLINE struct arch_context *arrive_lent(struct tcb *to, u64 change) {
    kernel.current = to;
    if (BUILD_BENCH) {
        to->scheduled++;
    }
    return arrive_in(to, change);
}

/* … and so does time: the thread has a context of its own. */
ALWAYS_INLINE struct arch_context *arrive_own(struct tcb *to, u64 change, ticks_t now) {
    handover_to(to, now);
    return arrive_in(to, change);
}

/* The running thread has blocked: the first of the ready ones is next. */
ALWAYS_INLINE struct arch_context *arrive_ready(struct tcb *next, const struct tcb *from,
                                                ticks_t now) {
    u64 change = space_change(next, from);

    ready_remove(next);
    return arrive_own(next, change, now);
}
