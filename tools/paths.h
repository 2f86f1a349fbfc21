// SPDX-License-Identifier: BSD-2-Clause
// Path lengths, counted from outside (PLATFORM-FACTS 6.2): instructions of a hart's own, whatever the other
// harts do meanwhile. Simulated, and firmware apart.
#pragma once

#include "tools/emit_package.h"
#include "tools/run.h"
#include "tools/stretch.h"

#define PATHS_MAX_JOBS 4096

// A task's own instructions per job, in the program's pages.
struct paths_job {
    const struct domain *domain;
    unsigned count;
    u64 lengths[PATHS_MAX_JOBS];
};

struct paths {
    struct stretch kernel[MAX_CORES]; // in the order of the system's cores
    struct paths_job *jobs;           // those that ended a job
    unsigned job_count;
};

// Boots the system once more, traced, for a bounded number of jobs. The same system gives the same counts.
// `folder` holds package.bin and machine.dtb. NULL: said why on stderr.
struct paths *paths_count(struct load *load, const struct package_output *package,
                          const char *folder, const struct run_options *options);

// Prints two tables: each kernel's longest stretch with interrupts off, and each task's own instructions per job.
void paths_print(struct arena *arena, const struct system *system, struct paths *paths);
