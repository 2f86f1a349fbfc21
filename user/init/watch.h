// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host tool may additionally ask of the init task, and the variables it patches there. Beside
 * abi/init_table.h because only tool and init task know them; kinds from 64 on are ours.
 *
 * With an INIT_MONITOR action the init task does not suspend itself after the last action. It becomes the
 * core's monitor: it waits on the monitor endpoint, prints one line per fault, counts faults and budget
 * exhaustions in the domain's statistics page, answers timeout faults (the domain then waits for its next
 * refill), leaves other faulting domains stopped, and takes the scheduling context of a passive domain that
 * says it is initialised and gives it to that domain's notification. To bound what a faulting domain can
 * cost others, the tool emits INIT_CONFIGURE_SC for the init task's own scheduling context (slot
 * INIT_SLOT_FIXED + 14) as one of the last actions, and INIT_SCHEDULE_TCB for its own TCB (INIT_SLOT_FIXED +
 * 1, sc INIT_SLOT_FIXED + 14) where its priority should not stay 255.
 *
 * Every domain without a parent gets the monitor endpoint minted with badge PD_BADGE_FAULT | index
 * (user/microkit/layout.h), rights Write + GrantReply, as fault endpoint, and, where budget exhaustions are
 * to be counted, as timeout endpoint. The monitor's notification is bound to the init task's TCB
 * (INIT_BIND_NOTIFICATION with tcb INIT_SLOT_FIXED + 1); it is needed only if a passive domain exists.
 * INIT_WATCH comes before the INIT_RESUME of its domain, and after the INIT_MAP_FRAME of its statistics page.
 */
#pragma once

#include "lib/types.h"

enum init_kind_more {
    /* endpoint slot (unbadged), reply object slot */
    INIT_MONITOR = 64,
    /* index | flags (INIT_WATCH_…) << 32, tcb slot, sc slot, notification slot, address of its struct rt_stats in
     * the init task's own address space (or 0; a second mapping of the same frame: INIT_COPY, INIT_MAP_FRAME),
     * name: 16 bytes in arg[5..6], zero-filled */
    INIT_WATCH = 65
};

#define INIT_WATCH_PASSIVE 1u /* its scheduling context moves to its notification when it says so */

#define INIT_MAX_WATCHED 62

/*
 * Variables of the init task's ELF that the tool patches, 8 bytes each unless said, all in .data:
 *
 *     rt_console_ring     virtual address of the init task's own struct console_ring; used from the moment
 *                         an INIT_MAP_FRAME into INIT_SLOT_FIXED + 3 has mapped that address; 0 = none.
 *                         So the first actions make and map that frame: failures after that can be read.
 *     rt_core_name[32]    the core's name
 *     rt_timebase_hz      frequency of the time CSR; 10000000 unless patched
 *     init_debug_kernel   1 = the kernel is a debug variant: DebugPutChar and DebugNameThread exist
 *
 * The init task's image starts at INIT_IMAGE_BASE; `__init_table` is the page after its .bss. Free virtual
 * addresses for such mappings: from INIT_MAP_BASE (its page tables are the tool's to create).
 */
#define INIT_IMAGE_BASE 0x10000ull
#define INIT_MAP_BASE   0x2000000000ull
#define INIT_FILL_BASE  0x2000200000ull /* where INIT_FILL works: room for one page of 2 MiB */
