// SPDX-License-Identifier: BSD-2-Clause
/*
 * Deletion (kernel/object/delete.c) against what can be said without knowing how it works: in a
 * world of random CNodes, threads, endpoints and untypeds that hold each other's capabilities in
 * every way a user can arrange, random capabilities are copied, moved, deleted and revoked,
 * interrupted after random numbers of units and taken up again, or not, in any order. After every
 * step
 *
 *   - the derivation lists are well formed (INV-DT-1, INV-DT-2), and contain exactly the slots in
 *     use; empty slots are all zero (INV-SLOT-1);
 *   - a container that no capability or zombie refers to is empty, or its memory would be reused
 *     while in use (INV-ZB-2), and what a zombie has passed is empty (INV-ZB-1);
 *   - what was to be deleted is gone if the operation says it is done, and no zombie is left if
 *     there was none;
 *   - in the end, revoking all memory empties everything;
 *   - new objects are clear (INV-UT-2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/host/host.h"
#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"
#include "kernel/object/object.h"
#include "kernel/object/untyped.h"

#define OUTSIDE_SLOTS 12
#define REGIONS       3
#define REGION_BITS   15
#define OBJECTS       400
#define SLOTS         4096
#define UNITS         100000 /* more than any deletion here may take */
#define LIVES         40

struct object {
    struct cap cap; /* as made */
    unsigned slots; /* 0: no container */
    struct cslot *slot;
};

/* `outside` stands for the root task's CNode: always there; its first slots hold the untypeds. */
static struct cslot *outside;
static u8 *memory;
static struct object objects[OBJECTS];
static unsigned object_count;
static u64 random_state;

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

/* ---- Looking at the world -------------------------------------------------------------------- */

static struct cslot *all[SLOTS];
static unsigned all_count;

static void collect_slots(void) {
    all_count = 0;
    for (unsigned i = 0; i < OUTSIDE_SLOTS; i++) {
        all[all_count++] = &outside[i];
    }
    for (unsigned o = 0; o < object_count; o++) {
        for (unsigned i = 0; i < objects[o].slots; i++) {
            assert_true(all_count < SLOTS);
            all[all_count++] = &objects[o].slot[i];
        }
    }
}

static int compare_slots(const void *a, const void *b) {
    const struct cslot *x = *(struct cslot *const *)a;
    const struct cslot *y = *(struct cslot *const *)b;

    return x < y ? -1 : x > y;
}

static bool is_known(const struct cslot *slot) {
    return bsearch(&slot, all, all_count, sizeof all[0], compare_slots) != NULL;
}

static unsigned zombies(void) {
    unsigned count = 0;

    for (unsigned i = 0; i < all_count; i++) {
        count += cap_is(all[i]->cap, CAP_ZOMBIE);
    }
    return count;
}

static bool refers_to(struct cap cap, const struct object *object, bool zombies_too) {
    if (cap_address(cap).value != cap_address(object->cap).value) {
        return false;
    }
    return cap_kind(cap) == cap_kind(object->cap) ||
           (zombies_too && cap_is(cap, CAP_ZOMBIE) && zombie_cap_was(cap) == cap_kind(object->cap));
}

static bool is_referred(const struct object *object, bool zombies_too) {
    for (unsigned i = 0; i < all_count; i++) {
        if (refers_to(all[i]->cap, object, zombies_too)) {
            return true;
        }
    }
    return false;
}

static bool is_empty_object(const struct object *object) {
    for (unsigned i = 0; i < object->slots; i++) {
        if (!slot_is_empty(&object->slot[i])) {
            return false;
        }
    }
    return true;
}

/* INV-ZB-1, without asking the code under test where a dying node's slots are. */
static void check_zombie(struct cap zombie) {
    for (unsigned o = 0; o < object_count; o++) {
        if (objects[o].slots == 0 || !refers_to(zombie, &objects[o], true)) {
            continue;
        }
        assert_true(zombie_cap_left(zombie) <= objects[o].slots - 2);
        for (u64 i = zombie_cap_left(zombie); i < objects[o].slots - 2; i++) {
            assert_true(slot_is_empty(&objects[o].slot[i]));
        }
    }
}

static void check_world(void) {
    unsigned used = 0;
    unsigned listed = 0;

    collect_slots();
    qsort(all, all_count, sizeof all[0], compare_slots);
    for (unsigned i = 0; i < all_count; i++) {
        used += !slot_is_empty(all[i]);
        if (slot_is_empty(all[i])) {
            assert_true(all[i]->prev == 0 && all[i]->next == 0);
        } else if (cap_is(all[i]->cap, CAP_ZOMBIE)) {
            check_zombie(all[i]->cap);
        }
    }
    for (unsigned r = 0; r < REGIONS; r++) {
        struct cslot *last = NULL;

        for (struct cslot *slot = &outside[r]; slot != NULL; slot = slot_next(slot)) {
            assert_true(is_known(slot));
            assert_false(slot_is_empty(slot));
            assert_ptr_equal(slot_prev(slot), last);
            assert_true(last == NULL || derive_is_parent(&outside[r], slot));
            last = slot;
            listed++;
            assert_true(listed <= used);
        }
    }
    assert_int_equal(listed, used);
    for (unsigned o = 0; o < object_count; o++) {
        if (objects[o].slots > 0 && !is_empty_object(&objects[o])) {
            assert_true(is_referred(&objects[o], true));
        }
    }
}

/*
 * Slots a user can name: outside, and those of containers that are found from there through living
 * capabilities.
 */
static bool reached[OBJECTS];

static void reach_from(const struct cslot *slots, unsigned count, unsigned *found) {
    for (unsigned i = 0; i < count; i++) {
        for (unsigned o = 0; o < object_count; o++) {
            if (!reached[o] && refers_to(slots[i].cap, &objects[o], false)) {
                reached[o] = true;
                ++*found;
            }
        }
    }
}

static void find_reachable(void) {
    unsigned found = 0;
    unsigned before;

    memset(reached, 0, sizeof reached);
    reach_from(outside, OUTSIDE_SLOTS, &found);
    do {
        before = found;
        for (unsigned o = 0; o < object_count; o++) {
            if (reached[o]) {
                reach_from(objects[o].slot, objects[o].slots, &found);
            }
        }
    } while (found != before);
}

static bool is_reachable(const struct cslot *slot) {
    if (slot >= outside && slot < outside + OUTSIDE_SLOTS) {
        return true;
    }
    for (unsigned o = 0; o < object_count; o++) {
        if (reached[o] && objects[o].slots > 0 && slot >= objects[o].slot &&
            slot < objects[o].slot + objects[o].slots) {
            return true;
        }
    }
    return false;
}

/*
 * A random slot that a user can name; `empty` says which. The untypeds outside stay where they are.
 * NULL: bad luck.
 */
static struct cslot *pick(bool empty) {
    find_reachable();
    for (unsigned tries = 0; tries < 60; tries++) {
        struct cslot *slot = all[next_random(all_count)];
        bool fixed = slot >= outside && slot < outside + REGIONS;

        if (!fixed && slot_is_empty(slot) == empty && is_reachable(slot)) {
            return slot;
        }
    }
    return NULL;
}

/* ---- What users do --------------------------------------------------------------------------- */

/* The next call of a long operation stops after this many units, or never (0). */
static void interrupt_after(u64 units) {
    kernel.work_units = units == 0 ? 0 : PREEMPTION_UNITS - units;
    host.interrupts_hidden = units == 0 ? 0 : 1;
}

/*
 * Objects in memory that starts again are gone; their slots must have been empty, and all is clear.
 */
static void forget_objects_in(struct cap untyped) {
    u64 base = cap_address(untyped).value;
    u64 size = BIT(untyped_cap_size_bits(untyped));
    unsigned kept = 0;

    for (unsigned o = 0; o < object_count; o++) {
        if (cap_address(objects[o].cap).value - base < size) {
            assert_true(is_empty_object(&objects[o]));
        } else {
            objects[kept++] = objects[o];
        }
    }
    object_count = kept;
}

static void note_object(enum sel4_object_type type, struct cap cap, unsigned size_bits) {
    struct object *object = &objects[object_count++];
    void *at = arch_ptr(cap_address(cap));

    *object = (struct object){.cap = cap};
    if (type == OBJECT_CNODE) {
        object->slots = 1u << size_bits;
        object->slot = at;
    } else if (type == OBJECT_TCB) {
        object->slots = TCB_SLOTS;
        object->slot = ((struct tcb *)at)->slot;
    }
}

static struct cslot *pick_untyped(void) {
    struct cslot *slot = next_random(2) == 0 ? pick(false) : NULL;

    return slot != NULL && cap_is(slot->cap, CAP_UNTYPED) ? slot : &outside[next_random(REGIONS)];
}

static void retype(void) {
    static const enum sel4_object_type types[] = {
        OBJECT_CNODE, OBJECT_CNODE,    OBJECT_CNODE,   OBJECT_TCB,
        OBJECT_REPLY, OBJECT_ENDPOINT, OBJECT_UNTYPED, OBJECT_NOTIFICATION};
    enum sel4_object_type type = types[next_random(ARRAY_LENGTH(types))];
    struct cslot *untyped = pick_untyped();
    struct cslot *dest = pick(true);
    unsigned size_bits = type == OBJECT_UNTYPED ? 13 : 1 + (unsigned)next_random(3);
    u64 bits = object_size_bits(type, size_bits);
    struct cap cap = untyped->cap;
    u64 free = untyped_is_unused(untyped) ? 0 : untyped_cap_free_offset(cap);
    u64 left = BIT(untyped_cap_size_bits(cap)) - free;
    u64 start = align_up(free, (unsigned)bits);
    u64 end = start + BIT(bits);
    bool clear = type != OBJECT_UNTYPED;

    if (dest == NULL || left >> bits < 1 || object_count >= OBJECTS - 1) {
        return;
    }
    if (free == 0) {
        forget_objects_in(cap);
    }
    interrupt_after(next_random(3));
    while (!untyped_is_ready(untyped, start, end, clear) &&
           untyped_prepare(untyped, start, end, clear) == STEP_AGAIN) {
        if (next_random(4) == 0) {
            return; /* somebody else comes first */
        }
        interrupt_after(next_random(3));
    }
    paddr_t base = paddr_of(cap_address(cap).value + start);

    untyped_take(untyped, end);

    for (u64 i = 0; i < BIT(bits) && clear; i++) {
        assert_int_equal(((u8 *)arch_ptr(base))[i], 0);
    }
    if (!clear) {
        memset(arch_ptr(base), 0x77, BIT(bits)); /* as an earlier life may have left it */
    }
    cap = object_cap(type, base, size_bits, false);
    object_init(cap);
    derive_insert_child(untyped, dest, cap);
    note_object(type, cap, size_bits);
}

static void copy(void) {
    struct cslot *src = pick(false);
    struct cslot *dest = pick(true);
    struct cap cap;

    if (src != NULL && dest != NULL && cap_derive(src, src->cap, &cap) == SEL4_NO_ERROR) {
        derive_insert(src, dest, cap);
    }
}

static void move(void) {
    struct cslot *src = pick(false);
    struct cslot *dest = pick(true);

    if (src != NULL && dest != NULL) {
        derive_move(src, dest, src->cap);
    }
}

/*
 * Delete, and if interrupted go on as long as the slot can still be named; after `patience` turns,
 * give up.
 */
static void delete (unsigned patience, u64 units) {
    struct cslot *slot = pick(false);
    unsigned before = zombies();

    if (slot == NULL) {
        return;
    }
    for (unsigned i = 0; i < patience; i++) {
        interrupt_after(units);
        if (slot_delete(slot) == STEP_DONE) {
            check_world();
            assert_true(slot_is_empty(slot));
            assert_true(before > 0 || zombies() == 0);
            return;
        }
        check_world();
        find_reachable();
        if (!is_reachable(slot)) {
            return;
        }
    }
    assert_true(patience < UNITS);
}

static void revoke(struct cslot *slot, unsigned patience, u64 units) {
    unsigned before = zombies();

    for (unsigned i = 0; i < patience; i++) {
        interrupt_after(units);
        if (slot_revoke(slot) == STEP_DONE) {
            check_world();
            assert_false(derive_has_children(slot));
            assert_true(before > 0 || units > 0 || zombies() == 0);
            return;
        }
        check_world();
    }
    assert_true(patience < UNITS);
}

static void step_of_a_life(bool interrupted) {
    u64 units = interrupted ? next_random(3) : 0;
    unsigned patience = interrupted && next_random(2) == 0 ? 1 + (unsigned)next_random(6) : UNITS;

    switch (next_random(16)) {
    case 0:
    case 1:
        delete (patience, units);
        break;
    case 2: {
        struct cslot *slot = next_random(4) == 0 ? pick(false) : NULL;

        if (slot != NULL) {
            revoke(slot, patience, units);
        } else if (next_random(6) == 0) {
            revoke(&outside[next_random(REGIONS)], patience, units);
        }
        break;
    }
    case 3:
    case 4:
    case 5:
        copy();
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        move();
        break;
    default:
        retype();
        break;
    }
}

static void new_world(u64 seed) {
    if (memory == NULL) {
        outside = host_map(OUTSIDE_SLOTS * sizeof *outside);
        memory = host_map((REGIONS + 1) << REGION_BITS);
        memory = (u8 *)(uintptr_t)align_up((u64)(uintptr_t)memory, REGION_BITS);
    }
    random_state = seed;
    object_count = 0;
    memset(outside, 0, OUTSIDE_SLOTS * sizeof *outside);
    memset(memory, 0xa5, REGIONS << REGION_BITS); /* as at boot: all untypeds are full of dirt */
    for (unsigned r = 0; r < REGIONS; r++) {
        paddr_t base = arch_paddr(memory + ((u64)r << REGION_BITS));

        derive_insert_root(&outside[r],
                           untyped_cap_make(base, REGION_BITS, false, BIT(REGION_BITS)));
    }
    check_world();
}

static void live(u64 seed, bool interrupted) {
    new_world(seed);
    for (unsigned i = 0; i < 400; i++) {
        step_of_a_life(interrupted);
        check_world();
    }
    for (unsigned r = 0; r < REGIONS; r++) {
        revoke(&outside[r], UNITS, interrupted);
    }
    collect_slots();
    for (unsigned i = 0; i < all_count; i++) {
        bool is_untyped = all[i] >= outside && all[i] < outside + REGIONS;

        assert_true(is_untyped || slot_is_empty(all[i]));
    }
}

static void test_lives_without_interruption(void **state) {
    (void)state;
    for (u64 seed = 1; seed <= LIVES; seed++) {
        live(seed, false);
    }
}

static void test_lives_with_interruptions(void **state) {
    (void)state;
    for (u64 seed = 1; seed <= LIVES; seed++) {
        live(seed * 7919, true);
    }
}

/* ---- Circles on purpose ---------------------------------------------------------------------- */

/* A CNode whose only capability comes to lie in outside[REGIONS]. */
static struct object *make_cnode(unsigned radix) {
    struct cslot *untyped = &outside[0];
    struct cslot *dest = &outside[REGIONS];
    u64 bits = object_size_bits(OBJECT_CNODE, radix);
    u64 free = untyped_is_unused(untyped) ? 0 : untyped_cap_free_offset(untyped->cap);
    u64 start = align_up(free, (unsigned)bits);

    while (untyped_prepare(untyped, start, start + BIT(bits), true) == STEP_AGAIN) {
    }
    untyped_take(untyped, start + BIT(bits));
    paddr_t base = paddr_of(cap_address(untyped->cap).value + start);
    struct cap cap = object_cap(OBJECT_CNODE, base, radix, false);

    derive_insert_child(untyped, dest, cap);
    note_object(OBJECT_CNODE, cap, radix);
    return &objects[object_count - 1];
}

/*
 * A circle of CNodes, each holding the only capability of the next, all in slots of one number
 * (from the end). Returns the slot with the first one's, which lies in the last one.
 */
static struct cslot *make_circle(unsigned length, unsigned radix, unsigned from_end,
                                 unsigned last_from_end) {
    struct cslot *first = NULL;
    struct cslot *place = NULL; /* in the CNode made last */

    interrupt_after(0);
    for (unsigned i = 0; i < length; i++) {
        struct object *node = make_cnode(radix);

        if (place != NULL) {
            derive_move(&outside[REGIONS], place, outside[REGIONS].cap);
        } else {
            derive_move(&outside[REGIONS], &outside[REGIONS + 1], outside[REGIONS].cap);
        }
        place = &node->slot[node->slots - 1 - (i + 1 < length ? from_end : last_from_end)];
    }
    first = place;
    derive_move(&outside[REGIONS + 1], first, outside[REGIONS + 1].cap);
    return first;
}

static struct cslot *find_zombie(void) {
    for (unsigned i = 0; i < all_count; i++) {
        if (cap_is(all[i]->cap, CAP_ZOMBIE)) {
            return all[i];
        }
    }
    return NULL;
}

/* Interrupted after `units`; whoever finds a zombie goes on. Nothing is left in the end. */
static void delete_circle(unsigned length, unsigned radix, unsigned places, u64 units) {
    new_world(1);
    struct cslot *slot =
        make_circle(length, radix, places >> radix, places & (unsigned)MASK(radix));

    check_world();
    for (unsigned turns = 0; slot != NULL; turns++) {
        assert_true(turns < UNITS);
        interrupt_after(units);
        enum step step = slot_delete(slot);

        check_world();
        assert_true(units > 0 || step == STEP_AGAIN || zombies() == 0);
        slot = find_zombie();
    }
    collect_slots();
    for (unsigned i = REGIONS; i < all_count; i++) {
        assert_true(slot_is_empty(all[i]));
    }
}

static void test_circles(void **state) {
    (void)state;
    for (unsigned length = 1; length <= 5; length++) {
        for (unsigned radix = 1; radix <= 3; radix++) {
            for (unsigned places = 0; places < 1u << 2 * radix; places++) {
                for (u64 units = 0; units <= 4; units++) {
                    delete_circle(length, radix, places, units);
                }
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_lives_without_interruption),
        cmocka_unit_test(test_lives_with_interruptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
