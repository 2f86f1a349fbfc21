// SPDX-License-Identifier: BSD-2-Clause
/* Fast paths of notifications: Signal, with and without somebody who waits; Wait and Poll. */
#pragma once

#include "kernel/entry/fastpath.h"

ALWAYS_INLINE bool may_signal(struct cap cap) {
    u64 signal = CAP_NOTIFICATION | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT;

    return (cap.word1 & (CAP_KIND_MASK | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT)) == signal;
}

/* A notification capability that this thread may wait on. */
ALWAYS_INLINE bool may_wait(const struct tcb *tcb, struct cap cap) {
    u64 wait = CAP_NOTIFICATION | (u64)RIGHT_READ << CAP_FIELD_SHIFT;
    const struct notification *notification = arch_ptr(cap_address(cap));

    return (cap.word1 & (CAP_KIND_MASK | (u64)RIGHT_READ << CAP_FIELD_SHIFT)) == wait &&
           (notification->bound == NULL || notification->bound == tcb);
}

/* Who takes the next signal at once: the only waiter, or the bound thread alone in its Recv. NULL: somebody else, or nobody. */
ALWAYS_INLINE struct tcb *signal_taker(const struct notification *notification) {
    struct tcb *tcb = NULL;

    if (notification->state == NOTIFICATION_WAITING) {
        tcb = tcb_of_wait(notification->queue.top);
    } else {
        tcb = notification->bound;
        if (((struct endpoint *)tcb->blocked_on)->queue.top != &tcb->wait) {
            return NULL;
        }
    }
    return waits_alone(tcb) ? tcb : NULL;
}

/* The bound thread's Recv ends without a message: its reply object is free again. */
ALWAYS_INLINE void leave_endpoint(struct tcb *tcb) {
    if (tcb->reply != NULL) {
        tcb->reply->caller = NULL;
        tcb->reply = NULL;
    }
    pop_receiver(tcb->blocked_on, tcb);
}

ALWAYS_INLINE void leave_notification(struct notification *notification, struct tcb *tcb) {
    notification->queue.top = NULL;
    notification->state = NOTIFICATION_IDLE;
    tcb->queue = QUEUE_NONE;
    tcb->blocked_on = NULL;
}

/* A signal wakes a thread that has its own context. */
ALWAYS_INLINE struct arch_context *signal_and_wake(struct tcb *caller,
                                                   struct notification *notification, u64 badge) {
    struct tcb *tcb = signal_taker(notification);
    ticks_t now = arch_time();

    /* Admit. */
    if (tcb == NULL || !handover_may_wake(tcb, now)) {
        return NOT_ADMITTED;
    }
    bool above = tcb->priority > caller->priority;

    if (above && !handover_may_charge(now)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    if (notification->state == NOTIFICATION_WAITING) {
        leave_notification(notification, tcb);
    } else {
        leave_endpoint(tcb);
    }
    tcb->context.reg[REG_BADGE] = badge;
    thread_complete(tcb);
    handover_wake(tcb, now);
    if (!above) {
        kernel.now = now;
        ready_push_tail(tcb);
        return arrive_same(caller);
    }
    thread_complete(caller);
    ready_push_head(caller);
    return arrive_own(tcb, caller, now);
}

ALWAYS_INLINE struct arch_context *fast_signal(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));
    const struct tcb *bound = notification->bound;

    if (!may_signal(cap)) {
        return NOT_ADMITTED;
    }
    if (notification->state == NOTIFICATION_WAITING ||
        (notification->state == NOTIFICATION_IDLE && bound != NULL &&
         bound->state == THREAD_BLOCKED_RECEIVE)) {
        return signal_and_wake(caller, notification, cap_badge(cap));
    }
    /* Nobody waits. */
    notification->state = NOTIFICATION_ACTIVE;
    notification->word |= cap_badge(cap);
    return arrive_same(caller);
}

/* The word of the signals so far, which is 0 if there were none (INV-NT-1). */
ALWAYS_INLINE struct arch_context *take_word(struct tcb *caller,
                                             struct notification *notification) {
    caller->context.reg[REG_BADGE] = notification->word;
    notification->word = 0;
    if (notification->state == NOTIFICATION_ACTIVE) {
        notification->state = NOTIFICATION_IDLE;
    }
    return arrive_same(caller);
}

/* Poll: NBWait, NBRecv. */
ALWAYS_INLINE struct arch_context *fast_poll(struct tcb *caller, struct cap cap) {
    return may_wait(caller, cap) ? take_word(caller, arch_ptr(cap_address(cap))) : NOT_ADMITTED;
}

/* Wait, Recv on a notification. */
ALWAYS_INLINE struct arch_context *fast_wait(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));

    /* Admit. */
    if (!may_wait(caller, cap)) {
        return NOT_ADMITTED;
    }
    if (notification->state == NOTIFICATION_ACTIVE) {
        return take_word(caller, notification);
    }
    struct tcb *next = ready_first();
    ticks_t now = arch_time();

    if (notification->state != NOTIFICATION_IDLE || /* waiters queue */
        notification->sc != NULL ||                 /* a borrowed context goes back */
        !may_arrive_ready(next) || !handover_may_charge(now)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    notification->state = NOTIFICATION_WAITING;
    caller->state = THREAD_BLOCKED_NOTIFICATION;
    push_waiter(&notification->queue, caller);
    return arrive_ready(next, caller, now);
}
