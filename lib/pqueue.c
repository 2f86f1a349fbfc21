// SPDX-License-Identifier: BSD-2-Clause
/* Radix priority search tree; see lib/pqueue.h. */
#include "lib/pqueue.h"

#include "lib/bound.h"

ALWAYS_INLINE u64 path_of(const struct pqueue_node *node) {
    return (u64)(uintptr_t)node >> PQUEUE_ALIGN_BITS;
}

ALWAYS_INLINE bool comes_before(const struct pqueue_node *a, const struct pqueue_node *b) {
    return a->key < b->key || (a->key == b->key && a->seq < b->seq);
}

void pqueue_push(struct pqueue *q, struct pqueue_node *node, u64 key, u64 seq) {
    struct pqueue_node **place = &q->top;
    u64 path = path_of(node);

    node->key = key;
    node->seq = seq;
    node->child[0] = NULL;
    node->child[1] = NULL;
    BOUND(pqueue_push, PQUEUE_DEPTH);
    for (unsigned depth = 0; *place != NULL; depth++) {
        BOUND_STEP(pqueue_push);
        struct pqueue_node *here = *place;

        if (comes_before(node, here)) {
            /* The newcomer takes this place; whoever held it goes on down its own path. */
            node->child[0] = here->child[0];
            node->child[1] = here->child[1];
            *place = node;
            here->child[0] = NULL;
            here->child[1] = NULL;
            node = here;
            path = path_of(node);
            here = *place;
        }
        place = &here->child[(path >> depth) & 1];
    }
    *place = node;
}

/* Close the gap at *place by pulling up the earlier child, again and again. */
static void pull_up(struct pqueue_node **place, struct pqueue_node *left,
                    struct pqueue_node *right) {
    BOUND(pqueue_pull_up, PQUEUE_DEPTH);
    while (left != NULL || right != NULL) {
        BOUND_STEP(pqueue_pull_up);
        bool take_right = left == NULL || (right != NULL && comes_before(right, left));
        struct pqueue_node *up = take_right ? right : left;
        struct pqueue_node *up_left = up->child[0];
        struct pqueue_node *up_right = up->child[1];

        up->child[0] = left;
        up->child[1] = right;
        *place = up;
        place = &up->child[take_right];
        left = up_left;
        right = up_right;
    }
    *place = NULL;
}

void pqueue_remove(struct pqueue *q, struct pqueue_node *node) {
    struct pqueue_node **place = &q->top;
    u64 path = path_of(node);

    BOUND(pqueue_find, PQUEUE_DEPTH);
    for (; *place != node; path >>= 1) {
        BOUND_STEP(pqueue_find);
        place = &(*place)->child[path & 1];
    }
    pull_up(place, node->child[0], node->child[1]);
    node->child[0] = NULL;
    node->child[1] = NULL;
}

/* Bit-reversed path, so that numeric order is the order of the tree's branches; from 1 up. */
u64 pqueue_place(const struct pqueue_node *node) {
    u64 path = path_of(node);
    u64 place = 0;

    BOUND(pqueue_reverse, PQUEUE_DEPTH);
    for (unsigned bit = 0; bit < PQUEUE_DEPTH; bit++) {
        BOUND_STEP(pqueue_reverse);
        place = place << 1 | ((path >> bit) & 1);
    }
    return place + 1;
}

/* The node of the subtree with the smallest place: always on the left-most path from its root. */
static struct pqueue_node *first_place(struct pqueue_node *node, struct pqueue_node *best) {
    BOUND(pqueue_first, PQUEUE_DEPTH);
    for (; node != NULL; node = node->child[0] != NULL ? node->child[0] : node->child[1]) {
        BOUND_STEP(pqueue_first);
        if (best == NULL || pqueue_place(node) < pqueue_place(best)) {
            best = node;
        }
    }
    return best;
}

struct pqueue_node *pqueue_next(const struct pqueue *q, u64 cursor) {
    struct pqueue_node *best = NULL;
    struct pqueue_node *beyond = NULL; /* deepest subtree whose places all lie above the cursor */

    if (cursor == 0) {
        return first_place(q->top, NULL);
    }
    struct pqueue_node *node = q->top;
    BOUND(pqueue_next, PQUEUE_DEPTH);
    for (unsigned bit = PQUEUE_DEPTH; node != NULL; bit--) {
        BOUND_STEP(pqueue_next);
        if (pqueue_place(node) > cursor &&
            (best == NULL || pqueue_place(node) < pqueue_place(best))) {
            best = node;
        }
        bool right = bit > 0 && (((cursor - 1) >> (bit - 1)) & 1);
        if (!right && node->child[1] != NULL) {
            beyond = node->child[1];
        }
        node = node->child[right];
    }
    return first_place(beyond, best);
}
