// SPDX-License-Identifier: BSD-2-Clause
/* Ready queues; see mcs/ready.h. */
#include "mcs/ready.h"

static void mark(struct ready_queues *queues, unsigned priority) {
    queues->summary |= BIT(priority / 64);
    queues->bitmap[priority / 64] |= BIT(priority % 64);
}

static void unmark(struct ready_queues *queues, unsigned priority) {
    queues->bitmap[priority / 64] &= ~BIT(priority % 64);
    if (queues->bitmap[priority / 64] == 0) {
        queues->summary &= ~BIT(priority / 64);
    }
}

void ready_push_tail(struct tcb *tcb) {
    struct ready_queues *queues = &kernel.ready[tcb->domain];
    struct tcb *first = queues->head[tcb->priority];

    tcb->queue = QUEUE_READY;
    if (first == NULL) {
        tcb->ready_next = tcb;
        tcb->ready_prev = tcb;
        queues->head[tcb->priority] = tcb;
        mark(queues, tcb->priority);
        return;
    }
    tcb->ready_next = first;
    tcb->ready_prev = first->ready_prev;
    first->ready_prev->ready_next = tcb;
    first->ready_prev = tcb;
}

void ready_push_head(struct tcb *tcb) {
    ready_push_tail(tcb);
    kernel.ready[tcb->domain].head[tcb->priority] = tcb;
}

void ready_remove(struct tcb *tcb) {
    struct ready_queues *queues = &kernel.ready[tcb->domain];
    unsigned priority = tcb->priority;

    tcb->queue = QUEUE_NONE;
    if (tcb->ready_next == tcb) {
        queues->head[priority] = NULL;
        unmark(queues, priority);
        return;
    }
    tcb->ready_next->ready_prev = tcb->ready_prev;
    tcb->ready_prev->ready_next = tcb->ready_next;
    if (queues->head[priority] == tcb) {
        queues->head[priority] = tcb->ready_next;
    }
}

int ready_top_priority(void) {
    struct ready_queues *queues = &kernel.ready[kernel.domain];

    if (queues->summary == 0) {
        return -1;
    }
    unsigned word = highest_bit_of_16(queues->summary);
    return (int)(word * 64 + highest_bit(queues->bitmap[word]));
}
