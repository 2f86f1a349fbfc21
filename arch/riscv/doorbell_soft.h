// SPDX-License-Identifier: BSD-2-Clause
/*
 * The receiving half shared by the doorbells that arrive as the hart's software interrupt (SSWI, SBI). That bit
 * does not say who rang: a claim answers with all peers, and masking one peer masks the interrupt until no peer
 * is masked. Included by exactly the file that is linked as the doorbell.
 */
#pragma once

#include "arch/doorbell.h"
#include "arch/interrupt.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/riscv.h"

static u64 connected_peers; /* set at boot, then constant */
static u64 masked_peers;

static const char *soft_connect(unsigned peer) {
    if (peer >= ARCH_DOORBELL_PEERS) {
        return "boot record: more peers than this kernel can know";
    }
    connected_peers |= BIT(peer);
    csr_set(sie, BIT(RISCV_INTERRUPT_SOFTWARE));
    return NULL;
}

/* Cleared before the words are looked at: a ring that comes later sets it again. */
u64 arch_doorbell_claim(void) {
    csr_clear(sip, BIT(RISCV_INTERRUPT_SOFTWARE));
    return connected_peers;
}

/* No identity of an external controller is a doorbell. */
u64 arch_doorbell_identity_peers(u32 identity) {
    (void)identity;
    return 0;
}

void arch_doorbell_mask(unsigned peer) {
    masked_peers |= BIT(peer);
    csr_clear(sie, BIT(RISCV_INTERRUPT_SOFTWARE));
}

void arch_doorbell_unmask(unsigned peer) {
    masked_peers &= ~BIT(peer);
    if (masked_peers == 0) {
        csr_set(sie, BIT(RISCV_INTERRUPT_SOFTWARE));
    }
}

void arch_doorbell_await(void) {
    csr_clear(sip, BIT(RISCV_INTERRUPT_SOFTWARE));
    csr_write(sie, BIT(RISCV_INTERRUPT_SOFTWARE));
}
