// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sv39 page-table entries (privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory System").
 * See arch/vspace.h for the contract.
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

#define RISCV_PTE_V BIT(0)
#define RISCV_PTE_R BIT(1)
#define RISCV_PTE_W BIT(2)
#define RISCV_PTE_X BIT(3)
#define RISCV_PTE_U BIT(4)
#define RISCV_PTE_G BIT(5)
#define RISCV_PTE_A BIT(6)
#define RISCV_PTE_D BIT(7)

#define RISCV_PTE_PPN_SHIFT 10
#define RISCV_PTE_PPN_MASK  0x003ffffffffffc00ull
#define RISCV_SATP_SV39     (8ull << 60)
#define RISCV_SATP_ASID(a)  ((u64)(a) << 44)

ALWAYS_INLINE bool arch_pte_is_valid(pte_t pte) {
    return (pte.bits & RISCV_PTE_V) != 0;
}

/* A valid entry with none of R, W, X points to the next table. */
ALWAYS_INLINE bool arch_pte_is_table(pte_t pte) {
    return (pte.bits & (RISCV_PTE_V | RISCV_PTE_R | RISCV_PTE_W | RISCV_PTE_X)) == RISCV_PTE_V;
}

ALWAYS_INLINE bool arch_pte_is_frame(pte_t pte) {
    return arch_pte_is_valid(pte) && !arch_pte_is_table(pte);
}

ALWAYS_INLINE paddr_t riscv_pte_address(pte_t pte) {
    return (paddr_t){(pte.bits & RISCV_PTE_PPN_MASK) >> RISCV_PTE_PPN_SHIFT << PAGE_BITS};
}

ALWAYS_INLINE paddr_t arch_pte_table(pte_t pte) {
    return riscv_pte_address(pte);
}

ALWAYS_INLINE paddr_t arch_pte_frame(pte_t pte) {
    return riscv_pte_address(pte);
}

ALWAYS_INLINE pte_t riscv_pte_make(paddr_t p, u64 flags) {
    return (pte_t){p.value >> PAGE_BITS << RISCV_PTE_PPN_SHIFT | flags | RISCV_PTE_V};
}

ALWAYS_INLINE pte_t arch_pte_make_table(paddr_t table) {
    return riscv_pte_make(table, 0);
}

/*
 * Write without read is reserved in Sv39, and an entry with no permission at all would be a table: both
 * become readable. A frame that user space may not read is made with user = false.
 */
ALWAYS_INLINE pte_t arch_pte_make_frame(paddr_t frame, bool read, bool write, bool executable,
                                        bool user) {
    u64 flags = RISCV_PTE_A | RISCV_PTE_D;

    flags |= (read || write || !executable) ? RISCV_PTE_R : 0;
    flags |= write ? RISCV_PTE_W : 0;
    flags |= executable ? RISCV_PTE_X : 0;
    flags |= user ? RISCV_PTE_U : 0;
    return riscv_pte_make(frame, flags);
}

ALWAYS_INLINE pte_t *arch_pt_slot(struct page_table *table, unsigned level_bits, u64 vaddr) {
    return &table->entry[vaddr >> level_bits & MASK(ARCH_PT_INDEX_BITS)];
}

/* satp of the kernel's own table; set at boot, then constant. */
extern u64 riscv_kernel_satp;

/* A token is a value of satp. */
ALWAYS_INLINE u64 arch_vspace_token(paddr_t root, u16 asid) {
    return RISCV_SATP_SV39 | RISCV_SATP_ASID(asid) | root.value >> PAGE_BITS;
}

ALWAYS_INLINE u64 arch_vspace_kernel_token(void) {
    return riscv_kernel_satp;
}

ALWAYS_INLINE void arch_vspace_load(u64 token) {
    __asm__ volatile("csrw satp, %0" : : "r"(token) : "memory");
}

ALWAYS_INLINE void arch_tlb_flush_page(u16 asid, u64 vaddr) {
    __asm__ volatile("sfence.vma %0, %1" : : "r"(vaddr), "r"((u64)asid) : "memory");
}

ALWAYS_INLINE void arch_tlb_flush_asid(u16 asid) {
    __asm__ volatile("sfence.vma zero, %0" : : "r"((u64)asid) : "memory");
}
