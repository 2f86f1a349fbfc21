// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ready queues: per domain and priority a circular list of threads, a two-level bitmap above.
 * Every operation is a fixed number of steps. INV-RQ-1: a bit is set exactly when its list is not empty.
 */
#pragma once

#include "kernel/model/kernel.h"
#include "lib/bits.h"

/* Behind its equals. The thread is schedulable, due, and in no queue. */
void ready_push_tail(struct tcb *tcb);

/* Before its equals: it was displaced, not finished. */
void ready_push_head(struct tcb *tcb);

/* The thread is in the ready queue. */
void ready_remove(struct tcb *tcb);

/* Highest priority with a runnable thread in the current domain, or -1. */
int ready_top_priority(void);

/* Is a thread of the current domain ready with a priority above this one? */
ALWAYS_INLINE bool ready_has_above(unsigned priority) {
    const struct ready_queues *queues = &kernel.ready[kernel.domain];
    unsigned word = priority / 64;

    return (queues->summary >> word) >> 1 != 0 ||
           (queues->bitmap[word] >> (priority % 64)) >> 1 != 0;
}

/* First thread of that priority; it must exist. */
ALWAYS_INLINE struct tcb *ready_first(unsigned priority) {
    return kernel.ready[kernel.domain].head[priority];
}
