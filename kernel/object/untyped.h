// SPDX-License-Identifier: BSD-2-Clause
/*
 * Untyped memory: one capability hands out a range of memory from its low end.
 *
 *     base            free offset        clear offset                    base + size
 *     | handed out    | free, zero       | free, with anything in it     |
 *
 * INV-UT-1: memory behind the free offset is in no object.
 * INV-UT-2: from the free offset up to the clear offset (if that is higher) memory is all zero.
 *
 * Clearing takes long, so it is done when it is asked for, ahead, and never twice. Ahead: a request
 * that needs clear memory clears up to the next multiple of CLEAR_AHEAD_BYTES, so most requests
 * find it clear. When it is asked for: memory that boot or an earlier life left dirty costs nothing
 * until it is used, and what becomes untyped again (a smaller untyped, device memory) is not
 * cleared here. Never twice: an untyped whose last child is gone starts again at its low end, and
 * if little was used, only that is cleared; the free offset walks down.
 *
 * Both offsets tell the truth after every unit of work, so an interruption loses nothing, and
 * whoever comes next (another thread, too) goes on where it stood.
 */
#pragma once

#include "kernel/cspace/derive.h"
#include "kernel/object/object.h"

/* Bytes cleared per unit of preemptible work. */
#define CLEAR_CHUNK_BYTES 256

/*
 * How far ahead of a request memory is cleared, and the most that is cleared behind a finished
 * life.
 */
#define CLEAR_AHEAD_BITS  22
#define CLEAR_AHEAD_BYTES BIT(CLEAR_AHEAD_BITS)

/* Nothing is in use: the next request starts again at the low end. */
ALWAYS_INLINE bool untyped_is_unused(const struct cslot *untyped) {
    return !derive_has_children(untyped);
}

/*
 * Make [start, end) ready to be handed out, all zero if `clear`. `start` is the free offset (0 if
 * the untyped is unused), aligned. STEP_AGAIN: an interrupt waits, call again.
 */
MUST_USE enum step untyped_prepare(struct cslot *untyped, u64 start, u64 end, bool clear);

/* Is there nothing to prepare? Mostly so. */
ALWAYS_INLINE bool untyped_is_ready(const struct cslot *untyped, u64 start, u64 end, bool clear) {
    return untyped_cap_free_offset(untyped->cap) <= start &&
           (!clear || untyped_cap_clear_offset(untyped->cap) >= end);
}

/* What was prepared is handed out. */
ALWAYS_INLINE void untyped_take(struct cslot *untyped, u64 end) {
    untyped->cap =
        untyped_cap_with_offsets(untyped->cap, end, untyped_cap_clear_offset(untyped->cap));
}
