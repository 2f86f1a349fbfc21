// SPDX-License-Identifier: BSD-2-Clause
/*
 * Endpoints, notifications and reply objects: where threads wait for each other.
 *
 * Waiting threads are queued by priority, first in first out within one (lib/pqueue.h; key = 255 - priority).
 * INV-EP-1: state is idle exactly when the queue is empty; all waiters are in the state it names; one receiver has a state
 *           of its own, because that is the server that the next call meets (kernel/entry/fast_message.h).
 * INV-NT-1: a notification has waiters only in state waiting, a word only in state active.
 *
 * The reply stack of a scheduling context, top first (INV-RP-1):
 *
 *     sc ──top_reply──► reply ──previous──► reply ──previous──► … ──► NULL
 *                       │  next = NULL       next ▲ back up
 *                       └ sc (only the top one)
 *
 * reply->caller is the thread that waits for this reply (its state is blocked on reply, tcb->reply is
 * this object), or a server waiting in Recv with this reply object, or NULL.
 */
#pragma once

#include "lib/pqueue.h"
#include "lib/types.h"

struct tcb;
struct sched_context;

enum endpoint_state {
    ENDPOINT_IDLE = 0,
    ENDPOINT_SENDING = 1,
    ENDPOINT_RECEIVING = 2, /* several threads */
    ENDPOINT_RECEIVING_ONE = 3
};

struct endpoint {
    struct pqueue queue;
    u64 state; /* enum endpoint_state */
};

ALWAYS_INLINE bool endpoint_has_receiver(const struct endpoint *endpoint) {
    return endpoint->state >= ENDPOINT_RECEIVING;
}

enum notification_state {
    NOTIFICATION_IDLE = 0,
    NOTIFICATION_WAITING = 1,
    NOTIFICATION_ACTIVE = 2
};

struct notification {
    struct pqueue queue;
    u64 state; /* enum notification_state */
    u64 word;  /* OR of the badges signalled since the last wait */
    struct tcb *bound;
    struct sched_context *sc; /* lent to the passive thread that takes the next signal */
    u64 reserved[3];
};

struct reply {
    struct tcb *caller;
    struct reply *previous;
    struct reply *next;
    struct sched_context *sc;
};

_Static_assert(sizeof(struct endpoint) == 16, "seL4_EndpointBits is 4");
_Static_assert(sizeof(struct notification) == 64, "seL4_NotificationBits is 6");
_Static_assert(sizeof(struct reply) == 32, "seL4_ReplyBits is 5");
