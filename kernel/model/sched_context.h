// SPDX-License-Identifier: BSD-2-Clause
/*
 * Scheduling contexts: the right to run for a budget in every period, as a list of refills.
 *
 *     head ─► {time, amount} {time, amount} … ◄─ tail      a ring of refill_max entries behind the header
 *
 * INV-SC-1: refills are ordered by time and do not overlap; 1 <= count <= max.
 * INV-SC-2: the amounts add up to the budget (a context never configured has max = 0 and no refills).
 * INV-SC-3: the head refill holds at least the minimum budget, or is the only one.
 *           (what charging leaves smaller is merged into its successor, later in time)
 * A period of 0 means round robin: budget and period equal, always ready.
 * Times are absolute ticks, amounts are ticks.
 */
#pragma once

#include "lib/types.h"

struct tcb;
struct reply;
struct notification;

struct refill {
    ticks_t time;
    ticks_t amount;
};

enum sched_context_flags { SC_SPORADIC = 1 };

struct sched_context {
    ticks_t period;
    ticks_t budget;
    ticks_t consumed; /* since last asked (Consumed, YieldTo, timeout message) */
    u64 badge;
    struct tcb *tcb;
    struct reply *top_reply;
    struct notification *notification;
    struct tcb *yield_from; /* who waits in YieldTo for this context to be used up */
    u16 refill_max;
    u16 refill_head;
    u16 refill_count;
    u16 flags;
    u64 exhaustions; /* head refills used up, ever: statistics */
    u64 reserved[2];
    struct refill refill[];
};

_Static_assert(sizeof(struct sched_context) == 96,
               "a context of 2^7 bytes holds exactly two refills");
