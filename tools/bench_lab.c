// SPDX-License-Identifier: BSD-2-Clause
// Booting the lab (benchmarks/latency.c) and reading its rows.
//
// The lab's program has a control block with a magic word in it. A copy of the program gets what is wanted
// written into that block, and is booted as any root task is; the console's log has the rows.
#define _GNU_SOURCE // memmem
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/version.h"
#include "tools/bench.h"
#include "tools/emit_config.h"
#include "tools/process.h"
#include "tools/run.h"

#define LAB_MEMORY     (256ull << 20)
#define LAB_CNODE_BITS 13
#define LAB_TIMEOUT_NS 600000000000ull
#define MAX_SAMPLES    1024
#define CONTROL_MAGIC  "skerry-lab-ctrl"

// As benchmarks/lab.c has it.
struct control {
    char magic[16];
    char only[64];
    u32 warm_ups, runs;
    u32 marks;
};

/* ---- Rows ------------------------------------------------------------------------------------------ */

// "V,VxN,…" to single samples.
static unsigned samples_parse(const char *text, u64 *samples) {
    unsigned count = 0;
    for (char *end; *text >= '0' && *text <= '9'; text = end + (*end == ',')) {
        u64 value = strtoull(text, &end, 10), times = 1;
        if (*end == 'x') {
            times = strtoull(end + 1, &end, 10);
        }
        for (; times && count < MAX_SAMPLES; times--) {
            samples[count++] = value;
        }
    }
    return count;
}

// What stands behind " KEY=", up to the next space; NULL if there is no such key.
static const char *field(struct arena *arena, const char *line, const char *key) {
    const char *at = strstr(line, arena_printf(arena, " %s=", key));
    at = at ? at + strlen(key) + 2 : NULL;
    return at ? arena_copy(arena, at, strcspn(at, " ")) : NULL;
}

static long number(struct arena *arena, const char *line, const char *key) {
    const char *text = field(arena, line, key);
    return text ? strtol(text, NULL, 10) : 0;
}

// "row NAME KEY=VALUE …": benchmarks/latency.c.
static bool row_read(struct arena *arena, const char *line, struct bench_result *result) {
    const char *samples = strstr(line, " samples=");
    if (strncmp(line, "row ", 4) || !samples) {
        return false;
    }
    u64 *list = ARENA_ARRAY(arena, u64, MAX_SAMPLES);
    struct bench_row row = {.name = arena_copy(arena, line + 4, strcspn(line + 4, " ")),
                            .samples = list,
                            .count = samples_parse(samples + strlen(" samples="), list),
                            .unit = field(arena, line, "unit"),
                            .what = field(arena, line, "what"),
                            .at = (u64)number(arena, line, "at"),
                            .group = (unsigned)number(arena, line, "group"),
                            .from = (int)number(arena, line, "from"),
                            .to = (int)number(arena, line, "to")};
    if (row.count) {
        bench_row_add(arena, result, &row);
    }
    return true;
}

/* ---- The environment ------------------------------------------------------------------------------- */

static const char *first_line(struct arena *arena, const char *program) {
    const char *const argv[] = {program, "--version", NULL};
    struct process_result result = process_run(arena, (char *const *)argv);
    return result.status == 0 ? arena_copy(arena, result.output, strcspn(result.output, "\n"))
                              : "unknown";
}

// What a compile command says about code: -O, -f and -m options, without those that name folders or colours.
static const char *code_options(struct arena *arena, const char *command) {
    char *kept = arena_copy(arena, "", 0);
    for (const char *at = command; *at; at += strcspn(at, " "), at += *at == ' ') {
        size_t length = strcspn(at, " ");
        bool code = at[0] == '-' && length > 2 && strchr("Ofm", at[1]) &&
                    !memchr(at, '/', length) && strncmp(at, "-fdiagnostics", 13);
        if (code && !memmem(kept, strlen(kept), at, length)) {
            kept = arena_printf(arena, "%s%s%.*s", kept, *kept ? " " : "", (int)length, at);
        }
    }
    return kept;
}

// From the cross build's database: the command of the first kernel file of this variant.
static const char *kernel_flags(struct arena *arena, const struct bench_plan *plan) {
    struct bytes text =
        file_read(arena, arena_printf(arena, "%s/compile_commands.json", plan->build_folder));
    const char *kernel =
        arena_printf(arena, "skerry-virt-plain-%s.elf.p", variant_name(plan->variant));
    for (char *line = (char *)text.data; line && *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        if (strstr(line, "\"command\"") && memmem(line, length, kernel, strlen(kernel))) {
            return code_options(arena, arena_copy(arena, line, length));
        }
        if (!line[length]) {
            break;
        }
    }
    return "unknown";
}

static const char *firmware_version(struct arena *arena, const char *console) {
    const char *at = strstr(console, "OpenSBI v");
    return at ? arena_copy(arena, at, strcspn(at, " \r\n") + strcspn(at + 8, " \r\n") + 1)
              : "unknown";
}

static struct bench_environment environment(struct arena *arena, const struct bench_plan *plan,
                                            const char *console) {
    struct bytes kernel =
        file_read(arena, arena_printf(arena, "%s/kernel/skerry-virt-plain-%s.elf",
                                      plan->build_folder, variant_name(plan->variant)));
    const char *firmware = firmware_version(arena, console);
    return (struct bench_environment){
        .commit = skerry_commit,
        .compiler = first_line(arena, "riscv64-unknown-elf-gcc"),
        .flags = kernel_flags(arena, plan),
        .qemu = first_line(arena, QEMU_PROGRAM),
        .firmware = arena_copy(arena, firmware, strcspn(firmware, "\r\n")),
        .machine = "virt-plain, 1 hart, icount shift=0",
        .variant = variant_name(plan->variant),
        .kernel_digest = arena_printf(arena, "%016" PRIx64, digest(kernel.data, kernel.size)),
        .warm_ups = plan->warm_ups,
        .runs = plan->runs};
}

/* ---- The run --------------------------------------------------------------------------------------- */

const char *bench_lab_path(struct arena *arena, const char *build_folder) {
    return arena_printf(arena, "%s/benchmarks/latency.elf", build_folder);
}

static bool program_prepare(struct arena *arena, const struct bench_plan *plan, const char *to) {
    const char *from = bench_lab_path(arena, plan->build_folder);
    struct bytes program = file_read(arena, from);
    struct control *control =
        program.data ? memmem(program.data, program.size, CONTROL_MAGIC, sizeof(CONTROL_MAGIC))
                     : NULL;
    if (!control) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", from,
                program.data ? "not the lab's program" : strerror(errno));
        return false;
    }
    snprintf(control->only, sizeof(control->only), "%s", plan->only ? plan->only : "");
    control->warm_ups = plan->warm_ups;
    control->runs = plan->runs;
    control->marks = plan->marks;
    if (!file_write(to, program.data, program.size)) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", to, strerror(errno));
        return false;
    }
    return true;
}

static bool rows_read(struct arena *arena, struct bench_result *result, char *console) {
    bool ended = false;
    for (char *line = strtok(console, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        if (!row_read(arena, line, result) && !strncmp(line, "error ", 6)) {
            fprintf(stderr, "skerry bench: error: the lab says: %s\n", line + 6);
            return false;
        }
        ended |= !strcmp(line, "@skerry exit 0");
    }
    if (!ended) {
        fputs("skerry bench: error: the lab did not come to its end\n", stderr);
    }
    return ended;
}

bool bench_lab_boot(struct arena *arena, const struct bench_plan *plan) {
    const char *program = arena_printf(arena, "%s/lab.elf", plan->folder);
    struct root_task_options task = {.elf_path = program,
                                     .variant = plan->variant,
                                     .memory_bytes = LAB_MEMORY,
                                     .cnode_bits = LAB_CNODE_BITS,
                                     .domains = 1,
                                     .build_folder = plan->build_folder};
    struct run_options run = {.timeout_ns = LAB_TIMEOUT_NS,
                              .log_folder = plan->folder,
                              .quiet = true,
                              .extra = plan->extra};
    return program_prepare(arena, plan, program) && !run_root_task(&task, &run);
}

// NULL: it said why.
static char *console_text(struct arena *arena, const char *log) {
    struct bytes console = file_read(arena, log);
    if (!console.data) {
        fprintf(stderr, "skerry bench: error: no console log: %s\n", strerror(errno));
        return NULL;
    }
    return arena_copy(arena, (char *)console.data, console.size);
}

void bench_lab_environment(struct arena *arena, const struct bench_plan *plan, const char *log,
                           struct bench_result *result) {
    char *text = console_text(arena, log);
    result->environment = environment(arena, plan, text ? text : "");
}

bool bench_lab_read(struct arena *arena, const struct bench_plan *plan,
                    struct bench_result *result) {
    const char *log = arena_printf(arena, "%s/console.log", plan->folder);
    char *text = console_text(arena, log);
    bench_lab_environment(arena, plan, log, result);
    return text && rows_read(arena, result, text);
}

bool bench_lab_run(struct arena *arena, const struct bench_plan *plan,
                   struct bench_result *result) {
    return bench_lab_boot(arena, plan) && bench_lab_read(arena, plan, result);
}
