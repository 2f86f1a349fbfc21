// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lines for the console, written into the domain's own ring: no system call, never waits; a line that finds
 * no room is dropped and counted. The console program of core 0 prints "[core domain] line".
 *
 * One thread per domain, hence no lock.
 */
#pragma once

#include "lib/types.h"

/* By the runtime, before init(). */
void rt_log_begin(void);

/* One whole line, printf-style, cut at 199 bytes; a '\n' is added. */
void rt_log(const char *format, ...) PRINTF(1, 2);

/* One byte; the line goes out at '\n' or when it is full. printf() comes here too. */
void rt_log_putc(char c);
