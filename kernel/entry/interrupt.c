// SPDX-License-Identifier: BSD-2-Clause
/* Interrupts: the timer, devices, doorbells. Time they take is charged to the interrupted context. */
#include "arch/atomic.h"
#include "arch/timer.h"
#include "kernel/entry/exit.h"
#include "kernel/entry/log.h"
#include "kernel/object/irq.h"
#include "mcs/budget.h"
#include "mcs/domain.h"
#include "mcs/schedule.h"
#include "plat/plat.h"
#include "smp/doorbell.h"

/* Threads released by one timer interrupt; the timer fires again at once while more are due. */
#define RELEASES_PER_ENTRY 16

static void handle_timer(void) {
    kernel.timer_stale = true;
    kernel.timer_deadline = 0;
    log_counters();
    budget_commit();
    end_slice_if_over(); /* before others are released: the thread stands before them in its queue */
    release_awaken(RELEASES_PER_ENTRY);
    if (kernel.now >= kernel.domain_end) {
        domain_advance();
    }
}

/*
 * Of two interrupts at the same time the budget's end comes first: what the other one wakes could
 * otherwise take the core, and the thread would go to wait without its timeout fault.
 */
static void handle_timer_if_due(void) {
    if (kernel.now >= kernel.timer_deadline) {
        handle_timer();
    }
}

static void handle_external(void) {
    struct plat_irq irq = plat_irq_claim();

    entry_begin(irq.kind == PLAT_IRQ_DOORBELL ? ENTRY_DOORBELL : ENTRY_DEVICE);
    handle_timer_if_due();
    if (irq.kind == PLAT_IRQ_DEVICE) {
        irq_deliver(irq.irq);
    } else if (irq.kind == PLAT_IRQ_DOORBELL) {
        arch_fence_after_claim();
        irq_doorbells(irq.peers);
    }
}

static void handle_software(void) {
    u64 peers = arch_doorbell_claim();

    arch_fence_after_claim();
    irq_doorbells(peers);
}

struct arch_context *kernel_interrupt(enum arch_interrupt kind) {
    switch (kind) {
    case ARCH_INTERRUPT_TIMER:
        entry_begin(ENTRY_TIMER);
        handle_timer();
        break;
    case ARCH_INTERRUPT_EXTERNAL:
        handle_external();
        break;
    case ARCH_INTERRUPT_SOFTWARE:
        entry_begin(ENTRY_DOORBELL);
        handle_timer_if_due();
        handle_software();
        break;
    case ARCH_INTERRUPT_NONE:
        break;
    }
    if (irq_doorbells_left()) {
        irq_doorbells(0); /* what an earlier entry had to leave because an interrupt came */
    }
    return entry_end();
}
