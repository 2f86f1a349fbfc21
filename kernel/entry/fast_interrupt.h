// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fast path of interrupts and doorbells: what arrived is one line, and its signal is taken by a thread that waits
 * for it. Admit, commit, arrive, as in kernel/entry/fastpath.h; until then the entry has read the clock, claimed the
 * interrupt and, of a doorbell, collected the lines, which both ways need.
 */
#pragma once

#include "kernel/entry/fast_notification.h"
#include "kernel/object/irq.h"

/* The slow path's end of this entry would have more to do than to schedule: a timer, a peer, another line. */
ALWAYS_INLINE bool more_has_happened(void) {
    return kernel.reschedule || kernel.timer_stale || irq_doorbells_left();
}

/* The woken thread gets the core, from whoever has it: displace_current(), install(). */
ALWAYS_INLINE struct arch_context *take_core(struct tcb *tcb, struct tcb *current, u64 change,
                                             ticks_t now) {
    if (current != NULL) {
        ready_push_head(current);
        return arrive_own(tcb, change, now);
    }
    handover_from_idle(now);
    handover_install(tcb, now);
    return arrive_in(tcb, change);
}

/* Signal the line that arrived in this entry, which has a notification. NOT_ADMITTED: nothing changed. */
ALWAYS_INLINE struct arch_context *fast_deliver(struct irq_line *line) {
    struct cap cap = line->notification.cap;
    struct notification *notification = arch_ptr(cap_address(cap));
    struct tcb *current = kernel.current;
    ticks_t now = kernel.now;

    /* Admit. */
    if (more_has_happened() || !is_waited_for(notification)) {
        return NOT_ADMITTED;
    }
    struct tcb *tcb = signal_taker(notification);

    if (tcb == NULL || !handover_may_wake(tcb, now)) {
        return NOT_ADMITTED;
    }
    bool above = current == NULL || tcb->priority > current->priority;

    u64 change =
        current == NULL ? 1 : space_change(tcb, current); /* an idle core has any, or none */

    if (above && (!may_arrive(tcb, change) || (current != NULL && !handover_may_charge(now)))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    line->masked = true;
    wake_taker(notification, tcb, cap_badge(cap), now);
    if (above) {
        return take_core(tcb, current, change, now);
    }
    ready_push_tail(tcb);
    return &current->context;
}
