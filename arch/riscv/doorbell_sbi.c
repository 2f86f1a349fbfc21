// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbells by firmware call, for machines with nothing better. Some 4,000 instructions of firmware each, and OpenSBI
 * silently drops them between domains (PLATFORM-FACTS 2): only for kernels that share one domain, or have no peers.
 */
#include "arch/riscv/doorbell_soft.h"

#include "arch/riscv/sbi.h"

const char *arch_doorbell_init(const struct boot_platform *platform) {
    (void)platform;
    return NULL;
}

const char *arch_doorbell_connect(unsigned peer, const struct boot_peer *description,
                                  struct doorbell_target *target) {
    target->reg = NULL;
    target->value = description->doorbell_value;
    return soft_connect(peer);
}

void arch_doorbell_ring(const struct doorbell_target *target) {
    (void)sbi_call(SBI_IPI, SBI_IPI_SEND, 1, target->value, 0);
}
