// SPDX-License-Identifier: BSD-2-Clause
/* The clock user programs read. A header of its own, so that tests can put another in its place. */
#pragma once

#include "lib/types.h"

/* The time CSR: ticks since the machine started, one clock for all harts. */
ALWAYS_INLINE u64 rt_now(void) {
    u64 ticks;
    __asm__ volatile("rdtime %0" : "=r"(ticks));
    return ticks;
}
