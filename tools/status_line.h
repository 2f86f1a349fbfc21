// SPDX-License-Identifier: BSD-2-Clause
// One line on a terminal that says how long work is going on, and is rewritten in place. It is on standard error, so
// that what a command prints stays clean; on anything that is no terminal it is never shown.
#pragma once

#include "lib/types.h"

struct status_line {
    bool terminal;
    bool shown;
    u64 next_ns; // do not rewrite before
};

// Looks at the terminal once.
struct status_line status_line_begin(void);

// Whether it is time to rewrite it; so that nobody makes a text that is not shown.
bool status_line_due(const struct status_line *line, u64 now_ns);

// Rewrites it, cut to the terminal's width.
void status_line_show(struct status_line *line, u64 now_ns, const char *text);

// Takes it away; before anything else is printed.
void status_line_clear(struct status_line *line);
