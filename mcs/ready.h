// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ready queues: per domain and priority a circular list of threads, a two-level bitmap above, and the
 * highest priority in use, so that "is somebody above?" is one comparison.
 * Every operation is a fixed number of steps. INV-RQ-1: a bit is set exactly when its list is not empty, and
 * `top` is the highest one set.
 */
#pragma once

#include "kernel/model/kernel.h"
#include "lib/bits.h"

ALWAYS_INLINE struct ready_queues *ready_queues_of(const struct tcb *tcb) {
    return tcb->domain == kernel.domain ? kernel.queues : &kernel.ready[tcb->domain];
}

/* No thread is ready, in cleared memory. */
ALWAYS_INLINE void ready_init(struct ready_queues *queues) {
    queues->top = NOBODY_READY;
}

/* A thread comes to a priority that had none, or the last one leaves. */
void ready_mark(struct ready_queues *queues, unsigned priority);
void ready_unmark(struct ready_queues *queues, unsigned priority);

/* Behind its equals. The thread is schedulable, due, and in no queue. */
ALWAYS_INLINE void ready_push_tail(struct tcb *tcb) {
    struct ready_queues *queues = ready_queues_of(tcb);
    struct tcb **head = &queues->head[tcb->priority];
    struct tcb *first = *head;

    tcb->queue = QUEUE_READY;
    if (first == NULL) {
        tcb->ready_next = tcb;
        tcb->ready_prev = tcb;
        *head = tcb;
        ready_mark(queues, tcb->priority);
        return;
    }
    tcb->ready_next = first;
    tcb->ready_prev = first->ready_prev;
    first->ready_prev->ready_next = tcb;
    first->ready_prev = tcb;
}

/* Before its equals: it was displaced, not finished. */
ALWAYS_INLINE void ready_push_head(struct tcb *tcb) {
    ready_push_tail(tcb);
    ready_queues_of(tcb)->head[tcb->priority] = tcb;
}

/* The thread is in the ready queue. */
ALWAYS_INLINE void ready_remove(struct tcb *tcb) {
    struct ready_queues *queues = ready_queues_of(tcb);
    struct tcb **head = &queues->head[tcb->priority];
    struct tcb *next = tcb->ready_next;

    tcb->queue = QUEUE_NONE;
    if (next == tcb) {
        *head = NULL;
        ready_unmark(queues, tcb->priority);
        return;
    }
    next->ready_prev = tcb->ready_prev;
    tcb->ready_prev->ready_next = next;
    if (*head == tcb) {
        *head = next;
    }
}

/* Is a thread of the current domain ready with a priority above this one? */
ALWAYS_INLINE bool ready_has_above(unsigned priority) {
    return kernel.queues->top > (s64)priority;
}

/* The first thread of the highest priority in the current domain, or NULL. It stays in the queue. */
ALWAYS_INLINE struct tcb *ready_first(void) {
    s64 top = kernel.queues->top;

    return top == NOBODY_READY ? NULL : kernel.queues->head[top];
}
