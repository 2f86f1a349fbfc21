// SPDX-License-Identifier: BSD-2-Clause
/* Host: an arena below 2^31 (so that sanitizers accept it) is its own window. See arch/memory.h. */
#pragma once

#include "lib/types.h"

#define ARCH_USER_LIMIT  0x3ffffff000ull
#define ARCH_WINDOW_SIZE 0x3fc0000000ull

ALWAYS_INLINE void *arch_ptr(paddr_t p) {
    return (void *)(uintptr_t)p.value;
}

ALWAYS_INLINE paddr_t arch_paddr(const void *v) {
    return (paddr_t){(u64)(uintptr_t)v};
}
