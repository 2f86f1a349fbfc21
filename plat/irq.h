// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts of devices. An irq is the source number at the board's controller, 1..plat_irq_max().
 *
 * Every irq starts masked. Unmasked, it comes once: plat_irq_claim() returns it masked, and it stays so until
 * plat_irq_unmask() (the user's Ack). While masked, an edge is remembered and comes after unmasking. A level that is
 * still asserted at unmasking comes again, as far as the machine can: a real PLIC does; QEMU's looks at a line only
 * when the device changes something; with MSIs only the kernel that holds the APLIC can ask for it. So a driver
 * works until its device's line is low before it acknowledges.
 *
 * Functions taking an irq need an owned one; plat_irq_is_owned() takes any number.
 */
#pragma once

#include "lib/types.h"

enum plat_irq_kind {
    PLAT_IRQ_NONE,    /* spurious: nothing to claim, or not ours */
    PLAT_IRQ_DEVICE,  /* `irq` is the source */
    PLAT_IRQ_DOORBELL /* `peers` may have rung; follow with arch_fence_after_claim() */
};

struct plat_irq {
    enum plat_irq_kind kind;
    u32 irq;
    u64 peers; /* bit by peer, as in arch/doorbell.h */
};

/* Take one external interrupt. Others may remain: the external interrupt then stays pending. */
MUST_USE struct plat_irq plat_irq_claim(void);

/* Keep the irq away until it is unmasked. */
void plat_irq_mask(u32 irq);

/* Let the irq come, at once if it is pending. Also what acknowledges a claimed one. */
void plat_irq_unmask(u32 irq);

/* Choose edge or level. False where controller or wiring cannot give that; nothing is changed then. */
MUST_USE bool plat_irq_set_trigger(u32 irq, bool edge);

/* Highest source number of the controller. */
u32 plat_irq_max(void);

/* Does the boot record give this source to this kernel? */
MUST_USE bool plat_irq_is_owned(u32 irq);
