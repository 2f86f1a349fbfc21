// SPDX-License-Identifier: BSD-2-Clause
/* Console lines of a domain, and the C library's stdout (rt/log.h). */
#include "user/rt/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "user/microkit/domain.h"
#include "user/rt/ring.h"

/* The line that rt_log_putc() is collecting. */
static char line[RING_LINE_BYTES - 1];
static u32 line_length;

extern char microkit_name[];

void rt_log_begin(void) {
    line_length = 0;
    if (rt_console_ring != NULL) {
        ring_begin(rt_console_ring, rt_core_name, microkit_name);
    }
}

static void line_out(const char *text, u32 length) {
    if (rt_console_ring != NULL) {
        ring_put_line(rt_console_ring, text, length);
    }
}

void rt_log(const char *format, ...) {
    char text[RING_LINE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length > 0) {
        line_out(text, (u32)min_u64((u64)length, sizeof(text) - 1));
    }
}

void rt_log_putc(char c) {
    if (c != '\n') {
        line[line_length++] = c;
    }
    if (c == '\n' || line_length == sizeof(line)) {
        line_out(line, line_length);
        line_length = 0;
    }
}

static int put_stdout(char c, FILE *file) {
    (void)file;
    rt_log_putc(c);
    return (u8)c;
}

static FILE log_file = FDEV_SETUP_STREAM(put_stdout, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = NULL;
FILE *const stdout = &log_file;
FILE *const stderr = &log_file;
