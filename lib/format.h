// SPDX-License-Identifier: BSD-2-Clause
/*
 * Text for messages of kernel and bootloader: a small part of snprintf.
 *
 * Conversions: %s %c %d %u %x %p %%, with l or ll before d, u, x; a field width, `0` to fill with zeros and
 * `-` to set left; %.Ns to cut a string. Nothing else: an unknown conversion is copied as it stands.
 */
#pragma once

#include <stdarg.h>

#include "lib/types.h"

/*
 * Write at most `size` bytes, the final zero included (size 0: nothing). Returns the length written, without the
 * zero; unlike snprintf never more than fits.
 */
u64 format_text(char *buffer, u64 size, const char *format, ...) PRINTF(3, 4);
u64 format_text_list(char *buffer, u64 size, const char *format, va_list arguments) PRINTF(3, 0);
