// SPDX-License-Identifier: BSD-2-Clause
/* Fast paths of notifications: Signal, with and without somebody who waits; Wait and Poll. */
#pragma once

#include "kernel/entry/fastpath.h"

/* Who takes the next signal at once: the only waiter, or the bound thread alone in its Recv. NULL: there are several. */
ALWAYS_INLINE struct tcb *signal_taker(const struct notification *notification) {
    if (notification->state == NOTIFICATION_WAITING) {
        return pqueue_has_one(&notification->queue) ? tcb_of_wait(notification->queue.top) : NULL;
    }
    struct tcb *tcb = notification->bound;

    return ((struct endpoint *)tcb->blocked_on)->state == ENDPOINT_RECEIVING_ONE ? tcb : NULL;
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
    stop_waiting(tcb);
}

/* The taker's wait ends with this word, and it is awake: notification_signal(). */
ALWAYS_INLINE void wake_taker(struct notification *notification, struct tcb *tcb, u64 word,
                              ticks_t now) {
    if (notification->state == NOTIFICATION_WAITING) {
        leave_notification(notification, tcb);
    } else {
        leave_endpoint(tcb);
    }
    tcb->context.reg[REG_BADGE] = word;
    thread_complete(tcb);
    handover_wake(tcb, now);
}

/* A signal wakes a thread that has its own context. */
ALWAYS_INLINE struct arch_context *signal_and_wake(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));
    struct tcb *tcb = signal_taker(notification);
    ticks_t now = arch_time();

    /* Admit. */
    if (tcb == NULL || !handover_may_wake(tcb, now)) {
        return NOT_ADMITTED;
    }
    bool above = tcb->priority > caller->priority;
    u64 change = space_change(tcb, caller);

    if (above && (!handover_may_charge(now) || !may_arrive(tcb, change))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    wake_taker(notification, tcb, cap_badge(cap), now);
    if (!above) {
        kernel.now = now;
        ready_push_tail(tcb);
        return arrive_same(caller);
    }
    thread_complete(caller);
    ready_push_head(caller);
    return arrive_own(tcb, change, now);
}

/* Somebody takes the next signal at once. */
ALWAYS_INLINE bool is_waited_for(const struct notification *notification) {
    return notification->state == NOTIFICATION_WAITING ||
           (notification->state == NOTIFICATION_IDLE && notification->bound != NULL &&
            notification->bound->state == THREAD_BLOCKED_RECEIVE);
}

/* Nobody waits: the signal stays. */
ALWAYS_INLINE void leave_signal(struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));

    notification->state = NOTIFICATION_ACTIVE;
    notification->word |= cap_badge(cap);
}

ALWAYS_INLINE struct arch_context *signal_and_go_on(struct tcb *caller, struct cap cap) {
    leave_signal(cap);
    return arrive_same(caller);
}

/*
 * The first half of NBSendRecv and NBSendWait is a signal that stays, and has no part in the second half: the caller does
 * not wait for it, itself or bound.
 */
ALWAYS_INLINE bool is_signal_aside(const struct tcb *caller, struct cap first, struct cap second) {
    const struct notification *notification = arch_ptr(cap_address(first));

    return cap_is(first, CAP_NOTIFICATION) && cap_has_right(first, RIGHT_WRITE) &&
           !is_waited_for(notification) && notification != caller->bound_notification &&
           notification != arch_ptr(cap_address(second));
}

/* A notification capability that this thread may wait on. */
ALWAYS_INLINE bool may_wait(const struct tcb *tcb, struct cap cap) {
    const struct notification *notification = arch_ptr(cap_address(cap));

    return cap_is(cap, CAP_NOTIFICATION) && cap_has_right(cap, RIGHT_READ) &&
           (notification->bound == NULL || notification->bound == tcb);
}

/* The word of the signals so far, which is 0 if there were none (INV-NT-1). */
ALWAYS_INLINE struct arch_context *take_word(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));

    caller->context.reg[REG_BADGE] = notification->word;
    notification->word = 0;
    if (notification->state == NOTIFICATION_ACTIVE) {
        notification->state = NOTIFICATION_IDLE;
    }
    return arrive_same(caller);
}

/* Wait or Recv where nobody has signalled; `first` is a signal aside, or no capability. */
ALWAYS_INLINE struct arch_context *wait_and_switch(struct tcb *caller, struct cap first,
                                                   struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));
    struct tcb *next = ready_first();
    ticks_t now = arch_time();

    /* Admit. */
    if (!may_wait(caller, cap) || notification->state != NOTIFICATION_IDLE || /* waiters queue */
        notification->sc == caller->sc || /* a borrowed context goes back */
        !may_arrive_ready(next, caller) || !handover_may_charge(now)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    if (!cap_is(first, CAP_NULL)) {
        leave_signal(first);
    }
    notification->state = NOTIFICATION_WAITING;
    push_waiter(&notification->queue, caller, THREAD_BLOCKED_NOTIFICATION);
    return arrive_ready(next, caller, now);
}
