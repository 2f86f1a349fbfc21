// SPDX-License-Identifier: BSD-2-Clause
// A periodic thread in the manner of cyclictest: how late is each of its releases? One runs on every core.
//
// `cycle` counts nanoseconds of the virtual time that all harts share. The k-th release is k periods after the first,
// in the earliest phase that was seen; what a release is later than that is its sample. When all are taken they are
// printed, some in each period so that the console's ring never overflows; the domain with `cyclic_ends` set ends the
// run some periods later.
#include <microkit.h>

#include "user/rt/log.h"
#include "user/rt/rt.h"

enum { WARM_UPS = 16, RUNS = 64, PER_LINE = 16, LAST_PERIODS = 8 };

seL4_Word cyclic_ends = 0;

static u64 stamp[WARM_UPS + RUNS];
static unsigned jobs;

static u64 cycles(void) {
    u64 now;
    __asm__ volatile("rdcycle %0" : "=r"(now));
    return now;
}

static u64 ideal(unsigned run) {
    return run * rt_us_from_ticks(rt_period_ticks()) * 1000;
}

static u64 earliest_phase(void) {
    u64 earliest = ~0ull;
    for (unsigned run = 0; run < WARM_UPS + RUNS; run++) {
        u64 phase = stamp[run] - ideal(run);
        earliest = phase < earliest ? phase : earliest;
    }
    return earliest;
}

static void line_print(unsigned line) {
    char text[PER_LINE * 8 + 1];
    unsigned length = 0;
    u64 phase = earliest_phase();
    for (unsigned i = 0; i < PER_LINE; i++) {
        unsigned run = WARM_UPS + line * PER_LINE + i;
        u64 late = stamp[run] - ideal(run) - phase;
        // Decimal, backwards from the end of a field of eight.
        for (unsigned digit = 8; digit-- > 1; late /= 10) {
            text[length + digit] = (char)(late || digit == 7 ? '0' + late % 10 : ' ');
        }
        text[length] = ' ';
        length += 8;
    }
    text[length] = 0;
    rt_log("cyclic%s", text);
}

static void job(void *unused) {
    (void)unused;
    unsigned now = jobs++;
    if (now < WARM_UPS + RUNS) {
        stamp[now] = cycles();
    } else if (now < WARM_UPS + RUNS + RUNS / PER_LINE) {
        line_print(now - WARM_UPS - RUNS);
    } else if (now == WARM_UPS + RUNS + RUNS / PER_LINE + LAST_PERIODS && cyclic_ends) {
        rt_exit(0);
    }
}

void init(void) {
    rt_log("began %llu", (unsigned long long)cycles());
    rt_periodic(job, NULL);
}

void notified(microkit_channel ch) {
    (void)ch;
}
