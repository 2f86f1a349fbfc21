// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a protection domain has done and how long it took: one page, written by the domain, read by the
 * monitor on core 0 while the domain runs.
 *
 * Every counter has one writer and only grows, and is one aligned word, so a reader never sees half of one;
 * it may see an activation whose response is not yet in the histogram. The reader trusts nothing: it copies
 * the page, checks magic and version, and rejects the copy with rt_stats_check() if lengths or names are
 * out of range.
 *
 * Times are ticks of the time CSR (shared virtual time under emulation, never instruction counts).
 *
 * The histogram is logarithmic with 16 linear steps per octave: bucket of value v
 *     v < 32:  v                      (exact)
 *     else:    with e = index of v's top bit, (e - 3) * 16 + the four bits below the top bit
 * so an entry is at most 1/16 too high; the maximum is kept exactly beside it.
 */
#pragma once

#include "lib/types.h"

#define RT_STATS_MAGIC   0x3154415453545253ull /* "SRTSTAT1" */
#define RT_STATS_VERSION 1

#define RT_STATS_BUCKETS  464 /* values from 2^32 ticks on count in the last */
#define RT_STATS_CHANNELS 62  /* as PD_MAX_CHANNELS */
#define RT_STATS_VALUES   8
#define RT_VALUE_NAME     16
#define RT_EXIT_SET       (1ull << 63) /* `exit` holds a status in its low 32 bits */

enum rt_kind {
    RT_KIND_EVENTS =
        0, /* entry points on notification; responses only if the program records jobs */
    RT_KIND_PERIODIC = 1, /* rt_periodic() */
    RT_KIND_SPORADIC = 2  /* jobs started by notifications, rt_job_begin() and rt_job_end() */
};

struct rt_channel_stats {
    u64 sent; /* signals sent on this channel */
    u64 received; /* times the entry point ran for it: sent at the other end - received here = coalesced */
    u64 coalesced; /* by sequence numbers, if the program calls rt_channel_take(): messages merged or lost */
};

/* A number the program wants in the final table, under its own name. */
struct rt_value {
    char name[RT_VALUE_NAME];
    s64 value;
};

struct rt_stats {
    /* Set by the domain when it starts, then constant; magic last. */
    u64 magic;
    u32 version;
    u32 kind; /* enum rt_kind */
    char core[32];
    char name[64];
    u64 timebase_hz;
    u64 period_ticks;   /* 0 = none */
    u64 deadline_ticks; /* relative; 0 = none */
    u64 budget_us;      /* 0 = not known */

    /* By the domain. */
    u64 activations; /* jobs begun */
    u64 completions; /* jobs ended; their response is in the histogram */
    u64 misses;      /* jobs that ended after their deadline, and releases skipped */
    u64 skipped;     /* releases for which no job was begun because the domain was too late */
    u64 response_max;
    u64 response_sum;
    u64 lateness_max; /* release to begin of job, worst */
    u64 consumed_us;  /* processor time of jobs, if measured */
    u64 consumed_max_us;
    u64 exit;   /* RT_EXIT_SET | status: the domain asks to end the run */
    u64 calls;  /* protected procedures run */
    u64 starts; /* lives begun: 1 + the times its parent restarted it */
    u64 reserved[4];

    /* By the monitor of the domain's core (user/init/). */
    u64 exhaustions
        ALIGNED(64); /* timeout faults: the budget was used up before the period ended */
    u64 faults;
    u64 last_fault; /* label of the last fault */
    u64 last_fault_ip;
    u64 monitor_reserved[4];

    /* By the domain. */
    struct rt_value value[RT_STATS_VALUES];
    struct rt_channel_stats channel[RT_STATS_CHANNELS];
    u32 histogram[RT_STATS_BUCKETS];
    u8 unused[176];
};

_Static_assert(sizeof(struct rt_stats) == PAGE_SIZE, "one page, mapped by itself");

/* The bucket that counts `ticks`: 0..RT_STATS_BUCKETS-1. */
MUST_USE u32 rt_bucket(u64 ticks);

/* The largest value that counts in `bucket`, in ticks. */
MUST_USE u64 rt_bucket_top(u32 bucket);

/*
 * Make an empty page, or, if it is one already (a restarted domain, or the monitor was first), only rename
 * it: counters never go back, only a wish to end the run is forgotten. Names are cut to fit. `magic` is written last.
 */
void rt_stats_begin(struct rt_stats *s, const char *core, const char *name, u64 timebase_hz);

/* Count the end of a job that was released at `release`, began at `begin` and ends at `end` (ticks). */
void rt_stats_job(struct rt_stats *s, u64 release, u64 begin, u64 end);

/*
 * The response below which `permille` of the completed jobs ended, in ticks: the top of the bucket that
 * holds it, at most response_max; 0 if there is none. `permille` 0..1000.
 */
MUST_USE u64 rt_stats_percentile(const struct rt_stats *s, u32 permille);

/* A copied page is one of ours and safe to print: magic, version, zero-terminated names. */
MUST_USE bool rt_stats_check(const struct rt_stats *s);
