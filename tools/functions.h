// SPDX-License-Identifier: BSD-2-Clause
// Functions by address, to read a trace with (tools/trace.h).
#pragma once

#include "tools/arena.h"

#define KERNEL_BASE 0xffffffffc0000000ull

struct function {
    u64 address;
    const char *name;
};

// Ordered by address.
struct functions {
    struct function *list;
    unsigned count;
};

// Adds the functions of an ELF file; none if it cannot be read.
void functions_add(struct arena *arena, struct functions *functions, const char *elf);

// The function at or before an address. There must be one.
const struct function *function_at(const struct functions *functions, u64 pc);

// 0: there is no such function.
u64 function_address(const struct functions *functions, const char *name);
