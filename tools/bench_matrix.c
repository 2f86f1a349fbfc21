// SPDX-License-Identifier: BSD-2-Clause
// Interference: what a client on one kernel executes for an operation, while another kernel does its worst.
//
// benchmarks/matrix.system goes through the aggressors one by one. Rows are matrix.OPERATION.AGGRESSOR; a sample is all that
// the client's hart executed between two marks, user mode and kernel. The emulator has no caches and no buses: what
// memory streaming would do to the time of an operation cannot be seen here, and no figure is made up for it.
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/functions.h"

#define VICTIM     1 // harts, as matrix.system has them
#define NOISE      2
#define MARK_BYTES 4
#define ROUNDS     32 // as matrix_client.c has it
#define WARM_UPS   4  // of them, not kept
#define MAX_ROUNDS 256

// In the order of benchmarks/matrix_client.c.
static const char *const OPERATIONS[] = {"null", "yield", "signal", "call", "fault", "doorbell"};

// In the order of benchmarks/matrix_noise.c.
static const char *const AGGRESSORS[] = {"quiet",           "syscalls",         "faults",
                                         "doorbells-third", "doorbells-victim", "interrupts",
                                         "console",         "firmware"};

static const char *const PROGRAMS[] = {"benchmarks/matrix_client.elf",
                                       "benchmarks/matrix_keeper.elf",
                                       "benchmarks/matrix_listener.elf",
                                       "benchmarks/matrix_server.elf",
                                       "benchmarks/matrix_sink.elf",
                                       "benchmarks/matrix_noise.elf",
                                       "user/console.elf",
                                       NULL};

struct counts {
    u64 samples[MAX_ROUNDS];
    unsigned begun, count;
};

struct watch {
    u64 kinds, begins, ends;
    struct beside {
        u64 noise,
            firmware; // what the other hart executed meanwhile, and how often it entered firmware
        struct counts operation[ARRAY_LENGTH(OPERATIONS)];
    } beside[ARRAY_LENGTH(AGGRESSORS)];
    struct beside *now;   // NULL: not yet begun
    struct counts *going; // the operation that is going on, or NULL
    u64 instructions;
    bool enough; // the last operation has been performed often enough beside the last aggressor
};

static void end_step(struct watch *watch) {
    const struct counts *last =
        &watch->beside[ARRAY_LENGTH(AGGRESSORS) - 1].operation[ARRAY_LENGTH(OPERATIONS) - 1];
    if (watch->going->begun++ >= WARM_UPS && watch->going->count < MAX_ROUNDS) {
        watch->going->samples[watch->going->count++] = watch->instructions;
    }
    watch->going = NULL;
    watch->enough = last->begun == ROUNDS;
}

static void victim_step(struct watch *watch, u64 pc) {
    u64 kind = (pc - watch->kinds) / MARK_BYTES, which = (pc - watch->begins) / MARK_BYTES;
    if (pc >= watch->kinds && kind < ARRAY_LENGTH(AGGRESSORS)) {
        watch->now = &watch->beside[kind];
    } else if (pc >= watch->begins && which < ARRAY_LENGTH(OPERATIONS) && watch->now) {
        watch->going = &watch->now->operation[which];
        watch->instructions = 0;
    } else if (pc == watch->ends && watch->going) {
        end_step(watch);
    }
    watch->instructions++;
}

static void take(void *context, const struct trace_event *event) {
    struct watch *watch = context;
    if (watch->enough) {
        return; // how much more comes depends on the host
    }
    if (event->kind == TRACE_STEP && event->hart == VICTIM) {
        victim_step(watch, event->pc);
    } else if (event->hart == NOISE && watch->now) {
        bool step = event->kind == TRACE_STEP;
        watch->now->noise += step;
        watch->now->firmware += !step && trace_is_firmware_trap(event);
    }
}

// Beside what every traced run has: slices ten times as fine as elsewhere. The client's doorbells wait for the sink,
// and while they do, the noise fills the trace.
static const char *const *arguments_make(struct arena *arena, const struct bench_plan *plan) {
    static const char *const FINER[] = {"-netdev", "hubport,id=n1,hubid=1", "-object",
                                        "filter-buffer,id=f1,netdev=n1,interval=10"};
    struct arguments all = {NULL, 0, 0};
    const char *const *traced =
        trace_arguments(arena, BENCH_SYSTEM_RANGES, true, bench_pipe(arena, plan->folder));
    for (; *traced; traced++) {
        arguments_add(arena, &all, *traced);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(FINER); i++) {
        arguments_add(arena, &all, FINER[i]);
    }
    return all.list;
}

static bool rows_put(struct arena *arena, const struct watch *watch, unsigned aggressor,
                     struct bench_result *result) {
    const struct beside *beside = &watch->beside[aggressor];
    for (unsigned i = 0; i < ARRAY_LENGTH(OPERATIONS); i++) {
        struct bench_row row = {
            .name = arena_printf(arena, "matrix.%s.%s", OPERATIONS[i], AGGRESSORS[aggressor]),
            .samples = beside->operation[i].samples,
            .count = beside->operation[i].count,
            .note = arena_printf(arena,
                                 "the other hart's kernel executed %llu instructions meanwhile and "
                                 "entered firmware %llu times",
                                 (unsigned long long)beside->noise,
                                 (unsigned long long)beside->firmware)};
        if (!row.count) {
            fprintf(stderr, "skerry bench: error: no %s in the trace\n", row.name);
            return false;
        }
        bench_row_add(arena, result, &row);
    }
    return true;
}

bool bench_matrix_run(struct arena *arena, const struct bench_plan *plan,
                      struct bench_result *result) {
    struct watch *watch = ARENA_NEW(arena, struct watch);
    struct functions functions = {NULL, 0};
    struct bench_system system = {.build_folder = plan->build_folder,
                                  .folder = plan->folder,
                                  .system = "matrix.system",
                                  .programs = PROGRAMS,
                                  .extra = arguments_make(arena, plan)};
    functions_add(arena, &functions, arena_printf(arena, "%s/%s", plan->build_folder, PROGRAMS[0]));
    watch->kinds = function_address(&functions, "matrix_kinds");
    watch->begins = function_address(&functions, "matrix_begins");
    watch->ends = function_address(&functions, "matrix_ends");
    bool good =
        bench_system_copy(arena, &system) &&
        bench_watch(arena, plan->folder, bench_system_boot, &system, take, watch, &watch->enough);
    for (unsigned i = 0; good && i < ARRAY_LENGTH(AGGRESSORS); i++) {
        good = rows_put(arena, watch, i, result);
    }
    return good;
}

/* ---- The matrix ------------------------------------------------------------------------------------ */

const struct bench_matrix BENCH_MATRIX = {OPERATIONS, AGGRESSORS, ARRAY_LENGTH(OPERATIONS),
                                          ARRAY_LENGTH(AGGRESSORS)};

const struct bench_row *bench_matrix_row(struct arena *arena, const struct bench_result *result,
                                         const char *operation, const char *aggressor) {
    return bench_row_find(result, arena_printf(arena, "matrix.%s.%s", operation, aggressor));
}

char *bench_matrix_cell(struct arena *arena, const struct bench_result *result,
                        const char *operation, const char *aggressor) {
    const struct bench_row *quiet = bench_matrix_row(arena, result, operation, AGGRESSORS[0]),
                           *loud = bench_matrix_row(arena, result, operation, aggressor);
    if (!quiet || !loud) {
        return arena_printf(arena, "–");
    }
    unsigned differing = 0;
    for (unsigned i = 0; i < loud->count || i < quiet->count; i++) {
        differing += i >= quiet->count || i >= loud->count || loud->samples[i] != quiet->samples[i];
    }
    return differing
               ? arena_printf(arena, "%+lld/%u", (long long)(loud->max - quiet->max), differing)
               : arena_printf(arena, "0");
}

bool bench_matrix_print(struct arena *arena, const struct bench_result *result, FILE *out) {
    if (!bench_matrix_row(arena, result, OPERATIONS[0], AGGRESSORS[0])) {
        return false;
    }
    fputs(
        "\ninterference: instructions of the victim's operation, and what another kernel adds to them\n",
        out);
    fprintf(out, "%-10s", "");
    for (unsigned i = 0; i < ARRAY_LENGTH(AGGRESSORS); i++) {
        fprintf(out, " %16s", AGGRESSORS[i]);
    }
    fprintf(out, " %16s\n", "memory-streaming");
    for (unsigned i = 0; i < ARRAY_LENGTH(OPERATIONS); i++) {
        const struct bench_row *quiet =
            bench_matrix_row(arena, result, OPERATIONS[i], AGGRESSORS[0]);
        if (!quiet) {
            continue;
        }
        fprintf(out, "%-10s %16llu", OPERATIONS[i], (unsigned long long)quiet->median);
        for (unsigned j = 1; j < ARRAY_LENGTH(AGGRESSORS); j++) {
            const char *text = bench_matrix_cell(arena, result, OPERATIONS[i], AGGRESSORS[j]);
            // A dash has three bytes and takes one column.
            fprintf(out, " %*s", *text == '+' || *text == '-' || *text == '0' ? 16 : 18, text);
        }
        fprintf(out, " %18s\n", "–");
    }
    fputs(
        "0: not one instruction in any sample. +N/M: the maximum grew by N, M samples differ. –: a matter of "
        "caches and buses, which the emulator has not\n",
        out);
    return true;
}
