// SPDX-License-Identifier: BSD-2-Clause
/* What the two cores of the restart test share; it outlives both their kernels. */
#pragma once

#include "lib/types.h"

enum { CHANNEL = 1, LIVES = 3, ANSWERS = 5 };

struct diary {
    u64 lives;
    u64 answers[LIVES + 1];
};
