// SPDX-License-Identifier: BSD-2-Clause
/*
 * Untyped memory: one capability hands out a range of memory from its low end.
 *
 *     base          free offset                    base + size
 *     | handed out  | free, and clear              |
 *
 * INV-UT-1: memory behind the free offset is in no object and (unless it is a device's) all zero.
 *           Memory before it counts as dirty. An untyped without children is reset before its
 *           memory is used again: the free offset walks down, what it passes is cleared. So a reset
 *           that is interrupted stays valid, and whoever comes next (another thread, too) goes on
 *           where it stood. Boot makes its untypeds with the offset at the end: memory is cleared
 *           when it is first used, not when the machine starts.
 */
#pragma once

#include "kernel/object/object.h"

/* Bytes cleared per unit of preemptible work. */
#define RESET_CHUNK_BYTES 256

/* The free offset as it will be once a reset, if one is due, is done. */
u64 untyped_free_offset(const struct cslot *untyped);

/* Start again at the low end if nothing is in use. Call again after STEP_AGAIN. */
enum step untyped_reset(struct cslot *untyped);

/*
 * Take n objects of 2^bits bytes; there must be room, and the reset done. Returns where the first
 * one lies.
 */
paddr_t untyped_take(struct cslot *untyped, unsigned bits, u64 n);
