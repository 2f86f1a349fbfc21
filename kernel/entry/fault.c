// SPDX-License-Identifier: BSD-2-Clause
/* A thread did what it cannot: its handler hears of it. */
#include "kernel/ipc/fault.h"

#include "kernel/entry/check.h"
#include "kernel/entry/exit.h"
#include "kernel/entry/fastpath.h"

struct arch_context *kernel_fault(struct arch_context *context, const struct arch_fault *fault) {
    struct tcb *tcb = tcb_of_context(context);

    if (fault->kind == ARCH_FAULT_VM) {
        tcb->fault = (struct fault){.kind = SEL4_FAULT_VM,
                                    .address = fault->address,
                                    .number = fault->fsr,
                                    .is_instruction = fault->is_instruction};
    } else {
        tcb->fault = (struct fault){.kind = SEL4_FAULT_USER_EXCEPTION, .number = fault->number};
    }
    struct arch_context *next = fast_fault(tcb);

    if (next == NOT_ADMITTED) {
        entry_begin(ENTRY_FAULT);
        fault_send(tcb);
        return entry_end();
    }
    kernel.entries[ENTRY_FAULT]++;
    if (BUILD_CHECKS) {
        kernel.fast_taken[FAST_FAULTS]++;
        check_sometimes();
    }
    return next;
}
