// SPDX-License-Identifier: BSD-2-Clause
/*
 * The PLIC (RISC-V Platform-Level Interrupt Controller specification). Its registers are shared by all harts; this
 * kernel touches its own context, and the priority of its own sources, nothing else.
 *
 * A claimed source is silent until it is completed, so "masked until Ack" costs nothing: claiming masks, and
 * plat_irq_unmask() completes. Completion counts only while the source is enabled, hence the order there.
 */
#include "plat/plat.h"

#include "arch/interrupt.h"
#include "arch/memory.h"
#include "arch/riscv/csr.h"
#include "lib/boot_items.h"
#include "lib/bound.h"

#define PLIC_MAX_SOURCES 128 /* 1..127; qemu virt has 1..95 */

#define PLIC_PRIORITY(source) ((source)*4ull)
#define PLIC_ENABLE(context)  (0x2000ull + (context)*0x80ull)
#define PLIC_CONTEXT(context) (0x200000ull + (context)*0x1000ull)
#define PLIC_BYTES            0x4000000ull

/* Set at boot, then constant. */
static volatile u32 *enable_words;
static volatile u32 *threshold_word;
static volatile u32 *claim_word; /* read: claim; write: complete */
static u32 highest_source;
static u32 owned[PLIC_MAX_SOURCES / 32];

/* This kernel only. */
static u32 enabled[PLIC_MAX_SOURCES / 32];
static u32 claimed[PLIC_MAX_SOURCES / 32];

static bool has_bit(const u32 *set, u32 source) {
    return (set[source / 32] >> source % 32 & 1) != 0;
}

static void set_enabled(u32 source, bool on) {
    u32 bit = 1u << source % 32;

    enabled[source / 32] = on ? enabled[source / 32] | bit : enabled[source / 32] & ~bit;
    enable_words[source / 32] = enabled[source / 32];
}

static void complete(u32 source) {
    claimed[source / 32] &= ~(1u << source % 32);
    *claim_word = source;
}

/* Its priority above the threshold, and whatever an earlier life of this partition had claimed completed. */
static void take_over(u8 *plic, u32 source) {
    owned[source / 32] |= 1u << source % 32;
    *(volatile u32 *)(plic + PLIC_PRIORITY(source)) = 1;
    set_enabled(source, true);
    complete(source);
    set_enabled(source, false);
}

static const char *take_over_all(const struct boot_record *record, u8 *plic,
                                 const struct boot_partition *partition) {
    const struct boot_interrupt *item = NULL;

    BOUND(plic_items, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_INTERRUPT, item)) != NULL) {
        BOUND_STEP(plic_items);
        if (item->owner != partition->core) {
            continue;
        }
        if (item->source == 0 || item->source > highest_source) {
            return "boot record: an interrupt source the controller does not have";
        }
        take_over(plic, item->source);
    }
    if ((partition->flags & BOOT_ALL_INTERRUPTS) == 0) {
        return NULL;
    }
    BOUND(plic_sources, PLIC_MAX_SOURCES);
    for (u32 source = 1; source <= highest_source; source++) {
        BOUND_STEP(plic_sources);
        take_over(plic, source);
    }
    return NULL;
}

static const char *find_registers(const struct boot_platform *platform) {
    paddr_t base = paddr_of(platform->plic);
    u8 *plic = arch_ptr(base);

    if (platform->plic == 0) {
        return "this kernel is linked for a PLIC, which this machine lacks";
    }
    if (!arch_memory_in_window(base, PLIC_BYTES) ||
        PLIC_CONTEXT(platform->plic_context + 1) > PLIC_BYTES) {
        return "boot record: the PLIC is outside the kernel's window, or has no such context";
    }
    if (platform->sources == 0 || platform->sources >= PLIC_MAX_SOURCES) {
        return "boot record: more PLIC sources than this kernel was built for";
    }
    highest_source = platform->sources;
    enable_words = (volatile u32 *)(plic + PLIC_ENABLE(platform->plic_context));
    threshold_word = (volatile u32 *)(plic + PLIC_CONTEXT(platform->plic_context));
    claim_word = threshold_word + 1;
    return NULL;
}

const char *plat_init(const struct boot_record *record) {
    const struct boot_platform *platform = boot_record_find(record, BOOT_PLATFORM, NULL);
    const struct boot_partition *partition = boot_record_find(record, BOOT_PARTITION, NULL);
    const char *wrong = find_registers(platform);

    if (wrong != NULL) {
        return wrong;
    }
    BOUND(plic_words, PLIC_MAX_SOURCES / 32);
    for (u32 word = 0; word <= highest_source / 32; word++) {
        BOUND_STEP(plic_words);
        enable_words[word] = 0;
    }
    *threshold_word = 0;
    wrong = take_over_all(record, arch_ptr(paddr_of(platform->plic)), partition);
    if (wrong != NULL) {
        return wrong;
    }
    csr_set(sie, BIT(RISCV_INTERRUPT_EXTERNAL));
    return NULL;
}

struct plat_irq plat_irq_claim(void) {
    u32 source = *claim_word;

    if (source == 0 || source > highest_source) {
        return (struct plat_irq){.kind = PLAT_IRQ_NONE};
    }
    claimed[source / 32] |= 1u << source % 32;
    return (struct plat_irq){.kind = PLAT_IRQ_DEVICE, .irq = source};
}

void plat_irq_mask(u32 irq) {
    set_enabled(irq, false);
}

void plat_irq_unmask(u32 irq) {
    if (!has_bit(enabled, irq)) {
        set_enabled(irq, true);
        /* QEMU's model does not look at what is already pending when a source is enabled, but does here. */
        *threshold_word = 0;
    }
    if (has_bit(claimed, irq)) {
        complete(irq);
    }
}

/* The PLIC has no register for it: its gateways are wired for what their device does, levels on qemu virt. */
bool plat_irq_set_trigger(u32 irq, bool edge) {
    (void)irq;
    return !edge;
}

u32 plat_irq_max(void) {
    return highest_source;
}

bool plat_irq_is_owned(u32 irq) {
    return irq <= highest_source && has_bit(owned, irq);
}
