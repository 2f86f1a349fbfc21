// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host tool may additionally ask of the init task, and the variables it patches there. Beside
 * abi/init_table.h because only tool and init task know them; kinds from 64 on are ours.
 *
 * With an INIT_MONITOR action the init task does not suspend itself after the last action. It becomes the
 * core's monitor: it waits on the monitor endpoint, prints one line per fault, counts faults and budget
 * exhaustions in the domain's statistics page, answers timeout faults (the domain then waits for its next
 * refill), leaves other faulting domains stopped, and takes the scheduling context of a passive domain that
 * says it is initialised. To bound what a faulting domain can cost others, the tool emits, before that,
 * INIT_CONFIGURE_SC for the init task's own scheduling context (slot INIT_SLOT_FIXED + 14) as the last action
 * that touches it, and INIT_SCHEDULE_TCB for its own TCB (INIT_SLOT_FIXED + 1, sc NONE) where its priority
 * should not be 255.
 *
 * Every domain that has no parent, or a timeout endpoint, gets the monitor endpoint minted with badge
 * PD_BADGE_MONITOR(index) (user/microkit/layout.h), rights Write + GrantReply, as fault endpoint and as
 * timeout endpoint, and the same capability in its slot PD_SLOT_MONITOR.
 */
#pragma once

#include "lib/types.h"

enum init_kind_more {
    /* endpoint slot (unbadged), reply object slot */
    INIT_MONITOR = 64,
    /* index, tcb slot, sc slot, address of its struct rt_stats in the init task's own address space (or 0; a
     * second mapping of the same frame: INIT_COPY, INIT_MAP_FRAME), flags (INIT_WATCH_…), name: 16 bytes in
     * arg[5..6], zero-filled */
    INIT_WATCH = 65
};

#define INIT_WATCH_PASSIVE 1u /* unbind the scheduling context when the domain says so */

#define INIT_MAX_WATCHED 62

/*
 * Variables of the init task's ELF that the tool patches, 8 bytes each unless said, all in .data:
 *
 *     rt_console_ring     virtual address of the init task's own struct console_ring; used from the moment
 *                         an INIT_MAP_FRAME into INIT_SLOT_FIXED + 3 has mapped that address; 0 = none.
 *                         So the first actions make and map that frame: failures after that can be read.
 *     rt_core_name[32]    the core's name
 *     init_debug_kernel   1 = the kernel is a debug variant: DebugPutChar and DebugNameThread exist
 *
 * The init task's image starts at INIT_IMAGE_BASE; `__init_table` is the page after its .bss. Free virtual
 * addresses for such mappings: from INIT_MAP_BASE (its page tables are the tool's to create).
 */
#define INIT_IMAGE_BASE 0x10000ull
#define INIT_MAP_BASE   0x2000000000ull
