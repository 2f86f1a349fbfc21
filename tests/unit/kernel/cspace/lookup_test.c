// SPDX-License-Identifier: BSD-2-Clause
/*
 * Resolving capability addresses (kernel/cspace/lookup.c) against a reader that takes the address
 * bit by bit from a string of '0' and '1', as the manual describes it, in random graphs of CNodes
 * (cycles included).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/host/host.h"
#include "arch/memory.h"
#include "kernel/cspace/lookup.h"

#define NODES  6
#define RADIX  3 /* at most */
#define ROUNDS 20000

static struct cslot *node[NODES];
static unsigned radix[NODES];
static u64 random_state;

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

/* The last `bits` bits of a word, first the highest, as text. */
static void to_text(char *text, u64 word, unsigned bits) {
    for (unsigned i = 0; i < bits; i++) {
        text[i] = '0' + (char)((word >> (bits - 1 - i)) & 1);
    }
    text[bits] = 0;
}

/* Guards are mostly short and of zeros, so that searches get somewhere. */
static struct cap random_node(void) {
    unsigned n = (unsigned)next_random(NODES);
    unsigned guard_size = next_random(3) == 0 ? (unsigned)next_random(64 - radix[n]) : 0;
    u64 guard = next_random(4) == 0 ? next_random(4) & MASK(guard_size) : 0;

    return cnode_cap_make(arch_paddr(node[n]), radix[n], guard_size, guard);
}

static void random_graph(void) {
    for (unsigned n = 0; n < NODES; n++) {
        radix[n] = 1 + (unsigned)next_random(RADIX);
    }
    for (unsigned n = 0; n < NODES; n++) {
        for (u64 i = 0; i < BIT(radix[n]); i++) {
            node[n][i].cap = next_random(4) != 0   ? random_node()
                             : next_random(2) != 0 ? CAP_NONE
                                                   : cap_make(CAP_REPLY, 64, 0, 0);
        }
    }
}

/* What the reader finds out. */
struct reading {
    struct cslot *slot;
    u8 failure;
    unsigned bits_left;
    unsigned bits_found;
    u64 guard;
};

static struct reading read_address(struct cap cap, const char *address) {
    for (;;) {
        unsigned left = (unsigned)strlen(address);
        unsigned guard_size = cnode_cap_guard_size(cap);
        unsigned level = guard_size + cnode_cap_radix(cap);
        char guard[65];

        to_text(guard, cnode_cap_guard(cap), guard_size);
        if (strncmp(address, guard, guard_size) != 0) {
            return (struct reading){NULL, SEL4_LOOKUP_GUARD_MISMATCH, left, guard_size,
                                    cnode_cap_guard(cap)};
        }
        if (left < level) {
            return (struct reading){NULL, SEL4_LOOKUP_DEPTH_MISMATCH, left, level, 0};
        }
        address += guard_size;
        struct cslot *slot = arch_ptr(cap_address(cap));

        for (unsigned half = 1u << cnode_cap_radix(cap) >> 1; half > 0; half /= 2) {
            slot += *address++ == '1' ? half : 0;
        }
        if (*address == 0 || !cap_is(slot->cap, CAP_CNODE)) {
            return (struct reading){slot, 0, (unsigned)strlen(address), 0, 0};
        }
        cap = slot->cap;
    }
}

static void compare(struct cap root, u64 cptr, unsigned depth) {
    char address[65];

    to_text(address, cptr, depth);
    struct reading expected = read_address(root, address);
    struct slot_lookup found = cspace_resolve(root, cptr, depth);
    struct slot_lookup exact = cspace_lookup_exact(root, cptr, depth);

    assert_ptr_equal(found.slot, expected.slot);
    assert_int_equal(found.bits_left, expected.bits_left);
    if (expected.slot == NULL) {
        assert_int_equal(found.failure.kind, expected.failure);
        assert_int_equal(found.failure.bits_left, expected.bits_left);
        assert_int_equal(found.failure.bits_found, expected.bits_found);
        assert_int_equal(found.failure.guard_found, expected.guard);
        assert_null(exact.slot);
    } else if (expected.bits_left == 0) {
        assert_ptr_equal(exact.slot, expected.slot);
    } else {
        assert_null(exact.slot);
        assert_int_equal(exact.failure.kind, SEL4_LOOKUP_DEPTH_MISMATCH);
        assert_int_equal(exact.failure.bits_left, expected.bits_left);
    }
}

static void test_random_graphs(void **state) {
    (void)state;
    random_state = 20;
    for (unsigned n = 0; n < NODES; n++) {
        node[n] = host_map(sizeof(struct cslot) << RADIX);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (i % 100 == 0) {
            random_graph();
        }
        u64 cptr = next_random(3) == 0 ? next_random(BIT(20))
                                       : next_random(BIT(31)) << 33 | next_random(BIT(31));

        compare(random_node(), cptr, next_random(2) == 0 ? 64 : 1 + (unsigned)next_random(64));
    }
}

static void test_root_must_be_a_cnode(void **state) {
    (void)state;
    struct slot_lookup found = cspace_resolve(cap_make(CAP_REPLY, 64, 0, 0), 1, 64);

    assert_null(found.slot);
    assert_int_equal(found.failure.kind, SEL4_LOOKUP_INVALID_ROOT);
}

/* SEL4-ABI section 15: Delete with depth 15 on the initial CNode, whose guard has 49 bits. */
static void test_as_observed_on_sel4(void **state) {
    (void)state;
    struct cap root = cnode_cap_make(arch_paddr(node[0]), 15, 49, 0);
    struct slot_lookup found = cspace_lookup_exact(root, 3, 15);

    assert_null(found.slot);
    assert_int_equal(found.failure.kind, SEL4_LOOKUP_GUARD_MISMATCH);
    assert_int_equal(found.failure.bits_left, 15);
    assert_int_equal(found.failure.guard_found, 0);
    assert_int_equal(found.failure.bits_found, 49);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_graphs),
        cmocka_unit_test(test_root_must_be_a_cnode),
        cmocka_unit_test(test_as_observed_on_sel4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
