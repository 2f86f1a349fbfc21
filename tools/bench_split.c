// SPDX-License-Identifier: BSD-2-Clause
// The lab once more, with fewer runs and under a trace: what the guest cannot see of itself.
//
// Samples. The lab calls function number GROUP of lab_sample_begins before a sample, and lab_sample_ends behind it.
// Between them it reads `cycle`; each reading is a stamp. A row says from which stamp to which its figure goes
// (benchmarks/lab.h), so the instructions of that figure are known one by one: user mode, kernel, and, as what is
// left of the guest's own figure, firmware. The row's last sample is split.
//
// Stretches. All the while, from the first experiment to the last, set-up included, stretches with interrupts off are
// collected; the longest of each kind is told with the experiment it was in and the functions it went through.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/image.h"
#include "tools/stretch.h"

#define MAX_GROUPS   512 // as MARKS in benchmarks/lab.c
#define FIRST_STAMPS 8
#define LAST_STAMPS  4
#define WARM_UPS     2
#define RUNS         1
#define READ_CYCLE   0xc0002073u // csrrs rd, cycle, zero
#define ANY_RD       0x00000f80u
#define KERNEL_BYTES 0x200000ull
#define FIRMWARE                                                                                   \
    "0x80000000+0x1000" // its first page: the trap vector is there, so entries are seen
#define MOST_NAMED 4    // functions of a path

struct stamp {
    u64 user, kernel;
    unsigned entries; // into firmware
};

// The stamps of a group's last sample.
struct stamps {
    unsigned count;
    struct stamp first[FIRST_STAMPS];
    struct stamp last[LAST_STAMPS]; // stamp n is at n % LAST_STAMPS
};

struct splitter {
    const struct image *lab;
    const u8 *reads;     // for each even address of the lab: it reads `cycle`
    const char **enters; // … a function of this name begins there; NULL: none of the experiments
    u64 begins, ends;
    struct stamp now;
    bool in_firmware;
    unsigned group; // whose sample is being taken; 0: none
    struct stamps coming;
    struct stamps complete[MAX_GROUPS];
    const char *experiment; // that is running
    struct stretch_kernel kernel;
    struct stretch stretch;
    const char *begun_in; // experiment in which the present stretch began
    const char *longest_in[STRETCH_KINDS];
};

/* ---- The trace ------------------------------------------------------------------------------------- */

static void stamp_take(struct splitter *splitter) {
    struct stamps *stamps = &splitter->coming;
    if (stamps->count < FIRST_STAMPS) {
        stamps->first[stamps->count] = splitter->now;
    }
    stamps->last[stamps->count++ % LAST_STAMPS] = splitter->now;
}

static void user_step(struct splitter *splitter, u64 pc) {
    u64 offset = (pc - splitter->lab->base) / 2;
    splitter->in_firmware = false;
    if (pc >= splitter->begins && pc < splitter->begins + 4ul * MAX_GROUPS) {
        splitter->group = (unsigned)(pc - splitter->begins) / 4;
        splitter->coming.count = 0;
    } else if (pc == splitter->ends && splitter->group) {
        splitter->complete[splitter->group] = splitter->coming;
        splitter->group = 0;
    } else if (splitter->group && splitter->reads[offset]) {
        stamp_take(splitter);
    } else if (splitter->enters[offset]) {
        splitter->experiment = splitter->enters[offset];
    }
    splitter->now.user++;
}

static void kernel_step(struct splitter *splitter, u64 pc) {
    struct stretch *stretch = &splitter->stretch;
    splitter->in_firmware = false;
    splitter->now.kernel++;
    enum stretch_kind before = stretch->path.kind;
    enum stretch_event event = stretch_step(stretch, pc);
    if (event == STRETCH_RECORD) {
        splitter->longest_in[before] = splitter->begun_in;
    }
    if (event != STRETCH_GOES_ON) {
        splitter->begun_in = splitter->experiment;
    }
}

static void take(void *context, const struct trace_event *event) {
    struct splitter *splitter = context;
    u64 pc = event->pc;
    if (event->kind != TRACE_STEP) {
        return;
    }
    if (pc >= splitter->kernel.base) {
        kernel_step(splitter, pc);
    } else if (pc >= splitter->lab->base && pc < splitter->lab->base + splitter->lab->bytes) {
        user_step(splitter, pc);
    } else {
        splitter->now.entries += !splitter->in_firmware;
        splitter->in_firmware = true;
    }
}

/* ---- What to look for ------------------------------------------------------------------------------ */

static void places_find(struct arena *arena, struct splitter *splitter,
                        const struct functions *functions) {
    const struct image *lab = splitter->lab;
    u8 *reads = ARENA_ARRAY(arena, u8, lab->bytes / 2);
    for (u64 at = 0; at + 4 <= lab->bytes; at += 2) {
        u32 word;
        memcpy(&word, lab->data + at, sizeof(word));
        reads[at / 2] = (word & ~ANY_RD) == READ_CYCLE;
    }
    splitter->reads = reads;
    splitter->enters = ARENA_ARRAY(arena, const char *, lab->bytes / 2);
    for (unsigned i = 0; i < functions->count; i++) {
        const struct function *function = &functions->list[i];
        if (!strncmp(function->name, "rows_", 5) && function->address >= lab->base) {
            splitter->enters[(function->address - lab->base) / 2] = function->name;
        }
    }
}

static bool prepare(struct arena *arena, const struct bench_plan *plan, struct splitter *splitter) {
    struct functions functions = {NULL, 0};
    struct image *lab = NULL;
    const char *path = bench_lab_path(arena, plan->build_folder);
    const char *kernel = arena_printf(arena, "%s/kernel/skerry-virt-plain-%s.elf",
                                      plan->build_folder, variant_name(plan->variant));
    char *why = NULL;
    if (image_load(arena, path, &lab, &why) != IMAGE_OK ||
        !stretch_kernel_read(arena, kernel, &splitter->kernel, &why)) {
        fprintf(stderr, "skerry bench: error: %s\n", why);
        return false;
    }
    functions_add(arena, &functions, path);
    splitter->lab = lab;
    splitter->begins = function_address(&functions, "lab_sample_begins");
    splitter->ends = function_address(&functions, "lab_sample_ends");
    splitter->experiment = splitter->begun_in = "the beginning";
    stretch_begin(&splitter->stretch, arena, &splitter->kernel);
    places_find(arena, splitter, &functions);
    return splitter->begins && splitter->ends;
}

/* ---- What came out --------------------------------------------------------------------------------- */

// NULL: the sample has no such stamp, or it was not kept.
static const struct stamp *stamp_of(const struct stamps *stamps, int which) {
    int at = which < 0 ? (int)stamps->count + which : which;
    if (at < 0 || at >= (int)stamps->count) {
        return NULL;
    }
    return at < FIRST_STAMPS                        ? &stamps->first[at]
           : at + LAST_STAMPS >= (int)stamps->count ? &stamps->last[at % LAST_STAMPS]
                                                    : NULL;
}

static bool split_make(const struct splitter *splitter, const struct bench_row *row,
                       struct bench_split *split) {
    if (!row->group || row->group >= MAX_GROUPS) {
        return false;
    }
    const struct stamps *stamps = &splitter->complete[row->group];
    const struct stamp *from = stamp_of(stamps, row->from), *to = stamp_of(stamps, row->to);
    if (!from || !to || to->user <= from->user) {
        return false;
    }
    u64 whole = row->samples[row->count - 1];
    // The overhead of counting is one instruction of user mode.
    u64 user = to->user - from->user - 1, kernel = to->kernel - from->kernel;
    *split = (struct bench_split){.known = true,
                                  .user = user,
                                  .kernel = kernel,
                                  .firmware = whole - user - kernel,
                                  .entries = to->entries - from->entries};
    // What was not traced is firmware's, if it was entered; otherwise this was not the row's last sample.
    return user + kernel <= whole && (split->firmware != 0) == (split->entries != 0);
}

static void splits_put(const struct splitter *splitter, const struct bench_result *traced,
                       struct bench_result *result) {
    for (unsigned i = 0; i < result->row_count; i++) {
        struct bench_row *row = &result->rows[i];
        const struct bench_row *same = bench_row_find(traced, row->name);
        struct bench_split split;
        if (same && !strcmp(same->unit, "instructions") && split_make(splitter, same, &split)) {
            row->split = split;
        }
    }
}

static void stretches_put(struct arena *arena, const struct splitter *splitter,
                          struct bench_result *result) {
    for (unsigned kind = 0; kind < STRETCH_KINDS; kind++) {
        const struct stretch_lengths *lengths = &splitter->stretch.lengths[kind];
        if (lengths->count) {
            struct bench_row *row = bench_row_add_sorted(
                arena, result, arena_printf(arena, "stretch.%s", stretch_kind_name(kind)),
                lengths->list, lengths->count);
            row->note = arena_printf(
                arena, "in %s: %s",
                splitter->longest_in[kind] ? splitter->longest_in[kind] : "the beginning",
                stretch_path_show(arena, &splitter->stretch.longest[kind], MOST_NAMED));
        }
    }
}

static bool boot(struct arena *arena, void *context) {
    return bench_lab_boot(arena, context);
}

bool bench_split_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result) {
    struct splitter *splitter = ARENA_NEW(arena, struct splitter);
    struct bench_plan traced = *plan;
    struct bench_result *own = ARENA_NEW(arena, struct bench_result);
    if (!prepare(arena, plan, splitter)) {
        return false;
    }
    const char *filter = arena_printf(
        arena, "0x%" PRIx64 "+0x%" PRIx64 "," FIRMWARE ",0x%" PRIx64 "+0x%llx", splitter->lab->base,
        splitter->lab->bytes, splitter->kernel.base, KERNEL_BYTES);
    traced.marks = true;
    traced.warm_ups = WARM_UPS;
    traced.runs = RUNS;
    traced.extra = trace_arguments(arena, filter, false, bench_pipe(arena, plan->folder));
    if (!bench_watch(arena, plan->folder, boot, &traced, take, splitter, NULL) ||
        !bench_lab_read(arena, &traced, own)) {
        return false;
    }
    splits_put(splitter, own, result);
    stretches_put(arena, splitter, result);
    return true;
}
