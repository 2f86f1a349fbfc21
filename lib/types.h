// SPDX-License-Identifier: BSD-2-Clause
/*
 * Basic types and the compiler attributes this tree uses. Every other header may include this one.
 *
 * Physical and virtual addresses are different one-member structs where a mix-up is possible (paddr);
 * kernel pointers are ordinary pointers, user virtual addresses are `u64 vaddr`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int64_t s64;

/* A physical address. Never dereferenced: arch_ptr() makes a pointer of it. */
typedef struct {
    u64 value;
} paddr_t;

/* Instants and durations of the kernel: ticks of the machine's time counter. */
typedef u64 ticks_t;

#define MUST_USE      __attribute__((warn_unused_result))
#define NORETURN      __attribute__((noreturn))
#define PACKED        __attribute__((packed))
#define ALIGNED(n)    __attribute__((aligned(n)))
#define PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE      __attribute__((noinline))
#define COLD          __attribute__((cold)) /* runs once at most: small rather than fast */
#define USED          __attribute__((used)) /* kept, though only what the compiler makes calls it */
#define UNUSED        __attribute__((unused))
/*
 * Calls whose result is returned as it is may be jumps; the kernel is compiled without (kernel/meson.build). Only gcc
 * knows the attribute, and only its code is ever run.
 */
#if __has_attribute(optimize)
#define MAY_TAIL_CALL __attribute__((optimize("optimize-sibling-calls")))
#else
#define MAY_TAIL_CALL
#endif
#define SECTION(name) __attribute__((section(name)))
/* What the compiler cannot know, and may rely on. */
#define ASSUME(x)   ((x) ? (void)0 : __builtin_unreachable())
#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ARRAY_LENGTH(a)                 (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define BIT(n)                          (1ull << (n))
/* The low n bits set; n may be 0..64. */
#define MASK(n) ((n) >= 64 ? ~0ull : BIT(n) - 1)

#define KIB(n) ((u64)(n) << 10)
#define MIB(n) ((u64)(n) << 20)
#define GIB(n) ((u64)(n) << 30)

#define PAGE_BITS 12
#define PAGE_SIZE (1ull << PAGE_BITS)

ALWAYS_INLINE u64 align_up(u64 value, unsigned bits) {
    return (value + MASK(bits)) & ~MASK(bits);
}

ALWAYS_INLINE u64 align_down(u64 value, unsigned bits) {
    return value & ~MASK(bits);
}

ALWAYS_INLINE bool is_aligned(u64 value, unsigned bits) {
    return (value & MASK(bits)) == 0;
}

ALWAYS_INLINE u64 min_u64(u64 a, u64 b) {
    return a < b ? a : b;
}

ALWAYS_INLINE u64 max_u64(u64 a, u64 b) {
    return a > b ? a : b;
}
