// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts as this hart sees them. They are off whenever the kernel runs; pending ones are taken when user
 * code resumes, or found by asking. arch_isa/interrupt.h defines, inline:
 *
 *   bool arch_interrupt_pending(void)               is any enabled interrupt pending? For preemption points: two
 *                                                   register reads
 *   enum arch_interrupt arch_interrupt_next(void)   which to take first, or ARCH_INTERRUPT_NONE
 */
#pragma once

#include "lib/types.h"

/* The values are RISC-V's exception codes, so that its trap code can pass them on; others need not care. */
enum arch_interrupt {
    ARCH_INTERRUPT_NONE = 0,
    ARCH_INTERRUPT_SOFTWARE = 1, /* ask arch_doorbell_claim() */
    ARCH_INTERRUPT_TIMER = 5,    /* the deadline of arch_timer_set() has come */
    ARCH_INTERRUPT_EXTERNAL = 9  /* ask plat_irq_claim() */
};

#include "arch_isa/interrupt.h"
