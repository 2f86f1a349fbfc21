// SPDX-License-Identifier: BSD-2-Clause
/*
 * When a scheduling context and a thread may be bound: asked by SetSchedParams and
 * SchedContext.Bind.
 */
#pragma once

#include "kernel/model/kernel.h"
#include "mcs/refill.h"

/*
 * Neither side has a partner of this kind, and a thread that waits does not wait for a context that
 * has no time now: its wake-up would leave it runnable without a budget to run on. The context may
 * have a notification as well: then the thread gives it back when it waits there (seL4 manual,
 * "Scheduling Context Donation"), which is how passive servers are launched.
 */
ALWAYS_INLINE bool sc_may_bind_tcb(struct sched_context *sc, const struct tcb *tcb) {
    bool blocked = tcb->state >= THREAD_BLOCKED_RECEIVE;

    if (tcb->sc != NULL || sc->tcb != NULL) {
        return false;
    }
    return !blocked || (sc_is_configured(sc) && refill_is_ready(sc, kernel.now));
}
