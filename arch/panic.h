// SPDX-License-Identifier: BSD-2-Clause
/*
 * The last words of a kernel. The report is text that tools read:
 *
 *   panic: <sentence>
 *     hart 0 pc 0x… cause 0x… value 0x…
 *     ra 0x… sp 0x… …
 *     backtrace: 0x… 0x…
 *
 * Registers are those of the trap if the kernel itself trapped, otherwise absent. The backtrace begins with the
 * instruction that trapped, if one did; all others are return addresses found on the stack, innermost first, of which
 * some may be left over from earlier calls.
 */
#pragma once

#include "lib/types.h"

#define ARCH_PANIC_TEXT_BYTES 1024

/* Write the report for `sentence`, zero-terminated, at most `size` bytes, cut if needed; returns its length. */
u64 arch_panic_text(char *buffer, u64 size, const char *sentence);

/* Print the report on the firmware's console. What becomes of the hart then is the caller's decision. */
void arch_panic_print(const char *sentence);
