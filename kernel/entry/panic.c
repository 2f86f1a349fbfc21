// SPDX-License-Identifier: BSD-2-Clause
/*
 * The end of a kernel: its last words, then rest. A partition that may restart (BOOT_RESTARTS) parks: the next signal of
 * a peer, or one that is under way already, makes it anew from the package. docs/decisions/restart.md says why a
 * signal, and docs/cross-core.md why none is slept through.
 */
#include "abi/console_ring.h"
#include "abi/package.h"
#include "arch/atomic.h"
#include "arch/cpu.h"
#include "arch/doorbell.h"
#include "arch/panic.h"
#include "arch/upcalls.h"
#include "kernel/entry/log.h"
#include "lib/bound.h"
#include "lib/format.h"
#include "smp/doorbell.h"

/* To the other kernels this one is down. Has any of them signalled since we last looked? */
static bool leave_peers(void) {
    bool is_wanted = false;

    BOUND(leave_peers, CORE_CONFIG_MAX_PEERS + 1);
    for (unsigned i = 0; kernel.peer != NULL && i <= CORE_CONFIG_MAX_PEERS; i++) {
        BOUND_STEP(leave_peers);
        if (kernel.peer[i].present) {
            smp_peer_withdraw(&kernel.peer[i]);
            is_wanted |= smp_peer_has_sent(&kernel.peer[i]);
        }
    }
    return is_wanted;
}

/* Before there is a peer nobody could ring, and doorbells may be what this machine lacks. */
static bool may_restart(void) {
    return kernel.partition != NULL && (kernel.partition->flags & BOOT_RESTARTS) != 0 &&
           kernel.peer_positions != 0;
}

static void rest(void) NORETURN;

static void rest(void) {
    const struct boot_partition *partition = kernel.partition;

    if (!may_restart()) {
        (void)leave_peers();
        arch_halt();
    }
    arch_doorbell_await();
    arch_fence_after_claim(); /* [P] */
    bool is_wanted = leave_peers();

    arch_park(paddr_of(partition->package.base), partition->package.base + PACKAGE_HEADER_OFFSET,
              is_wanted);
}

void kernel_panic(const char *sentence) {
    if (kernel.log != NULL) {
        char text[LOG_LINE_BYTES];

        log_ring_write(kernel.log, text, format_text(text, sizeof text, "panic: %s\n", sentence));
    }
    arch_panic_print(sentence);
    rest();
}
