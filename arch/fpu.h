// SPDX-License-Identifier: BSD-2-Clause
/*
 * Floating point. A thread gets floating-point state at its first floating-point instruction: it traps, arch
 * gives it zeroed registers and retries. From then on its state is saved when the thread is switched away from
 * and the registers are dirty, and restored when it is switched to. Threads that never use it cost nothing,
 * and cannot see anybody's registers: with the unit off every use traps.
 *
 * Switching and first use are arch's own business (it knows both contexts when an upcall returns); the kernel
 * core only disables.
 */
#pragma once

#include "arch/context.h"
#include "lib/types.h"

/*
 * The TCB flag fpuDisabled: true takes the unit away (state is dropped; the next use faults), false gives it
 * back as for a new thread. Works on the running thread's context, too.
 */
void arch_fpu_disable(struct arch_context *context, bool disabled);

/* Called by the trap code: move state between contexts. Either may be NULL. */
void arch_fpu_switch(struct arch_context *from, struct arch_context *to);

/* Called by the trap code on an illegal instruction: true = state was given, retry the instruction. */
MUST_USE bool arch_fpu_first_use(struct arch_context *context);
