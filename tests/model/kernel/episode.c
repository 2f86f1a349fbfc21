// SPDX-License-Identifier: BSD-2-Clause
/* See tests/model/kernel/episode.h. */
#include "tests/model/kernel/episode.h"

#include <stdio.h>

#include "kernel/entry/check.h"
#include "tests/model/kernel/compare.h"
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

u64 random_state;
struct step_record record[STEPS];
int failed_at;
u64 ended_early[ENDINGS];

enum outcome run_episode(u64 seed, bool replay, int steps) {
    int idle = 0;

    random_state = seed;
    failed_at = -1;
    if (!world_build()) {
        return EPISODE_DIFFERS;
    }
    for (int i = 0; i < steps; i++) {
        if (!replay) {
            look_around();
            random_step(&record[i]);
            record[i].who = m.current;
        }
        failed_at = i;
        if (!step_run(&record[i], i)) {
            return EPISODE_DIFFERS;
        }
        idle = m.current == NOBODY ? idle + 1 : 0;
        if (m.full || m.ambiguous || idle > 30) {
            ended_early[m.full ? TABLES_FULL : m.ambiguous ? ORDER_OPEN : NOBODY_LEFT]++;
            return EPISODE_GOOD;
        }
    }
    const char *broken = check_all();
    if (broken != NULL) {
        (void)snprintf(difference, sizeof difference, "invariant at the end: %s", broken);
        return EPISODE_DIFFERS;
    }
    return EPISODE_GOOD;
}
