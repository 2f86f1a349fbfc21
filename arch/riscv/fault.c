// SPDX-License-Identifier: BSD-2-Clause
/* What user code did wrong, in the words of the kernel core; and waiting when there is no user code to run. */
#include "arch/riscv/riscv.h"

#include "arch/fpu.h"
#include "arch/riscv/csr.h"
#include "arch/upcalls.h"

/* Exception codes of scause (privileged specification, "Supervisor Cause Register"). */
enum cause {
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15
};

/* The access-fault code that also stands for a page fault of that kind; 0: no memory fault. */
static u64 memory_fault_code(u64 cause) {
    if (cause == CAUSE_FETCH_ACCESS || cause == CAUSE_FETCH_PAGE) {
        return CAUSE_FETCH_ACCESS;
    }
    if (cause == CAUSE_LOAD_ACCESS || cause == CAUSE_LOAD_PAGE) {
        return CAUSE_LOAD_ACCESS;
    }
    if (cause == CAUSE_STORE_ACCESS || cause == CAUSE_STORE_PAGE) {
        return CAUSE_STORE_ACCESS;
    }
    return 0;
}

struct arch_context *riscv_user_fault(struct arch_context *context, u64 cause, u64 value) {
    u64 code = memory_fault_code(cause);
    struct arch_fault fault = {
        .kind = code != 0 ? ARCH_FAULT_VM : ARCH_FAULT_USER,
        .address = code != 0 ? value : 0,
        .fsr = code,
        .is_instruction = code == CAUSE_FETCH_ACCESS,
        .number = cause,
    };

    /* A first floating-point instruction looks like any illegal one: give state, retry, and see. */
    if (cause == CAUSE_ILLEGAL && arch_fpu_first_use(context)) {
        return context;
    }
    return kernel_fault(context, &fault);
}

/*
 * Nothing to run: sleep, interrupts off, until one is pending; repeat until there is a thread. This is the one
 * loop of the kernel without a bound: it lasts as long as the world is quiet, and each turn is one interrupt.
 */
struct arch_context *riscv_wait(void) {
    struct arch_context *next = NULL;

    while (next == NULL) {
        enum arch_interrupt kind = arch_interrupt_next();

        if (kind == ARCH_INTERRUPT_NONE) {
            __asm__ volatile("wfi" : : : "memory");
        } else {
            next = kernel_interrupt(kind);
        }
    }
    return next;
}
