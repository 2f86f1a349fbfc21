// SPDX-License-Identifier: BSD-2-Clause
// Running another program and reading what it says.
#pragma once

#include "tools/arena.h"

struct process_result {
    int status;   // exit code; 128 + signal if it was killed; -1: could not be started
    char *output; // standard output and standard error together, zero-terminated
};

// Runs argv[0] (found on PATH) to its end. `argv` ends with NULL.
struct process_result process_run(struct arena *arena, char *const *argv);

// The absolute path of a program on PATH, or NULL.
char *process_find(struct arena *arena, const char *program);
