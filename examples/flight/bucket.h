// SPDX-License-Identifier: BSD-2-Clause
/*
 * A token bucket: how the gateway polices a sender that may not keep to its rate.
 *
 * The bucket holds up to `burst` tokens and gains `rate_per_s` of them each second; a message needs one.
 * So in any window of length w at most burst + rate · w messages pass, whatever the sender does.
 *
 * The level is kept in ticks of the clock times rate, where one token is worth `clock_hz`: refilling is
 * one multiplication and nothing is ever rounded, so neither can a long run gain or lose a token.
 */
#pragma once

#include "lib/types.h"

struct bucket {
    u64 rate_per_s; // 1 to 1,000,000
    u64 clock_hz;
    u64 full;  // burst · clock_hz
    u64 level; // tokens · clock_hz
    u64 at;    // clock of the last refill
    u64 passed;
    u64 refused;
};

/* `burst` at least 1; the bucket starts full at clock `now`. */
void bucket_init(struct bucket *b, u64 burst, u64 rate_per_s, u64 clock_hz, u64 now);

/* Takes a token at clock `now` (never decreasing); false if there is none: refuse the message. */
MUST_USE bool bucket_take(struct bucket *b, u64 now);
