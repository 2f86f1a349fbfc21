// SPDX-License-Identifier: BSD-2-Clause
/*
 * A priority queue whose nodes live in the queued objects: first the smallest key, first in first out
 * among equal keys. No balancing, no allocation, no recursion; every operation turns at most
 * PQUEUE_DEPTH times, whatever the length of the queue.
 *
 *            (3)            heap order: no child comes before its parent
 *           /   \
 *        (5)     (4)        place: at depth d, bit d of the owner's address (above the alignment of
 *        / \       \        the owners) chooses the child, so a node lies on the path its own address
 *     (9)  (6)     (8)      spells, and two owners never compete for one place for ever
 *
 * It is a radix priority search tree (McCreight 1985, with address bits for the second coordinate).
 * Always: node on the path of its address; key order along every path; a node in at most one queue.
 */
#pragma once

#include "lib/types.h"

/* Owners are aligned to 2^PQUEUE_ALIGN_BITS and lie below 2^39: at most 28 bits tell them apart. */
#define PQUEUE_ALIGN_BITS 11
#define PQUEUE_DEPTH      28

struct pqueue_node {
    struct pqueue_node *child[2];
    u64 key; /* smaller comes first */
    u64 seq; /* order of arrival among equal keys */
};

struct pqueue {
    struct pqueue_node *top;
};

ALWAYS_INLINE bool pqueue_is_empty(const struct pqueue *q) {
    return q->top == NULL;
}

/* The queue has exactly one node. */
ALWAYS_INLINE bool pqueue_has_one(const struct pqueue *q) {
    return q->top != NULL && q->top->child[0] == NULL && q->top->child[1] == NULL;
}

/* Insert a node that is in no queue. `seq` must be larger than that of every earlier push with this key. */
void pqueue_push(struct pqueue *q, struct pqueue_node *node, u64 key, u64 seq);

/* Take out a node that is in this queue. */
void pqueue_remove(struct pqueue *q, struct pqueue_node *node);

/* The node in this queue with the smallest place above `cursor` (0 to start), or NULL; see pqueue_place(). */
struct pqueue_node *pqueue_next(const struct pqueue *q, u64 cursor);

/*
 * A number from 1 up that orders nodes by place, for walks that are interrupted: it stays meaningful
 * when nodes come and go between two steps.
 */
u64 pqueue_place(const struct pqueue_node *node);
