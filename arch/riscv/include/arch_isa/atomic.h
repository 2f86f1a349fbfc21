// SPDX-License-Identifier: BSD-2-Clause
/* RISC-V: AMOs and fences, named by what they order. See arch/atomic.h. */
#pragma once

#include "lib/types.h"

ALWAYS_INLINE u64 arch_atomic_or_u64(u64 *word, u64 bits) {
    u64 old;

    __asm__ volatile("amoor.d %0, %2, %1" : "=r"(old), "+A"(*word) : "r"(bits) : "memory");
    return old;
}

ALWAYS_INLINE u64 arch_atomic_swap_u64(u64 *word, u64 value) {
    u64 old;

    __asm__ volatile("amoswap.d %0, %2, %1" : "=r"(old), "+A"(*word) : "r"(value) : "memory");
    return old;
}

ALWAYS_INLINE void arch_fence_before_doorbell(void) {
    __asm__ volatile("fence w, o" : : : "memory");
}

ALWAYS_INLINE void arch_fence_after_claim(void) {
    __asm__ volatile("fence io, rw" : : : "memory");
}

ALWAYS_INLINE u64 arch_load_acquire_u64(const u64 *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

ALWAYS_INLINE void arch_store_release_u64(u64 *word, u64 value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
