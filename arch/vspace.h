// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page tables, without saying what an entry looks like. A table is one page of entries, the root included;
 * an entry is invalid, points to a table, or maps a frame. The machine's part, arch_isa/vspace.h, defines:
 *
 *   struct page_table                 one page, naturally aligned
 *   typedef … pte_t                   one entry; a value type with a member `u64 bits`; all zero = invalid
 *   ARCH_PT_LEVELS                    3; root entries cover 2^30, then 2^21, then 2^12 bytes
 *   ARCH_PT_INDEX_BITS                9
 *   bool arch_pte_is_valid(pte_t)     a table or a frame
 *   bool arch_pte_is_table(pte_t)     false for invalid entries
 *   bool arch_pte_is_frame(pte_t)     false for invalid entries
 *   paddr_t arch_pte_table(pte_t)     address of the table; only if is_table
 *   paddr_t arch_pte_frame(pte_t)     address of the frame; only if is_frame
 *   pte_t arch_pte_make_table(paddr_t table)
 *   pte_t arch_pte_make_frame(paddr_t frame, bool read, bool write, bool executable, bool user)
 *                                     accessed and dirty preset, so the hardware never writes entries;
 *                                     user = false gives a mapping of the kernel's alone
 *   pte_t *arch_pt_slot(struct page_table *table, unsigned level_bits, u64 vaddr)
 *                                     the entry of `table` that covers vaddr; level_bits 30, 21 or 12
 *   struct pte_walk arch_pt_walk(struct page_table *root, u64 vaddr)
 *                                     goes down while entries are tables; never fails
 *   u64 arch_vspace_token(paddr_t root, u16 asid)   what the hart is given to run in an address space
 *   u64 arch_vspace_kernel_token(void)     … without user mappings, ASID 0
 *   void arch_vspace_load(u64 token)
 *   void arch_tlb_flush_page(u16 asid, u64 vaddr)
 *   void arch_tlb_flush_asid(u16 asid)
 *
 * ASID 0 is the kernel's. A changed or removed entry needs a flush before user code runs; so does a new
 * entry (Sv39 lets a hart remember an invalid one). Switching does not flush: whoever gives an ASID to
 * another address space calls arch_tlb_flush_asid() first.
 */
#pragma once

#include "lib/types.h"

struct page_table;

#include "arch_isa/vspace.h"

/* The deepest entry on the way to an address, and the log2 of the bytes that one entry covers. */
struct pte_walk {
    pte_t *slot;
    unsigned level_bits; /* 30, 21 or 12 */
};

#include "arch_isa/vspace_walk.h"

/* Make a cleared page the root of an address space: gives it the kernel's own mappings. */
void arch_vspace_init(struct page_table *root);
