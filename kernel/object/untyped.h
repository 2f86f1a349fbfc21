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

#include "kernel/object/object.h"

/* Bytes cleared per unit of preemptible work. */
#define CLEAR_CHUNK_BYTES 256

/*
 * How far ahead of a request memory is cleared, and the most that is cleared behind a finished
 * life.
 */
#define CLEAR_AHEAD_BITS  22
#define CLEAR_AHEAD_BYTES BIT(CLEAR_AHEAD_BITS)

/*
 * The free offset as it counts for the next request: an untyped without children starts again at
 * its low end.
 */
u64 untyped_free_offset(const struct cslot *untyped);

/*
 * Make ready for untyped_take(): n objects of 2^bits bytes, for which there must be room; zeroed if
 * `clear`. STEP_AGAIN: an interrupt waits, call again.
 */
MUST_USE enum step untyped_prepare(struct cslot *untyped, unsigned bits, u64 n, bool clear);

/* Take what was prepared. Returns where the first object lies. */
paddr_t untyped_take(struct cslot *untyped, unsigned bits, u64 n);
