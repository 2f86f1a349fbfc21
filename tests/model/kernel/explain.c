// SPDX-License-Identifier: BSD-2-Clause
/* A difference, explained: see tests/model/kernel/explain.h. */
#include "tests/model/kernel/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/model/kernel/compare.h"
#include "tests/model/kernel/episode.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

static int cut(u64 seed, int steps) {
    static struct step_record kept[STEPS];

    for (int piece = steps / 2; piece > 0; piece /= 2) {
        for (int at = 0; at + piece <= steps;) {
            memcpy(kept, record, sizeof record);
            memmove(&record[at], &record[at + piece],
                    (size_t)(steps - at - piece) * sizeof record[0]);
            if (run_episode(seed, true, steps - piece) == EPISODE_DIFFERS) {
                steps = failed_at + 1;
            } else {
                memcpy(record, kept, sizeof record);
                at += piece;
            }
        }
    }
    return steps;
}

static void print_step(int number, const struct step_record *step) {
    static const char *const kinds[] = {"system call", "VM fault",  "exception",  "time",
                                        "late time",   "interrupt", "peer rings", "peer takes"};

    printf("# %3d %s", number, kinds[step->kind]);
    if (step->kind != STEP_SYSCALL) {
        printf(" %" PRIu64 "\n", step->value);
        return;
    }
    printf(" %" PRId64 " cap %#" PRIx64 " label %" PRIu64 " caps %" PRIu64 " length %" PRIu64
           " mr %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " a6 %#" PRIx64 " t0 %#" PRIx64,
           step->number, step->cap, step->info >> 12, (step->info >> 7) & 3, step->info & 127,
           step->mr[0], step->mr[1], step->mr[2], step->mr[3], step->reply, step->dest);
    for (unsigned i = 0; i < step->words; i++) {
        printf(" [%u]=%#" PRIx64, step->word[i].at, step->word[i].value);
    }
    printf("\n");
}

/* Who makes each step shows only while it is made. */
static void print_trace(u64 seed, int steps) {
    random_state = seed;
    bool good = world_build();

    for (int i = 0; good && i < steps; i++) {
        int who = m.current;

        print_step(i, &record[i]);
        good = step_run(&record[i], i);
        printf("#       by thread %d; then thread %d runs", who, m.current);
        if (who != NOBODY && record[i].kind == STEP_SYSCALL) {
            printf("; its info %#" PRIx64, threads[who].reg[SEL4_REG_A1]);
        }
        printf("\n");
    }
}

void explain(u64 seed, u64 episode, u64 episode_seed) {
    int steps = failed_at + 1;

    compare_thorough = true;
    printf("# seed %" PRIu64 ", episode %" PRIu64 ", step %d: %s\n", seed, episode, failed_at,
           difference);
    if (steps > 0) {
        steps = cut(episode_seed, steps);
    }
    print_trace(episode_seed, steps);
    printf("# %s\n", difference);
    printf("not ok 1 - kernel and model differ\n1..1\n");
}
