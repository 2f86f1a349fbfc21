// SPDX-License-Identifier: BSD-2-Clause
/*
 * Address space identifiers. An ASID names an address space in capabilities, so that a capability
 * stays harmless when the address space is gone; it is also what the hardware tags translations
 * with.
 *
 *     kernel.asid_pool[asid >> 9] ──► struct asid_pool ──root[asid & 511]──► root table or NULL
 *
 * INV-AS-1: asid_root(a) is a page table that a capability names with `mapped`, ASID a and vaddr 0;
 *           no table is the root for two ASIDs. ASID 0 is the kernel's and never assigned.
 * INV-AS-2: no translation tagged with an ASID outlives its owner: who takes it away flushes.
 */
#pragma once

#include "arch/memory.h"
#include "arch/vspace.h"
#include "kernel/model/kernel.h"
#include "kernel/model/slot.h"

/* Root of the address space with this ASID, or NULL. */
ALWAYS_INLINE struct page_table *asid_root(u16 asid) {
    struct asid_pool *pool = kernel.asid_pool[asid >> ASID_POOL_BITS];

    return pool != NULL && asid != 0 ? pool->root[asid & MASK(ASID_POOL_BITS)] : NULL;
}

ALWAYS_INLINE u16 asid_pool_cap_first(struct cap cap) {
    return (u16)cap.word0;
}

ALWAYS_INLINE struct asid_pool *asid_pool_cap_pool(struct cap cap) {
    return arch_ptr(cap_address(cap));
}

/* Number of a pool that does not exist yet, or ASID_POOLS. */
unsigned asid_free_pool(void);

/*
 * Make a pool of cleared memory known under a free number; returns its capability. Also for boot.
 */
struct cap asid_pool_add(unsigned number, struct asid_pool *pool);

/* An ASID of this pool that nobody has, or 0. `first` is the pool's. */
u16 asid_free_in_pool(const struct asid_pool *pool, u16 first);

/*
 * Make an unmapped, cleared page table the root of an address space; returns what its capability
 * becomes.
 */
struct cap asid_assign(struct asid_pool *pool, u16 asid, struct cap table);

/* The root of an address space goes away: nobody runs in it any more. */
void asid_unassign(u16 asid);
