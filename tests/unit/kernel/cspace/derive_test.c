// SPDX-License-Identifier: BSD-2-Clause
/*
 * The derivation list (kernel/cspace/derive.c) against an explicit tree. The tree knows a parent
 * for every capability and nothing of flags and neighbours: retyped and issued things are children
 * of what they were made from; a copy is a child of the original, but a sibling of another copy;
 * whoever goes leaves its children to its parent. After every random step both must name the same
 * descendants (INV-DT-2) and the same last capabilities, and links are symmetric (INV-DT-1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"

#define SLOTS    96
#define LIVES    20
#define STEPS    600
#define NOBODY   -1
#define MEMORY   0x100000ull
#define ROOTS    2 /* slot 0: untyped, slot 1: IRQ control */
#define ROOTBITS 16

static struct cslot slots[SLOTS];

/* The tree, by slot. */
static struct {
    int parent;
    bool original; /* copies of it are its children; copies of copies are siblings */
} tree[SLOTS];

static u64 random_state;

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

static int pick(bool empty) {
    for (unsigned tries = 0; tries < 200; tries++) {
        int i = (int)(ROOTS + next_random(SLOTS - ROOTS));

        if (slot_is_empty(&slots[i]) == empty) {
            return i;
        }
    }
    return NOBODY;
}

static bool tree_descends(int child, int ancestor) {
    for (int i = tree[child].parent; i != NOBODY; i = tree[i].parent) {
        if (i == ancestor) {
            return true;
        }
    }
    return false;
}

static bool tree_has_children(int parent) {
    for (int i = 0; i < SLOTS; i++) {
        if (!slot_is_empty(&slots[i]) && tree[i].parent == parent) {
            return true;
        }
    }
    return false;
}

static void compare_descendants(int of) {
    bool listed[SLOTS] = {false};

    for (struct cslot *slot = slot_next(&slots[of]);
         slot != NULL && derive_is_parent(&slots[of], slot); slot = slot_next(slot)) {
        listed[slot - slots] = true;
    }
    for (int i = 0; i < SLOTS; i++) {
        if (!slot_is_empty(&slots[i])) {
            assert_int_equal(listed[i], tree_descends(i, of));
        }
    }
}

static void compare_final(int of) {
    unsigned caps = 0;

    for (int i = 0; i < SLOTS; i++) {
        caps += cap_same_object(slots[of].cap, slots[i].cap);
    }
    if (!cap_is(slots[of].cap, CAP_UNTYPED)) {
        assert_int_equal(derive_is_final(&slots[of]), caps == 1);
    }
}

static void compare(void) {
    for (int i = 0; i < SLOTS; i++) {
        struct cslot *slot = &slots[i];

        if (slot_is_empty(slot)) {
            assert_true(slot->prev == 0 && slot->next == 0);
            continue;
        }
        assert_true(slot_next(slot) == NULL || slot_prev(slot_next(slot)) == slot);
        assert_true(slot_prev(slot) == NULL || slot_next(slot_prev(slot)) == slot);
        assert_int_equal(derive_has_children(slot), tree_has_children(i));
        compare_descendants(i);
        compare_final(i);
    }
}

/* ---- Random steps ---------------------------------------------------------------------------- */

static struct cap random_object(paddr_t at) {
    switch (next_random(4)) {
    case 0:
        return cap_make(CAP_ENDPOINT, at.value, RIGHTS_ALL, 0);
    case 1:
        return cap_make(CAP_NOTIFICATION, at.value, RIGHTS_ALL, 0);
    case 2:
        return untyped_cap_make(at, 10, false, 0);
    default:
        return cnode_cap_make(at, 1 + (unsigned)next_random(3), 0, 0);
    }
}

static void retype(void) {
    int from = next_random(2) == 0 ? pick(false) : 0;
    int to = pick(true);

    if (from == NOBODY || to == NOBODY || !cap_is(slots[from].cap, CAP_UNTYPED)) {
        return;
    }
    struct cap untyped = slots[from].cap;
    struct cap cap = random_object(paddr_of(cap_address(untyped).value));
    unsigned bits = cap_object_bits(cap);
    u64 start = align_up(untyped_cap_free_offset(untyped), bits);

    if (start + BIT(bits) > BIT(untyped_cap_size_bits(untyped))) {
        return;
    }
    cap.word1 += start << CAP_ADDRESS_SHIFT;
    slots[from].cap = untyped_cap_with_offsets(slots[from].cap, start + BIT(bits), 0);
    derive_insert_child(&slots[from], &slots[to], cap);
    tree[to].parent = from;
    tree[to].original = true;
}

static void issue_irq(void) {
    int to = pick(true);
    u64 irq = next_random(20);

    for (int i = 0; i < SLOTS; i++) {
        if (cap_is(slots[i].cap, CAP_IRQ_HANDLER) && slots[i].cap.word0 == irq) {
            return;
        }
    }
    if (to != NOBODY) {
        derive_insert(&slots[1], &slots[to], cap_make(CAP_IRQ_HANDLER, 0, 0, irq));
        tree[to].parent = 1;
        tree[to].original = true;
    }
}

static void copy(bool mint) {
    int from = pick(false);
    int to = pick(true);
    struct cap cap;

    if (from == NOBODY || to == NOBODY) {
        return;
    }
    struct cap source = slots[from].cap;
    bool has_badge = cap_is(source, CAP_ENDPOINT) || cap_is(source, CAP_NOTIFICATION);

    if (mint && has_badge) {
        source = cap_set_data(source, 1 + next_random(3), false);
    }
    if (cap_is(source, CAP_NULL) || cap_derive(&slots[from], source, &cap) != SEL4_NO_ERROR) {
        return;
    }
    bool original = cap_is(cap, CAP_UNTYPED) || !cap_equal(cap, slots[from].cap);

    derive_insert(&slots[from], &slots[to], cap);
    tree[to].parent = tree[from].original ? from : tree[from].parent;
    tree[to].original = original;
}

static void tree_rename(int from, int to) {
    for (int i = 0; i < SLOTS; i++) {
        if (tree[i].parent == from) {
            tree[i].parent = to;
        }
    }
}

static void move(void) {
    int from = pick(false);
    int to = pick(true);

    if (from == NOBODY || to == NOBODY) {
        return;
    }
    derive_move(&slots[from], &slots[to], slots[from].cap);
    tree[to] = tree[from];
    tree_rename(from, to);
    tree[from].parent = NOBODY;
}

/* Either may be empty. */
static void swap(void) {
    int a = (int)(ROOTS + next_random(SLOTS - ROOTS));
    int b = (int)(ROOTS + next_random(SLOTS - ROOTS));
    int spare = SLOTS; /* no slot's number */

    if (a == b) {
        return;
    }
    derive_swap(&slots[a], slots[a].cap, &slots[b], slots[b].cap);
    tree_rename(a, spare);
    tree_rename(b, a);
    tree_rename(spare, b);
    __typeof__(tree[0]) kept = tree[a];
    tree[a] = tree[b];
    tree[b] = kept;
}

static void remove_one(void) {
    int i = pick(false);

    if (i != NOBODY) {
        derive_remove(&slots[i]);
        tree_rename(i, tree[i].parent);
        tree[i].parent = NOBODY;
    }
}

static void live(u64 seed) {
    random_state = seed;
    memset(slots, 0, sizeof slots);
    for (int i = 0; i < SLOTS; i++) {
        tree[i].parent = NOBODY;
        tree[i].original = true;
    }
    derive_insert_root(&slots[0], untyped_cap_make(paddr_of(MEMORY), ROOTBITS, false, 0));
    derive_insert_root(&slots[1], cap_make(CAP_IRQ_CONTROL, 0, 0, 0));
    for (unsigned i = 0; i < STEPS; i++) {
        switch (next_random(10)) {
        case 0:
        case 1:
        case 2:
            retype();
            break;
        case 3:
            issue_irq();
            break;
        case 4:
        case 5:
            copy(false);
            break;
        case 6:
            copy(true);
            break;
        case 7:
            move();
            break;
        case 8:
            swap();
            break;
        default:
            remove_one();
            break;
        }
        compare();
    }
}

static void test_lives(void **state) {
    (void)state;
    for (u64 seed = 1; seed <= LIVES; seed++) {
        live(seed);
    }
}

/* Two mints of one badge are strangers: revoking one must not find the other's copies. */
static void test_equal_badges_stay_apart(void **state) {
    (void)state;
    struct cslot endpoint = {0};
    struct cslot first = {0};
    struct cslot second = {0};
    struct cslot copy_of_first = {0};
    struct cap cap = cap_make(CAP_ENDPOINT, MEMORY, RIGHTS_ALL, 0);

    derive_insert_root(&endpoint, cap);
    derive_insert(&endpoint, &first, cap_with_badge(cap, 5));
    derive_insert(&first, &copy_of_first, cap_with_badge(cap, 5));
    derive_insert(&endpoint, &second, cap_with_badge(cap, 5));
    assert_true(derive_has_children(&first));
    assert_false(derive_has_children(&second));
    /* Without its original the copy is nobody's child but the endpoint's. */
    derive_remove(&first);
    assert_ptr_equal(slot_next(&second), &copy_of_first);
    assert_false(derive_has_children(&second));
    assert_true(derive_has_children(&endpoint));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lives),
        cmocka_unit_test(test_equal_badges_stay_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
