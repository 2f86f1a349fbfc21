// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console program: the protection domain of core 0 that owns the UART. Once per period it prints the
 * rings; when a domain ends the run it empties the rings, prints the final report and "@skerry exit N", and goes
 * on printing, so that nothing is lost if the tool is slow to end the machine.
 */
#include <microkit.h>

#include "user/console/console.h"
#include "user/rt/rt.h"

#define PATCHED SECTION(".data.patched")

u64 console_uart PATCHED = 0;
u64 console_rings PATCHED = 0;
u64 console_ring_count PATCHED = 0;
u64 console_stats PATCHED = 0;
u64 console_stats_count PATCHED = 0;
u64 console_exit_mask PATCHED = ~0ull;
u64 console_report_us PATCHED = 1000000;

static u64 next_report;
static bool ended;

static void report_when_due(void) {
    if (console_report_us != 0 && !ended && rt_now() >= next_report) {
        next_report += rt_ticks_from_us(console_report_us);
        monitor_report();
    }
}

static void end_when_asked(void) {
    int status = 0;
    if (ended || !monitor_ended(&status)) {
        return;
    }
    ended = true;
    /* What was said before the end is printed before the end; a domain that floods cannot prolong it. */
    for (u32 i = 0; i < 512 && console_poll() != 0; i++) {
    }
    monitor_report();
    console_line("@skerry exit %d", status);
}

static void console_job(void *unused) {
    (void)unused;
    console_poll();
    end_when_asked();
    report_when_due();
}

void init(void) {
    console_begin();
    next_report = rt_now() + rt_ticks_from_us(console_report_us);
    rt_periodic(console_job, NULL);
}
