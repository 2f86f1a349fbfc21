// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lines of the kernel itself. A release kernel writes them to its log ring (BOOT_LOG) only; the firmware's
 * console is for debug variants and for panics, one call a line.
 */
#pragma once

#include "kernel/model/kernel.h"

#define LOG_LINE_BYTES 160

/* One line, without its newline; cut at LOG_LINE_BYTES. */
void log_line(const char *format, ...) PRINTF(1, 2);

/* Copy the counts of entries by kind to where the console program reads them. */
void log_counters(void);

/* Add bytes to the log ring as they are; a line that does not fit is dropped and counted. */
void log_ring_write(struct console_ring *ring, const char *text, u64 bytes);
