// SPDX-License-Identifier: BSD-2-Clause
/* Random numbers: small, and the same everywhere. */
#pragma once

#include "lib/types.h"

extern u64 random_state; /* in episode.c */

static inline u64 rnd(void) {
    random_state += 0x9e3779b97f4a7c15ull;
    u64 z = random_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static inline u64 below(u64 n) {
    return rnd() % n;
}

static inline bool chance(unsigned percent) {
    return below(100) < percent;
}
