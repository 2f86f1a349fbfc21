// SPDX-License-Identifier: BSD-2-Clause
// Between kernels: how many instructions a doorbell signal takes on both sides, counted from outside.
//
// benchmarks/cross.system has two kernels whose domains ring each other. The guest cannot count one hart's
// instructions when several run, so the emulator writes them down, and every trap with them. A round:
//
//     sender's hart:    cross_send_begins()  ecall … kernel … sret  cross_send_ends()
//     receiver's hart:  (in wfi)             wakes … kernel … first instruction of the user program
//
// A round counts only if the receiver slept when it began.
//
// benchmarks/storm.system has a client and a server on one kernel, and noise, or none, on another: the
// instructions of the client's hart between its marks are counted in both cases.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench.h"
#include "tools/bench_trace.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/run.h"

#define RANGES     "0x200000+0x100000,0xffffffffc0000000+0x200000"
#define SENDER     1 // harts, as cross.system has them
#define RECEIVER   2
#define MAX_ROUNDS 256

struct counts {
    u64 samples[MAX_ROUNDS];
    unsigned count;
};

struct rounds {
    struct counts stub, sender, receiver, firmware;
    u64 other; // instructions of the receiver's hart between the first round and the last
};

struct watch {
    struct bench_functions kernel;
    u64 begins, ends;
    bool sending, receiving, asleep;
    u64 stub, sender, receiver, firmware;
    u64 firmware_run; // in the whole run: shows that such traps are seen
};

/* ---- The trace ------------------------------------------------------------------------------------- */

static void add(struct counts *counts, u64 value) {
    if (counts->count < MAX_ROUNDS) {
        counts->samples[counts->count++] = value;
    }
}

// "riscv_cpu_do_interrupt: hart:1, async:0, cause:0000000000000009, …": traps that are not delegated to S-mode
// (PLATFORM-FACTS 6.4) and that happen on the path.
static bool is_firmware_trap(const char *line) {
    const char *async = strstr(line, "async:"), *cause = strstr(line, "cause:");
    if (!async || !cause) {
        return false;
    }
    u64 number = strtoull(cause + 6, NULL, 16) & 63;
    return async[6] == '1'
               ? number == 3 || number == 7 || number == 11
               : number == 9 || number == 2 || number == 1 || number == 5 || number == 7;
}

static void sender_step(struct watch *watch, struct rounds *rounds, u64 pc) {
    if (pc == watch->begins) {
        watch->sending = true;
        watch->receiving = watch->asleep;
        watch->stub = watch->sender = watch->receiver = watch->firmware = 0;
        return;
    }
    if (pc == watch->ends && watch->sending) {
        watch->sending = false;
        add(&rounds->sender, watch->sender);
        add(&rounds->stub, watch->stub);
    }
    if (watch->sending) {
        *(pc >= BENCH_KERNEL_BASE ? &watch->sender : &watch->stub) += 1;
    }
}

static void receiver_step(struct watch *watch, struct rounds *rounds, u64 pc) {
    bool kernel = pc >= BENCH_KERNEL_BASE;
    watch->asleep = kernel && !strcmp(bench_function_at(&watch->kernel, pc)->name, "riscv_wait");
    if (watch->receiving && !kernel) {
        watch->receiving = false;
        add(&rounds->receiver, watch->receiver);
        add(&rounds->firmware, watch->firmware);
    }
    watch->receiver += watch->receiving;
    rounds->other += rounds->sender.count > 0;
}

static void trace_read(FILE *trace, struct watch *watch, struct rounds *rounds) {
    char line[512];
    unsigned hart;
    u64 pc;
    while (fgets(line, sizeof(line), trace)) {
        if (bench_trace_line(line, &hart, &pc)) {
            if (hart == SENDER) {
                sender_step(watch, rounds, pc);
            } else if (hart == RECEIVER) {
                receiver_step(watch, rounds, pc);
            }
        } else if (is_firmware_trap(line)) {
            watch->firmware_run++;
            watch->firmware += (watch->sending || watch->receiving) && !strstr(line, "hart:0");
        }
    }
}

/* ---- The run --------------------------------------------------------------------------------------- */

static bool copy(struct arena *arena, const char *from, const char *folder) {
    struct bytes bytes = file_read(arena, from);
    const char *name = strrchr(from, '/');
    const char *to = arena_printf(arena, "%s/%s", folder, name ? name + 1 : from);
    if (!bytes.data || !file_write(to, bytes.data, bytes.size)) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", from, strerror(errno));
        return false;
    }
    return true;
}

// A system file with its programs beside it.
static bool files_copy(struct arena *arena, const char *build_folder, const char *folder) {
    static const char *const PROGRAMS[] = {
        "benchmarks/cross_ring.elf",   "benchmarks/cross_answer.elf", "benchmarks/storm_client.elf",
        "benchmarks/storm_server.elf", "benchmarks/storm_noise.elf",  "user/console.elf"};
    const char *root = getenv("SKERRY_ROOT");
    const char *sources = arena_printf(arena, "%s%sbenchmarks", root ? root : "", root ? "/" : "");
    bool good = copy(arena, arena_printf(arena, "%s/cross.system", sources), folder) &&
                copy(arena, arena_printf(arena, "%s/storm.system", sources), folder);
    for (unsigned i = 0; good && i < ARRAY_LENGTH(PROGRAMS); i++) {
        good = copy(arena, arena_printf(arena, "%s/%s", build_folder, PROGRAMS[i]), folder);
    }
    return good;
}

// A process of its own: its output is not ours to show.
static bool system_run(struct arena *arena, const char *build_folder, const char *folder,
                       const char *system, const char *trace) {
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[length > 0 ? length : 0] = 0;
    const char *const argv[] = {self,
                                "run",
                                arena_printf(arena, "%s/%s", folder, system),
                                "--build-folder",
                                build_folder,
                                "--timeout",
                                "240s",
                                "--",
                                "-accel",
                                "tcg,one-insn-per-tb=on",
                                "-d",
                                "exec,nochain,int",
                                "-dfilter",
                                RANGES,
                                "-D",
                                trace,
                                NULL};
    struct process_result result = process_run(arena, (char *const *)argv);
    if (result.status) {
        fprintf(stderr, "skerry bench: error: the run failed:\n%s", result.output);
    }
    return result.status == 0;
}

static void counts_print(struct arena *arena, const char *title, const char *aim,
                         const struct counts *counts) {
    struct bench_row row = {.samples = counts->samples, .count = counts->count};
    bench_row_summarise(arena, &row);
    printf("%-52s %7s %7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %6u\n", title, aim, row.min,
           row.median, row.max, row.count);
}

// Runs a system whose hart 1 has the marks of `program`, and counts its rounds.
static bool rounds_take(struct arena *arena, const char *build_folder, const char *folder,
                        const char *system, const char *program, struct watch *watch,
                        struct rounds *rounds) {
    const char *trace_path = arena_printf(arena, "%s/trace.log", folder);
    struct bench_functions functions = {0};
    *watch = (struct watch){0};
    if (!system_run(arena, build_folder, folder, system, trace_path)) {
        return false;
    }
    bench_symbols_add(arena, &watch->kernel,
                      arena_printf(arena, "%s/kernel/skerry-virt-aia-release.elf", build_folder));
    bench_symbols_add(arena, &functions, arena_printf(arena, "%s/%s", folder, program));
    watch->begins = bench_address_of(&functions, "cross_send_begins");
    watch->ends = bench_address_of(&functions, "cross_send_ends");
    FILE *trace = fopen(trace_path, "r");
    if (!trace || !watch->kernel.count || !watch->begins || !watch->ends) {
        fputs("skerry bench: error: no trace, or no symbols to read it with\n", stderr);
        return false;
    }
    trace_read(trace, watch, rounds);
    fclose(trace);
    if (!rounds->sender.count) {
        fputs("skerry bench: error: the trace has no complete round\n", stderr);
    }
    return rounds->sender.count > 0;
}

static bool doorbells(struct arena *arena, const char *build_folder, const char *folder) {
    static struct rounds rounds;
    struct watch watch;
    if (!rounds_take(arena, build_folder, folder, "cross.system", "cross_ring.elf", &watch,
                     &rounds) ||
        !rounds.receiver.count) {
        return false;
    }
    printf("%-52s %7s %7s %7s %7s %6s\n", "kernel to kernel, IMSIC doorbell: instructions", "aim",
           "min", "median", "max", "n");
    counts_print(arena, "sender's user stub", "–  ", &rounds.stub);
    counts_print(arena, "sender's kernel, trap to return", "190", &rounds.sender);
    counts_print(arena, "receiver's kernel, wake from wfi to user program", "400",
                 &rounds.receiver);
    counts_print(arena, "traps to firmware on the path, both harts", "0", &rounds.firmware);
    printf("(%" PRIu64 " traps to firmware in the whole run, boot included)\n\n",
           watch.firmware_run);
    return true;
}

// The same calls beside a quiet kernel and beside one that does nothing but system calls.
static bool storm(struct arena *arena, const char *build_folder, const char *folder) {
    static struct rounds quiet, loud;
    struct watch watch;
    const char *noise = arena_printf(arena, "%s/noise.elf", folder);
    if (rename(arena_printf(arena, "%s/cross_answer.elf", folder), noise) ||
        !rounds_take(arena, build_folder, folder, "storm.system", "storm_client.elf", &watch,
                     &quiet) ||
        rename(arena_printf(arena, "%s/storm_noise.elf", folder), noise) ||
        !rounds_take(arena, build_folder, folder, "storm.system", "storm_client.elf", &watch,
                     &loud)) {
        return false;
    }
    puts("local call and answer, client and server on one kernel: its own instructions");
    counts_print(arena, "kernel, the other kernel quiet", "–  ", &quiet.sender);
    counts_print(arena, "kernel, the other kernel in a system-call storm", "–  ", &loud.sender);
    counts_print(arena, "user, quiet", "–  ", &quiet.stub);
    counts_print(arena, "user, storm", "–  ", &loud.stub);
    struct bench_row a = {.samples = quiet.sender.samples, .count = quiet.sender.count},
                     b = {.samples = loud.sender.samples, .count = loud.sender.count};
    bench_row_summarise(arena, &a);
    bench_row_summarise(arena, &b);
    bool same = a.min == b.min && a.median == b.median && a.max == b.max;
    printf("the other hart executed %" PRIu64 " instructions meanwhile (quiet: %" PRIu64
           "); the kernel's minimum, median and maximum %s\n",
           loud.other, quiet.other, same ? "are equal" : "differ");
    return true;
}

static int cross_in(struct arena *arena, const char *build_folder, const char *folder) {
    return files_copy(arena, build_folder, folder) && doorbells(arena, build_folder, folder) &&
                   storm(arena, build_folder, folder)
               ? EXIT_GOOD
               : EXIT_FAILED;
}

int bench_cross(struct arena *arena, const char *build_folder) {
    struct run_options temporary = {0};
    char *folder = run_folder(arena, &temporary);
    if (!folder) {
        fprintf(stderr, "skerry bench: error: no folder for the run: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    int code = cross_in(arena, build_folder, folder);
    run_folder_remove(arena, &temporary, folder);
    return code;
}
