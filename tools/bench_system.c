// SPDX-License-Identifier: BSD-2-Clause
// `bench --system`: the kernels and tasks of a user's own system, counted from outside as `run --paths` does
// (tools/paths.h).
//
//     CORE.syscall, .fault, .interrupt    stretches with interrupts off that began with such an entry
//     CORE.continued                      … behind a preemption point or a wait
//     CORE.TASK                           instructions of a task's own program per job
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/commands.h"
#include "tools/load.h"
#include "tools/paths.h"

#define MOST_NAMED 4 // functions of a path

static void kernel_put(struct arena *arena, const char *core, const struct stretch *stretch,
                       struct bench_result *result) {
    for (unsigned kind = 0; kind < STRETCH_KINDS; kind++) {
        const struct stretch_lengths *lengths = &stretch->lengths[kind];
        if (lengths->count) {
            struct bench_row *row = bench_row_add_sorted(
                arena, result, arena_printf(arena, "%s.%s", core, stretch_kind_name(kind)),
                lengths->list, lengths->count);
            row->core = core;
            row->note = stretch_path_show(arena, &stretch->longest[kind], MOST_NAMED);
        }
    }
}

static void rows_put(struct arena *arena, const struct system *system, const struct paths *paths,
                     struct bench_result *result) {
    for (unsigned i = 0; i < system->core_count; i++) {
        kernel_put(arena, system->cores[i].name, &paths->kernel[i], result);
    }
    for (unsigned i = 0; i < paths->job_count; i++) {
        const struct paths_job *job = &paths->jobs[i];
        struct bench_row row = {
            .name = arena_printf(arena, "%s.%s", job->domain->core->name, job->domain->task->name),
            .core = job->domain->core->name,
            .samples = job->lengths,
            .count = job->count};
        bench_row_add(arena, result, &row);
    }
}

// Which system it was, for comparisons.
static void machine_put(struct arena *arena, const struct system *system,
                        struct bench_result *result) {
    static const char *const MACHINES[MACHINES_KNOWN] = {[MACHINE_VIRT_AIA] = "virt-aia",
                                                         [MACHINE_VIRT_ACLINT] = "virt-aclint",
                                                         [MACHINE_VIRT_PLAIN] = "virt-plain"};
    result->environment.machine =
        arena_printf(arena, "%s, %u harts, icount shift=0, system %s", MACHINES[system->kind],
                     (unsigned)system->machine.hart_count, system->name);
    result->environment.variant = "the system file's";
    result->environment.warm_ups = result->environment.runs = 0;
}

bool bench_system_run(struct arena *arena, const struct bench_plan *plan, const char *path,
                      struct bench_result *result) {
    struct load_options options = {.build_folder = plan->build_folder};
    struct run_options run = {.log_folder = plan->folder};
    struct load *load = system_load(path, &options);
    const struct package_output *package = emit_package(load);
    if (!package) {
        return false;
    }
    const char *to = arena_printf(arena, "%s/package.bin", plan->folder);
    const char *tree = arena_printf(arena, "%s/machine.dtb", plan->folder);
    if (!file_write(to, package->package.data, package->package.size) ||
        !file_write(tree, package->tree.data, package->tree.size)) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", plan->folder, strerror(errno));
        return false;
    }
    run_watch_interrupt();
    struct paths *paths = paths_count(load, package, plan->folder, &run);
    if (!paths) {
        return false;
    }
    bench_lab_environment(arena, plan, arena_printf(arena, "%s/paths.log", plan->folder), result);
    machine_put(arena, load->system, result);
    rows_put(arena, load->system, paths, result);
    return true;
}
