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
    u32 path = (u32)path_of(node);

    path = (path & 0x55555555) << 1 | (path >> 1 & 0x55555555);
    path = (path & 0x33333333) << 2 | (path >> 2 & 0x33333333);
    path = (path & 0x0f0f0f0f) << 4 | (path >> 4 & 0x0f0f0f0f);
    path = (path & 0x00ff00ff) << 8 | (path >> 8 & 0x00ff00ff);
    path = path << 16 | path >> 16;
    return (path >> (32 - PQUEUE_DEPTH)) + 1ull;
}

/* The one of two with the smaller place; `best` may be NULL. */
static struct pqueue_node *nearer(struct pqueue_node *node, u64 place, struct pqueue_node *best,
                                  u64 *best_place) {
    if (best != NULL && *best_place <= place) {
        return best;
    }
    *best_place = place;
    return node;
}

/* The node of the subtree with the smallest place: always on the left-most path from its root. */
static struct pqueue_node *first_place(struct pqueue_node *node, struct pqueue_node *best,
                                       u64 best_place) {
    BOUND(pqueue_first, PQUEUE_DEPTH);
    for (; node != NULL; node = node->child[0] != NULL ? node->child[0] : node->child[1]) {
        BOUND_STEP(pqueue_first);
        best = nearer(node, pqueue_place(node), best, &best_place);
    }
    return best;
}

struct pqueue_node *pqueue_next(const struct pqueue *q, u64 cursor) {
    struct pqueue_node *best = NULL;
    struct pqueue_node *beyond = NULL; /* deepest subtree whose places all lie above the cursor */

    u64 best_place = 0;

    if (cursor == 0) {
        return first_place(q->top, NULL, 0);
    }
    struct pqueue_node *node = q->top;
    BOUND(pqueue_next, PQUEUE_DEPTH);
    for (unsigned bit = PQUEUE_DEPTH; node != NULL; bit--) {
        BOUND_STEP(pqueue_next);
        u64 place = pqueue_place(node);

        if (place > cursor) {
            best = nearer(node, place, best, &best_place);
        }
        bool right = bit > 0 && (((cursor - 1) >> (bit - 1)) & 1);
        if (!right && node->child[1] != NULL) {
            beyond = node->child[1];
        }
        node = node->child[right];
    }
    return first_place(beyond, best, best_place);
}
