// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupt lines, and the receive ends of doorbell lines, which look the same to user space:
 *
 *   irq 1..95                            a source of the board's interrupt controller
 *   irq 96 (kernel.config->max_irq)      the kernel's timer; never handed out
 *   irq 4096 + peer x 1024 + line        a doorbell line; `peer` is a core index
 *
 *              Get                      arrives                       Ack
 *   inactive ───────► active, open ─────────────────► active, masked ─────► active, open
 *       ▲                  └────────────────────────────────┘
 *       └───────────── last IRQHandler capability deleted
 *
 * What arrives signals line->notification and stays masked until Ack, so a source costs at most one
 * entry per acknowledgement. A source that arrives while no notification is set is masked and
 * forgotten, as in seL4; a doorbell line is kept (peer->held) until there is a notification,
 * because a doorbell, unlike a device, cannot be asked again.
 *
 * INV-IRQ-1: state is active exactly while IRQHandler capabilities to the irq exist.
 * INV-IRQ-2: bit `line` of peer->unmasked is set only if the line is active and not masked.
 */
#pragma once

#include "kernel/model/kernel.h"

#define IRQ_LINE_BITS 10

ALWAYS_INLINE bool irq_is_doorbell(u32 irq) {
    return irq >= DOORBELL_IRQ;
}

ALWAYS_INLINE struct peer *irq_peer(u32 irq) {
    return &kernel.peer[(irq - DOORBELL_IRQ) >> IRQ_LINE_BITS];
}

ALWAYS_INLINE u32 irq_peer_line(u32 irq) {
    return irq & MASK(IRQ_LINE_BITS);
}

/* The line with this number, or NULL if this kernel has none. */
struct irq_line *irq_line_find(u64 irq);

/*
 * May a handler be made for this line? Not if there is one, nor for the kernel's timer, nor for a
 * source that the boot record gives to another kernel: that one may have a handler, and here it
 * looks like a handler elsewhere.
 */
bool irq_is_free(u32 irq);

/* Choose edge or level for a free source. False if controller or wiring cannot give that. */
MUST_USE bool irq_set_trigger(u32 irq, bool edge);

/* The first handler capability of a free line is made: it opens. */
void irq_activate(u32 irq);

/*
 * The last handler capability is deleted, and line->notification is empty already (which may take
 * several steps).
 */
void irq_deactivate(u32 irq);

/* Where the capability to the notification of a line is kept. */
struct cslot *irq_notification_slot(u32 irq);

/* SetNotification has filled that slot. */
void irq_notification_set(u32 irq);

/* Ack: the line may arrive again; a doorbell that was held is delivered now. */
void irq_acknowledge(u32 irq);

/*
 * plat_irq_claim() answered PLAT_IRQ_DEVICE; the source is masked. The line, if the caller has to signal it.
 */
MUST_USE struct irq_line *irq_device(u32 irq);

/*
 * Doorbells may have rung: `positions` as arch_doorbell_claim() and struct plat_irq tell them.
 * Follows arch_fence_after_claim(). Delivers line by line, but for a last one that the caller has to signal; if an
 * interrupt arrives meanwhile it stops, and irq_doorbells_rest() goes on. So call that in every kernel_interrupt() in
 * which irq_doorbells_left(). (It stops only if an interrupt is pending, so there is a next one.) Also lets in peers
 * that were shut out for their rate.
 */
MUST_USE struct irq_line *irq_doorbells(u64 positions);
void irq_doorbells_rest(void);

/* Signal a line that has a notification: it is masked until Ack. */
void irq_signal(struct irq_line *line);

/* Lines are left to deliver, or peers to be let in again. */
ALWAYS_INLINE bool irq_doorbells_left(void) {
    return (kernel.peers_left | kernel.peers_throttled) != 0;
}
