// SPDX-License-Identifier: BSD-2-Clause
/*
 * Real-time jobs in a protection domain: when they are released, how long they took, how a run ends.
 *
 * A periodic domain calls rt_periodic() from init() and never returns. Its scheduling context does the
 * timing: a job that is done yields, which gives up the rest of the budget, and the next refill, one period
 * after the last, is the next release. So the budget must be below the period.
 *
 * The kernel does not tell when a refill became ready, so release instants are derived: one period apart,
 * in the earliest phase ever seen. They are never too early by more than the timer's resolution; until the
 * domain has once been dispatched without delay they may be late by the least delay so far, and responses
 * short by as much.
 *
 * A sporadic domain brackets its work with rt_job_begin(release) and rt_job_end().
 *
 * All instants are ticks of the time CSR, all counters live in the domain's page (user/rt/stats.h).
 */
#pragma once

#include "lib/types.h"
#include "user/rt/clock.h"
#include "user/rt/log.h"

/* Microseconds to ticks of the time CSR, rounded down. */
MUST_USE u64 rt_ticks_from_us(u64 us);

/* Ticks to microseconds, rounded down. */
MUST_USE u64 rt_us_from_ticks(u64 ticks);

/* Period and deadline of the system file's <task> in ticks; the deadline is the period if not given. */
MUST_USE u64 rt_period_ticks(void);
MUST_USE u64 rt_deadline_ticks(void);

/*
 * Call job(argument) once per period for ever. With a period of 0, or a budget that is not below the
 * period, says so on the console and ends the run with status 2.
 */
NORETURN void rt_periodic(void (*job)(void *), void *argument);

/* A sporadic job: released at `release` (rt_now() if the sender's instant is not known), begins now. */
void rt_job_begin(u64 release);

/* It ends now: response, deadline and, if asked for, consumption are recorded. */
void rt_job_end(void);

/* Release instant of the current job. */
MUST_USE u64 rt_release(void);

/*
 * From now on ask the kernel after every job how much processor time it took (one more system call per
 * job; microseconds, whole).
 */
void rt_measure_consumption(void);

/* Processor time since last asked, in microseconds (SchedContext.Consumed). */
MUST_USE u64 rt_consumed_us(void);

/*
 * A message numbered `sequence` was taken from the data of channel `ch`; numbers start at 1 and grow by 1.
 * Gaps count as coalesced: signals merged, and the older message overwritten or skipped.
 */
void rt_channel_take(u32 ch, u64 sequence);

/* Row `index` (0..RT_STATS_VALUES-1) of the domain's own numbers in the final table. */
void rt_value_set(u32 index, const char *name, s64 value);

/*
 * This domain has seen the end of the run: 0 = good. The monitor on core 0 prints the tables and ends the
 * run, if the system file lets this domain do so. The domain stops.
 */
NORETURN void rt_exit(int status);
