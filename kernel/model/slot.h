// SPDX-License-Identifier: BSD-2-Clause
/*
 * A capability slot: a cap and its place in the derivation tree.
 *
 * The tree is kept as its pre-order list (a parent stands before its descendants), so a slot needs two
 * links only; kernel/cspace/derive.h says who is whose parent. The two low bits of `next` are flags:
 *   revocable     the cap may have descendants that Revoke finds
 *   first_badged  set with a badge: this badge was given here (it is not a copy of a badged cap)
 * An empty slot has all words 0 (INV-SLOT-1).
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/model/cap.h"
#include "lib/types.h"

struct cslot {
    struct cap cap;
    u64 prev;
    u64 next;
};

_Static_assert(sizeof(struct cslot) == 32,
               "slot size is part of the binary interface (seL4_SlotBits)");

#define SLOT_BITS         5
#define SLOT_REVOCABLE    1ull
#define SLOT_FIRST_BADGED 2ull
#define SLOT_FLAGS        3ull

ALWAYS_INLINE struct cslot *slot_prev(const struct cslot *slot) {
    return (struct cslot *)(uintptr_t)slot->prev;
}

ALWAYS_INLINE struct cslot *slot_next(const struct cslot *slot) {
    return (struct cslot *)(uintptr_t)(slot->next & ~SLOT_FLAGS);
}

ALWAYS_INLINE bool slot_is_empty(const struct cslot *slot) {
    return cap_is(slot->cap, CAP_NULL);
}

ALWAYS_INLINE void slot_set_prev(struct cslot *slot, struct cslot *prev) {
    slot->prev = (u64)(uintptr_t)prev;
}

ALWAYS_INLINE void slot_set_next(struct cslot *slot, struct cslot *next) {
    slot->next = (u64)(uintptr_t)next | (slot->next & SLOT_FLAGS);
}
