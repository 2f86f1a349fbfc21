// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console and monitor of core 0: prints every ring's lines on the UART, and turns the domains'
 * statistics pages into lines that the host tool reads (docs/user-level.md has the protocol).
 *
 * Everything a domain or a kernel says is printed as "[name] text", name being the ring's; lines without
 * that prefix come from this file only, so nothing a domain prints can be taken for a report.
 *
 * What the tool patches, 8 bytes each:
 */
#pragma once

#include "lib/types.h"

extern u64 console_uart;        /* address of the ns16550's registers */
extern u64 console_rings;       /* address of consecutive pages, one struct console_ring each */
extern u64 console_ring_count;  /* 0..CONSOLE_MAX_RINGS */
extern u64 console_stats;       /* address of consecutive pages, one struct rt_stats each */
extern u64 console_stats_count; /* 0..CONSOLE_MAX_STATS */
extern u64 console_exit_mask;   /* bit i: the domain of statistics page i may end the run */
extern u64 console_report_us;   /* time between reports while running; 0 = only at the end */

#define CONSOLE_MAX_RINGS 64
#define CONSOLE_MAX_STATS 64

/* Make the UART ready. */
void console_begin(void);

/* One line on the UART, as it is, cut at 511 bytes; a newline is added. */
void console_line(const char *format, ...) PRINTF(1, 2);

/* Print what the rings hold, at most 8 lines of each, and what was dropped. Returns the lines printed. */
u32 console_poll(void);

/* One line per kernel: how often it was entered, by kind, as of its last timer interrupt. */
void console_report_kernels(void);

/* The lines of a report: one per domain, channel, value and kernel. */
void monitor_report(void);

/*
 * True if a domain that may do so asked to end the run; *status is then the largest status asked for, so
 * that one domain's success does not hide another's failure.
 */
MUST_USE bool monitor_ended(int *status);
