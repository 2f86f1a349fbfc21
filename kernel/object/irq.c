// SPDX-License-Identifier: BSD-2-Clause
/* Interrupt lines and receive ends of doorbells; see kernel/object/irq.h. */
#include "kernel/object/irq.h"

#include "arch/interrupt.h"
#include "arch/memory.h"
#include "kernel/ipc/notification.h"
#include "lib/bits.h"
#include "lib/bound.h"
#include "plat/plat.h"
#include "smp/doorbell.h"

/*
 * Lines delivered between two looks at pending interrupts; a signal that wakes is a few hundred
 * instructions.
 */
#define DELIVERY_BATCH 16

/* ---- Lines ----------------------------------------------------------------------------------- */

static struct irq_line *doorbell_line_find(u64 irq) {
    u64 number = (irq - DOORBELL_IRQ) >> IRQ_LINE_BITS;

    if (number > CORE_CONFIG_MAX_PEERS || !kernel.peer[number].present) {
        return NULL;
    }
    u32 line = irq_peer_line((u32)irq);
    return line < kernel.peer[number].receive_lines ? &kernel.peer[number].line[line] : NULL;
}

struct irq_line *irq_line_find(u64 irq) {
    if (irq >= DOORBELL_IRQ) {
        return doorbell_line_find(irq);
    }
    return irq >= 1 && irq <= kernel.config->max_irq ? &kernel.irq[irq] : NULL;
}

/* Of an irq that is known to exist: an IRQHandler capability names it. */
static struct irq_line *line_of(u32 irq) {
    return irq_is_doorbell(irq) ? &irq_peer(irq)->line[irq_peer_line(irq)] : &kernel.irq[irq];
}

bool irq_is_free(u32 irq) {
    const struct irq_line *line = irq_line_find(irq);

    return line->state == IRQ_INACTIVE && (irq_is_doorbell(irq) || plat_irq_is_owned(irq));
}

struct cslot *irq_notification_slot(u32 irq) {
    return &line_of(irq)->notification;
}

bool irq_set_trigger(u32 irq, bool edge) {
    if (!plat_irq_set_trigger(irq, edge)) {
        return false;
    }
    line_of(irq)->edge = edge;
    return true;
}

void irq_activate(u32 irq) {
    struct irq_line *line = line_of(irq);

    line->state = IRQ_ACTIVE;
    line->masked = false;
    if (!irq_is_doorbell(irq)) {
        plat_irq_unmask(irq);
    }
}

void irq_deactivate(u32 irq) {
    struct irq_line *line = line_of(irq);

    line->state = IRQ_INACTIVE;
    line->masked = true;
    if (irq_is_doorbell(irq)) {
        smp_doorbell_forget(irq_peer(irq), irq_peer_line(irq));
    } else {
        plat_irq_mask(irq);
    }
}

/* ---- Delivery -------------------------------------------------------------------------------- */

/* A slot that is being emptied holds no notification any more, though it is not empty yet. */
static bool can_signal(const struct irq_line *line) {
    return cap_is(line->notification.cap, CAP_NOTIFICATION);
}

void irq_signal(struct irq_line *line) {
    struct cap cap = line->notification.cap;

    line->masked = true;
    notification_signal(arch_ptr(cap_address(cap)), cap_badge(cap));
}

struct irq_line *irq_device(u32 irq) {
    struct irq_line *line = &kernel.irq[irq];

    if (line->state != IRQ_ACTIVE) {
        return NULL;
    }
    if (!can_signal(line)) {
        line->masked = true; /* nobody listens: it is forgotten */
        return NULL;
    }
    return line;
}

/* A line taken from a peer. The notification may have been revoked since the line was unmasked. */
static struct irq_line *doorbell_line(struct peer *peer, u32 number) {
    struct irq_line *line = &peer->line[number];

    if (!can_signal(line)) {
        smp_doorbell_hold(peer, number);
        return NULL;
    }
    return line;
}

static void signal_if(struct irq_line *line) {
    if (line != NULL) {
        irq_signal(line);
    }
}

/* False: an interrupt waits, and lines may be left. */
static bool deliver_peer(struct peer *peer) {
    unsigned batch = 0;
    u32 line = 0;

    BOUND(doorbell_lines, CORE_CONFIG_MAX_LINES);
    while (smp_doorbell_take(peer, &line)) {
        BOUND_STEP(doorbell_lines);
        signal_if(doorbell_line(peer, line));
        batch++;
        if (batch % DELIVERY_BATCH == 0 && arch_interrupt_pending()) {
            return false;
        }
    }
    return true;
}

NOINLINE static void deliver_left(void) {
    BOUND(doorbell_peers_left, CORE_CONFIG_MAX_PEERS + 1);
    while (kernel.peers_left != 0) {
        BOUND_STEP(doorbell_peers_left);
        if (!deliver_peer(&kernel.peer[lowest_bit(kernel.peers_left)])) {
            return;
        }
        kernel.peers_left &= kernel.peers_left - 1;
    }
}

void irq_doorbells_rest(void) {
    smp_throttle_release();
    deliver_left();
}

struct irq_line *irq_doorbells(u64 positions) {
    struct irq_line *last = NULL;
    u32 line = 0;

    smp_throttle_release();
    positions &= kernel.peer_positions;
    BOUND(doorbell_peers, CORE_CONFIG_MAX_PEERS + 1);
    while (positions != 0) {
        BOUND_STEP(doorbell_peers);
        struct peer *peer = &kernel.peer[kernel.peer_at[lowest_bit(positions)]];

        positions &= positions - 1;
        smp_throttle_count(peer);
        if (smp_doorbell_collect_lone(peer, &line)) {
            signal_if(last);
            last = doorbell_line(peer, line);
        }
    }
    if (kernel.peers_left != 0) {
        deliver_left();
    }
    return last;
}

/* ---- What handlers do ------------------------------------------------------------------------ */

/* An open doorbell line with a notification may be delivered, from now on or at once. */
static void open_doorbell(u32 irq, struct irq_line *line) {
    if (!line->masked && can_signal(line) &&
        smp_doorbell_unmask(irq_peer(irq), irq_peer_line(irq))) {
        irq_signal(line);
    }
}

void irq_notification_set(u32 irq) {
    if (irq_is_doorbell(irq)) {
        open_doorbell(irq, line_of(irq));
    }
}

void irq_acknowledge(u32 irq) {
    struct irq_line *line = line_of(irq);
    bool masked = line->masked;

    line->masked = false;
    if (irq_is_doorbell(irq)) {
        open_doorbell(irq, line);
    } else if (masked) {
        plat_irq_unmask(irq);
    }
}
