// SPDX-License-Identifier: BSD-2-Clause
/* The alarm by firmware call, some 340 instructions; for machines without Sstc. */
#include "arch/timer.h"

#include "arch/interrupt.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"

void arch_timer_set(ticks_t deadline) {
    (void)sbi_call(SBI_TIME, SBI_TIME_SET, deadline, 0, 0);
}

const char *arch_timer_init(const struct boot_platform *platform) {
    (void)platform;
    if (sbi_call(SBI_TIME, SBI_TIME_SET, ARCH_TIMER_NEVER, 0, 0).error != 0) {
        return "this kernel is linked for the firmware's timer, which this firmware lacks";
    }
    csr_set(sie, BIT(RISCV_INTERRUPT_TIMER));
    return NULL;
}
