// SPDX-License-Identifier: BSD-2-Clause
// Between kernels: how many instructions a doorbell signal takes on both sides, counted from outside, by driver.
//
// benchmarks/cross.system has two kernels whose domains ring each other. The guest cannot count one hart's
// instructions when several run, so the emulator writes them down, and every trap with them. A round:
//
//     sender's hart:    cross_send_begins  ecall … kernel … sret  cross_send_ends
//     receiver's hart:  (in wfi)           wakes … kernel … first instruction of the user program
//
// A receiver's figure counts only if it slept when the round began. A round trip is everything that the two harts
// execute from one ring to the next, so also what they do side by side: more than the longest path, never less.
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/functions.h"

#define SENDER     1 // harts, as cross.system has them
#define RECEIVER   2
#define ROUNDS     64 // as cross_ring.c has it
#define MAX_ROUNDS 256

struct counts {
    u64 samples[MAX_ROUNDS];
    unsigned count;
};

struct watch {
    struct functions kernel;
    u64 begins, ends;
    bool sending, receiving, asleep, started;
    struct {
        u64 stub, sender, receiver, firmware, both;
    } now;
    struct counts stub, sender, receiver, firmware, round_trip;
    bool enough;
    u64 firmware_run; // in the whole run: shows that such traps are seen
};

static const struct driver {
    const char *name, *machine;
} DRIVERS[] = {{"imsic", "virt-aia"}, {"sswi", "virt-aclint"}};

static const char *const PROGRAMS[] = {"benchmarks/cross_ring.elf", "benchmarks/cross_answer.elf",
                                       "user/console.elf", NULL};

/* ---- The trace ------------------------------------------------------------------------------------- */

static void add(struct counts *counts, u64 value) {
    if (counts->count < MAX_ROUNDS) {
        counts->samples[counts->count++] = value;
    }
}

static void round_begin(struct watch *watch) {
    if (watch->started) {
        add(&watch->round_trip, watch->now.both);
        watch->enough = watch->round_trip.count == ROUNDS - 1;
    }
    watch->started = watch->sending = true;
    watch->receiving = watch->asleep;
    memset(&watch->now, 0, sizeof(watch->now));
}

static void sender_step(struct watch *watch, u64 pc) {
    if (pc == watch->begins) {
        round_begin(watch);
    } else if (pc == watch->ends && watch->sending) {
        watch->sending = false;
        add(&watch->sender, watch->now.sender);
        add(&watch->stub, watch->now.stub);
    } else if (watch->sending) {
        *(pc >= KERNEL_BASE ? &watch->now.sender : &watch->now.stub) += 1;
    }
    watch->now.both++;
}

static void receiver_step(struct watch *watch, u64 pc) {
    bool kernel = pc >= KERNEL_BASE;
    watch->asleep = kernel && !strcmp(function_at(&watch->kernel, pc)->name, "riscv_wait");
    if (watch->receiving && !kernel) {
        watch->receiving = false;
        add(&watch->receiver, watch->now.receiver);
        add(&watch->firmware, watch->now.firmware);
    }
    watch->now.receiver += watch->receiving;
    watch->now.both++;
}

static void take(void *context, const struct trace_event *event) {
    struct watch *watch = context;
    if (watch->enough) {
        return; // how much more comes depends on the host
    }
    if (event->kind == TRACE_TRAP) {
        bool firmware = trace_is_firmware_trap(event);
        watch->firmware_run += firmware;
        watch->now.firmware += firmware && event->hart && (watch->sending || watch->receiving);
    } else if (event->hart == SENDER) {
        sender_step(watch, event->pc);
    } else if (event->hart == RECEIVER) {
        receiver_step(watch, event->pc);
    }
}

/* ---- The run --------------------------------------------------------------------------------------- */

static void row_put(struct arena *arena, struct bench_result *result, const struct driver *driver,
                    const char *what, const struct counts *counts) {
    struct bench_row row = {.name = arena_printf(arena, "cross.%s.%s", driver->name, what),
                            .samples = counts->samples,
                            .count = counts->count,
                            .unit = strcmp(what, "firmware") ? NULL : "entries"};
    if (row.count) {
        bench_row_add(arena, result, &row);
    }
}

static bool driver_run(struct arena *arena, const struct bench_plan *plan,
                       const struct driver *driver, struct bench_result *result) {
    struct watch *watch = ARENA_NEW(arena, struct watch);
    struct functions functions = {NULL, 0};
    struct bench_system system = {.build_folder = plan->build_folder,
                                  .folder = plan->folder,
                                  .system = "cross.system",
                                  .programs = PROGRAMS,
                                  .values = {{"machine=\"", driver->machine}},
                                  .extra = trace_arguments(arena, BENCH_SYSTEM_RANGES, true,
                                                           bench_pipe(arena, plan->folder))};
    functions_add(arena, &watch->kernel,
                  arena_printf(arena, "%s/kernel/skerry-%s-release.elf", plan->build_folder,
                               driver->machine));
    functions_add(arena, &functions, arena_printf(arena, "%s/%s", plan->build_folder, PROGRAMS[0]));
    watch->begins = function_address(&functions, "cross_send_begins");
    watch->ends = function_address(&functions, "cross_send_ends");
    if (!bench_system_copy(arena, &system) || !bench_watch(arena, plan->folder, bench_system_boot,
                                                           &system, take, watch, &watch->enough)) {
        return false;
    }
    if (!watch->sender.count || !watch->receiver.count || !watch->firmware_run) {
        fprintf(stderr, "skerry bench: error: no complete round of doorbells by %s in the trace\n",
                driver->name);
        return false;
    }
    row_put(arena, result, driver, "sender", &watch->sender);
    row_put(arena, result, driver, "stub", &watch->stub);
    row_put(arena, result, driver, "receiver", &watch->receiver);
    row_put(arena, result, driver, "round-trip", &watch->round_trip);
    row_put(arena, result, driver, "firmware", &watch->firmware);
    return true;
}

bool bench_cross_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result) {
    bool good = true;
    for (unsigned i = 0; good && i < ARRAY_LENGTH(DRIVERS); i++) {
        good = driver_run(arena, plan, &DRIVERS[i], result);
    }
    return good;
}
