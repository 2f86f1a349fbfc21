// SPDX-License-Identifier: BSD-2-Clause
/* A difference between kernel and model: the record is cut down to the steps that matter, and printed. */
#pragma once

#include "lib/types.h"

/* After run_episode() found one. */
void explain(u64 seed, u64 episode, u64 episode_seed);
