// SPDX-License-Identifier: BSD-2-Clause
/* The bitmap above the ready lists; see mcs/ready.h. */
#include "mcs/ready.h"

void ready_mark(struct ready_queues *queues, unsigned priority) {
    queues->summary |= BIT(priority / 64);
    queues->bitmap[priority / 64] |= BIT(priority % 64);
    if (queues->top < (s64)priority) {
        queues->top = priority;
    }
}

static s64 find_top(const struct ready_queues *queues) {
    if (queues->summary == 0) {
        return NOBODY_READY;
    }
    unsigned word = highest_bit_of_16(queues->summary);
    return word * 64 + highest_bit(queues->bitmap[word]);
}

void ready_unmark(struct ready_queues *queues, unsigned priority) {
    queues->bitmap[priority / 64] &= ~BIT(priority % 64);
    if (queues->bitmap[priority / 64] == 0) {
        queues->summary &= ~BIT(priority / 64);
    }
    if (queues->top == (s64)priority) {
        queues->top = find_top(queues);
    }
}
