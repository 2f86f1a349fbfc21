// SPDX-License-Identifier: BSD-2-Clause
/*
 * The arithmetic of periodic release, pure. `expected` is where the next release should be (previous + one
 * period), `now` the time CSR; all ticks.
 *
 *     previous        expected              A: now before expected - period / 2: only a piece of a split
 *        |------A-------|---B---|---C---       refill became ready; wait again
 *                                           around expected: the release; an earlier now corrects the phase
 *                                           B: late by less than a period: the release was at expected
 *                                           C: later: whole periods are skipped, the last one counts
 */
#pragma once

#include "lib/types.h"

/* True if it is too early for the release (case A). */
ALWAYS_INLINE bool phase_early(u64 now, u64 expected, u64 period) {
    return now < expected && expected - now > period / 2;
}

/* Whole periods gone by since `expected`. */
ALWAYS_INLINE u64 phase_skipped(u64 now, u64 expected, u64 period) {
    return now > expected ? (now - expected) / period : 0;
}

/* The release instant when not early: the last due one, or now if it came before expected. */
ALWAYS_INLINE u64 phase_release(u64 now, u64 expected, u64 period) {
    return now < expected ? now : expected + phase_skipped(now, expected, period) * period;
}
