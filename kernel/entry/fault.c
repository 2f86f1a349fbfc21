// SPDX-License-Identifier: BSD-2-Clause
/* A thread did what it cannot: its handler hears of it. */
#include "kernel/ipc/fault.h"

#include "kernel/entry/exit.h"

struct arch_context *kernel_fault(struct arch_context *context, const struct arch_fault *fault) {
    struct tcb *tcb = tcb_of_context(context);

    entry_begin(ENTRY_FAULT);
    if (fault->kind == ARCH_FAULT_VM) {
        tcb->fault = (struct fault){.kind = SEL4_FAULT_VM,
                                    .address = fault->address,
                                    .number = fault->fsr,
                                    .is_instruction = fault->is_instruction};
    } else {
        tcb->fault = (struct fault){.kind = SEL4_FAULT_USER_EXCEPTION, .number = fault->number};
    }
    fault_send(tcb);
    return entry_end();
}
