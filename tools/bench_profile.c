// SPDX-License-Identifier: BSD-2-Clause
// Where a row's instructions go, seen from outside the machine.
//
// The emulator writes a line for every instruction (tools/trace.h). The lab calls a function of lab_sample_begins and
// lab_sample_ends() around each sample; the last such stretch of the trace is shown, cut into stays in user mode, kernel
// and firmware. The guest does not know that it is watched.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/functions.h"
#include "tools/commands.h"
#include "tools/run.h"

#define FIRMWARE_BASE 0x80000000ull
// User programs, the first page of the firmware, the kernel. The firmware's trap vector is in that page, so
// entries into it are seen; all of it would be tens of millions of lines before the kernel begins.
#define RANGES      "0x10000+0x200000,0x80000000+0x1000,0xffffffffc0000000+0x200000"
#define WARM_UPS    4
#define RUNS        2
#define MARKS_BYTES 2048 // of lab_sample_begins
#define MAX_STAY    64
#define MAX_TOUCHED 64 // functions of one stay

enum place_kind { PLACE_USER, PLACE_KERNEL, PLACE_FIRMWARE };

// One stay in user mode, kernel or firmware.
struct stay {
    enum place_kind kind;
    unsigned instructions, touched;
    const struct function *function[MAX_TOUCHED]; // in the order they were first entered
    unsigned count[MAX_TOUCHED];
};

struct sample {
    struct stay stay[MAX_STAY];
    unsigned stays;
};

/* ---- The trace ------------------------------------------------------------------------------------- */

static enum place_kind kind_of(u64 pc) {
    return pc >= KERNEL_BASE ? PLACE_KERNEL : pc >= FIRMWARE_BASE ? PLACE_FIRMWARE : PLACE_USER;
}

static void count_in(struct sample *sample, const struct functions *functions, u64 pc) {
    static const struct function firmware = {FIRMWARE_BASE, "firmware"};
    enum place_kind kind = kind_of(pc);
    struct stay *stay = sample->stays ? &sample->stay[sample->stays - 1] : NULL;
    if (!stay || stay->kind != kind) {
        if (sample->stays == MAX_STAY) {
            return;
        }
        stay = &sample->stay[sample->stays++];
        *stay = (struct stay){.kind = kind};
    }
    const struct function *function =
        kind == PLACE_FIRMWARE ? &firmware : function_at(functions, pc);
    unsigned i = 0;
    while (i < stay->touched && stay->function[i] != function) {
        i++;
    }
    if (i == stay->touched && i < MAX_TOUCHED) {
        stay->function[stay->touched++] = function;
    }
    stay->count[i < MAX_TOUCHED ? i : MAX_TOUCHED - 1]++;
    stay->instructions++;
}

struct watcher {
    struct functions functions;
    u64 begins, ends; // marks; the first is a row of functions, one for each group of rows
    bool inside, any;
    struct sample coming, sample; // the last complete stretch between the marks
};

static void take(void *context, const struct trace_event *event) {
    struct watcher *watcher = context;
    if (event->kind != TRACE_STEP) {
        return;
    }
    if (event->pc >= watcher->begins && event->pc < watcher->begins + MARKS_BYTES) {
        watcher->coming.stays = 0;
        watcher->inside = true;
    } else if (event->pc == watcher->ends && watcher->inside) {
        watcher->sample = watcher->coming;
        watcher->inside = false;
        watcher->any = true;
    }
    if (watcher->inside) {
        count_in(&watcher->coming, &watcher->functions, event->pc);
    }
}

/* ---- What is shown --------------------------------------------------------------------------------- */

static void stay_print(const struct stay *stay) {
    static const char *const KINDS[] = {"user", "kernel", "firmware"};
    printf("%-8s %6u\n", KINDS[stay->kind], stay->instructions);
    for (unsigned i = 0; i < stay->touched; i++) {
        printf("    %6u  %s\n", stay->count[i], stay->function[i]->name);
    }
}

static void sample_print(const struct sample *sample, const char *row) {
    unsigned total[3] = {0}, entries[3] = {0};
    printf("one sample of %s, by function in the order they are first entered (the marks add some "
           "instructions of user mode)\n",
           row);
    for (unsigned i = 0; i < sample->stays; i++) {
        stay_print(&sample->stay[i]);
        total[sample->stay[i].kind] += sample->stay[i].instructions;
        entries[sample->stay[i].kind]++;
    }
    printf("user %u, kernel %u in %u stays, firmware entered %u times\n", total[PLACE_USER],
           total[PLACE_KERNEL], entries[PLACE_KERNEL], entries[PLACE_FIRMWARE]);
}

static bool boot(struct arena *arena, void *context) {
    return bench_lab_boot(arena, context);
}

static int profile_in(struct arena *arena, const struct bench_plan *plan) {
    struct watcher *watcher = ARENA_NEW(arena, struct watcher);
    struct bench_result *result = ARENA_NEW(arena, struct bench_result);
    functions_add(arena, &watcher->functions,
                  arena_printf(arena, "%s/kernel/skerry-virt-plain-%s.elf", plan->build_folder,
                               variant_name(plan->variant)));
    functions_add(arena, &watcher->functions, bench_lab_path(arena, plan->build_folder));
    watcher->begins = function_address(&watcher->functions, "lab_sample_begins");
    watcher->ends = function_address(&watcher->functions, "lab_sample_ends");
    struct bench_plan traced = *plan;
    if (!bench_watch(arena, plan->folder, boot, &traced, take, watcher, NULL) ||
        !bench_lab_read(arena, plan, result)) {
        return EXIT_FAILED;
    }
    if (!bench_row_find(result, plan->only) && !watcher->any) {
        return usage_error("bench", "no experiment prints a row \"%s\"", plan->only);
    }
    if (!watcher->any) {
        fprintf(stderr, "skerry bench: error: no sample of \"%s\" in the trace\n", plan->only);
        return EXIT_FAILED;
    }
    sample_print(&watcher->sample, plan->only);
    return EXIT_GOOD;
}

int bench_profile(struct arena *arena, const char *build_folder, enum variant variant,
                  const char *row) {
    struct run_options temporary = {0};
    const char *folder = run_folder(arena, &temporary);
    if (!folder) {
        fprintf(stderr, "skerry bench: error: no folder for the trace: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    struct bench_plan plan = {.build_folder = build_folder,
                              .folder = folder,
                              .variant = variant,
                              .only = row,
                              .warm_ups = WARM_UPS,
                              .runs = RUNS,
                              .extra =
                                  trace_arguments(arena, RANGES, false, bench_pipe(arena, folder))};
    int code = profile_in(arena, &plan);
    run_folder_remove(arena, &temporary, folder);
    return code;
}
