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
#define MAX_ROWS       512
#define MAX_SAMPLES    1024
#define CONTROL_MAGIC  "skerry-lab-ctrl"

// As benchmarks/lab.c has it.
struct control {
    char magic[16];
    char only[64];
    u32 warm_ups, runs;
};

/* ---- Rows ------------------------------------------------------------------------------------------ */

static int order(const void *a, const void *b) {
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

void bench_row_summarise(struct arena *arena, struct bench_row *row) {
    u64 *sorted = ARENA_ARRAY(arena, u64, row->count + 1);
    memcpy(sorted, row->samples, row->count * sizeof(u64));
    qsort(sorted, row->count, sizeof(u64), order);
    row->min = sorted[0];
    row->median = sorted[row->count / 2];
    row->p99 = sorted[row->count * 99 / 100];
    row->max = row->count ? sorted[row->count - 1] : 0;
    for (row->input = 0; row->input < row->count && row->samples[row->input] != row->max;) {
        row->input++;
    }
}

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

bool bench_row_parse(struct arena *arena, const char *line, struct bench_row *row) {
    const char *samples = strstr(line, " samples=");
    if (strncmp(line, "row ", 4) || !samples) {
        return false;
    }
    u64 *list = ARENA_ARRAY(arena, u64, MAX_SAMPLES);
    *row = (struct bench_row){.name = arena_copy(arena, line + 4, strcspn(line + 4, " ")),
                              .samples = list};
    row->reference = bench_reference_find(row->name);
    row->count = samples_parse(samples + strlen(" samples="), list);
    bench_row_summarise(arena, row);
    return row->count > 0;
}

const struct bench_row *bench_row_find(const struct bench_result *result, const char *name) {
    for (unsigned i = 0; i < result->row_count; i++) {
        if (!strcmp(result->rows[i].name, name)) {
            return &result->rows[i];
        }
    }
    return NULL;
}

bool bench_row_is_phased(const struct bench_row *row) {
    return !strncmp(row->name, "irq.from-", 9) || !strcmp(row->name, "sched.jitter");
}

/* ---- The environment ------------------------------------------------------------------------------- */

static const char *first_line(struct arena *arena, const char *program) {
    const char *const argv[] = {program, "--version", NULL};
    struct process_result result = process_run(arena, (char *const *)argv);
    return result.status == 0 ? arena_copy(arena, result.output, strcspn(result.output, "\n"))
                              : "unknown";
}

// What a compile command says about code: -O, -f and -m options, without those that name folders.
static const char *code_options(struct arena *arena, const char *command) {
    char *kept = arena_copy(arena, "", 0);
    for (const char *at = command; *at; at += strcspn(at, " "), at += *at == ' ') {
        size_t length = strcspn(at, " ");
        bool code = at[0] == '-' && length > 2 && strchr("Ofm", at[1]) && !memchr(at, '/', length);
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
    if (!file_write(to, program.data, program.size)) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", to, strerror(errno));
        return false;
    }
    return true;
}

static bool rows_read(struct arena *arena, struct bench_result *result, char *console) {
    bool ended = false;
    result->rows = ARENA_ARRAY(arena, struct bench_row, MAX_ROWS);
    for (char *line = strtok(console, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        if (result->row_count < MAX_ROWS &&
            bench_row_parse(arena, line, &result->rows[result->row_count])) {
            result->row_count++;
        } else if (!strncmp(line, "error ", 6)) {
            fprintf(stderr, "skerry bench: error: the lab says: %s\n", line + 6);
            return false;
        }
        ended |= !strcmp(line, "lab ends");
    }
    if (!ended) {
        fputs("skerry bench: error: the lab did not come to its end\n", stderr);
    }
    return ended;
}

static bool boot(struct arena *arena, const struct bench_plan *plan, const char *folder,
                 struct bench_result *result) {
    const char *program = arena_printf(arena, "%s/lab.elf", folder);
    struct root_task_options task = {.elf_path = program,
                                     .variant = plan->variant,
                                     .memory_bytes = LAB_MEMORY,
                                     .cnode_bits = LAB_CNODE_BITS,
                                     .domains = 1,
                                     .build_folder = plan->build_folder};
    struct run_options run = {
        .timeout_ns = LAB_TIMEOUT_NS, .log_folder = folder, .quiet = true, .extra = plan->extra};
    if (!program_prepare(arena, plan, program) || run_root_task(&task, &run)) {
        return false;
    }
    struct bytes console = file_read(arena, arena_printf(arena, "%s/console.log", folder));
    if (!console.data) {
        fprintf(stderr, "skerry bench: error: no console log: %s\n", strerror(errno));
        return false;
    }
    char *text = arena_copy(arena, (char *)console.data, console.size);
    result->environment = environment(arena, plan, text);
    return rows_read(arena, result, text);
}

struct bench_result *bench_lab_run(struct arena *arena, const struct bench_plan *plan) {
    struct bench_result *result = ARENA_NEW(arena, struct bench_result);
    struct run_options temporary = {.log_folder = plan->folder};
    char *folder = run_folder(arena, &temporary);
    if (!folder) {
        fprintf(stderr, "skerry bench: error: no folder for the run: %s\n", strerror(errno));
        return NULL;
    }
    bool good = boot(arena, plan, folder, result);
    run_folder_remove(arena, &temporary, folder);
    return good ? result : NULL;
}
