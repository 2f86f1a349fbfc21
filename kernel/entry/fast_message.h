// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fast paths of messages: Call to a server that waits, ReplyRecv back to the caller, Recv with nobody there. Servers
 * are passive (the caller's context is lent to them) or active (they have their own).
 */
#pragma once

#include "kernel/cspace/find.h"
#include "kernel/entry/fastpath.h"
#include "lib/bound.h"

/*
 * A message word whose low bits are at most this describes registers only: no capabilities go over (bits 7, 8), none
 * are marked as unwrapped (bits 9..11), so it is delivered as it is.
 */
#define SHORT_MESSAGE_MAX ((u64)ARCH_MESSAGE_REGISTERS)

ALWAYS_INLINE bool is_short_message(u64 info) {
    return (info & MASK(SEL4_MSGINFO_LABEL_SHIFT)) <= SHORT_MESSAGE_MAX;
}

/* Words only, and all of them find a place: the message is not over-long, and both sides have a buffer. */
ALWAYS_INLINE bool long_message_fits(const struct tcb *from, const struct tcb *to) {
    u64 info = from->context.reg[REG_INFO];

    return (info & SEL4_MSGINFO_EXTRA_CAPS_MASK << SEL4_MSGINFO_EXTRA_CAPS_SHIFT) == 0 &&
           (info & SEL4_MSGINFO_LENGTH_MASK) <= SEL4_MSG_MAX_LENGTH &&
           tcb_buffer(from, false) != NULL && tcb_buffer(to, true) != NULL;
}

ALWAYS_INLINE bool message_fits(const struct tcb *from, const struct tcb *to, bool words) {
    return words ? long_message_fits(from, to) : is_short_message(from->context.reg[REG_INFO]);
}

/* Four registers at most, and the word that describes them. */
ALWAYS_INLINE void copy_short_message(const struct tcb *from, struct tcb *to, u64 badge) {
    const u64 *source = &from->context.reg[REG_MR0];
    u64 *dest = &to->context.reg[REG_MR0];
    u64 info = from->context.reg[REG_INFO];
    u64 length = info & SEL4_MSGINFO_LENGTH_MASK;

    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = info;
    if (length == 0) {
        return;
    }
    dest[0] = source[0];
    if (length > 1) {
        dest[1] = source[1];
    }
    if (length > 2) {
        dest[2] = source[2];
    }
    if (length > 3) {
        dest[3] = source[3];
    }
}

/* More words than registers. */
ALWAYS_INLINE void copy_long_message(const struct tcb *from, struct tcb *to, u64 badge) {
    const u64 *source = tcb_buffer(from, false);
    u64 *dest = tcb_buffer(to, true);
    u64 info = from->context.reg[REG_INFO];
    u64 length = info & SEL4_MSGINFO_LENGTH_MASK;

    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = msginfo_make(msginfo_label(info), 0, 0, length);
    BOUND(copy_long_registers, ARCH_MESSAGE_REGISTERS);
    for (unsigned i = 0; i < ARCH_MESSAGE_REGISTERS && i < length; i++) {
        BOUND_STEP(copy_long_registers);
        to->context.reg[REG_MR0 + i] = from->context.reg[REG_MR0 + i];
    }
    BOUND(copy_long_message, SEL4_MSG_MAX_LENGTH);
    for (unsigned i = ARCH_MESSAGE_REGISTERS; i < length; i++) {
        BOUND_STEP(copy_long_message);
        dest[BUFFER_MSG + i] = source[BUFFER_MSG + i];
    }
}

ALWAYS_INLINE void copy_message(const struct tcb *from, struct tcb *to, u64 badge, bool words) {
    if (words) {
        copy_long_message(from, to, badge);
    } else {
        copy_short_message(from, to, badge);
    }
}

/* An endpoint capability that may be sent through, and whose receiver may answer. */
ALWAYS_INLINE bool may_call(struct cap cap) {
    u64 send = CAP_ENDPOINT | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT;
    u64 answer = (u64)(RIGHT_GRANT | RIGHT_GRANT_REPLY) << CAP_FIELD_SHIFT;

    return (cap.word1 & (CAP_KIND_MASK | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT)) == send &&
           (cap.word1 & answer) != 0;
}

ALWAYS_INLINE bool may_receive(struct cap cap) {
    u64 receive = CAP_ENDPOINT | (u64)RIGHT_READ << CAP_FIELD_SHIFT;

    return (cap.word1 & (CAP_KIND_MASK | (u64)RIGHT_READ << CAP_FIELD_SHIFT)) == receive;
}

/* Call to a server that waits in Recv, with messages of registers only or of `words` in the buffers. */
ALWAYS_INLINE struct arch_context *fast_call(struct tcb *caller, struct cap cap, bool words) {
    struct endpoint *endpoint = arch_ptr(cap_address(cap));
    ticks_t now = 0;

    /* Admit. */
    if (!may_call(cap) || endpoint->state != ENDPOINT_RECEIVING) {
        return NOT_ADMITTED;
    }
    struct tcb *server = tcb_of_wait(endpoint->queue.top);
    struct reply *reply = server->reply;
    bool passive = server->sc == NULL; /* then the caller's context is lent */

    if (!message_fits(caller, server, words) || reply == NULL || /* who calls waits for an answer */
        !waits_alone(server) || !handover_is_next(server)) {
        return NOT_ADMITTED;
    }
    if (passive
            ? server->domain != kernel.domain
            : (now = arch_time(), !handover_may_wake(server, now) || !handover_may_charge(now))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    pop_receiver(endpoint, server);
    copy_message(caller, server, cap_badge(cap), words);
    thread_complete(server);
    server->reply = NULL;
    caller->state = THREAD_BLOCKED_REPLY;
    caller->reply = reply;
    reply->caller = caller;
    if (!passive) {
        handover_wake(server, now);
        return arrive_own(server, caller, now);
    }
    struct sched_context *sc = caller->sc;
    struct reply *below = sc->top_reply;

    reply->previous = below;
    reply->next = NULL;
    reply->sc = sc;
    if (below != NULL) {
        below->next = reply;
        below->sc = NULL;
    }
    sc->top_reply = reply;
    sc->tcb = server;
    caller->sc = NULL;
    server->sc = sc;
    server->state = THREAD_RUNNABLE;
    server->resume.object = NULL;
    return arrive_lent(server, caller);
}

/* Nothing is there to be received, and nothing comes but a message: the thread will wait. */
ALWAYS_INLINE bool will_wait(const struct tcb *tcb, const struct endpoint *endpoint) {
    return endpoint->state ==
               ENDPOINT_IDLE &&             /* a waiting sender is taken first, receivers queue */
           tcb->bound_notification == NULL; /* a signal would be taken first */
}

/* The reply object that the caller names in a6, or NULL. */
ALWAYS_INLINE struct reply *find_free_reply(const struct tcb *tcb) {
    struct cslot *slot = cspace_find(tcb, tcb->context.reg[REG_REPLY]);

    return slot != NULL && cap_is(slot->cap, CAP_REPLY) ? arch_ptr(cap_address(slot->cap)) : NULL;
}

/* A server answers and waits for the next call. */
ALWAYS_INLINE struct arch_context *fast_reply_recv(struct tcb *server, struct cap cap, bool words) {
    struct endpoint *endpoint = arch_ptr(cap_address(cap));
    struct reply *reply = NULL;
    ticks_t now = 0;

    /* Admit. */
    if (!may_receive(cap) || !will_wait(server, endpoint) ||
        (reply = find_free_reply(server)) == NULL) {
        return NOT_ADMITTED;
    }
    struct tcb *caller = reply->caller;

    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY ||
        caller->fault.kind != SEL4_FAULT_NULL || /* a fault's answer sets registers */
        !message_fits(server, caller, words) || !handover_is_next(caller)) {
        return NOT_ADMITTED;
    }
    struct sched_context *sc = reply->sc;
    bool lent = sc != NULL; /* then it goes back */

    if (lent ? sc != server->sc || caller->sc != NULL || caller->domain != kernel.domain
             : (now = arch_time(), reply->next != NULL || reply->previous != NULL ||
                                       !handover_may_wake(caller, now) ||
                                       !handover_may_charge(now))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    copy_message(server, caller, 0, words);
    thread_complete(caller);
    caller->reply = NULL;
    reply->caller = server;
    server->reply = reply;
    push_receiver(endpoint, server);
    if (!lent) {
        handover_wake(caller, now);
        return arrive_own(caller, server, now);
    }
    struct reply *below = reply->previous;

    sc->top_reply = below;
    if (below != NULL) {
        below->next = NULL;
        below->sc = sc;
    }
    reply->previous = NULL;
    reply->next = NULL;
    reply->sc = NULL;
    sc->tcb = caller;
    server->sc = NULL;
    caller->sc = sc;
    caller->state = THREAD_RUNNABLE;
    caller->resume.object = NULL;
    return arrive_lent(caller, server);
}

/* A server with its own context waits, and nobody calls. */
ALWAYS_INLINE struct arch_context *fast_recv(struct tcb *server, struct cap cap) {
    struct endpoint *endpoint = arch_ptr(cap_address(cap));
    struct tcb *next = ready_first();
    struct reply *reply = NULL;
    ticks_t now = arch_time();

    /* Admit. */
    if (!may_receive(cap) || !will_wait(server, endpoint) || !may_arrive_ready(next) ||
        (reply = find_free_reply(server)) == NULL || reply->caller != NULL ||
        !handover_may_charge(now)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    reply->caller = server;
    server->reply = reply;
    push_receiver(endpoint, server);
    return arrive_ready(next, server, now);
}
