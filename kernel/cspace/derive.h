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

#include "kernel/model/slot.h"

/*
 * Put `cap` into the empty slot `dest` right behind `src`, deciding the flags of a copy, mint or
 * retype.
 */
void derive_insert(struct cslot *src, struct cslot *dest, struct cap cap);

/* Put a first capability (no ancestor) into an empty slot: boot only. */
void derive_insert_root(struct cslot *dest, struct cap cap);

/* A retyped or issued child of `parent`: goes right behind it, revocable. */
void derive_insert_child(struct cslot *parent, struct cslot *child, struct cap cap);

/*
 * Move `cap` (usually src's own) from src to the empty slot dest; src becomes empty, dest takes its
 * place.
 */
void derive_move(struct cslot *src, struct cslot *dest, struct cap cap);

/* Exchange two slots, placing cap_a where b was and the reverse (Rotate, zombies). */
void derive_swap(struct cslot *a, struct cap cap_for_b, struct cslot *b, struct cap cap_for_a);

/* Take a slot out of the list and empty it. The object is not looked at. */
void derive_remove(struct cslot *slot);

bool derive_is_parent(const struct cslot *parent, const struct cslot *child);
bool derive_has_children(const struct cslot *slot);

/* True if no other cap to the same object exists (its neighbours in the list tell). */
bool derive_is_final(const struct cslot *slot);
