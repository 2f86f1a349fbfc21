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
 * A thread remembers what its capability led to (tcb.space) as long as no address space goes away and the capability
 * stays: then its mark is that of the kernel. INV-VS-3: a marked thread's space is vspace_token_of() it.
 */
ALWAYS_INLINE bool vspace_is_known(const struct tcb *tcb) {
    return tcb->space_mark == kernel.space_mark;
}

/* What the capability leads to. Without tables, no instruction can be fetched, so the thread faults at once. */
u64 vspace_token_of(const struct tcb *tcb);

/* Look at the capability and remember. */
void vspace_find(struct tcb *tcb);

/* Load the thread's address space. */
ALWAYS_INLINE void vspace_activate(struct tcb *tcb) {
    if (UNLIKELY(!vspace_is_known(tcb))) {
        vspace_find(tcb);
    }
    arch_vspace_load(tcb->space);
}

/* Two threads whose capabilities stand for one address space. (Word 0 follows from word 1: a table has one ASID.) */
ALWAYS_INLINE bool vspace_is_shared(const struct tcb *a, const struct tcb *b) {
    return a->slot[TCB_VSPACE].cap.word1 == b->slot[TCB_VSPACE].cap.word1;
}

/* A capability of a page table is deleted, or an address space loses its ASID: nobody's memory is worth anything. */
ALWAYS_INLINE void vspace_forget_all(void) {
    kernel.space_mark++;
    kernel.space_stale = true;
    kernel.reschedule = true;
}

/* The thread's capability was replaced. */
ALWAYS_INLINE void vspace_forget(struct tcb *tcb) {
    tcb->space_mark = 0;
}

/* Make the hardware agree with the running thread's capabilities after one of them changed. */
void vspace_refresh(void);

/* Remove the mapping a frame capability describes, if it is still there. */
void page_unmap_cap(struct cap cap);

/* Remove a mapped table from the table above it, if it is still there. Not for roots. */
void page_table_unmap_cap(struct cap cap);

/*
 * The last capability of a page table, or one that leaves its address space, is deleted; roots too.
 */
void page_table_delete(struct cap cap);

/* The capability without its mapping: of a frame or page table. */
struct cap cap_unmapped(struct cap cap);
