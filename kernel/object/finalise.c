// SPDX-License-Identifier: BSD-2-Clause
/*
 * What each kind of object means to others, undone when its last capability goes. Relations that
 * are one-to-one (bound thread, bound notification, mapping, top of a reply stack) end at once. Those
 * with any number of partners (waiting threads, address spaces of a pool) end one per unit,
 * while a zombie keeps the slot: the restarted threads no longer find the capability.
 */
#include "kernel/object/finalise.h"

#include "arch/memory.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "kernel/ipc/thread.h"
#include "kernel/object/irq.h"
#include "kernel/object/vspace.h"
#include "mcs/sched_context.h"
#include "smp/doorbell.h"

/* Progress of an ASID pool's zombie: entries left to look at, above the pool's first ASID. */
#define POOL_LEFT_SHIFT 16

static struct cap zombie_of(struct cap cap, unsigned size_field, u64 left) {
    return zombie_cap_make(cap_address(cap), cap_kind(cap), size_field, left);
}

static struct cap finalise_notification(struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));

    if (notification->bound != NULL) {
        notification_unbind(notification->bound);
    }
    if (notification->sc != NULL) {
        sc_unbind_notification(notification->sc);
    }
    return pqueue_is_empty(&notification->queue) ? CAP_NONE : zombie_of(cap, 0, 0);
}

/* Two slots are kept for the zombie's own use: see kernel/object/delete.c. */
static struct cap finalise_thread(struct cap cap) {
    struct tcb *tcb = arch_ptr(cap_address(cap));

    thread_suspend(tcb);
    notification_unbind(tcb);
    if (tcb->sc != NULL) {
        sc_unbind_tcb(tcb->sc);
    }
    return zombie_of(cap, 0, TCB_SLOTS - 2);
}

static struct cap finalise_cnode(struct cap cap) {
    unsigned radix = cnode_cap_radix(cap);

    return zombie_of(cap, radix, BIT(radix) - 2);
}

static void finalise_sched_context(struct cap cap) {
    struct sched_context *sc = arch_ptr(cap_address(cap));

    if (sc->yield_from != NULL) {
        sc_complete_yield(sc);
    }
    sc_unbind_tcb(sc);
    sc_unbind_notification(sc);
    reply_forget_context(sc);
}

static struct cap finalise_asid_pool(struct cap cap) {
    u64 entries = BIT(ASID_POOL_BITS);

    return zombie_of(cap, 0, entries << POOL_LEFT_SHIFT | asid_pool_cap_first(cap));
}

static struct cap finalise_object(struct cap cap) {
    switch (cap_kind(cap)) {
    case CAP_ENDPOINT:
        return zombie_of(cap, 0,
                         0); /* somebody waits, or it would be gone (finalise_is_nothing()) */
    case CAP_NOTIFICATION:
        return finalise_notification(cap);
    case CAP_REPLY:
        reply_clear(arch_ptr(cap_address(cap)));
        return CAP_NONE;
    case CAP_CNODE:
        return finalise_cnode(cap);
    case CAP_THREAD:
        return finalise_thread(cap);
    case CAP_SCHED_CONTEXT:
        finalise_sched_context(cap);
        return CAP_NONE;
    case CAP_PAGE_TABLE:
        if (page_table_cap_is_mapped(cap)) {
            page_table_delete(cap);
        }
        return CAP_NONE;
    case CAP_ASID_POOL:
        return finalise_asid_pool(cap);
    case CAP_IRQ_HANDLER:
        irq_deactivate(irq_handler_cap_irq(cap));
        return CAP_NONE;
    case CAP_DOORBELL:
        smp_doorbell_retire(&kernel.peer[doorbell_cap_peer(cap)], doorbell_cap_line(cap));
        return CAP_NONE;
    default:
        return CAP_NONE;
    }
}

struct cap finalise_cap(struct cap cap, bool final) {
    if (cap_is(cap, CAP_FRAME)) {
        page_unmap_cap(cap);
        return CAP_NONE;
    }
    if (cap_is(cap, CAP_PAGE_TABLE)) {
        vspace_forget_all(); /* it may be a thread's */
    }
    return final ? finalise_object(cap) : CAP_NONE;
}

/* One address space loses its ASID. */
static struct cap asid_pool_step(struct cap zombie) {
    u16 first = (u16)zombie_cap_left(zombie);
    u64 left = (zombie_cap_left(zombie) >> POOL_LEFT_SHIFT) - 1;
    u16 asid = (u16)(first + left);

    if (asid_root(asid) != NULL) {
        asid_unassign(asid);
    }
    if (left == 0) {
        kernel.asid_pool[first >> ASID_POOL_BITS] = NULL;
        return CAP_NONE;
    }
    return zombie_cap_make(cap_address(zombie), CAP_ASID_POOL, 0, left << POOL_LEFT_SHIFT | first);
}

struct cap finalise_step(struct cap zombie) {
    void *object = arch_ptr(cap_address(zombie));

    switch (zombie_cap_was(zombie)) {
    case CAP_ENDPOINT:
        return endpoint_cancel_first(object) ? zombie : CAP_NONE;
    case CAP_NOTIFICATION:
        return notification_cancel_first(object) ? zombie : CAP_NONE;
    case CAP_ASID_POOL:
        return asid_pool_step(zombie);
    default:
        return CAP_NONE;
    }
}
