// SPDX-License-Identifier: BSD-2-Clause
// One block of memory for everything a command builds.
//
// The tool reads a file, thinks, writes files and ends. Nothing in between is freed singly: every
// string and table lives in an arena and goes with it. So no owner has to be named anywhere, and
// the sanitizers and the fuzzer see no leak. An allocation never fails to its caller: without
// memory the program says so and ends with exit code 2.
#pragma once

#include <stdarg.h>

#include "lib/types.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

// Zeroed memory, aligned for any type.
void *arena_alloc(struct arena *arena, size_t bytes);

char *arena_copy(struct arena *arena, const char *text, size_t bytes);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF(2, 0);

#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(n)))
