// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fast paths of messages: Call to a server that waits, ReplyRecv back to the caller, Recv with nobody there. Servers
 * are passive (the caller's context is lent to them) or active (they have their own). A fault is a call that its thread
 * did not make, to a handler, which answers with the registers to go on with.
 */
#pragma once

#include "kernel/cspace/find.h"
#include "kernel/entry/fast_notification.h"
#include "kernel/entry/fastpath.h"
#include "kernel/ipc/fault.h"
#include "lib/words.h"

/*
 * A message word whose low bits are at most this describes registers only: no capabilities go over (bits 7, 8), none
 * are marked as unwrapped (bits 9..11), so it is delivered as it is.
 */
#define SHORT_MESSAGE_MAX ((u64)ARCH_MESSAGE_REGISTERS)

ALWAYS_INLINE bool is_short_message(u64 info) {
    return (info & MASK(SEL4_MSGINFO_LABEL_SHIFT)) <= SHORT_MESSAGE_MAX;
}

/* What goes over; always a constant. */
enum message_form {
    MESSAGE_SHORT, /* words in registers */
    MESSAGE_LONG,  /* words in the buffers, too */
    MESSAGE_FAULT, /* one way the fault of a thread, in four registers; the other way what it goes on with */
    MESSAGE_TIMEOUT /* the end of a head refill */
};

/* … and the word that its sender describes it with, read once. */
struct message {
    enum message_form form;
    u64 info;
};

ALWAYS_INLINE struct message message_of(const struct tcb *sender, enum message_form form) {
    return (struct message){form, sender->context.reg[REG_INFO]};
}

/* Extra capabilities are looked up, and what is missing is a fault. */
ALWAYS_INLINE bool names_capabilities(const struct tcb *tcb) {
    return (tcb->context.reg[REG_INFO] & SEL4_MSGINFO_EXTRA_CAPS_MASK
                                             << SEL4_MSGINFO_EXTRA_CAPS_SHIFT) != 0;
}

/* Words only, and all of them find a place: the message is not over-long, and both sides have a buffer. */
ALWAYS_INLINE bool long_message_fits(const struct tcb *from, const struct tcb *to) {
    return !names_capabilities(from) &&
           (from->context.reg[REG_INFO] & SEL4_MSGINFO_LENGTH_MASK) <= SEL4_MSG_MAX_LENGTH &&
           tcb_buffer_is_known(from) && tcb_buffer_is_known(to);
}

ALWAYS_INLINE bool call_fits(const struct tcb *from, const struct tcb *to, struct message message) {
    switch (message.form) {
    case MESSAGE_SHORT:
        return is_short_message(message.info);
    case MESSAGE_LONG:
        return long_message_fits(from, to);
    default:
        return true;
    }
}

/* As many message registers as there are words. */
ALWAYS_INLINE void copy_message_registers(const struct tcb *from, struct tcb *to, u64 length) {
    const u64 *source = &from->context.reg[REG_MR0];
    u64 *dest = &to->context.reg[REG_MR0];

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

/* Registers only, and the word that describes them. */
ALWAYS_INLINE void copy_short_message(const struct tcb *from, struct tcb *to, u64 badge, u64 info) {
    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = info;
    /* Nothing else is there (is_short_message). */
    copy_message_registers(from, to, info & MASK(SEL4_MSGINFO_LABEL_SHIFT));
}

/* More words than registers; or fewer, if the word that describes them has bits that do not go over. */
ALWAYS_INLINE void copy_long_message(const struct tcb *from, struct tcb *to, u64 badge, u64 info) {
    const u64 *source = &from->buffer[BUFFER_MSG];
    u64 *dest = &to->buffer[BUFFER_MSG];
    u64 length = info & SEL4_MSGINFO_LENGTH_MASK;

    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = msginfo_make(msginfo_label(info), 0, 0, length);
    copy_message_registers(from, to, length);
    if (length > ARCH_MESSAGE_REGISTERS) {
        words_copy(&dest[ARCH_MESSAGE_REGISTERS], &source[ARCH_MESSAGE_REGISTERS],
                   (unsigned)length - ARCH_MESSAGE_REGISTERS);
    }
}

/* fault_message() of the two kinds that programs cause all day. */
ALWAYS_INLINE void copy_fault(const struct tcb *from, struct tcb *to, u64 badge) {
    const struct fault *fault = &from->fault;
    u64 *dest = &to->context.reg[REG_MR0];
    bool vm = fault->kind == SEL4_FAULT_VM;

    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = msginfo_make(fault->kind, 0, 0, 4);
    dest[0] = from->context.reg[REG_PC];
    dest[1] = vm ? fault->address : from->context.reg[REG_SP];
    dest[2] = vm ? fault->is_instruction : fault->number;
    dest[3] = vm ? fault->number : 0;
}

/* timeout_message() in kernel/ipc/fault.c. */
ALWAYS_INLINE void copy_timeout(const struct tcb *from, struct tcb *to, u64 badge) {
    to->context.reg[REG_BADGE] = badge;
    to->context.reg[REG_INFO] = msginfo_make(SEL4_FAULT_TIMEOUT, 0, 0, 2);
    to->context.reg[REG_MR0] = from->sc->badge;
    to->context.reg[REG_MR0 + 1] = budget_take_consumed_us(from->sc);
}

ALWAYS_INLINE void copy_call(const struct tcb *from, struct tcb *to, u64 badge,
                             struct message message) {
    switch (message.form) {
    case MESSAGE_SHORT:
        copy_short_message(from, to, badge, message.info);
        break;
    case MESSAGE_LONG:
        copy_long_message(from, to, badge, message.info);
        break;
    case MESSAGE_FAULT:
        copy_fault(from, to, badge);
        break;
    case MESSAGE_TIMEOUT:
        copy_timeout(from, to, badge);
        break;
    }
}

/* The endpoint capability may be sent through, and whoever receives may answer. */
ALWAYS_INLINE bool may_call(struct cap cap) {
    return cap_has_right(cap, RIGHT_WRITE) &&
           cap_has_right(cap, RIGHT_GRANT | RIGHT_GRANT_REPLY); /* one of them */
}

/* The only server that waits at the endpoint, if it takes the message and runs when the caller stops. Or NULL. */
ALWAYS_INLINE struct tcb *callee(const struct tcb *caller, struct cap cap, struct message message) {
    const struct endpoint *endpoint = arch_ptr(cap_address(cap));

    if (!may_call(cap) || endpoint->state != ENDPOINT_RECEIVING_ONE) {
        return NULL;
    }
    struct tcb *server = tcb_of_wait(endpoint->queue.top);

    return call_fits(caller, server, message) &&
                   server->reply != NULL && /* who calls waits for an answer */
                   handover_is_next(server)
               ? server
               : NULL;
}

/* Both halves of a call that are the same with and without a lent context. The caller now waits for the answer. */
ALWAYS_INLINE void deliver_call(struct tcb *caller, struct tcb *server, struct cap cap,
                                struct message message) {
    struct reply *reply = server->reply;

    pop_receiver(arch_ptr(cap_address(cap)), server);
    copy_call(caller, server, cap_badge(cap), message);
    thread_complete(server);
    server->reply = NULL;
    caller->state = THREAD_BLOCKED_REPLY;
    caller->reply = reply;
    reply->caller = caller;
}

/* Call to a passive callee, which gets the caller's context with the message. */
ALWAYS_INLINE struct arch_context *call_passive(struct tcb *caller, struct cap cap,
                                                struct tcb *server, struct message message) {
    u64 change = space_change(server, caller);

    /* Admit. */
    if (server->sc != NULL || server->domain != kernel.domain || !may_arrive(server, change)) {
        return NOT_ADMITTED;
    }

    /* Commit. A free reply object is in no stack: what is not set here is NULL already. */
    struct sched_context *sc = caller->sc;
    struct reply *reply = server->reply;
    struct reply *below = sc->top_reply;

    deliver_call(caller, server, cap, message);
    reply->sc = sc;
    if (below != NULL) {
        reply->previous = below;
        below->next = reply;
        below->sc = NULL;
    }
    sc->top_reply = reply;
    sc->tcb = server;
    caller->sc = NULL;
    server->sc = sc;
    server->resume.object = NULL;
    return arrive_lent(server, change);
}

/* Call to a callee that has a context of its own. */
ALWAYS_INLINE struct arch_context *call_active(struct tcb *caller, struct cap cap,
                                               struct tcb *server, struct message message) {
    u64 change = space_change(server, caller);
    ticks_t now = arch_time();

    /* Admit. */
    if (!handover_may_wake(server, now) || !handover_may_charge(now) ||
        !may_arrive(server, change)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    deliver_call(caller, server, cap, message);
    handover_wake(server, now);
    return arrive_own(server, change, now);
}

/* No signal is there, which would be taken first, and no context that was borrowed for the last one goes back. */
ALWAYS_INLINE bool no_signal_for(const struct tcb *tcb) {
    const struct notification *bound = tcb->bound_notification;

    return LIKELY(bound == NULL) || (bound->state != NOTIFICATION_ACTIVE && bound->sc != tcb->sc);
}

/* Nothing is there to be received, so the thread will wait, alone. */
ALWAYS_INLINE bool will_wait(const struct tcb *tcb, struct cap cap) {
    const struct endpoint *endpoint = arch_ptr(cap_address(cap));

    return cap_has_right(cap, RIGHT_READ) && endpoint->state == ENDPOINT_IDLE && no_signal_for(tcb);
}

/* The reply object that the thread names in a6, or NULL. */
ALWAYS_INLINE struct reply *named_reply(const struct tcb *tcb) {
    struct cslot *slot = cspace_find(tcb, tcb->context.reg[REG_REPLY]);

    return slot != NULL && cap_is(slot->cap, CAP_REPLY) ? arch_ptr(cap_address(slot->cap)) : NULL;
}

/* The thread waits at the endpoint and offers the reply object. */
ALWAYS_INLINE void wait_for_call(struct tcb *server, struct cap cap, struct reply *reply) {
    reply->caller = server;
    server->reply = reply;
    push_receiver(arch_ptr(cap_address(cap)), server);
}

/* A fault's answer sets registers, and with a label other than 0 the thread does not go on. */
ALWAYS_INLINE bool answer_fits(const struct tcb *from, const struct tcb *to,
                               struct message message) {
    if ((message.form == MESSAGE_FAULT) != (to->fault.kind != SEL4_FAULT_NULL)) {
        return false;
    }
    switch (message.form) {
    case MESSAGE_SHORT:
        return is_short_message(message.info);
    case MESSAGE_LONG:
        return long_message_fits(from, to);
    default:
        return !names_capabilities(from) && msginfo_label(message.info) == 0;
    }
}

/* Whoever waits on this reply object, if somebody does, had a fault told. */
ALWAYS_INLINE bool answers_fault(const struct reply *reply) {
    return reply != NULL && reply->caller != NULL && reply->caller->fault.kind != SEL4_FAULT_NULL;
}

/* A server's ReplyRecv answers whoever waits on this reply object, who runs when the server waits. */
ALWAYS_INLINE bool may_answer(const struct tcb *server, struct cap cap, const struct reply *reply,
                              struct message message) {
    if (reply == NULL || reply->caller == NULL || !will_wait(server, cap)) {
        return false;
    }
    const struct tcb *caller = reply->caller;

    return caller->state == THREAD_BLOCKED_REPLY && answer_fits(server, caller, message) &&
           handover_is_next(caller);
}

ALWAYS_INLINE void deliver_answer(struct tcb *server, struct tcb *caller, struct message message) {
    if (message.form == MESSAGE_FAULT) {
        (void)fault_reply(server, caller);
        caller->fault.kind = SEL4_FAULT_NULL;
    } else {
        copy_call(server, caller, 0, message);
        thread_complete(caller);
    }
    caller->reply = NULL;
    caller->state = THREAD_RUNNABLE;
}

/* It may answer, and the context that it was lent goes back to the caller. */
ALWAYS_INLINE struct arch_context *reply_passive(struct tcb *server, struct cap cap,
                                                 struct reply *reply, struct message message) {
    struct tcb *caller = reply->caller;
    struct sched_context *sc = reply->sc;
    u64 change = space_change(caller, server);

    /* Admit. */
    if (sc == NULL || sc != server->sc || caller->sc != NULL || caller->domain != kernel.domain ||
        !may_arrive(caller, change)) {
        return NOT_ADMITTED;
    }

    /* Commit. The top of a stack has nothing above it. */
    struct reply *below = reply->previous;

    deliver_answer(server, caller, message);
    sc->top_reply = below;
    if (below != NULL) {
        reply->previous = NULL;
        below->next = NULL;
        below->sc = sc;
    }
    reply->sc = NULL;
    sc->tcb = caller;
    server->sc = NULL;
    caller->sc = sc;
    caller->resume.object = NULL;
    wait_for_call(server, cap, reply);
    return arrive_lent(caller, change);
}

/* It may answer, and the caller kept its own context. */
ALWAYS_INLINE struct arch_context *reply_active(struct tcb *server, struct cap cap,
                                                struct reply *reply, struct message message) {
    struct tcb *caller = reply->caller;
    u64 change = space_change(caller, server);
    ticks_t now = arch_time();

    /* Admit. */
    if (reply->sc != NULL || reply->next != NULL || reply->previous != NULL || /* in a stack */
        !handover_may_wake(caller, now) || !handover_may_charge(now) ||
        !may_arrive(caller, change)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    deliver_answer(server, caller, message);
    handover_wake(caller, now);
    wait_for_call(server, cap, reply);
    return arrive_own(caller, change, now);
}

/* A thread waits, and nobody calls; `first` is a signal aside, or no capability. */
ALWAYS_INLINE struct arch_context *recv_and_switch(struct tcb *server, struct cap first,
                                                   struct cap cap) {
    struct tcb *next = ready_first();
    ticks_t now = arch_time();

    /* Admit. */
    struct reply *reply = will_wait(server, cap) ? named_reply(server) : NULL;

    if (reply == NULL || reply->caller != NULL || !may_arrive_ready(next, server) ||
        !handover_may_charge(now)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    if (!cap_is(first, CAP_NULL)) {
        leave_signal(first);
    }
    wait_for_call(server, cap, reply);
    return arrive_ready(next, server, now);
}
