// SPDX-License-Identifier: BSD-2-Clause
/* See tests/model/kernel/episode.h. */
#include "tests/model/kernel/episode.h"

#include <stdio.h>

#include "kernel/entry/check.h"
#include "tests/model/kernel/compare.h"
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

#define PATIENCE 30 /* steps in which nobody runs */

u64 random_state;
struct step_record record[STEPS];
int failed_at;
u64 ended_early[ENDINGS];

/* Everything is compared, also what is compared now and then only. */
static bool is_good_at_the_end(void) {
    const char *broken = check_all();

    if (broken != NULL) {
        (void)snprintf(difference, sizeof difference, "invariant at the end: %s", broken);
        return false;
    }
    return compare(0);
}

enum outcome run_episode(u64 seed, bool replay, int steps) {
    int idle = 0;

    random_state = seed;
    failed_at = -1;
    if (!world_build()) {
        return EPISODE_DIFFERS;
    }
    for (int i = 0; i < steps; i++) {
        if (!replay) {
            look_around(i == 0);
            random_step(&record[i]);
            record[i].who = m.current;
        }
        failed_at = i;
        if (!step_run(&record[i], i)) {
            return EPISODE_DIFFERS;
        }
        idle = m.current == NOBODY ? idle + 1 : 0;
        if (m.full || m.ambiguous) {
            ended_early[m.full ? TABLES_FULL : ORDER_OPEN]++;
            return EPISODE_GOOD;
        }
        if (idle > PATIENCE) {
            ended_early[NOBODY_LEFT]++;
            break;
        }
    }
    return is_good_at_the_end() ? EPISODE_GOOD : EPISODE_DIFFERS;
}
