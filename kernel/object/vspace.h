// SPDX-License-Identifier: BSD-2-Clause
/*
 * Address spaces: what is mapped where. The tables are the hardware's; what a capability says about
 * its own mapping (ASID and address, kernel/model/cap.h) is a claim that is checked against the
 * tables before it is used, since the table above it may have been taken away meanwhile.
 *
 * INV-VS-1: every valid user entry of a table was put there by Map and is described by a mapped
 *           capability with the same ASID and address (so deleting that removes the entry).
 * INV-VS-2: a table that is mapped nowhere is clear, except for the kernel's part of a root.
 *
 * User code that writes instructions issues its own fence.i, as on Linux and seL4: it is no
 * privileged instruction, and the kernel cannot know when the writing is done.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/model/kernel.h"
#include "kernel/object/asid.h"

/* Root of the address space that the capability stands for; NULL if it stands for none. */
ALWAYS_INLINE struct page_table *vspace_cap_root(struct cap cap) {
    if (!cap_is(cap, CAP_PAGE_TABLE) || !page_table_cap_is_mapped(cap)) {
        return NULL;
    }
    struct page_table *root = asid_root(cap_mapped_asid(cap));
    return root == arch_ptr(cap_address(cap)) ? root : NULL;
}

/*
 * Load the thread's address space. One without tables can fetch no instruction, so it faults at
 * once.
 */
ALWAYS_INLINE void vspace_activate(const struct tcb *tcb) {
    struct cap cap = tcb->slot[TCB_VSPACE].cap;

    if (LIKELY(vspace_cap_root(cap) != NULL)) {
        arch_vspace_switch(cap_address(cap), cap_mapped_asid(cap));
    } else {
        arch_vspace_switch_kernel();
    }
}

/* Make the hardware agree with the running thread's capabilities after one of them changed. */
void vspace_refresh(void);

/* Remove the mapping a frame capability describes, if it is still there. */
void page_unmap_cap(struct cap cap);

/* Remove a table from the table above it, if it is still there. Not for roots. */
void page_table_unmap_cap(struct cap cap);

/*
 * The last capability of a page table, or one that leaves its address space, is deleted; roots too.
 */
void page_table_delete(struct cap cap);

/* The capability without its mapping: of a frame or page table. */
struct cap cap_unmapped(struct cap cap);
