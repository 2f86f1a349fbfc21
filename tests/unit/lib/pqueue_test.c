// SPDX-License-Identifier: BSD-2-Clause
/*
 * The priority queue (lib/pqueue.h) against a plain list: after every operation the first is the same, a walk by
 * place meets everybody once, and heap and paths are as INV-PQ-1 and INV-PQ-3 say. Depth is held by the bounds
 * that debug builds count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/host/host.h"
#include "lib/bits.h"
#include "lib/pqueue.h"

#define NODES 512
#define OWNER BIT(PQUEUE_ALIGN_BITS)

static u8 *owners;
static struct pqueue queue;
static bool queued[NODES];
static u64 next_seq_number;
static u64 random_state = 1;

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

/* Nodes lie at the same offset in each owner, as in thread control blocks. */
static struct pqueue_node *node_of(unsigned i) {
    return (struct pqueue_node *)(owners + i * OWNER + 64);
}

static unsigned number_of(const struct pqueue_node *node) {
    return (unsigned)(((const u8 *)node - owners) / OWNER);
}

static void push(unsigned i, u64 key) {
    pqueue_push(&queue, node_of(i), key, next_seq_number++);
    queued[i] = true;
}

static void take_out(unsigned i) {
    pqueue_remove(&queue, node_of(i));
    queued[i] = false;
}

/* The one that comes first, by looking at all of them; NULL: none. */
static struct pqueue_node *first_of_all(void) {
    struct pqueue_node *first = NULL;

    for (unsigned i = 0; i < NODES; i++) {
        struct pqueue_node *it = node_of(i);

        if (queued[i] && (first == NULL || it->key < first->key ||
                          (it->key == first->key && it->seq < first->seq))) {
            first = it;
        }
    }
    return first;
}

static void check_paths(const struct pqueue_node *node, unsigned depth, u64 path) {
    if (node == NULL) {
        return;
    }
    assert_true(depth <= PQUEUE_DEPTH);
    assert_int_equal(((u64)(uintptr_t)node >> PQUEUE_ALIGN_BITS) & MASK(depth), path);
    for (u64 side = 0; side < 2; side++) {
        const struct pqueue_node *child = node->child[side];

        assert_true(child == NULL || child->key > node->key ||
                    (child->key == node->key && child->seq > node->seq));
        check_paths(child, depth + 1, path | side << depth);
    }
}

static void check_walk(void) {
    unsigned met = 0;
    unsigned all = 0;
    u64 cursor = 0;
    struct pqueue_node *node;

    while ((node = pqueue_next(&queue, cursor)) != NULL) {
        assert_true(pqueue_place(node) > cursor);
        cursor = pqueue_place(node);
        assert_true(queued[number_of(node)]);
        met++;
    }
    for (unsigned i = 0; i < NODES; i++) {
        all += queued[i];
    }
    assert_int_equal(met, all);
}

static void empty(void) {
    for (unsigned i = 0; i < NODES; i++) {
        if (queued[i]) {
            take_out(i);
        }
    }
    assert_true(pqueue_is_empty(&queue));
}

static int prepare(UNUSED void **state) {
    owners = host_map(NODES * OWNER);
    return 0;
}

static void any_order_of_operations(UNUSED void **state) {
    for (unsigned round = 0; round < 40; round++) {
        u64 keys = 1 + next_random(300);

        for (unsigned step = 0; step < 1000; step++) {
            unsigned i = (unsigned)next_random(NODES);

            if (!queued[i]) {
                push(i, next_random(keys));
            } else if (next_random(3) != 0) {
                take_out(number_of(queue.top));
            } else {
                take_out(i);
            }
            assert_ptr_equal(queue.top, first_of_all());
            if (step % 50 == 0) {
                check_paths(queue.top, 0, 0);
                check_walk();
            }
        }
        empty();
    }
}

/* Equal keys leave in the order in which they came. */
static void first_come_first_served(UNUSED void **state) {
    for (unsigned i = 0; i < NODES; i++) {
        push((i * 97) % NODES, i / 100);
    }
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(number_of(queue.top), (i * 97) % NODES);
        take_out(number_of(queue.top));
    }
    assert_true(pqueue_is_empty(&queue));
}

/* A walk that is interrupted again and again meets everybody who stays, once, and ends. */
static void a_walk_among_comings_and_goings(UNUSED void **state) {
    for (unsigned round = 0; round < 50; round++) {
        bool stays[NODES] = {false};
        unsigned met[NODES] = {0};
        u64 cursor = 0;
        struct pqueue_node *node;

        for (unsigned i = 0; i < NODES; i++) {
            if (next_random(2) == 0) {
                push(i, next_random(20));
                stays[i] = true;
            }
        }
        while ((node = pqueue_next(&queue, cursor)) != NULL) {
            cursor = pqueue_place(node);
            met[number_of(node)]++;
            for (unsigned change = 0; change < 3; change++) {
                unsigned i = (unsigned)next_random(NODES);

                if (queued[i]) {
                    take_out(i);
                    stays[i] = false;
                } else {
                    push(i, next_random(20));
                }
            }
        }
        for (unsigned i = 0; i < NODES; i++) {
            assert_true(met[i] <= 1);
            assert_true(!stays[i] || met[i] == 1);
        }
        empty();
    }
}

static void bits_are_found(UNUSED void **state) {
    for (unsigned high = 0; high < 64; high++) {
        for (unsigned low = 0; low <= high; low++) {
            u64 between = next_random(1ull << 31) * next_random(1ull << 31);
            u64 word = BIT(high) | BIT(low) | (between & MASK(high) & ~MASK(low));

            assert_int_equal(highest_bit(word), high);
            assert_int_equal(lowest_bit(word), low);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_operations),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(a_walk_among_comings_and_goings),
        cmocka_unit_test(bits_are_found),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
