// SPDX-License-Identifier: BSD-2-Clause
/* Address space identifiers; see kernel/object/asid.h. */
#include "kernel/object/asid.h"

#include "kernel/object/vspace.h"
#include "lib/bound.h"

#define ASIDS_PER_POOL (1u << ASID_POOL_BITS)

_Static_assert(sizeof(struct asid_pool) == PAGE_SIZE, "a pool is made from a 12-bit untyped");

unsigned asid_free_pool(void) {
    unsigned number = 0;

    BOUND(asid_free_pool, ASID_POOLS);
    while (number < ASID_POOLS && kernel.asid_pool[number] != NULL) {
        BOUND_STEP(asid_free_pool);
        number++;
    }
    return number;
}

struct cap asid_pool_add(unsigned number, struct asid_pool *pool) {
    kernel.asid_pool[number] = pool;
    return cap_make(CAP_ASID_POOL, arch_paddr(pool).value, 0, (u64)number << ASID_POOL_BITS);
}

u16 asid_free_in_pool(const struct asid_pool *pool, u16 first) {
    /* ASID 0 is the kernel's. */
    unsigned i = first == 0 ? 1 : 0;

    BOUND(asid_free_in_pool, 512);
    while (i < ASIDS_PER_POOL && pool->root[i] != NULL) {
        BOUND_STEP(asid_free_in_pool);
        i++;
    }
    return i < ASIDS_PER_POOL ? (u16)(first + i) : 0;
}

struct cap asid_assign(struct asid_pool *pool, u16 asid, struct cap table) {
    struct page_table *root = arch_ptr(cap_address(table));

    arch_vspace_init(root);
    pool->root[asid & MASK(ASID_POOL_BITS)] = root;
    return page_table_cap_make(cap_address(table), true, 0, asid);
}

void asid_unassign(u16 asid) {
    struct asid_pool *pool = kernel.asid_pool[asid >> ASID_POOL_BITS];

    pool->root[asid & MASK(ASID_POOL_BITS)] = NULL;
    vspace_forget_all();
    vspace_refresh();
    arch_tlb_flush_asid(asid);
}
