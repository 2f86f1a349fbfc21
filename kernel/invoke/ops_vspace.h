// SPDX-License-Identifier: BSD-2-Clause
/* Operations on address spaces: frames, page tables, ASIDs. */
#pragma once

#include "arch/vspace.h"
#include "kernel/model/kernel.h"
#include "kernel/model/slot.h"

struct page_table_map_op {
    pte_t *slot;    /* of the table above */
    struct cap cap; /* what the invoked capability becomes */
};

struct page_table_unmap_op {
    struct cap cap; /* as mapped until now */
};

struct page_map_op {
    pte_t *slot;
    pte_t entry;
    struct cap cap; /* what the invoked capability becomes */
};

struct page_unmap_op {
    struct cap cap; /* as mapped until now */
};

struct page_get_address_op {
    paddr_t address;
};

struct asid_control_make_pool_op {
    struct cslot *untyped;
    struct cslot *dest;
    unsigned pool; /* number, 0..ASID_POOLS - 1 */
};

struct asid_pool_assign_op {
    struct cslot *root; /* slot of the page table's capability */
    u16 asid;
};
