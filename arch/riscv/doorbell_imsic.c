// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbells by message-signalled interrupts: to ring is to store an identity to the page of the peer's hart. Each
 * peer rings us by an identity of its own (BOOT_PEER.receive_id), so the receiver knows who it was, and can
 * refuse one without refusing the others. The same file carries the devices' interrupts: plat/virt_aplic.c takes
 * both from it and asks arch_doorbell_identity_peers() which is which.
 */
#include "arch/doorbell.h"

#include "arch/interrupt.h"
#include "arch/memory.h"
#include "arch/riscv/imsic.h"
#include "arch/riscv/riscv.h"
#include "lib/bound.h"

/* Set at boot, then constant. 0: no doorbell; else peer + 1. */
static u8 peer_of_identity[IMSIC_MAX_IDENTITIES];
static u8 identity_of_peer[ARCH_DOORBELL_PEERS];
static u32 identities;

/* An earlier life of this partition may have left anything here. */
static void reset_file(void) {
    BOUND(imsic_reset, IMSIC_MAX_IDENTITIES / 64);
    for (u64 i = 0; i < IMSIC_MAX_IDENTITIES / 64; i++) {
        BOUND_STEP(imsic_reset);
        imsic_write(IMSIC_EIE0 + 2 * i, 0);
        imsic_write(IMSIC_EIP0 + 2 * i, 0);
    }
    imsic_write(IMSIC_EITHRESHOLD, 0);
    imsic_write(IMSIC_EIDELIVERY, 1);
}

const char *arch_doorbell_init(const struct boot_platform *platform) {
    if (platform->imsic == 0 || platform->imsic_ids == 0) {
        return "this kernel is linked for IMSIC doorbells, which this machine lacks";
    }
    if (platform->imsic_ids % 64 != 63) {
        return "this IMSIC has a number of identities that no IMSIC can have";
    }
    identities =
        platform->imsic_ids < IMSIC_MAX_IDENTITIES ? platform->imsic_ids : IMSIC_MAX_IDENTITIES - 1;
    reset_file();
    csr_set(sie, BIT(RISCV_INTERRUPT_EXTERNAL));
    return NULL;
}

const char *arch_doorbell_connect(unsigned peer, const struct boot_peer *description,
                                  struct doorbell_target *target) {
    u32 identity = description->receive_id;
    paddr_t page = paddr_of(description->doorbell);

    if (peer >= ARCH_DOORBELL_PEERS) {
        return "boot record: more peers than this kernel can know";
    }
    if (identity == 0 || identity > identities || peer_of_identity[identity] != 0) {
        return "boot record: a peer's doorbell identity is out of range or used twice";
    }
    if (!is_aligned(page.value, PAGE_BITS) || !arch_memory_in_window(page, PAGE_SIZE)) {
        return "boot record: a peer's doorbell page is outside the kernel's window";
    }
    peer_of_identity[identity] = (u8)(peer + 1);
    identity_of_peer[peer] = (u8)identity;
    target->reg = arch_ptr(page);
    target->value = description->doorbell_value;
    imsic_enable(identity);
    return NULL;
}

void arch_doorbell_ring(const struct doorbell_target *target) {
    *target->reg = (u32)target->value;
}

/* Software interrupts are not used with an IMSIC: whatever raised one, nobody rang. */
u64 arch_doorbell_claim(void) {
    csr_clear(sip, BIT(RISCV_INTERRUPT_SOFTWARE));
    return 0;
}

u64 arch_doorbell_identity_peers(u32 identity) {
    u8 peer = peer_of_identity[identity % IMSIC_MAX_IDENTITIES];

    return peer == 0 ? 0 : BIT(peer - 1);
}

void arch_doorbell_mask(unsigned peer) {
    imsic_disable(identity_of_peer[peer]);
}

void arch_doorbell_unmask(unsigned peer) {
    imsic_enable(identity_of_peer[peer]);
}

void arch_doorbell_await(void) {
    csr_write(sie, 0);
    reset_file();
    BOUND(imsic_await, ARCH_DOORBELL_PEERS);
    for (unsigned peer = 0; peer < ARCH_DOORBELL_PEERS; peer++) {
        BOUND_STEP(imsic_await);
        if (identity_of_peer[peer] != 0) {
            imsic_enable(identity_of_peer[peer]);
        }
    }
    csr_set(sie, BIT(RISCV_INTERRUPT_EXTERNAL));
}
