// SPDX-License-Identifier: BSD-2-Clause
/* Endpoints: rendezvous of senders and receivers; contract in kernel/ipc/endpoint.h. */
#include "kernel/ipc/endpoint.h"

#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "kernel/ipc/thread.h"
#include "kernel/ipc/transfer.h"
#include "mcs/sched_context.h"

/* One receiver has a state of its own. */
static void note_if_one(struct endpoint *endpoint) {
    if (endpoint_has_receiver(endpoint)) {
        endpoint->state =
            pqueue_has_one(&endpoint->queue) ? ENDPOINT_RECEIVING_ONE : ENDPOINT_RECEIVING;
    }
}

static void enqueue(struct endpoint *endpoint, struct tcb *tcb, enum endpoint_state state) {
    endpoint->state = state;
    tcb->blocked_on = endpoint;
    tcb->queue = QUEUE_OBJECT;
    pqueue_push(&endpoint->queue, &tcb->wait, WAIT_KEY(tcb), next_seq());
    note_if_one(endpoint);
}

static void dequeue(struct endpoint *endpoint, struct tcb *tcb) {
    pqueue_remove(&endpoint->queue, &tcb->wait);
    tcb->queue = QUEUE_NONE;
    tcb->blocked_on = NULL;
    if (pqueue_is_empty(&endpoint->queue)) {
        endpoint->state = ENDPOINT_IDLE;
    }
    note_if_one(endpoint);
}

/* A receiver stops waiting: the reply object it offered is free again. */
static struct reply *take_offered_reply(struct tcb *receiver) {
    struct reply *reply = receiver->reply;

    if (reply != NULL) {
        reply->caller = NULL;
        receiver->reply = NULL;
    }
    return reply;
}

/* The message has arrived; a caller now waits for the reply, and may lend its context to the receiver. */
static void sender_awaits_reply(struct tcb *sender, struct tcb *receiver, struct reply *reply,
                                bool may_reply, bool donate) {
    if (reply != NULL && may_reply) {
        reply_push(sender, receiver, reply, donate);
    } else {
        thread_block(sender, THREAD_INACTIVE);
    }
}

static void deliver(struct endpoint *endpoint, struct tcb *sender, struct tcb *receiver,
                    const struct send_options *options) {
    dequeue(endpoint, receiver);
    struct reply *reply = take_offered_reply(receiver);

    transfer_message(sender, receiver, endpoint, options->badge, options->can_grant);
    if (options->call) {
        sender_awaits_reply(sender, receiver, reply, options->can_grant || options->can_grant_reply,
                            options->can_donate);
    } else if (options->can_donate && receiver->sc == NULL) {
        sc_donate(sender->sc, receiver);
    }
    thread_complete(receiver);
    thread_unblock(receiver);
}

bool endpoint_send(struct endpoint *endpoint, struct tcb *sender,
                   const struct send_options *options) {
    if (endpoint_has_receiver(endpoint)) {
        deliver(endpoint, sender, tcb_of_wait(endpoint->queue.top), options);
        return true;
    }
    if (options->block) {
        sender->send_badge = options->badge;
        sender->send_can_grant = options->can_grant;
        sender->send_can_grant_reply = options->can_grant_reply;
        sender->send_is_call = options->call;
        thread_block(sender, THREAD_BLOCKED_SEND);
        enqueue(endpoint, sender, ENDPOINT_SENDING);
    }
    return false;
}

/* The first waiting sender's message goes to the receiver. */
static void take_from_sender(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply) {
    struct tcb *sender = tcb_of_wait(endpoint->queue.top);

    dequeue(endpoint, sender);
    transfer_message(sender, receiver, endpoint, sender->send_badge, sender->send_can_grant);
    thread_complete(receiver);
    if (sender->send_is_call) {
        sender_awaits_reply(sender, receiver, reply,
                            sender->send_can_grant || sender->send_can_grant_reply,
                            sender->fault.kind != SEL4_FAULT_TIMEOUT);
    } else {
        thread_complete(sender);
        thread_unblock(sender);
    }
}

void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, bool block,
                      struct reply *reply) {
    struct notification *bound = receiver->bound_notification;

    if (reply != NULL && reply->caller != NULL) {
        thread_cancel_ipc(reply->caller); /* the object is reused: nobody will be answered by it */
    }
    if (bound != NULL && bound->state == NOTIFICATION_ACTIVE) {
        notification_take(bound, receiver);
        return;
    }
    if (bound != NULL && block) {
        sc_maybe_return(bound, receiver);
    }
    if (endpoint->state == ENDPOINT_SENDING) {
        take_from_sender(endpoint, receiver, reply);
        return;
    }
    if (!block) {
        receiver->context.reg[REG_BADGE] = 0;
        thread_complete(receiver);
        return;
    }
    if (reply != NULL) {
        reply->caller = receiver;
        receiver->reply = reply;
    }
    thread_block(receiver, THREAD_BLOCKED_RECEIVE);
    enqueue(endpoint, receiver, ENDPOINT_RECEIVING);
}

void endpoint_cancel(struct tcb *tcb) {
    dequeue(tcb->blocked_on, tcb);
    if (tcb->state == THREAD_BLOCKED_RECEIVE) {
        (void)take_offered_reply(tcb);
    }
}

/* The waiter's system call starts again; a fault message that found no taker leaves its thread inactive. */
static void restart_waiter(struct tcb *tcb) {
    bool faulted = tcb->fault.kind != SEL4_FAULT_NULL;

    thread_cancel_ipc(tcb);
    if (!faulted) {
        thread_unblock(tcb);
    }
}

bool endpoint_cancel_first(struct endpoint *endpoint) {
    if (pqueue_is_empty(&endpoint->queue)) {
        return false;
    }
    restart_waiter(tcb_of_wait(endpoint->queue.top));
    return true;
}

bool endpoint_cancel_badged_step(struct endpoint *endpoint, u64 badge, u64 *cursor) {
    if (endpoint->state != ENDPOINT_SENDING) {
        return false;
    }
    struct pqueue_node *node = pqueue_next(&endpoint->queue, *cursor);

    if (node == NULL) {
        return false;
    }
    *cursor = pqueue_place(node);
    if (tcb_of_wait(node)->send_badge == badge) {
        restart_waiter(tcb_of_wait(node));
    }
    return true;
}
