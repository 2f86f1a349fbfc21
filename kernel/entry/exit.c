// SPDX-License-Identifier: BSD-2-Clause
/* The common begin and end of all entries; see kernel/entry/exit.h. */
#include "kernel/entry/exit.h"

#include "arch/timer.h"
#include "kernel/entry/check.h"
#include "kernel/ipc/fault.h"
#include "kernel/object/vspace.h"
#include "lib/build_checks.h"
#include "mcs/budget.h"
#include "mcs/schedule.h"
#include "smp/doorbell.h"

PER_KERNEL struct kernel kernel;

void entry_begin(enum entry_kind kind) {
    kernel.now = arch_time();
    kernel.entries[kind]++;
    if (BUILD_BENCH && kind != ENTRY_SYSCALL && kernel.current != NULL) {
        kernel.current->used_entries++; /* those of system calls: kernel_syscall() */
    }
}

void end_slice_if_over(void) {
    struct tcb *tcb = kernel.current;

    if (!kernel.slice_over) {
        return;
    }
    kernel.slice_over = false;
    if (tcb == NULL || tcb->sc == NULL || tcb->sc != kernel.current_sc) {
        return; /* it left the core by itself, or gave its context away */
    }
    if (sc_is_round_robin(tcb->sc) || !fault_send_timeout(tcb)) {
        budget_end_slice();
    }
}

static void program_timer(void) {
    ticks_t events = min_u64(schedule_event_deadline(), smp_throttle_deadline());
    ticks_t deadline = min_u64(schedule_budget_deadline(), events);

    kernel.timer_stale = false;
    kernel.events_deadline = events;
    if (deadline != kernel.timer_deadline) {
        kernel.timer_deadline = deadline;
        arch_timer_set(deadline);
    }
}

struct arch_context *entry_end(void) {
    end_slice_if_over();
    if (kernel.reschedule) {
        const struct tcb *before = kernel.current;

        schedule_next();
        if (kernel.current != NULL &&
            (kernel.space_stale || before == NULL || !vspace_is_shared(kernel.current, before))) {
            vspace_activate(kernel.current);
        }
        kernel.space_stale = false;
    }
    if (kernel.timer_stale) {
        program_timer();
    }
    if (BUILD_CHECKS) {
        check_sometimes();
    }
    return kernel.current != NULL ? &kernel.current->context : NULL;
}
