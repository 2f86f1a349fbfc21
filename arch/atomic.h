// SPDX-License-Identifier: BSD-2-Clause
/*
 * The only operations on memory that another kernel can see, in the order the doorbell protocol needs:
 *
 *   sender:   arch_atomic_or_u64(word) ; arch_fence_before_doorbell() ; store to the doorbell
 *   receiver: claim the doorbell ; arch_fence_after_claim() ; arch_atomic_swap_u64(word, 0)
 *
 * The first fence keeps the ring (an I/O write) behind the word it announces; the second keeps the read of
 * the word behind the claim, so that a ring which arrives after the claim leads to a new interrupt. Without it
 * a real machine may read the word early, then lose the ring. docs/cross-core.md has the argument.
 *
 * arch_isa/atomic.h defines, inline:
 *   u64 arch_atomic_or_u64(u64 *word, u64 bits)      returns the old value
 *   u64 arch_atomic_swap_u64(u64 *word, u64 value)   returns the old value
 *   void arch_fence_before_doorbell(void)            memory writes before I/O writes
 *   void arch_fence_after_claim(void)                I/O reads and writes before memory reads and writes
 *   u64 arch_load_acquire_u64(const u64 *word)
 *   void arch_store_release_u64(u64 *word, u64 value)
 */
#pragma once

#include "lib/types.h"

#include "arch_isa/atomic.h"
