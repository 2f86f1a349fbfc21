// SPDX-License-Identifier: BSD-2-Clause
// Where a row's instructions go, seen from outside the machine.
//
// The emulator writes a line for every instruction (PLATFORM-FACTS 6.2):   Trace H: 0x… [cs/PC/flags/…] symbol
// The lab calls lab_sample_begins() and lab_sample_ends() around each sample; the last such stretch of the trace
// is shown, cut into stays in user mode, kernel and firmware. The guest does not know that it is watched.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/bench_trace.h"
#include "tools/commands.h"
#include "tools/run.h"

#define KERNEL_BASE   BENCH_KERNEL_BASE
#define FIRMWARE_BASE 0x80000000ull
// User programs, the first page of the firmware, the kernel. The firmware's trap vector is in that page, so
// entries into it are seen; all of it would be tens of millions of lines before the kernel begins.
#define RANGES      "0x10000+0x200000,0x80000000+0x1000,0xffffffffc0000000+0x200000"
#define WARM_UPS    16
#define RUNS        2
#define MAX_STAY    64
#define MAX_TOUCHED 64 // functions of one stay

enum place_kind { PLACE_USER, PLACE_KERNEL, PLACE_FIRMWARE };

// One stay in user mode, kernel or firmware.
struct stay {
    enum place_kind kind;
    unsigned instructions, touched;
    const struct bench_function *function[MAX_TOUCHED]; // in the order they were first entered
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

static void count_in(struct sample *sample, const struct bench_functions *functions, u64 pc) {
    static const struct bench_function firmware = {FIRMWARE_BASE, "firmware"};
    enum place_kind kind = kind_of(pc);
    struct stay *stay = sample->stays ? &sample->stay[sample->stays - 1] : NULL;
    if (!stay || stay->kind != kind) {
        if (sample->stays == MAX_STAY) {
            return;
        }
        stay = &sample->stay[sample->stays++];
        *stay = (struct stay){.kind = kind};
    }
    const struct bench_function *function =
        kind == PLACE_FIRMWARE ? &firmware : bench_function_at(functions, pc);
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

// Leaves the last complete stretch between the marks in `sample`.
static bool trace_read(FILE *trace, const struct bench_functions *functions,
                       struct sample *sample) {
    u64 begin = bench_address_of(functions, "lab_sample_begins"),
        end = bench_address_of(functions, "lab_sample_ends");
    static struct sample coming;
    bool inside = false, any = false;
    char line[512];
    unsigned hart;
    u64 pc;
    while (fgets(line, sizeof(line), trace)) {
        if (!bench_trace_line(line, &hart, &pc)) {
            continue;
        }
        if (pc == begin) {
            coming.stays = 0;
            inside = true;
        } else if (pc == end && inside) {
            *sample = coming;
            inside = false;
            any = true;
        }
        if (inside) {
            count_in(&coming, functions, pc);
        }
    }
    return any;
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

static int profile_in(struct arena *arena, const struct bench_plan *plan, const char *trace_path) {
    struct bench_functions functions = {NULL, 0};
    struct bench_result *result = bench_lab_run(arena, plan);
    if (!result) {
        return EXIT_FAILED;
    }
    if (!result->row_count || !bench_row_find(result, plan->only)) {
        return usage_error("bench", "no experiment prints a row \"%s\"", plan->only);
    }
    bench_symbols_add(arena, &functions,
                      arena_printf(arena, "%s/kernel/skerry-virt-plain-%s.elf", plan->build_folder,
                                   variant_name(plan->variant)));
    bench_symbols_add(arena, &functions, bench_lab_path(arena, plan->build_folder));
    FILE *trace = fopen(trace_path, "r");
    static struct sample sample;
    if (!trace || !trace_read(trace, &functions, &sample)) {
        fprintf(stderr, "skerry bench: error: no sample of \"%s\" in the trace\n", plan->only);
        return EXIT_FAILED;
    }
    fclose(trace);
    sample_print(&sample, plan->only);
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
    const char *trace = arena_printf(arena, "%s/trace.log", folder);
    const char *const extra[] = {
        "-accel", "tcg,one-insn-per-tb=on", "-d", "exec,nochain", "-dfilter", RANGES, "-D", trace,
        NULL};
    struct bench_plan plan = {.build_folder = build_folder,
                              .folder = folder,
                              .variant = variant,
                              .only = row,
                              .warm_ups = WARM_UPS,
                              .runs = RUNS,
                              .extra = extra};
    int code = profile_in(arena, &plan, trace);
    run_folder_remove(arena, &temporary, folder);
    return code;
}
