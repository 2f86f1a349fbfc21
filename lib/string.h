// SPDX-License-Identifier: BSD-2-Clause
/*
 * The memory functions that a C compiler expects to find, for code without a C library. Same contracts as
 * ISO C; host builds take the C library's.
 */
#pragma once

#include "lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *at, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
