// SPDX-License-Identifier: BSD-2-Clause
/*
 * The init table: the static system of one core, as the host tool planned it and the init task builds it.
 *
 * The init task's user image is, page by page: the init program's own pages; the table (page aligned);
 * payload pages (the protection domains' segments, one page each, already in final form). The kernel maps
 * them all for the init task and hands over a frame capability per page (bootinfo.userImageFrames), so the
 * init task *moves* payload frames into the domains' address spaces instead of copying bytes.
 *
 * The init program finds the table by its symbol `__init_table` = first page after its own image.
 * A `slot` here is an index into the init task's empty capability slots: cptr = bootinfo.empty.start + slot.
 * Slot values from INIT_SLOT_FIXED on name the initial capabilities instead: cptr = slot - INIT_SLOT_FIXED.
 * Actions are executed in order; the first failing one stops the core with one line naming it.
 */
#pragma once

#include "lib/types.h"

#define INIT_TABLE_MAGIC   0x31494e4959524b53ull /* "SKRYINI1" */
#define INIT_TABLE_VERSION 1
#define INIT_SLOT_FIXED    0x80000000u
#define INIT_SLOT_NONE     0xffffffffu /* the null capability */

enum init_kind {
    INIT_END = 0,
    /* slot, type (enum sel4_object_type), size_bits: new object from RAM */
    INIT_CREATE = 1,
    /* slot, paddr, size_bits (12, 21, 30): frame of a device or of shared memory */
    INIT_DEVICE_FRAME = 2,
    /* slot, page: the frame of page `page` of the user image, unmapped from the init task and moved to slot */
    INIT_IMAGE_FRAME = 3,
    /* table slot, vspace slot, vaddr */
    INIT_MAP_TABLE = 4,
    /* frame slot, vspace slot, vaddr, rights (seL4_CapRights word), attributes */
    INIT_MAP_FRAME = 5,
    /* destination CNode slot, index, depth, source slot, rights, badge (or guard word): mint into a CNode */
    INIT_MINT = 6,
    /* vspace slot: assign to the initial ASID pool */
    INIT_ASSIGN_ASID = 7,
    /* tcb, cspace slot, cspace guard word, vspace slot, buffer frame slot, buffer vaddr */
    INIT_CONFIGURE_TCB = 8,
    /* sc slot, budget_us, period_us, extra_refills, badge, flags */
    INIT_CONFIGURE_SC = 9,
    /* tcb, mcp, priority, sc slot (or NONE: passive), fault endpoint slot (already badged, or NONE) */
    INIT_SCHEDULE_TCB = 10,
    /* tcb, timeout endpoint slot */
    INIT_TIMEOUT_ENDPOINT = 11,
    /* tcb, notification slot */
    INIT_BIND_NOTIFICATION = 12,
    /* tcb, pc, sp, a0, a1 */
    INIT_REGISTERS = 13,
    /* slot, irq, trigger (0 level, 1 edge) */
    INIT_IRQ = 14,
    /* irq handler slot, notification slot (already badged) */
    INIT_IRQ_NOTIFICATION = 15,
    /* slot, peer, line: send end of a cross-core channel */
    INIT_DOORBELL_SEND = 16,
    /* slot, peer, line: receive end (IRQControl.Get with irq = 4096 + peer * 1024 + line) */
    INIT_DOORBELL_RECEIVE = 17,
    /* tcb: start it */
    INIT_RESUME = 18,
    /* tcb, then up to 32 bytes of name in arg[1..4] (debug kernels only; ignored elsewhere) */
    INIT_NAME_TCB = 19,
    /* tcb, domain */
    INIT_SET_DOMAIN = 20,
    /* slot, source slot: copy within the init task's own CNode (a second mapping of a frame, say); rights in
     * arg[2], badge in arg[3] */
    INIT_COPY = 21,
    /* sc slot, notification slot: bind a scheduling context to a notification (passive domains) */
    INIT_BIND_SC_NOTIFICATION = 22,
    /* tcb, bits to clear, bits to set (seL4_TCBFlag) */
    INIT_SET_FLAGS = 23,
    /* frame slot, offset in the frame, page: the 4 KiB there become page `page` of the user image, or zero if it is
     * INIT_SLOT_NONE. The frame is mapped at INIT_FILL_BASE meanwhile, so the page tables for that are there. */
    INIT_FILL = 24
};

struct init_action {
    u32 kind;
    u32 line; /* of the system file, for messages; 0 = none */
    u64 arg[7];
};

struct init_table {
    u64 magic;
    u32 version;
    u32 actions;
    u64 length;     /* bytes of the table */
    u64 first_page; /* page number, within the user image, of the first payload page */
    u32 slots;      /* empty slots used */
    u32 core;
    struct init_action action[];
};

_Static_assert(sizeof(struct init_action) == 64, "layout is shared with the host tool");
