// SPDX-License-Identifier: BSD-2-Clause
/* Jobs: release, bookkeeping, the end of a run (rt/rt.h). */
#include "user/rt/rt.h"

#include <sel4/sel4.h>

#include "user/microkit/domain.h"
#include "user/microkit/layout.h"
#include "user/rt/phase.h"

/* The job that runs now. */
static struct {
    u64 release;
    u64 begin;
    bool measure;
} job_now;

u64 rt_ticks_from_us(u64 us) {
    return us / 1000000 * rt_timebase_hz + us % 1000000 * rt_timebase_hz / 1000000;
}

u64 rt_us_from_ticks(u64 ticks) {
    return ticks / rt_timebase_hz * 1000000 + ticks % rt_timebase_hz * 1000000 / rt_timebase_hz;
}

u64 rt_period_ticks(void) {
    return rt_ticks_from_us(rt_period_us);
}

u64 rt_deadline_ticks(void) {
    return rt_ticks_from_us(rt_deadline_us != 0 ? rt_deadline_us : rt_period_us);
}

u64 rt_release(void) {
    return job_now.release;
}

static void task_begin(enum rt_kind kind) {
    rt_stats_page->kind = kind;
    rt_stats_page->period_ticks = rt_period_ticks();
    rt_stats_page->deadline_ticks = rt_deadline_ticks();
}

static void job_begin(u64 release) {
    job_now.release = release;
    job_now.begin = rt_now();
    rt_stats_page->activations++;
}

void rt_job_begin(u64 release) {
    if (rt_stats_page->kind != RT_KIND_SPORADIC) {
        task_begin(RT_KIND_SPORADIC);
    }
    job_begin(release);
}

void rt_job_end(void) {
    rt_stats_job(rt_stats_page, job_now.release, job_now.begin, rt_now());
    if (job_now.measure) {
        u64 us = rt_consumed_us();
        rt_stats_page->consumed_us += us;
        rt_stats_page->consumed_max_us = max_u64(rt_stats_page->consumed_max_us, us);
    }
}

void rt_measure_consumption(void) {
    job_now.measure = true;
    /* What start-up took belongs to no job. */
    u64 before = rt_consumed_us();
    (void)before;
}

u64 rt_consumed_us(void) {
    seL4_SchedContext_Consumed_t answer = seL4_SchedContext_Consumed(PD_SLOT_SC);
    return answer.error == seL4_NoError ? answer.consumed : 0;
}

/* Wait, if need be, for the release that is due at `expected`; returns when it really was. */
static u64 release_wait(u64 expected, u64 period) {
    u64 now = rt_now();
    if (now < expected) {
        do {
            seL4_Yield();
            now = rt_now();
        } while (phase_early(now, expected, period));
    }
    u64 skipped = phase_skipped(now, expected, period);
    rt_stats_page->skipped += skipped;
    rt_stats_page->misses += skipped;
    return phase_release(now, expected, period);
}

void rt_periodic(void (*job)(void *), void *argument) {
    task_begin(RT_KIND_PERIODIC);
    u64 period = rt_stats_page->period_ticks;
    if (period == 0 || rt_budget_us >= rt_period_us) {
        rt_log("rt_periodic: needs a period, and a budget below it (budget %lu us, period %lu us)",
               (unsigned long)rt_budget_us, (unsigned long)rt_period_us);
        rt_exit(2);
    }
    /* What is left of the refill that start-up ran on belongs to no job. */
    seL4_Yield();
    u64 release = rt_now();
    for (;;) {
        job_begin(release);
        job(argument);
        rt_job_end();
        release = release_wait(release + period, period);
    }
}

void rt_channel_take(u32 ch, u64 sequence) {
    static u64 last[RT_STATS_CHANNELS];
    if (ch >= RT_STATS_CHANNELS) {
        return;
    }
    if (sequence > last[ch] + 1) {
        rt_stats_page->channel[ch].coalesced += sequence - last[ch] - 1;
    }
    last[ch] = sequence;
}

void rt_value_set(u32 index, const char *name, s64 value) {
    if (index >= RT_STATS_VALUES) {
        return;
    }
    struct rt_value *v = &rt_stats_page->value[index];
    v->value = value;
    u32 i = 0;
    for (; i + 1 < RT_VALUE_NAME && name[i] != '\0'; i++) {
        v->name[i] = name[i];
    }
    v->name[i] = '\0';
}

void rt_exit(int status) {
    __atomic_store_n(&rt_stats_page->exit, RT_EXIT_SET | (u32)status, __ATOMIC_RELEASE);
    for (;;) {
        seL4_TCB_Suspend(PD_SLOT_TCB);
    }
}

/* The C library's way out: exit(), abort() and failed assertions end the run. */
void _exit(int status);
void _exit(int status) {
    rt_exit(status);
}
