// SPDX-License-Identifier: BSD-2-Clause
// The status line: carriage return, text, "erase to the end of the line" (ECMA-48, EL).
#define _DEFAULT_SOURCE // ioctl's TIOCGWINSZ
#include "tools/status_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REWRITE_NS     200000000ull
#define LEAST_COLUMNS  20
#define ERASE_THE_REST "\033[K"

struct status_line status_line_begin(void) {
    const char *kind = getenv("TERM");
    bool can = kind && *kind && strcmp(kind, "dumb") && isatty(STDERR_FILENO);
    return (struct status_line){.terminal = can};
}

bool status_line_due(const struct status_line *line, u64 now_ns) {
    return line->terminal && now_ns >= line->next_ns;
}

// In a last column the cursor would wrap, so that one stays empty.
static int columns(void) {
    struct winsize size;
    bool known = !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col >= LEAST_COLUMNS;
    return known ? size.ws_col - 1 : 79;
}

void status_line_show(struct status_line *line, u64 now_ns, const char *text) {
    line->next_ns = now_ns + REWRITE_NS;
    line->shown = true;
    fflush(stdout);
    fprintf(stderr, "\r%.*s" ERASE_THE_REST, columns(), text);
}

void status_line_clear(struct status_line *line) {
    if (line->shown) {
        fputs("\r" ERASE_THE_REST, stderr);
        line->shown = false;
    }
}
