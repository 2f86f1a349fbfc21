// SPDX-License-Identifier: BSD-2-Clause
/*
 * The derivation tree: which capability was made from which. A pre-order list of slots
 * (kernel/model/slot.h); a parent precedes its descendants, and is_parent() decides from the caps
 * themselves:
 *   a parent is revocable and covers the same object (untyped: the child's memory lies inside it);
 *   among endpoints and notifications it is unbadged, or has the same badge as the child, which was
 *   not the first to get it.
 * INV-DT-1: links are symmetric. INV-DT-2: descendants of a slot follow it without a gap.
 */
#pragma once

#include "kernel/cspace/rules.h"
#include "kernel/model/slot.h"

/*
 * Put `cap` into the empty slot `dest` right behind `src`, deciding the flags of a copy, mint or
 * retype.
 */
void derive_insert(struct cslot *src, struct cslot *dest, struct cap cap);

/* Put a first capability (no ancestor) into an empty slot: boot only. */
void derive_insert_root(struct cslot *dest, struct cap cap);

/*
 * Move `cap` (usually src's own) from src to the empty slot dest; src becomes empty, dest takes its
 * place.
 */
void derive_move(struct cslot *src, struct cslot *dest, struct cap cap);

/* Exchange two slots, placing cap_a where b was and the reverse (Rotate, zombies). */
void derive_swap(struct cslot *a, struct cap cap_for_b, struct cslot *b, struct cap cap_for_a);

/* Put `slot` into the list behind `where`, with these flags. For the functions of this folder. */
ALWAYS_INLINE void derive_link_behind(struct cslot *where, struct cslot *slot, u64 flags) {
    struct cslot *next = slot_next(where);

    slot_set_prev(slot, where);
    slot->next = (u64)(uintptr_t)next | flags;
    if (next != NULL) {
        slot_set_prev(next, slot);
    }
    slot_set_next(where, slot);
}

/*
 * A retyped or issued child of `parent`: goes right behind it, revocable. Inline: Retype makes
 * many.
 */
ALWAYS_INLINE void derive_insert_child(struct cslot *parent, struct cslot *child, struct cap cap) {
    child->cap = cap;
    derive_link_behind(parent, child, SLOT_FLAGS);
}

/*
 * Take a slot out of the list and empty it. The object is not looked at. Inline like the questions
 * below: Revoke asks and removes many.
 */
ALWAYS_INLINE void derive_remove(struct cslot *slot) {
    struct cslot *prev = slot_prev(slot);
    struct cslot *next = slot_next(slot);

    if (prev != NULL) {
        slot_set_next(prev, next);
    }
    if (next != NULL) {
        slot_set_prev(next, prev);
        /* A copy of a badged cap must not become the child of another one with the same badge. */
        next->next |= slot->next & SLOT_FIRST_BADGED;
    }
    *slot = (struct cslot){.cap = CAP_NONE, .prev = 0, .next = 0};
}

ALWAYS_INLINE bool derive_is_parent(const struct cslot *parent, const struct cslot *child) {
    if ((parent->next & SLOT_REVOCABLE) == 0 || !cap_same_region(parent->cap, child->cap)) {
        return false;
    }
    if (!cap_is(parent->cap, CAP_ENDPOINT) && !cap_is(parent->cap, CAP_NOTIFICATION)) {
        return true;
    }
    if (cap_badge(parent->cap) == 0) {
        return true;
    }
    return cap_badge(parent->cap) == cap_badge(child->cap) &&
           (child->next & SLOT_FIRST_BADGED) == 0;
}

ALWAYS_INLINE bool derive_has_children(const struct cslot *slot) {
    const struct cslot *next = slot_next(slot);

    return next != NULL && derive_is_parent(slot, next);
}

/* True if no other cap to the same object exists (its neighbours in the list tell). */
ALWAYS_INLINE bool derive_is_final(const struct cslot *slot) {
    const struct cslot *prev = slot_prev(slot);
    const struct cslot *next = slot_next(slot);

    return (prev == NULL || !cap_same_object(prev->cap, slot->cap)) &&
           (next == NULL || !cap_same_object(slot->cap, next->cap));
}
