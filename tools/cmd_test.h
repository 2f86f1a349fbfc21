// SPDX-License-Identifier: BSD-2-Clause
// `skerry test [--quick | coverage | SUITE... | fuzz --time TIME]`: builds what the tests need, runs them in every
// build folder and counts. The last line is `N passed, N failed`; that of long fuzzing counts findings.
#pragma once

#include <stdio.h>

#include "lib/types.h"
#include "tools/commands.h"

// Single results: the points of a TAP stream, or one for a test that only has an exit status.
struct test_counts {
    unsigned passed;
    unsigned failed;
    unsigned skipped;
};

// Configures a build folder of the tree if it is not yet, and builds these targets in it (NULL at the end). False
// if that fails; what the compiler said is printed.
bool test_folder_configure(const char *name);
bool test_folder_build(const char *name, const char *const targets[]);

// cmd_test() itself is declared in tools/commands.h; SKERRY_ROOT names the tree it tests.
// The parts below are public for tests/unit/tools/cmd_test_test.c.

// Adds the points of a TAP stream to `counts` and returns true; false and no change if `text` has no plan.
bool test_count_tap(const char *text, struct test_counts *counts);

// Reads Meson's testlog.json (one JSON object a line), adds up its results and describes every failed test
// on `report`. Returns false if a line is not what Meson writes; what was read before it is counted.
bool test_read_log(FILE *log, const char *folder, FILE *report, struct test_counts *counts);

// Splits a progress line of Meson ("12/40 skerry:unit / name OK 0.01s") or Ninja ("[12/40] ...").
// Returns false for every other line. `*rest` points into `line`, behind the numbers.
bool test_split_progress(const char *line, unsigned *done, unsigned *all, const char **rest);
