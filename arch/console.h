// SPDX-License-Identifier: BSD-2-Clause
/*
 * The firmware's console, for debug kernels, tests and panics. Slow, and one global lock of the firmware is
 * held for each call: release kernels must not use it (PLATFORM-FACTS 6.4).
 */
#pragma once

#include "lib/types.h"

/* Write n bytes, in one firmware call where the firmware takes them at once, so lines of harts do not mix. n is at
 * most 4096. Errors are ignored: there is nobody to tell. */
void arch_console_write(const char *text, u64 n);

/* Write one byte. */
void arch_console_byte(char c);
