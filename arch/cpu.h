// SPDX-License-Identifier: BSD-2-Clause
/* This hart, and how it ends. */
#pragma once

#include "lib/types.h"

/* The hart this kernel runs on, as the firmware named it at entry. */
u64 arch_hart_id(void);

/* Stop for ever, interrupts off, as cheaply as the machine can. */
void arch_halt(void) NORETURN;

/*
 * Park until somebody rings this hart (`at_once`: no longer than the firmware needs), then start over at physical
 * address `resume` with translation off, a0 = hart, a1 = `opaque`: how a partition restarts from its golden image.
 * After arch_doorbell_await(). Falls back to arch_halt() if the firmware cannot.
 */
void arch_park(paddr_t resume, u64 opaque, bool at_once) NORETURN;

/* Reset (failed = false: good end; true: failure, visible in the emulator's exit status) the whole machine. Halts
 * where this partition may not. */
void arch_machine_reset(bool failed) NORETURN;
