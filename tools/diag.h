// SPDX-License-Identifier: BSD-2-Clause
// What is wrong, where, and what would be right.
//
// A diagnostic has one place (file, line, column), a sentence, a code that `skerry explain` knows,
// any number of notes (the other place of a conflict) and one help line (what would be right).
// They are collected, not printed: a command runs all its checks and then shows every finding of
// the file at once, in the order of the file.
//
//     flight.system:12:9: error: hart 1 already belongs to core "control" [SK020]
//     flight.system:7:9: note: core "control" takes hart 1 here
//       help: harts that are free: 2, 3
#pragma once

#include <stdio.h>

#include "lib/types.h"
#include "tools/arena.h"
#include "tools/codes.h"

// Line and column count from 1, columns in characters. Line 0: the file as a whole.
struct place {
    const char *file;
    unsigned line;
    unsigned column;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diag;
struct diagnostics;

struct diagnostics *diagnostics_new(struct arena *arena);

// The returned diagnostic is only good for adding notes and help.
struct diag *diag_error(struct diagnostics *all, enum code code, struct place at,
                        const char *format, ...) PRINTF(4, 5);
struct diag *diag_warning(struct diagnostics *all, enum code code, struct place at,
                          const char *format, ...) PRINTF(4, 5);
void diag_note(struct diag *diag, struct place at, const char *format, ...) PRINTF(3, 4);
void diag_help(struct diag *diag, const char *format, ...) PRINTF(2, 3);

unsigned diagnostics_errors(const struct diagnostics *all);

// Whether this very code has been reported at this very place.
bool diagnostics_has(const struct diagnostics *all, enum code code, struct place at);

// Prints everything in file order, then one line of counts if there was an error.
void diagnostics_print(struct diagnostics *all, FILE *out);
