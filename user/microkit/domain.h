// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the parts of the runtime share with each other and with user/rt: the variables that the host tool
 * patches in a domain's ELF (user/microkit/layout.h lists them). Not for programs.
 */
#pragma once

#include "abi/console_ring.h"
#include "lib/types.h"
#include "user/rt/stats.h"

extern u64 rt_doorbells;
extern char rt_core_name[32];
extern u64 rt_period_us;
extern u64 rt_budget_us;
extern u64 rt_deadline_us;
extern u64 rt_timebase_hz;

/* Where the domain counts: the page the tool gave, else one of its own that nobody reads. Never NULL. */
extern struct rt_stats *rt_stats_page;

/* Where its lines go; NULL = nowhere. */
extern struct console_ring *rt_console_ring;
