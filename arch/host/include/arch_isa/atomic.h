// SPDX-License-Identifier: BSD-2-Clause
/* Host: C11 atomics. The fences order normal memory only; a doorbell is an atomic store with release order. */
#pragma once

#include "lib/types.h"

ALWAYS_INLINE u64 arch_atomic_or_u64(u64 *word, u64 bits) {
    return __atomic_fetch_or(word, bits, __ATOMIC_RELEASE);
}

ALWAYS_INLINE u64 arch_atomic_swap_u64(u64 *word, u64 value) {
    return __atomic_exchange_n(word, value, __ATOMIC_ACQUIRE);
}

/* The thread sanitizer does not know fences: the doorbell's own release and acquire stand for them. */
ALWAYS_INLINE void arch_fence_before_doorbell(void) {}

ALWAYS_INLINE void arch_fence_after_claim(void) {}

ALWAYS_INLINE u64 arch_load_acquire_u64(const u64 *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

ALWAYS_INLINE void arch_store_release_u64(u64 *word, u64 value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
