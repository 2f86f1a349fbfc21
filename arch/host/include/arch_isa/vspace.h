// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host: page tables in a format that is no machine's, so that nobody above arch can know it by accident.
 * An entry keeps its address complemented; kind and permissions sit in the top byte.
 */
#pragma once

#include "lib/types.h"

#define ARCH_PT_LEVELS     3
#define ARCH_PT_INDEX_BITS 9
#define ARCH_PT_ENTRIES    512

typedef struct {
    u64 bits;
} pte_t;

struct ALIGNED(4096) page_table {
    pte_t entry[ARCH_PT_ENTRIES];
};

#define HOST_PTE_ADDRESS MASK(48)
#define HOST_PTE_TABLE   BIT(56)
#define HOST_PTE_FRAME   BIT(57)
#define HOST_PTE_READ    BIT(58)
#define HOST_PTE_WRITE   BIT(59)
#define HOST_PTE_EXECUTE BIT(60)
#define HOST_PTE_USER    BIT(61)

ALWAYS_INLINE bool arch_pte_is_table(pte_t pte) {
    return (pte.bits & HOST_PTE_TABLE) != 0;
}

ALWAYS_INLINE bool arch_pte_is_frame(pte_t pte) {
    return (pte.bits & HOST_PTE_FRAME) != 0;
}

ALWAYS_INLINE bool arch_pte_is_valid(pte_t pte) {
    return arch_pte_is_table(pte) || arch_pte_is_frame(pte);
}

ALWAYS_INLINE paddr_t host_pte_address(pte_t pte) {
    return (paddr_t){~pte.bits & HOST_PTE_ADDRESS};
}

ALWAYS_INLINE paddr_t arch_pte_table(pte_t pte) {
    return host_pte_address(pte);
}

ALWAYS_INLINE paddr_t arch_pte_frame(pte_t pte) {
    return host_pte_address(pte);
}

ALWAYS_INLINE pte_t arch_pte_make_table(paddr_t table) {
    return (pte_t){(~table.value & HOST_PTE_ADDRESS) | HOST_PTE_TABLE};
}

ALWAYS_INLINE pte_t arch_pte_make_frame(paddr_t frame, bool read, bool write, bool executable,
                                        bool user) {
    return (pte_t){(~frame.value & HOST_PTE_ADDRESS) | HOST_PTE_FRAME | (read ? HOST_PTE_READ : 0) |
                   (write ? HOST_PTE_WRITE : 0) | (executable ? HOST_PTE_EXECUTE : 0) |
                   (user ? HOST_PTE_USER : 0)};
}

ALWAYS_INLINE pte_t *arch_pt_slot(struct page_table *table, unsigned level_bits, u64 vaddr) {
    return &table->entry[vaddr >> level_bits & MASK(ARCH_PT_INDEX_BITS)];
}

/* A token is the root's address and, below, the ASID. */
ALWAYS_INLINE u64 arch_vspace_token(paddr_t root, u16 asid) {
    return root.value << 16 | asid;
}

ALWAYS_INLINE u64 arch_vspace_kernel_token(void) {
    return 0;
}

void arch_vspace_load(u64 token);
void arch_tlb_flush_page(u16 asid, u64 vaddr);
void arch_tlb_flush_asid(u16 asid);
