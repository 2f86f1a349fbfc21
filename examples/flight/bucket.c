// SPDX-License-Identifier: BSD-2-Clause
/* The token bucket of examples/flight/bucket.h. */
#include "examples/flight/bucket.h"

void bucket_init(struct bucket *b, u64 burst, u64 rate_per_s, u64 clock_hz, u64 now) {
    *b = (struct bucket){.rate_per_s = rate_per_s,
                         .clock_hz = clock_hz,
                         .full = burst * clock_hz,
                         .level = burst * clock_hz,
                         .at = now};
}

static void bucket_refill(struct bucket *b, u64 now) {
    u64 missing = b->full - b->level;
    u64 ticks_to_full = missing / b->rate_per_s + 1;
    u64 passed_ticks = now - b->at;
    b->at = now;
    // Compared as ticks, because after a long sleep the product could exceed 64 bits.
    if (passed_ticks >= ticks_to_full) {
        b->level = b->full;
    } else {
        u64 gained = passed_ticks * b->rate_per_s;
        b->level = gained < missing ? b->level + gained : b->full;
    }
}

bool bucket_take(struct bucket *b, u64 now) {
    bucket_refill(b, now);
    if (b->level < b->clock_hz) {
        b->refused++;
        return false;
    }
    b->level -= b->clock_hz;
    b->passed++;
    return true;
}
