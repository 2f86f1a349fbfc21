// SPDX-License-Identifier: BSD-2-Clause
// Addresses of a kernel to functions and source lines.
#pragma once

#include <stdio.h>

#include "tools/arena.h"

// Prints one line per hexadecimal address in `text`: address, function, file and line. Uses the cross
// binutils' addr2line; says so if it is not there.
void backtrace_print(struct arena *arena, const char *elf_path, const char *text, FILE *out);
