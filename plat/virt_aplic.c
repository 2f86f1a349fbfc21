// SPDX-License-Identifier: BSD-2-Clause
/*
 * The APLIC in MSI mode (RISC-V Advanced Interrupt Architecture, "Advanced PLIC"): it turns each wire into a
 * message to one hart's IMSIC. One kernel, the platform kernel (BOOT_OWNS_PLATFORM), programs it once at boot for
 * everybody; after that an interrupt is between the device and its owner's IMSIC, and masking is a bit there.
 *
 * A level source sends one message when its line rises. If the line is still high when the user acknowledges,
 * nothing would come; asking the APLIC again (setipnum) sends iff the line is still high. Only the platform kernel
 * can do that, so drivers on other kernels must work until their line is low.
 */
#include "plat/plat.h"

#include "arch/doorbell.h"
#include "arch/memory.h"
#include "arch/riscv/imsic.h"
#include "lib/boot_items.h"
#include "lib/bound.h"

#define APLIC_MAX_SOURCES 128 /* 1..127; qemu virt has 1..96 */
#define APLIC_BYTES       0x8000ull

/* Word offsets. */
#define APLIC_DOMAINCFG         0
#define APLIC_SOURCECFG(source) (source) /* 0x4 + (source - 1) * 4 */
#define APLIC_SETIPNUM          (0x1cdc / 4)
#define APLIC_SETIENUM          (0x1edc / 4)
#define APLIC_TARGET(source)    (0x3000 / 4 + (source))

#define APLIC_DOMAINCFG_MSI  0x80000104u /* fixed bits, interrupts enabled, deliver by MSI */
#define APLIC_SOURCE_EDGE    4u          /* rising */
#define APLIC_SOURCE_LEVEL   6u          /* high */
#define APLIC_TARGET_HART(h) ((u32)(h) << 18)
#define APLIC_HART_INDEXES   (1u << 14)

/* Set at boot, then constant (edge_triggered: also by plat_irq_set_trigger). */
static volatile u32 *aplic; /* NULL: another kernel's */
static u32 highest_source;
static u8 identity_of_source[APLIC_MAX_SOURCES]; /* 0: not ours */
static u8 source_of_identity[IMSIC_MAX_IDENTITIES];
static bool edge_triggered[APLIC_MAX_SOURCES];

static const char *check_item(const struct boot_interrupt *item) {
    if (item->source == 0 || item->source > highest_source) {
        return "boot record: an interrupt source the controller does not have";
    }
    if (item->identity == 0 || item->identity >= IMSIC_MAX_IDENTITIES) {
        return "boot record: an interrupt without a possible IMSIC identity";
    }
    return item->hart_index < APLIC_HART_INDEXES ? NULL : "boot record: impossible hart index";
}

/* Off, then where to, then on: a source is never enabled towards an old target. */
static void route(const struct boot_interrupt *item) {
    aplic[APLIC_SOURCECFG(item->source)] = 0;
    aplic[APLIC_TARGET(item->source)] = APLIC_TARGET_HART(item->hart_index) | item->identity;
    aplic[APLIC_SOURCECFG(item->source)] = item->edge ? APLIC_SOURCE_EDGE : APLIC_SOURCE_LEVEL;
    aplic[APLIC_SETIENUM] = item->source;
}

static const char *take_over(const struct boot_interrupt *item) {
    if (source_of_identity[item->identity] != 0 ||
        arch_doorbell_identity_peers(item->identity) != 0) {
        return "boot record: an IMSIC identity is used twice";
    }
    identity_of_source[item->source] = (u8)item->identity;
    source_of_identity[item->identity] = (u8)item->source;
    edge_triggered[item->source] = item->edge != 0;
    imsic_disable(item->identity);
    return NULL;
}

static const char *take_items(const struct boot_record *record, u32 core) {
    const struct boot_interrupt *item = NULL;
    const char *wrong = NULL;

    BOUND(aplic_items, BOOT_ITEMS_MAX);
    while (wrong == NULL && (item = boot_record_find(record, BOOT_INTERRUPT, item)) != NULL) {
        BOUND_STEP(aplic_items);
        wrong = check_item(item);
        if (wrong == NULL && item->owner == core) {
            wrong = take_over(item);
        }
        if (wrong == NULL && aplic != NULL) {
            route(item);
        }
    }
    return wrong;
}

static const char *find_registers(const struct boot_platform *platform, bool is_owner) {
    paddr_t base = paddr_of(platform->aplic);

    if (platform->imsic == 0) {
        return "this kernel is linked for APLIC and IMSIC, which this machine lacks";
    }
    if (platform->sources == 0 || platform->sources >= APLIC_MAX_SOURCES) {
        return "boot record: more APLIC sources than this kernel was built for";
    }
    highest_source = platform->sources;
    if (!is_owner) {
        return NULL;
    }
    if (platform->aplic == 0 || !arch_memory_in_window(base, APLIC_BYTES)) {
        return "boot record: the platform kernel was not granted the APLIC";
    }
    aplic = arch_ptr(base);
    return NULL;
}

const char *plat_init(const struct boot_record *record) {
    const struct boot_platform *platform = boot_record_find(record, BOOT_PLATFORM, NULL);
    const struct boot_partition *partition = boot_record_find(record, BOOT_PARTITION, NULL);
    const char *wrong = find_registers(platform, partition->flags & BOOT_OWNS_PLATFORM);

    if (wrong == NULL) {
        wrong = take_items(record, partition->core);
    }
    if (wrong == NULL && aplic != NULL) {
        aplic[APLIC_DOMAINCFG] = APLIC_DOMAINCFG_MSI;
    }
    return wrong;
}

struct plat_irq plat_irq_claim(void) {
    u32 identity = imsic_claim();
    u64 peers = arch_doorbell_identity_peers(identity);
    u32 source = source_of_identity[identity % IMSIC_MAX_IDENTITIES];

    if (peers != 0) {
        return (struct plat_irq){.kind = PLAT_IRQ_DOORBELL, .peers = peers};
    }
    if (source == 0) {
        return (struct plat_irq){.kind = PLAT_IRQ_NONE};
    }
    imsic_disable(identity);
    return (struct plat_irq){.kind = PLAT_IRQ_DEVICE, .irq = source};
}

void plat_irq_mask(u32 irq) {
    imsic_disable(identity_of_source[irq]);
}

void plat_irq_unmask(u32 irq) {
    imsic_enable(identity_of_source[irq]);
    if (aplic != NULL && !edge_triggered[irq]) {
        aplic[APLIC_SETIPNUM] = irq;
    }
}

/* Who does not hold the APLIC gets what the platform kernel was told to program. */
bool plat_irq_set_trigger(u32 irq, bool edge) {
    if (edge_triggered[irq] == edge) {
        return true;
    }
    if (aplic == NULL) {
        return false;
    }
    edge_triggered[irq] = edge;
    aplic[APLIC_SOURCECFG(irq)] = edge ? APLIC_SOURCE_EDGE : APLIC_SOURCE_LEVEL;
    return true;
}

u32 plat_irq_max(void) {
    return highest_source;
}

bool plat_irq_is_owned(u32 irq) {
    return irq <= highest_source && identity_of_source[irq] != 0;
}
