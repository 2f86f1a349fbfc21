// SPDX-License-Identifier: BSD-2-Clause
/*
 * This hart's S-level interrupt file (RISC-V Advanced Interrupt Architecture, "Incoming MSI Controller"): an
 * array of pending and enable bits by identity, reached through siselect/sireg. Identities are 1..ids, at most
 * 255 here. Interrupts must be off: siselect is state.
 */
#pragma once

#include "arch/riscv/csr.h"
#include "lib/types.h"

#define IMSIC_EIDELIVERY     0x70
#define IMSIC_EITHRESHOLD    0x72
#define IMSIC_EIP0           0x80
#define IMSIC_EIE0           0xc0
#define IMSIC_MAX_IDENTITIES 256 /* identity 0 does not exist */

ALWAYS_INLINE void imsic_write(u64 reg, u64 value) {
    csr_write(CSR_SISELECT, reg);
    csr_write(CSR_SIREG, value);
}

/* RV64 has only the even registers, 64 identities each. */
ALWAYS_INLINE void imsic_enable(u32 identity) {
    csr_write(CSR_SISELECT, IMSIC_EIE0 + identity / 64 * 2);
    csr_set(CSR_SIREG, BIT(identity % 64));
}

ALWAYS_INLINE void imsic_disable(u32 identity) {
    csr_write(CSR_SISELECT, IMSIC_EIE0 + identity / 64 * 2);
    csr_clear(CSR_SIREG, BIT(identity % 64));
}

/* Take the pending and enabled identity of highest priority (the lowest); 0: none. */
ALWAYS_INLINE u32 imsic_claim(void) {
    return (u32)(csr_take(CSR_STOPEI) >> 16);
}
