// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel's address space, made once by each kernel before its translation is on. Runs at physical addresses
 * although linked at virtual ones: everything is reached relative to pc, no pointer is taken from memory.
 *
 *   root[256..510]  the window, 1 GiB each: read, write
 *   root[511] → mega[0] → small[512]: the first 2 MiB of the top GiB
 *       text and constants: read, execute · data, .bss: read, write · last page: the stack
 *
 * No page of the image is both writable and executable, and the page below the stack is never mapped, so an
 * overflow traps (onto the emergency stack). The image's RAM is also part of the window, writable there: the
 * kernel must never hand it out, and has no reason to write there. (The stack's page is mapped where it lies, too.)
 */
#include "arch/riscv/riscv.h"

#include "arch/memory.h"
#include "lib/bound.h"

/* From kernel.ld; page aligned, in this order. */
extern const u8 _start[];
extern const u8 riscv_text_end[];
extern const u8 riscv_image_end[];

#define WINDOW_FIRST (ARCH_PT_ENTRIES / 2)
#define WINDOW_GIGAS (ARCH_PT_ENTRIES / 2 - 1)
#define STACK_PAGES  (RISCV_STACK_BYTES / 4096)

#define KERNEL_DATA (RISCV_PTE_R | RISCV_PTE_W | RISCV_PTE_A | RISCV_PTE_D | RISCV_PTE_G)
#define KERNEL_TEXT (RISCV_PTE_R | RISCV_PTE_X | RISCV_PTE_A | RISCV_PTE_G)

/* The linker script puts whole pages together. */
#define PAGES SECTION(".bss.pages")

PAGES struct page_table riscv_kernel_root;
static PAGES struct page_table kernel_mega;
static PAGES struct page_table kernel_small;
PAGES u8 ALIGNED(4096) riscv_stack[RISCV_STACK_BYTES];

u64 riscv_image_physical;
u64 riscv_kernel_satp;

static void map_window(void) {
    BOUND(map_window, WINDOW_GIGAS);
    for (u64 i = 0; i < WINDOW_GIGAS; i++) {
        BOUND_STEP(map_window);
        riscv_kernel_root.entry[WINDOW_FIRST + i] = riscv_pte_make(paddr_of(i << 30), KERNEL_DATA);
    }
}

/* Map physical [from, to) of the image where it is linked. */
static void map_pages(u64 from, u64 to, u64 flags) {
    BOUND(map_image_pages, ARCH_PT_ENTRIES);
    for (u64 at = from; at < to; at += PAGE_SIZE) {
        BOUND_STEP(map_image_pages);
        u64 page = (at - riscv_image_physical) >> PAGE_BITS;
        kernel_small.entry[page] = riscv_pte_make(paddr_of(at), flags);
    }
}

static void map_stack(void) {
    u64 bottom = (u64)riscv_stack;

    BOUND(map_stack, STACK_PAGES);
    for (u64 i = 0; i < STACK_PAGES; i++) {
        BOUND_STEP(map_stack);
        kernel_small.entry[ARCH_PT_ENTRIES - STACK_PAGES + i] =
            riscv_pte_make(paddr_of(bottom + i * PAGE_SIZE), KERNEL_DATA);
    }
}

/* From head.S, translation off. Returns the value for satp. */
u64 riscv_map_image(void) {
    riscv_image_physical = (u64)_start;
    map_window();
    riscv_kernel_root.entry[ARCH_PT_ENTRIES - 1] = arch_pte_make_table(paddr_of((u64)&kernel_mega));
    kernel_mega.entry[0] = arch_pte_make_table(paddr_of((u64)&kernel_small));
    map_pages((u64)_start, (u64)riscv_text_end, KERNEL_TEXT);
    map_pages((u64)riscv_text_end, (u64)riscv_image_end, KERNEL_DATA);
    map_stack();
    riscv_kernel_satp = RISCV_SATP_SV39 | (u64)&riscv_kernel_root >> PAGE_BITS;
    return riscv_kernel_satp;
}

paddr_t riscv_physical(const void *pointer) {
    u64 address = (u64)pointer;

    if (address >= RISCV_STACK_TOP - RISCV_STACK_BYTES && address < RISCV_STACK_TOP) {
        address = (u64)riscv_stack + (address - (RISCV_STACK_TOP - RISCV_STACK_BYTES));
    }
    if (address >= RISCV_IMAGE_BASE) {
        return paddr_of(address - RISCV_IMAGE_BASE + riscv_image_physical);
    }
    return arch_paddr((const void *)address);
}

/*
 * All 256 entries of the kernel's half; two instructions each is as cheap as a copy gets. The kernel's half of
 * riscv_kernel_root never changes after boot, so copies never go stale.
 */
void arch_vspace_init(struct page_table *root) {
    const pte_t *from = &riscv_kernel_root.entry[WINDOW_FIRST];
    pte_t *to = &root->entry[WINDOW_FIRST];

    BOUND(vspace_init, ARCH_PT_ENTRIES / 2 / 8);
    for (u64 i = 0; i < ARCH_PT_ENTRIES / 2; i += 8) {
        BOUND_STEP(vspace_init);
        to[i] = from[i];
        to[i + 1] = from[i + 1];
        to[i + 2] = from[i + 2];
        to[i + 3] = from[i + 3];
        to[i + 4] = from[i + 4];
        to[i + 5] = from[i + 5];
        to[i + 6] = from[i + 6];
        to[i + 7] = from[i + 7];
    }
}
