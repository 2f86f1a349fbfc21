// SPDX-License-Identifier: BSD-2-Clause
/* Interrupts: the timer, devices, doorbells. Time they take is charged to the interrupted context. */
#include "arch/atomic.h"
#include "arch/timer.h"
#include "kernel/entry/check.h"
#include "kernel/entry/exit.h"
#include "kernel/entry/fast_interrupt.h"
#include "kernel/entry/log.h"
#include "lib/build_checks.h"
#include "mcs/budget.h"
#include "mcs/domain.h"
#include "mcs/schedule.h"
#include "plat/plat.h"
#include "smp/doorbell.h"

/* Threads released by one timer interrupt; the timer fires again at once while more are due. */
#define RELEASES_PER_ENTRY 16

/* The timer fired: it has to be set anew, and the running context is charged. */
static void timer_begin(void) {
    kernel.timer_stale = true;
    kernel.timer_deadline = 0;
    log_counters();
    budget_commit();
}

static void timer_end(void) {
    end_slice_if_over(); /* before others are released: the thread stands before them in its queue */
    release_awaken(RELEASES_PER_ENTRY);
    if (kernel.now >= kernel.domain_end) {
        domain_advance();
    }
}

static void handle_timer(void) {
    timer_begin();
    timer_end();
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

/* These three answer with the line that arrived and is to be signalled, or NULL. */
ALWAYS_INLINE struct irq_line *take_doorbell(u64 peers) {
    entry_begin(ENTRY_DOORBELL);
    handle_timer_if_due();
    arch_fence_after_claim();
    return irq_doorbells(peers);
}

ALWAYS_INLINE struct irq_line *take_external(void) {
    struct plat_irq irq = plat_irq_claim();

    if (irq.kind == PLAT_IRQ_DOORBELL) {
        return take_doorbell(irq.peers);
    }
    entry_begin(ENTRY_DEVICE);
    handle_timer_if_due();
    return irq.kind == PLAT_IRQ_DEVICE ? irq_device(irq.irq) : NULL;
}

ALWAYS_INLINE struct irq_line *take(enum arch_interrupt kind) {
    switch (kind) {
    case ARCH_INTERRUPT_EXTERNAL:
        return take_external();
    case ARCH_INTERRUPT_SOFTWARE:
        return take_doorbell(arch_doorbell_claim());
    case ARCH_INTERRUPT_TIMER:
    case ARCH_INTERRUPT_NONE:
        break;
    }
    return NULL;
}

/* Debug kernels look at their state now and then, and count. */
ALWAYS_INLINE struct arch_context *checked(struct arch_context *next) {
    if (BUILD_CHECKS) {
        kernel.fast_taken[FAST_INTERRUPTS]++;
        check_sometimes();
    }
    return next;
}

/* The other way from a line to whoever runs next. */
NOINLINE static struct arch_context *slow_end(struct irq_line *line) {
    if (line != NULL) {
        irq_signal(line);
    }
    if (irq_doorbells_left()) {
        irq_doorbells_rest(); /* what an earlier entry had to leave because an interrupt came */
    }
    return entry_end();
}

static bool only_the_slice_is_over(void) {
    return kernel.slice_over && kernel.now < kernel.events_deadline && !irq_doorbells_left();
}

NOINLINE static struct arch_context *timer_interrupt(void) {
    entry_begin(ENTRY_TIMER);
    timer_begin();
    struct arch_context *next = only_the_slice_is_over() ? fast_timeout() : NOT_ADMITTED;

    if (next != NOT_ADMITTED) {
        return checked(next);
    }
    timer_end();
    return slow_end(NULL);
}

struct arch_context *kernel_interrupt(enum arch_interrupt kind) {
    if (kind == ARCH_INTERRUPT_TIMER) {
        return timer_interrupt();
    }
    struct irq_line *line = take(kind);

    if (line != NULL && !(BUILD_CHECKS && kernel.fastpath_off)) {
        struct arch_context *next = fast_deliver(line);

        if (next != NOT_ADMITTED) {
            return checked(next);
        }
    }
    return slow_end(line);
}
