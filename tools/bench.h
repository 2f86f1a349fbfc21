// SPDX-License-Identifier: BSD-2-Clause
// `skerry bench`: the lab's rows, what they are compared with, and the forms in which they are shown.
#pragma once

#include <stdio.h>

#include "tools/files.h"
#include "tools/model.h"
#include "tools/trace.h"

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

/* ---- Rows (bench_rows.c) --------------------------------------------------------------------------- */

// Where the instructions of a sample were executed, counted from outside.
struct bench_split {
    bool known;
    u64 user, kernel, firmware; // instructions
    unsigned entries;           // into firmware
};

struct bench_row {
    const char *name;
    const struct bench_reference *reference; // NULL: a row without counterpart
    const char *unit;                        // "instructions", "bytes" or "ns"
    const char *core; // whose figure it is, in a system of several; NULL: the only one's
    unsigned count;
    const u64 *samples; // as they were taken
    u64 min, median, p99, max;
    unsigned input;   // index of the first sample with the maximum
    const char *what; // what differed from run to run; NULL: nothing
    u64 at;           // its value in the run of the maximum
    const char *note; // what led to the maximum; NULL: nothing to say
    u64 bound;        // none of the samples may be above; 0: no bound is known
    struct bench_split split;
    unsigned group; // where the samples are in a trace: benchmarks/lab.h
    int from, to;
};

struct bench_environment {
    const char *commit, *compiler, *flags, *qemu, *firmware, *machine, *variant, *kernel_digest;
    unsigned warm_ups, runs;
};

struct bench_result {
    struct bench_environment environment;
    struct bench_row *rows;
    unsigned row_count, row_room;
};

// Adds a row whose name, samples and count are set; fills the rest that is not: reference, unit, summary.
struct bench_row *bench_row_add(struct arena *arena, struct bench_result *result,
                                const struct bench_row *row);

// As above, from samples whose order says nothing: they are kept in ascending order.
struct bench_row *bench_row_add_sorted(struct arena *arena, struct bench_result *result,
                                       const char *name, const u64 *samples, unsigned count);

// Fills min, median, p99, max and input from the samples.
void bench_row_summarise(struct arena *arena, struct bench_row *row);

const struct bench_row *bench_row_find(const struct bench_result *result, const char *name);

// Whether a row depends on where in the code an alarm falls: then a new commit moves its samples, and a ratio to
// an older run says nothing.
bool bench_row_is_phased(const struct bench_row *row);

// Whether it has an aim and meets it: its median, of stretches with interrupts off the maximum.
bool bench_row_meets_aim(const struct bench_row *row);

/* ---- The parts of a result ------------------------------------------------------------------------- */

struct bench_plan {
    const char *build_folder;
    const char *folder; // for the run's files
    enum variant variant;
    const char *only; // run the experiment of this row alone; NULL: all
    unsigned warm_ups, runs;
    bool marks;               // of every row, for a trace
    const char *const *extra; // more arguments for QEMU, or NULL
};

// What is counted by the guest itself, alone on one hart (bench_lab.c). False: it said why, on stderr.
bool bench_lab_run(struct arena *arena, const struct bench_plan *plan, struct bench_result *result);

// The two halves of it: the boot, which leaves console.log in the plan's folder, and reading that.
bool bench_lab_boot(struct arena *arena, const struct bench_plan *plan);
bool bench_lab_read(struct arena *arena, const struct bench_plan *plan,
                    struct bench_result *result);

// What the run was taken with; the firmware says its version in the console's log.
void bench_lab_environment(struct arena *arena, const struct bench_plan *plan, const char *log,
                           struct bench_result *result);

// The path of the lab's program.
const char *bench_lab_path(struct arena *arena, const char *build_folder);

// Traces the lab once more: splits samples by mode, finds the stretches with interrupts off (bench_split.c).
bool bench_split_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result);

// Doorbells between kernels, by driver (bench_cross.c).
bool bench_cross_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result);

// Victims on one kernel, aggressors on another (bench_matrix.c).
bool bench_matrix_run(struct arena *arena, const struct bench_plan *plan,
                      struct bench_result *result);

struct bench_matrix {
    const char *const *operations, *const *aggressors; // the first aggressor is quiet
    unsigned operation_count, aggressor_count;
};
extern const struct bench_matrix BENCH_MATRIX;

// NULL: not measured.
const struct bench_row *bench_matrix_row(struct arena *arena, const struct bench_result *result,
                                         const char *operation, const char *aggressor);

// What an aggressor adds to an operation: "0", "+N/M" (the maximum grew by N, M samples differ), or "–": not measured.
char *bench_matrix_cell(struct arena *arena, const struct bench_result *result,
                        const char *operation, const char *aggressor);

// False: there is no matrix in the result.
bool bench_matrix_print(struct arena *arena, const struct bench_result *result, FILE *out);

// Periodic threads on four kernels, their boot, and bytes of images (bench_cores.c).
bool bench_cores_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result);
bool bench_images_read(struct arena *arena, const struct bench_plan *plan,
                       struct bench_result *result);

// The kernels and tasks of a user's own system (bench_system.c).
bool bench_system_run(struct arena *arena, const struct bench_plan *plan, const char *path,
                      struct bench_result *result);

/* ---- Shown and kept ---------------------------------------------------------------------------------- */

struct bench_summary {
    unsigned compared, aims, aims_met, above_limit;
    double geometric_mean; // of the medians to seL4's figures; 0: nothing compared
};

struct bench_summary bench_summarise(const struct bench_result *result);

// Rows whose name begins with one of the `names` (no names: all). Returns how many were shown.
unsigned bench_table_print(const struct bench_result *result, char *const *names, FILE *out);

// Prints the names of the rows that have a title, with seL4's figures and the aims. Returns the exit code.
int bench_rows_print(FILE *out);

bool bench_csv_write(const struct bench_result *result, const char *path);
bool bench_json_write(const struct bench_result *result, const char *path);
bool bench_html_write(struct arena *arena, const struct bench_result *result, const char *path);

// A result from a file. NULL: *why says what is wrong with it.
struct bench_result *bench_json_read(struct arena *arena, const char *path, char **why);

// Prints ratios to an older result. Returns the number of comparable rows that are more than BENCH_REGRESSION
// of what they were.
unsigned bench_compare(struct arena *arena, const struct bench_result *result,
                       const struct bench_result *older, FILE *out);

/* ---- From outside (bench_profile.c) ------------------------------------------------------------------ */

// Runs the experiment of one row under an instruction trace and prints where its instructions go, by function.
// Returns the exit code.
int bench_profile(struct arena *arena, const char *build_folder, enum variant variant,
                  const char *row);

/* ---- Watching a run (bench_watch.c) ------------------------------------------------------------------ */

// Runs `boot` in a process of its own, whose emulator writes a trace to a pipe in `folder`, and hands its events to
// `take`. What it prints goes to the file `said` in `folder`. `arguments`: trace_arguments() of that pipe, which
// bench_pipe() names. Returns what `boot` returned, or ends it and
// returns true as soon as *enough (if not NULL) is true.
typedef bool bench_boot(struct arena *arena, void *context);
const char *bench_pipe(struct arena *arena, const char *folder);
bool bench_watch(struct arena *arena, const char *folder, bench_boot *boot, void *boot_context,
                 trace_taker *take, void *take_context, const bool *enough);

// A system file from benchmarks/ with programs of the build, copied to a folder.
struct bench_system {
    const char *build_folder, *folder;
    const char *system;          // name of the file in benchmarks/
    const char *const *programs; // paths in the build folder; ends with NULL
    // Values put in the place of the file's: behind the text `behind`, up to the next quotation mark.
    struct bench_value {
        const char *behind, *value; // NULL: none
    } values[3];
    const char *const *extra; // more arguments for QEMU, or NULL
};
bool bench_system_copy(struct arena *arena, const struct bench_system *system);
bench_boot bench_system_boot; // as `skerry run` does; context: struct bench_system

// The trace's filter for a system's kernels and programs, but for those linked above 4 MiB.
#define BENCH_SYSTEM_RANGES "0x200000+0x200000,0xffffffffc0000000+0x200000"
