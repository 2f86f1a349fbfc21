// SPDX-License-Identifier: BSD-2-Clause
/* The bitmap above the ready lists; see mcs/ready.h. */
#include "mcs/ready.h"

void ready_mark(struct ready_queues *queues, unsigned priority) {
    queues->summary |= BIT(priority / 64);
    queues->bitmap[priority / 64] |= BIT(priority % 64);
    if (queues->levels <= priority) {
        queues->levels = priority + 1;
    }
}

static u64 count_levels(const struct ready_queues *queues) {
    if (queues->summary == 0) {
        return 0;
    }
    unsigned word = highest_bit_of_16(queues->summary);
    return word * 64 + highest_bit(queues->bitmap[word]) + 1;
}

void ready_unmark(struct ready_queues *queues, unsigned priority) {
    queues->bitmap[priority / 64] &= ~BIT(priority % 64);
    if (queues->bitmap[priority / 64] == 0) {
        queues->summary &= ~BIT(priority / 64);
    }
    if (queues->levels == priority + 1) {
        queues->levels = count_levels(queues);
    }
}
