// SPDX-License-Identifier: BSD-2-Clause
/*
 * Assertions of programs. __assert_fail is what a C library's assert() calls as well; libsel4.a has one
 * for programs without a C library, which prints (debug builds) and stops the thread with ebreak.
 */
#pragma once

#include <sel4/macros.h>

void __assert_fail(const char *str, const char *file, int line, const char *function)
    __attribute__((noreturn));

#define seL4_Fail(s) __assert_fail(s, __FILE__, __LINE__, __func__)

#define seL4_Assert(expr)                                                                          \
    do {                                                                                           \
        if (!(expr)) {                                                                             \
            __assert_fail(#expr, __FILE__, __LINE__, __func__);                                    \
        }                                                                                          \
    } while (0)

#ifdef CONFIG_USER_DEBUG_BUILD
#define seL4_DebugAssert(expr) seL4_Assert(expr)
#else
#define seL4_DebugAssert(expr) ((void)sizeof(expr))
#endif

#define seL4_CompileTimeAssert(expr) _Static_assert(expr, #expr)
