// SPDX-License-Identifier: BSD-2-Clause
// Reading the emulator's instruction trace (PLATFORM-FACTS 6.2):   Trace HART: 0x... [cs/PC/flags/...] symbol
#pragma once

#include "tools/arena.h"

#define BENCH_KERNEL_BASE 0xffffffffc0000000ull

struct bench_function {
    u64 address;
    const char *name;
};

// Ordered by address.
struct bench_functions {
    struct bench_function *list;
    unsigned count;
};

// Adds the functions of an ELF file; none if it cannot be read.
void bench_symbols_add(struct arena *arena, struct bench_functions *functions, const char *elf);

// The function at or before an address. There must be one.
const struct bench_function *bench_function_at(const struct bench_functions *functions, u64 pc);

// 0: there is no such function.
u64 bench_address_of(const struct bench_functions *functions, const char *name);

// Hart and program counter of a line; false for lines that say something else.
bool bench_trace_line(const char *line, unsigned *hart, u64 *pc);
