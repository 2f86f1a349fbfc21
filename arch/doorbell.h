// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbells: how one kernel makes another look at their shared page. `peer` is the position of the peer among
 * this kernel's BOOT_PEER items, 0..ARCH_DOORBELL_PEERS-1.
 *
 * Implementations, one is linked: arch/riscv/doorbell_imsic.c (a page per hart; tells peers apart),
 * doorbell_sswi.c (a register per hart; cannot tell), doorbell_sbi.c (firmware call; for machines that have
 * neither, and useless across OpenSBI domains; also what a kernel without peers is linked with).
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#define ARCH_DOORBELL_PEERS 8

/* What to do to ring a peer; filled in once at boot. */
struct doorbell_target {
    volatile u32 *reg; /* NULL where ringing is a firmware call */
    u64 value;         /* stored there; firmware call: the hart */
};

/*
 * Prepare to be rung. NULL, or one sentence saying what the machine lacks for the doorbells this kernel was
 * linked with. Boot only, once, before arch_doorbell_connect().
 */
MUST_USE const char *arch_doorbell_init(const struct boot_platform *platform);

/*
 * Know a peer: fills in *target and accepts its rings from now on. NULL, or one sentence. Boot only.
 */
MUST_USE const char *arch_doorbell_connect(unsigned peer, const struct boot_peer *description,
                                           struct doorbell_target *target);

/* Ring; after arch_fence_before_doorbell(). Never waits. */
void arch_doorbell_ring(const struct doorbell_target *target);

/*
 * Take a software interrupt (ARCH_INTERRUPT_SOFTWARE). Returns the peers that may have rung, bit by peer;
 * spurious answers are allowed, missing ones are not. Follow with arch_fence_after_claim().
 */
MUST_USE u64 arch_doorbell_claim(void);

/* The peers behind an interrupt identity of the external controller; 0 if it is no doorbell. For plat/ only. */
MUST_USE u64 arch_doorbell_identity_peers(u32 identity);

/*
 * Stop / accept again rings of one peer, to bound what a hostile peer costs. Nothing is lost: a ring while
 * masked interrupts after unmasking. Where peers cannot be told apart, masking one masks all until none is
 * masked.
 */
void arch_doorbell_mask(unsigned peer);
void arch_doorbell_unmask(unsigned peer);

/*
 * Before parking (arch_park()): drop all that is pending, then let only doorbells wake this hart. A ring dropped here was
 * sent before; who follows with arch_fence_after_claim() sees what it announced.
 */
void arch_doorbell_await(void);
