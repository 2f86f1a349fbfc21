// SPDX-License-Identifier: BSD-2-Clause
/* RISC-V: sip and sie. See arch/interrupt.h. */
#pragma once

#include "arch/interrupt.h"
#include "lib/types.h"

#define RISCV_INTERRUPT_SOFTWARE 1
#define RISCV_INTERRUPT_TIMER    5
#define RISCV_INTERRUPT_EXTERNAL 9

ALWAYS_INLINE u64 riscv_interrupts_ready(void) {
    u64 pending;
    u64 enabled;

    __asm__ volatile("csrr %0, sip" : "=r"(pending) : : "memory");
    __asm__ volatile("csrr %0, sie" : "=r"(enabled));
    return pending & enabled;
}

ALWAYS_INLINE bool arch_interrupt_pending(void) {
    return riscv_interrupts_ready() != 0;
}

/* In the order the hardware would take them (privileged specification, "sip and sie"). */
ALWAYS_INLINE enum arch_interrupt arch_interrupt_next(void) {
    u64 ready = riscv_interrupts_ready();

    if (ready & BIT(RISCV_INTERRUPT_EXTERNAL)) {
        return ARCH_INTERRUPT_EXTERNAL;
    }
    if (ready & BIT(RISCV_INTERRUPT_SOFTWARE)) {
        return ARCH_INTERRUPT_SOFTWARE;
    }
    return ready & BIT(RISCV_INTERRUPT_TIMER) ? ARCH_INTERRUPT_TIMER : ARCH_INTERRUPT_NONE;
}
