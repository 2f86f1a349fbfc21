// SPDX-License-Identifier: BSD-2-Clause
/* The walk down the three levels of a tree. See arch/vspace.h. */
#pragma once

#include "arch/vspace.h"
#include "arch_isa/memory.h"

ALWAYS_INLINE struct page_table *host_pte_next(pte_t pte) {
    return arch_ptr(arch_pte_table(pte));
}

ALWAYS_INLINE struct pte_walk arch_pt_walk(struct page_table *root, u64 vaddr) {
    pte_t *giga = arch_pt_slot(root, 30, vaddr);

    if (!arch_pte_is_table(*giga)) {
        return (struct pte_walk){giga, 30};
    }
    pte_t *mega = arch_pt_slot(host_pte_next(*giga), 21, vaddr);
    if (!arch_pte_is_table(*mega)) {
        return (struct pte_walk){mega, 21};
    }
    return (struct pte_walk){arch_pt_slot(host_pte_next(*mega), 12, vaddr), 12};
}
