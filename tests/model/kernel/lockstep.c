// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel and model in lockstep: random system calls, invocations, faults, interrupts and passing time, compared after each
 * step in everything a program could see, and in some things behind it so that a difference shows early.
 *
 *     lockstep [--calls N] [--seed S] [--episode E] [--paths 1]
 *
 * A run is a row of episodes (episode.h). Each boots, builds a world by system calls of the root task (world.h; compared,
 * too), and makes random steps (generate.h, step.h, compare.h) until it has made enough or nobody runs any more. When
 * kernel and model differ, the steps that matter are printed, with the seed (explain.h). With --paths 1 it is a failure,
 * too, if a method or a system call was never done, or one of the kernel's fast paths never taken (paths.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/model/kernel/episode.h"
#include "tests/model/kernel/explain.h"
#include "tests/model/kernel/paths.h"

static u64 option(int argc, char **argv, const char *name, u64 otherwise) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoull(argv[i + 1], NULL, 0);
        }
    }
    return otherwise;
}

static double seconds(void) {
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_statistics(void) {
    for (int i = 1; i < 12; i++) {
        printf("# system call -%d: %" PRIu64 ", left the caller waiting or down: %" PRIu64 "\n", i,
               counts.syscall[i], counts.syscall_waits[i]);
    }
    for (int i = 0; i < METHOD_TABLE_LENGTH; i++) {
        if (counts.method[i] > 0) {
            printf("# method %d: %" PRIu64 ", not refused: %" PRIu64 "\n", i, counts.method[i],
                   counts.method_good[i]);
        }
    }
    printf("# by the keeper: %" PRIu64 "; restarts of interrupted calls: %" PRIu64 "\n",
           counts.by_keeper, counts.restarts);
}

/* Every method was done, every system call made, every fast path taken. */
static bool saw_everything(void) {
    for (int i = 1; i < 12; i++) {
        if (counts.syscall[i] == 0) {
            printf("not ok 1 - system call -%d was never made\n1..1\n", i);
            return false;
        }
    }
    for (int i = METHOD_INVALID + 1; i < METHOD_TABLE_LENGTH; i++) {
        if (counts.method_good[i] == 0) {
            printf("not ok 1 - method %d was never done\n1..1\n", i);
            return false;
        }
    }
    if (paths_missing() != NULL) {
        printf("not ok 1 - a fast path was never taken: %s\n1..1\n", paths_missing());
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    u64 calls = option(argc, argv, "--calls", 100000);
    u64 seed = option(argc, argv, "--seed", 1);
    u64 episode = option(argc, argv, "--episode", 0);
    double start = seconds();

    for (; counts.calls < calls; episode++) {
        u64 episode_seed = (seed << 32) + episode * 7919;

        if (run_episode(episode_seed, false, STEPS) == EPISODE_DIFFERS) {
            explain(seed, episode, episode_seed);
            return 1;
        }
    }
    printf("# seed %" PRIu64 ": %" PRIu64 " system calls in %" PRIu64
           " episodes, %.0f per second\n",
           seed, counts.calls, episode, (double)counts.calls / (seconds() - start));
    printf("# ended early: %" PRIu64 " tables full, %" PRIu64 " order open, %" PRIu64
           " nobody left\n",
           ended_early[TABLES_FULL], ended_early[ORDER_OPEN], ended_early[NOBODY_LEFT]);
    print_statistics();
    paths_print();
    if (option(argc, argv, "--paths", 0) != 0 && !saw_everything()) {
        return 1;
    }
    printf("ok 1 - kernel and model agree\n1..1\n");
    return 0;
}
