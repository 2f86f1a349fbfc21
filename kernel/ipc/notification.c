// SPDX-License-Identifier: BSD-2-Clause
/* Notifications; contract in kernel/ipc/notification.h. */
#include "kernel/ipc/notification.h"

#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/thread.h"
#include "mcs/sched_context.h"

static void dequeue(struct notification *notification, struct tcb *tcb) {
    pqueue_remove(&notification->queue, &tcb->wait);
    tcb->queue = QUEUE_NONE;
    tcb->blocked_on = NULL;
    if (pqueue_is_empty(&notification->queue)) {
        notification->state = NOTIFICATION_IDLE;
    }
}

/* The thread's Wait or Recv ends with this word. Only the badge register changes. */
static void complete_wait(struct notification *notification, struct tcb *tcb, u64 word) {
    tcb->context.reg[REG_BADGE] = word;
    thread_complete(tcb);
    sc_maybe_lend(notification, tcb);
    thread_unblock(tcb);
}

void notification_take(struct notification *notification, struct tcb *tcb) {
    u64 word = notification->word;

    notification->state = NOTIFICATION_IDLE;
    notification->word = 0;
    tcb->context.reg[REG_BADGE] = word;
    thread_complete(tcb);
    if (tcb->sc == NULL) {
        sc_maybe_lend(notification, tcb);
        thread_unblock(tcb);
    }
}

void notification_signal(struct notification *notification, u64 badge) {
    struct tcb *bound = notification->bound;

    if (notification->state == NOTIFICATION_WAITING) {
        struct tcb *tcb = tcb_of_wait(notification->queue.top);

        dequeue(notification, tcb);
        complete_wait(notification, tcb, badge);
    } else if (notification->state == NOTIFICATION_IDLE && bound != NULL &&
               bound->state == THREAD_BLOCKED_RECEIVE) {
        thread_cancel_ipc(bound);
        complete_wait(notification, bound, badge);
    } else {
        notification->state = NOTIFICATION_ACTIVE;
        notification->word |= badge;
    }
}

void notification_receive(struct notification *notification, struct tcb *tcb, bool block) {
    if (notification->state == NOTIFICATION_ACTIVE) {
        notification_take(notification, tcb);
        return;
    }
    if (!block) {
        tcb->context.reg[REG_BADGE] = 0;
        thread_complete(tcb);
        return;
    }
    sc_maybe_return(notification, tcb);
    thread_block(tcb, THREAD_BLOCKED_NOTIFICATION);
    notification->state = NOTIFICATION_WAITING;
    tcb->blocked_on = notification;
    tcb->queue = QUEUE_OBJECT;
    pqueue_push(&notification->queue, &tcb->wait, WAIT_KEY(tcb), next_seq());
}

void notification_cancel(struct tcb *tcb) {
    dequeue(tcb->blocked_on, tcb);
}

bool notification_cancel_first(struct notification *notification) {
    if (pqueue_is_empty(&notification->queue)) {
        return false;
    }
    struct tcb *tcb = tcb_of_wait(notification->queue.top);

    thread_cancel_ipc(tcb);
    thread_unblock(tcb);
    return true;
}

void notification_bind(struct notification *notification, struct tcb *tcb) {
    notification->bound = tcb;
    tcb->bound_notification = notification;
}

void notification_unbind(struct tcb *tcb) {
    if (tcb->bound_notification != NULL) {
        tcb->bound_notification->bound = NULL;
        tcb->bound_notification = NULL;
    }
}
