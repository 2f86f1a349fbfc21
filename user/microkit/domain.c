// SPDX-License-Identifier: BSD-2-Clause
/*
 * The variables the host tool patches. In .data even where zero: there are no bytes in .bss to patch.
 */
#include "user/microkit/domain.h"

#include <microkit.h>

#define PATCHED SECTION(".data.patched")

char microkit_name[MICROKIT_PD_NAME_LENGTH] PATCHED = "unnamed";
seL4_Bool microkit_passive PATCHED = 0;
seL4_Word microkit_irqs PATCHED = 0;
seL4_Word microkit_notifications PATCHED = 0;
seL4_Word microkit_pps PATCHED = 0;

u64 rt_doorbells PATCHED = 0;
char rt_core_name[32] PATCHED = "core";
u64 rt_period_us PATCHED = 0;
u64 rt_budget_us PATCHED = 0;
u64 rt_deadline_us PATCHED = 0;
u64 rt_timebase_hz PATCHED = 10000000;
struct console_ring *rt_console_ring PATCHED = NULL;

static struct rt_stats own_page;
struct rt_stats *rt_stats_page PATCHED = &own_page;
