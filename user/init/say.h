// SPDX-License-Identifier: BSD-2-Clause
/*
 * How the init task speaks: into its console ring once that is mapped; until then, and on debug kernels only,
 * through the kernel's debug console.
 */
#pragma once

#include "lib/types.h"

/* One line, printf-style, cut at 199 bytes. */
void say(const char *format, ...) PRINTF(1, 2);

/* The page at `vaddr` of the own address space is mapped now: if it is our ring, use it. */
void say_mapped(u64 vaddr);

/* The core's name, as the tool patched it. */
const char *say_core_name(void);

/* Frequency of the time CSR. */
MUST_USE u64 say_timebase_hz(void);

/* The kernel is a debug variant: DebugPutChar and DebugNameThread exist. */
MUST_USE bool say_debug_kernel(void);
