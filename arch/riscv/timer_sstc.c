// SPDX-License-Identifier: BSD-2-Clause
/* The alarm by the Sstc extension: `stimecmp`, one instruction. Writing a later value takes the interrupt back. */
#include "arch/timer.h"

#include "arch/interrupt.h"
#include "arch/riscv/csr.h"

void arch_timer_set(ticks_t deadline) {
    csr_write(CSR_STIMECMP, deadline);
}

const char *arch_timer_init(const struct boot_platform *platform) {
    if (!platform->has_sstc) {
        return "this kernel is linked for the Sstc timer, which this machine lacks";
    }
    arch_timer_set(ARCH_TIMER_NEVER);
    csr_set(sie, BIT(RISCV_INTERRUPT_TIMER));
    return NULL;
}
