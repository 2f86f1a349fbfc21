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
 * Memory is cleared when objects are made of it, not when it becomes free: the work is in
 * proportion to the request, and memory that boot or an earlier life left dirty costs nothing until
 * it is used. What becomes untyped again (a smaller untyped, device memory) is not cleared. The
 * clear offset grows as the work goes on, so clearing that is interrupted stays valid, and whoever
 * comes next (another thread, too) goes on where it stood.
 */
#pragma once

#include "kernel/object/object.h"

/* Bytes cleared per unit of preemptible work. */
#define CLEAR_CHUNK_BYTES 256

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
