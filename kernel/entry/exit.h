// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every way into the kernel ends here: choose who runs, program the timer, switch the address space.
 * Entry is the one floor that reads the clock.
 */
#pragma once

#include "arch/upcalls.h"
#include "kernel/model/kernel.h"

/* Note the time and the kind of this entry; the first thing every entry does. */
void entry_begin(enum entry_kind kind);

/*
 * If the running context used up its head refill in this entry: its thread's timeout handler decides, or it
 * waits for the next refill.
 */
void end_slice_if_over(void);

/* The last thing. Returns the context to resume, or NULL. */
MUST_USE struct arch_context *entry_end(void);
