// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copying words: registers and messages, which have at most 120. Four a turn, since what a turn costs besides is
 * as much as two words.
 */
#pragma once

#include "lib/bound.h"
#include "lib/types.h"

#define WORDS_COPY_MAX 120

/* `count` at most WORDS_COPY_MAX; the ranges do not overlap. */
ALWAYS_INLINE void words_copy(u64 *to, const u64 *from, unsigned count) {
    const u64 *fours_end = from + (count & ~3u);
    const u64 *end = from + count;

    BOUND(words_copy_fours, WORDS_COPY_MAX / 4);
    while (from != fours_end) {
        BOUND_STEP(words_copy_fours);
        u64 a = from[0], b = from[1], c = from[2], d = from[3];

        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
        from += 4;
        to += 4;
    }
    BOUND(words_copy_rest, 3);
    while (from != end) {
        BOUND_STEP(words_copy_rest);
        *to++ = *from++;
    }
}
