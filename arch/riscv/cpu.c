// SPDX-License-Identifier: BSD-2-Clause
/* The firmware's console, and the ends of a hart. */
#include "arch/cpu.h"

#include "arch/console.h"
#include "arch/interrupt.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/riscv.h"
#include "arch/riscv/sbi.h"
#include "lib/bound.h"

/* Firmware may take less than all; each call that takes nothing ends the attempt. */
void arch_console_write(const char *text, u64 n) {
    BOUND(console_write, 4096);
    while (n > 0) {
        BOUND_STEP(console_write);
        struct sbi_result taken = sbi_console_write(n, riscv_physical(text));
        if (taken.error != 0 || taken.value <= 0 || (u64)taken.value > n) {
            return;
        }
        text += taken.value;
        n -= (u64)taken.value;
    }
}

void arch_console_byte(char c) {
    (void)sbi_console_byte(c);
}

/* Nothing is enabled, so wfi sleeps; the loop is for harts where it may return by itself. */
void arch_halt(void) {
    csr_write(sie, 0);
    for (;;) {
        __asm__ volatile("wfi" : : : "memory");
    }
}

void arch_park(paddr_t resume, u64 opaque, bool at_once) {
    if (at_once) {
        csr_set(sie, BIT(RISCV_INTERRUPT_SOFTWARE));
        csr_set(sip, BIT(RISCV_INTERRUPT_SOFTWARE)); /* rings itself; the stub clears it */
    }
    sbi_suspend_forgetful(resume, opaque);
    arch_halt();
}

void arch_machine_reset(bool failed) {
    (void)sbi_call(SBI_SRST, SBI_SRST_RESET, SBI_RESET_SHUTDOWN,
                   failed ? SBI_RESET_SYSTEM_FAILED : SBI_RESET_NO_REASON, 0);
    arch_halt();
}
