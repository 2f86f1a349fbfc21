// SPDX-License-Identifier: BSD-2-Clause
/*
 * Decoding capability addresses. One level:
 *
 *     bits not yet used:   | guard | radix |  what the next level gets  |
 *
 * The guard must equal the CNode's, the radix bits are the index of the slot. A CNode has at least
 * two slots, so a level uses at least one bit, and 64 levels bound the search however CNodes point
 * at each other.
 */
#include "kernel/cspace/lookup.h"

#include "arch/memory.h"
#include "lib/bound.h"

#define LOOKUP_LEVELS 64

/* `count` bits of an address, the highest of them at position `top` - 1. */
static u64 address_bits(u64 cptr, unsigned top, unsigned count) {
    return count == 0 ? 0 : (cptr >> (top - count)) & MASK(count);
}

static struct slot_lookup failed(u8 kind, unsigned bits_left, unsigned bits_found, u64 guard) {
    return (struct slot_lookup){
        .slot = NULL,
        .bits_left = bits_left,
        .failure = {.kind = kind,
                    .bits_left = (u8)bits_left,
                    .bits_found = (u8)bits_found,
                    .guard_found = guard},
    };
}

struct slot_lookup cspace_resolve(struct cap root, u64 cptr, unsigned depth) {
    struct cap node = root;
    unsigned left = depth;

    if (!cap_is(root, CAP_CNODE)) {
        return failed(SEL4_LOOKUP_INVALID_ROOT, depth, 0, 0);
    }
    BOUND(cspace_resolve, LOOKUP_LEVELS);
    for (;;) {
        BOUND_STEP(cspace_resolve);
        unsigned guard_size = cnode_cap_guard_size(node);
        unsigned level = cnode_cap_depth(node);
        u64 guard = cnode_cap_guard(node);

        if (guard_size > left || address_bits(cptr, left, guard_size) != guard) {
            return failed(SEL4_LOOKUP_GUARD_MISMATCH, left, guard_size, guard);
        }
        if (level > left) {
            return failed(SEL4_LOOKUP_DEPTH_MISMATCH, left, level, 0);
        }
        struct cslot *slots = arch_ptr(cap_address(node));
        struct cslot *slot = &slots[address_bits(cptr, left - guard_size, level - guard_size)];

        left -= level;
        if (left == 0 || !cap_is(slot->cap, CAP_CNODE)) {
            return (struct slot_lookup){.slot = slot, .bits_left = left};
        }
        node = slot->cap;
    }
}

struct slot_lookup cspace_lookup(const struct tcb *tcb, u64 cptr) {
    return cspace_resolve(tcb->slot[TCB_CSPACE].cap, cptr, 64);
}

struct slot_lookup cspace_lookup_exact(struct cap root, u64 index, unsigned depth) {
    struct slot_lookup found = cspace_resolve(root, index, depth);

    if (found.slot != NULL && found.bits_left != 0) {
        return failed(SEL4_LOOKUP_DEPTH_MISMATCH, found.bits_left, 0, 0);
    }
    return found;
}
