// SPDX-License-Identifier: BSD-2-Clause
/* An episode: boot, build a world, and go on until the steps are made or nobody runs any more. Steps are recorded. */
#pragma once

#include "tests/model/kernel/step.h"

#define STEPS 1500 /* of an episode */

enum outcome { EPISODE_GOOD, EPISODE_DIFFERS };
enum ending { TABLES_FULL, ORDER_OPEN, NOBODY_LEFT, ENDINGS };

extern struct step_record record[STEPS];
extern int failed_at; /* step; -1: while the world was built */
extern u64 ended_early[ENDINGS];

/* So many steps: those of the record, or new random ones, which are recorded. */
enum outcome run_episode(u64 seed, bool replay, int steps);
