// SPDX-License-Identifier: BSD-2-Clause
/* Doorbells by the ACLINT's supervisor software interrupt registers: a store of 1 to the peer's word. */
#include "arch/riscv/doorbell_soft.h"

#include "arch/memory.h"

const char *arch_doorbell_init(const struct boot_platform *platform) {
    if (platform->sswi == 0) {
        return "this kernel is linked for SSWI doorbells, which this machine lacks";
    }
    return NULL;
}

const char *arch_doorbell_connect(unsigned peer, const struct boot_peer *description,
                                  struct doorbell_target *target) {
    paddr_t word = paddr_of(description->doorbell);

    if (!is_aligned(word.value, 2) || !arch_memory_in_window(word, sizeof(u32))) {
        return "boot record: a peer's doorbell register is outside the kernel's window";
    }
    target->reg = arch_ptr(word);
    target->value = description->doorbell_value;
    return soft_connect(peer);
}

void arch_doorbell_ring(const struct doorbell_target *target) {
    *target->reg = (u32)target->value;
}
