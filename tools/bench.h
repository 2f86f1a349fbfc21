// SPDX-License-Identifier: BSD-2-Clause
// `skerry bench`: the lab's rows, what they are compared with, and the forms in which they are shown.
#pragma once

#include <stdio.h>

#include "tools/files.h"
#include "tools/model.h"

#define BENCH_ROW_LIMIT  0.65 // of seL4's figure: no row may be above
#define BENCH_REGRESSION 1.02 // of an older figure: more is a failure

/* ---- What the rows are compared with (bench_reference.c) ------------------------------------------- */

struct bench_reference {
    const char *row;
    const char *title; // in the words of the project's numbers
    unsigned sel4;     // instructions; 0: nobody measured it
    unsigned aim;      // instructions; 0: none
};

// In the order in which they are shown; ends with an entry without a row.
extern const struct bench_reference BENCH_REFERENCES[];

// NULL: a row of which nothing is known.
const struct bench_reference *bench_reference_find(const char *row);

/* ---- Rows (bench_lab.c) ---------------------------------------------------------------------------- */

struct bench_row {
    const char *name;
    const struct bench_reference *reference; // NULL: a row without counterpart
    unsigned count;
    const u64 *samples; // as they were taken
    u64 min, median, p99, max;
    unsigned input; // index of the first sample with the maximum
};

struct bench_environment {
    const char *commit, *compiler, *flags, *qemu, *firmware, *machine, *variant, *kernel_digest;
    unsigned warm_ups, runs;
};

struct bench_result {
    struct bench_environment environment;
    struct bench_row *rows;
    unsigned row_count;
};

struct bench_plan {
    const char *build_folder;
    const char *folder; // for the run's files; NULL: a temporary one
    enum variant variant;
    const char *only; // run the experiment of this row alone; NULL: all
    unsigned warm_ups, runs;
    const char *const *extra; // more arguments for QEMU, or NULL
};

// Boots the lab and reads its rows. NULL: it said why, on stderr.
struct bench_result *bench_lab_run(struct arena *arena, const struct bench_plan *plan);

// The path of the lab's program.
const char *bench_lab_path(struct arena *arena, const char *build_folder);

// Reads one "row …" line. False: it is none.
bool bench_row_parse(struct arena *arena, const char *line, struct bench_row *row);

// Fills min, median, p99, max and input from the samples.
void bench_row_summarise(struct arena *arena, struct bench_row *row);

const struct bench_row *bench_row_find(const struct bench_result *result, const char *name);

// Whether a row depends on where in the code an alarm falls: then a new commit moves its samples, and a ratio to
// an older run says nothing.
bool bench_row_is_phased(const struct bench_row *row);

/* ---- Shown and kept ---------------------------------------------------------------------------------- */

struct bench_summary {
    unsigned compared, aims, aims_met, above_limit;
    double geometric_mean; // of the medians to seL4's figures; 0: nothing compared
};

struct bench_summary bench_summarise(const struct bench_result *result);

// Rows whose name begins with one of the `names` (no names: all). Returns how many were shown.
unsigned bench_table_print(const struct bench_result *result, char *const *names, FILE *out);

bool bench_csv_write(struct arena *arena, const struct bench_result *result, const char *path);
bool bench_json_write(const struct bench_result *result, const char *path);
bool bench_html_write(struct arena *arena, const struct bench_result *result, const char *path);

// A result from a file. NULL: *why says what is wrong with it.
struct bench_result *bench_json_read(struct arena *arena, const char *path, char **why);

// Prints ratios to an older result. Returns the number of comparable rows that are more than BENCH_REGRESSION
// of what they were.
unsigned bench_compare(const struct bench_result *result, const struct bench_result *older,
                       FILE *out);

/* ---- From outside (bench_profile.c) ------------------------------------------------------------------ */

// Runs the experiment of one row under an instruction trace and prints where its instructions go, by function.
// Returns the exit code.
int bench_profile(struct arena *arena, const char *build_folder, enum variant variant,
                  const char *row);

// Runs benchmarks/cross.system under a trace and prints the paths between kernels. Returns the exit code.
int bench_cross(struct arena *arena, const char *build_folder);
