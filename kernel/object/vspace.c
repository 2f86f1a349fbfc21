// SPDX-License-Identifier: BSD-2-Clause
/* Mapping and unmapping; see kernel/object/vspace.h. */
#include "kernel/object/vspace.h"

u64 vspace_token_of(const struct tcb *tcb) {
    struct cap cap = tcb->slot[TCB_VSPACE].cap;

    return vspace_cap_root(cap) != NULL ? arch_vspace_token(cap_address(cap), cap_mapped_asid(cap))
                                        : arch_vspace_kernel_token();
}

void vspace_find(struct tcb *tcb) {
    tcb->space_mark = kernel.space_mark;
    tcb->space = vspace_token_of(tcb);
}

/*
 * The hardware may still walk tables that have just been taken away from the running thread, which is the caller of the
 * method that did; so no entry may end with them loaded. Loading what is loaded already costs one register write.
 */
void vspace_refresh(void) {
    vspace_activate(kernel.current);
}

void page_unmap_cap(struct cap cap) {
    u16 asid = cap_mapped_asid(cap);
    u64 vaddr = cap_mapped_vaddr(cap);
    struct page_table *root = asid_root(asid);

    if (root == NULL) {
        return;
    }
    struct pte_walk walk = arch_pt_walk(root, vaddr);
    if (walk.level_bits == frame_cap_bits(cap) && arch_pte_is_frame(*walk.slot) &&
        arch_pte_frame(*walk.slot).value == cap_address(cap).value) {
        *walk.slot = (pte_t){0};
        arch_tlb_flush_page(asid, vaddr);
    }
}

/* The entry on the way to vaddr that points to this table, or NULL. */
static pte_t *find_table(struct page_table *root, u64 vaddr, paddr_t table) {
    pte_t *upper = arch_pt_slot(root, SEL4_GIGA_PAGE_BITS, vaddr);

    if (!arch_pte_is_table(*upper)) {
        return NULL;
    }
    if (arch_pte_table(*upper).value == table.value) {
        return upper;
    }
    pte_t *lower = arch_pt_slot(arch_ptr(arch_pte_table(*upper)), SEL4_MEGA_PAGE_BITS, vaddr);
    return arch_pte_is_table(*lower) && arch_pte_table(*lower).value == table.value ? lower : NULL;
}

void page_table_unmap_cap(struct cap cap) {
    u16 asid = cap_mapped_asid(cap);
    struct page_table *root = asid_root(asid);

    if (root == NULL) {
        return;
    }
    pte_t *slot = find_table(root, cap_mapped_vaddr(cap), cap_address(cap));
    if (slot != NULL) {
        *slot = (pte_t){0};
        arch_tlb_flush_asid(asid); /* every address below the table */
    }
}

void page_table_delete(struct cap cap) {
    if (vspace_cap_root(cap) != NULL) {
        asid_unassign(cap_mapped_asid(cap));
    } else {
        page_table_unmap_cap(cap);
    }
}

struct cap cap_unmapped(struct cap cap) {
    if (cap_is(cap, CAP_PAGE_TABLE)) {
        return page_table_cap_make(cap_address(cap), false, 0, 0);
    }
    return (struct cap){0, cap.word1};
}
