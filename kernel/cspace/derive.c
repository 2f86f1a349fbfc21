// SPDX-License-Identifier: BSD-2-Clause
/*
 * The derivation tree as a list.
 *
 *     untyped ─┬─ endpoint E ─┬─ E badge 4            the list: untyped, E, E4, E3, E3, CNode
 *              │              ├─ E badge 3
 *              │              └─ E badge 3 (copy)
 *              └─ CNode
 *
 * A new child goes right behind its parent, a copy right behind what it was copied from; either
 * place is inside the parent's descendants, so these stay without a gap (INV-DT-2). Depth is not
 * recorded: whether a later slot descends from an earlier one follows from the two caps and flags.
 * Caps to one object are neighbours.
 */
#include "kernel/cspace/derive.h"

#define KINDS_BADGED (BIT(CAP_ENDPOINT) | BIT(CAP_NOTIFICATION))
#define KINDS_ISSUED (BIT(CAP_IRQ_HANDLER) | BIT(CAP_DOORBELL))

/* Does a copy with these contents become a parent of its own? */
static bool copy_is_revocable(struct cap from, struct cap copy) {
    u64 kind_bit = BIT(cap_kind(copy));

    if ((kind_bit & KINDS_BADGED) != 0) {
        return cap_badge(copy) != cap_badge(from);
    }
    return kind_bit == BIT(CAP_UNTYPED) ||
           ((kind_bit & KINDS_ISSUED) != 0 && cap_is(from, CAP_IRQ_CONTROL));
}

void derive_insert(struct cslot *src, struct cslot *dest, struct cap cap) {
    u64 flags = copy_is_revocable(src->cap, cap) ? SLOT_FLAGS : 0;

    dest->cap = cap;
    derive_link_behind(src, dest, flags);
    if (cap_is(cap, CAP_UNTYPED)) {
        /*
         * Memory is handed out by one cap only: the copy. Full, the original starts again after the
         * copy is gone.
         */
        src->cap = untyped_cap_with_offsets(src->cap, BIT(untyped_cap_size_bits(src->cap)), 0);
    }
}

void derive_insert_root(struct cslot *dest, struct cap cap) {
    *dest = (struct cslot){.cap = cap, .prev = 0, .next = SLOT_FLAGS};
}

/* The slot's neighbours are to point to `place` instead of to it. */
static void redirect_neighbours(const struct cslot *slot, struct cslot *place) {
    struct cslot *prev = slot_prev(slot);
    struct cslot *next = slot_next(slot);

    if (prev != NULL) {
        slot_set_next(prev, place);
    }
    if (next != NULL) {
        slot_set_prev(next, place);
    }
}

void derive_move(struct cslot *src, struct cslot *dest, struct cap cap) {
    *dest = (struct cslot){.cap = cap, .prev = src->prev, .next = src->next};
    redirect_neighbours(src, dest);
    *src = (struct cslot){.cap = CAP_NONE, .prev = 0, .next = 0};
}

/*
 * Through a third slot on the stack, so that neighbours and strangers are the same case. Nothing
 * else sees the third one, and an empty slot has no neighbours, so it is just copied.
 */
void derive_swap(struct cslot *a, struct cap cap_for_b, struct cslot *b, struct cap cap_for_a) {
    struct cslot between;

    derive_move(a, &between, cap_for_b);
    derive_move(b, a, cap_for_a);
    derive_move(&between, b, cap_for_b);
}
