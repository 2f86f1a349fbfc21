// SPDX-License-Identifier: BSD-2-Clause
/* The clock of tests, a variable: instead of user/rt/clock.h. */
#pragma once

#include "lib/types.h"

extern u64 mock_time;

/* As the time CSR. */
ALWAYS_INLINE u64 rt_now(void) {
    return mock_time;
}
