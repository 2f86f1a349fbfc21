// SPDX-License-Identifier: BSD-2-Clause
/*
 * Preemption points. Long work counts its units here; every PREEMPTION_UNITS of them it looks for
 * interrupts. The count goes on from one system call to the next, so many short operations in a row
 * are no way around it. Whoever stops has done at least one unit, so restarted work makes progress
 * however often it is interrupted.
 */
#include "arch/interrupt.h"
#include "kernel/object/object.h"

bool preemption_look(void) {
    kernel.work_units = 0;
    return arch_interrupt_pending();
}
