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
// execute from one ring to the next, so also what they do side by side. Its path is what has to be executed one
// after the other: the sender up to cross_send_ends, the receiver from waking until it has rung back (its mark
// cross_answer_ends), the sender from waking to its next ring. That counts the end of both system calls,
// behind the ring itself: more than the longest path, never less. It counts only if each hart slept when it was rung.
//
// The firmware is not in the trace: its boot would be fifteen million lines. Where it rings, the sender is
// cross_count.c, which reads `cycle` at its marks and says at the end what was counted: all harts in all modes. What
// all harts executed in the trace, from the same instruction to the same, is taken off; the rest is the firmware's.
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/functions.h"

#define SENDER     1 // harts, as cross.system has them
#define RECEIVER   2
#define ROUNDS     64 // as cross_ring.c has it
#define MAX_ROUNDS 256
#define INIT_RANGE ",0x10000+0x40000" // of the init tasks
#define DIGITS     6                  // of a figure that cross_count.c says
#define MARK_BYTES 4                  // as benchmarks/marks.h has it

struct counts {
    u64 samples[MAX_ROUNDS];
    unsigned count;
};

struct watch {
    struct functions kernel;
    u64 begins, ends, digits; // digits: 0 if the sender says no counts
    u64 answered;
    bool sending, receiving, answering, asleep, sender_asleep, started;
    struct {
        u64 stub, sender, receiver, entries, both, path, all;
        bool answered, slept; // and slept when it was
    } now;
    struct counts stub, sender, receiver, entries, round_trip, path;
    // By the trace, and as the sender says: from begin to end, and to the next begin.
    struct counts traced_send, traced_round, said_send, said_round;
    struct counts send_firmware, round_firmware; // what is left
    struct {
        u64 value;
        unsigned digits, count;
    } saying;
    bool over, enough;
    u64 firmware_run; // in the whole run: shows that such traps are seen
};

static const struct driver {
    const char *name, *machine, *walls;
    const char *ranges; // of addresses whose instructions are traced
    bool by_firmware;
} DRIVERS[] = {{"imsic", "virt-aia", "on", BENCH_SYSTEM_RANGES, false},
               {"sswi", "virt-aclint", "on", BENCH_SYSTEM_RANGES, false},
               {"sbi", "virt-plain", "off", BENCH_SYSTEM_RANGES INIT_RANGE, true}};

static const char *const PROGRAMS[] = {"benchmarks/cross_ring.elf", "benchmarks/cross_count.elf",
                                       "benchmarks/cross_answer.elf", "user/console.elf", NULL};

/* ---- The trace ------------------------------------------------------------------------------------- */

static void add(struct counts *counts, u64 value) {
    if (counts->count < MAX_ROUNDS) {
        counts->samples[counts->count++] = value;
    }
}

static void round_begin(struct watch *watch) {
    if (watch->started) {
        add(&watch->round_trip, watch->now.both);
        if (watch->now.slept) {
            add(&watch->path, watch->now.path);
        }
        add(&watch->traced_round, watch->now.all);
        watch->over = watch->round_trip.count == ROUNDS - 1;
        watch->enough = watch->over && !watch->digits;
    }
    watch->started = true;
    watch->sending = !watch->over;
    watch->receiving = watch->asleep && !watch->over;
    watch->answering = watch->receiving;
    memset(&watch->now, 0, sizeof(watch->now));
}

static void digit_take(struct watch *watch, u64 digit) {
    watch->saying.value |= digit << 4 * watch->saying.digits;
    if (++watch->saying.digits == DIGITS) {
        bool of_round = watch->saying.count++ % 2;
        add(of_round ? &watch->said_round : &watch->said_send, watch->saying.value);
        watch->saying.value = watch->saying.digits = 0;
        watch->enough = watch->said_round.count == ROUNDS - 1;
    }
}

static bool is_waiting(const struct watch *watch, u64 pc) {
    return pc >= KERNEL_BASE && !strcmp(function_at(&watch->kernel, pc)->name, "riscv_wait");
}

static void sender_step(struct watch *watch, u64 pc) {
    watch->sender_asleep = is_waiting(watch, pc);
    if (pc == watch->begins) {
        round_begin(watch);
    } else if (pc == watch->ends && watch->sending) {
        watch->sending = false;
        add(&watch->sender, watch->now.sender);
        add(&watch->stub, watch->now.stub);
        add(&watch->traced_send, watch->now.all);
    } else if (watch->over && pc >= watch->digits && pc < watch->digits + 16 * MARK_BYTES) {
        digit_take(watch, (pc - watch->digits) / MARK_BYTES);
    } else if (watch->sending) {
        *(pc >= KERNEL_BASE ? &watch->now.sender : &watch->now.stub) += 1;
    }
    watch->now.both++;
    watch->now.path += watch->sending || watch->now.answered;
}

static void receiver_step(struct watch *watch, u64 pc) {
    bool kernel = pc >= KERNEL_BASE;
    watch->asleep = is_waiting(watch, pc);
    if (watch->answering && pc == watch->answered) {
        watch->answering = false;
        watch->now.answered = true;
        watch->now.slept = watch->sender_asleep;
    }
    if (watch->receiving && !kernel) {
        watch->receiving = false;
        add(&watch->receiver, watch->now.receiver);
        add(&watch->entries, watch->now.entries);
    }
    watch->now.receiver += watch->receiving;
    watch->now.path += watch->answering;
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
        watch->now.entries += firmware && event->hart && (watch->sending || watch->receiving);
        return;
    }
    if (event->hart == SENDER) {
        sender_step(watch, event->pc);
    } else if (event->hart == RECEIVER) {
        receiver_step(watch, event->pc);
    }
    watch->now.all++;
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

// In `counts`, what the sender counted beyond what was traced. False: it cannot be.
static bool firmware_count(struct counts *counts, const struct counts *said,
                           const struct counts *traced) {
    for (unsigned i = 0; i < said->count; i++) {
        if (i >= traced->count || said->samples[i] < traced->samples[i]) {
            return false;
        }
        add(counts, said->samples[i] - traced->samples[i]);
    }
    return said->count == ROUNDS - 1;
}

static bool firmware_rows_put(struct arena *arena, struct bench_result *result,
                              const struct driver *driver, struct watch *watch) {
    if (!firmware_count(&watch->send_firmware, &watch->said_send, &watch->traced_send) ||
        !firmware_count(&watch->round_firmware, &watch->said_round, &watch->traced_round)) {
        fprintf(stderr,
                "skerry bench: error: what cross_count.elf counted does not fit the trace\n");
        return false;
    }
    for (unsigned i = 0; i < watch->round_firmware.count; i++) {
        watch->round_trip.samples[i] += watch->round_firmware.samples[i];
    }
    row_put(arena, result, driver, "sender-firmware", &watch->send_firmware);
    row_put(arena, result, driver, "round-trip-firmware", &watch->round_firmware);
    return true;
}

static bool driver_run(struct arena *arena, const struct bench_plan *plan,
                       const struct driver *driver, struct bench_result *result) {
    struct watch *watch = ARENA_NEW(arena, struct watch);
    struct functions functions = {NULL, 0}, answerer = {NULL, 0};
    struct bench_system system = {
        .build_folder = plan->build_folder,
        .folder = plan->folder,
        .system = "cross.system",
        .programs = PROGRAMS,
        .values = {{"machine=\"", driver->machine},
                   {"walls=\"", driver->walls},
                   {"path=\"cross_", driver->by_firmware ? "count.elf" : "ring.elf"}},
        .extra = trace_arguments(arena, driver->ranges, true, bench_pipe(arena, plan->folder))};
    functions_add(arena, &watch->kernel,
                  arena_printf(arena, "%s/kernel/skerry-%s-release.elf", plan->build_folder,
                               driver->machine));
    functions_add(
        arena, &functions,
        arena_printf(arena, "%s/%s", plan->build_folder, PROGRAMS[driver->by_firmware ? 1 : 0]));
    functions_add(arena, &answerer, arena_printf(arena, "%s/%s", plan->build_folder, PROGRAMS[2]));
    watch->answered = function_address(&answerer, "cross_answer_ends");
    watch->begins = function_address(&functions, "cross_send_begins");
    watch->ends = function_address(&functions, "cross_send_ends");
    watch->digits = driver->by_firmware ? function_address(&functions, "cross_digits") : 0;
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
    bool good = !driver->by_firmware || firmware_rows_put(arena, result, driver, watch);
    row_put(arena, result, driver, "round-trip", &watch->round_trip);
    if (!driver->by_firmware) { // whose part of the path is not in the trace
        row_put(arena, result, driver, "path", &watch->path);
    }
    row_put(arena, result, driver, "firmware", &watch->entries);
    return good;
}

bool bench_cross_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result) {
    bool good = true;
    for (unsigned i = 0; good && i < ARRAY_LENGTH(DRIVERS); i++) {
        good = driver_run(arena, plan, &DRIVERS[i], result);
    }
    return good;
}
