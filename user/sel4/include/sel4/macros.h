// SPDX-License-Identifier: BSD-2-Clause
/* Attributes and small macros that libsel4's headers and programs written for it use. */
#pragma once

#include <autoconf.h>

#ifndef CONST
#define CONST __attribute__((__const__))
#endif
#ifndef PURE
#define PURE __attribute__((__pure__))
#endif

#define SEL4_PACKED                 __attribute__((packed))
#define SEL4_DEPRECATED(x)          __attribute__((deprecated(x)))
#define SEL4_DEPRECATE_MACRO(x)     _Pragma("deprecated") x
#define SEL4_OFFSETOF(type, member) __builtin_offsetof(type, member)

#define LIBSEL4_UNUSED   __attribute__((unused))
#define LIBSEL4_WEAK     __attribute__((weak))
#define LIBSEL4_NOINLINE __attribute__((noinline))

/* Everything is static inline: one definition per file that uses it, nothing to link. */
#define LIBSEL4_INLINE      static inline LIBSEL4_UNUSED
#define LIBSEL4_INLINE_FUNC static inline LIBSEL4_UNUSED

#ifdef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
#define LIBSEL4_THREAD_LOCAL __thread
#else
#define LIBSEL4_THREAD_LOCAL
#endif

#define SEL4_COMPILE_ASSERT(name, expr) _Static_assert(expr, #name);
#define SEL4_SIZE_SANITY(index, entry, size)                                                       \
    SEL4_COMPILE_ASSERT(index##entry##size, (index) + (entry) == size)

/* An enumeration with this entry is as wide as a long, whatever the compiler would choose. */
#define SEL4_FORCE_LONG_ENUM(type) _enum_pad_##type = (long)((1ul << (8 * sizeof(long) - 1)) - 1)

#define LIBSEL4_BIT(n) (1ul << (n))
