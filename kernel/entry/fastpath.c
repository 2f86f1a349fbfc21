// SPDX-License-Identifier: BSD-2-Clause
/* Fast paths; the three steps are explained in kernel/entry/fastpath.h. */
#include "kernel/entry/fastpath.h"

#include "arch/memory.h"
#include "kernel/cspace/find.h"
#include "kernel/entry/exit.h"
#include "kernel/ipc/thread.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/vspace.h"
#include "lib/bound.h"
#include "lib/build_checks.h"
#include "mcs/ready.h"

#define NOT_ADMITTED NULL

/* No capabilities go over. */
ALWAYS_INLINE bool is_plain_message(u64 info) {
    return (info & SEL4_MSGINFO_EXTRA_CAPS_MASK << SEL4_MSGINFO_EXTRA_CAPS_SHIFT) == 0;
}

ALWAYS_INLINE bool is_long_message(u64 info) {
    return (info & SEL4_MSGINFO_LENGTH_MASK) > ARCH_MESSAGE_REGISTERS;
}

/* All its words find a place: it is not over-long, and both sides have a buffer. */
ALWAYS_INLINE bool long_message_fits(const struct tcb *from, const struct tcb *to) {
    return (from->context.reg[REG_INFO] & SEL4_MSGINFO_LENGTH_MASK) <= SEL4_MSG_MAX_LENGTH &&
           tcb_buffer(from, false) != NULL && tcb_buffer(to, true) != NULL;
}

ALWAYS_INLINE void copy_long_message(const struct tcb *from, struct tcb *to) {
    const u64 *source = tcb_buffer(from, false);
    u64 *dest = tcb_buffer(to, true);
    u64 length = from->context.reg[REG_INFO] & SEL4_MSGINFO_LENGTH_MASK;

    BOUND(copy_long_message, SEL4_MSG_MAX_LENGTH);
    for (unsigned i = ARCH_MESSAGE_REGISTERS; i < length; i++) {
        BOUND_STEP(copy_long_message);
        dest[BUFFER_MSG + i] = source[BUFFER_MSG + i];
    }
}

/* May `to` run at once, as schedule_next() would choose it when the caller stops? */
ALWAYS_INLINE bool runs_next(const struct tcb *to) {
    return to->domain == kernel.domain && !ready_has_above(to->priority);
}

/* Four registers at most, and the word that describes them: label kept, no capabilities. */
ALWAYS_INLINE void copy_message(const struct tcb *from, struct tcb *to, u64 badge) {
    const u64 *source = from->context.reg;
    u64 *dest = to->context.reg;
    u64 info = source[REG_INFO];
    u64 length = info & SEL4_MSGINFO_LENGTH_MASK;

    dest[REG_BADGE] = badge;
    dest[REG_INFO] = msginfo_make(msginfo_label(info), 0, 0, length);
    if (length > 0) {
        dest[REG_MR0] = source[REG_MR0];
    }
    if (length > 1) {
        dest[REG_MR0 + 1] = source[REG_MR0 + 1];
    }
    if (length > 2) {
        dest[REG_MR0 + 2] = source[REG_MR0 + 2];
    }
    if (length > 3) {
        dest[REG_MR0 + 3] = source[REG_MR0 + 3];
    }
}

/* Does the first waiter wait alone? Then taking it leaves the queue empty. */
ALWAYS_INLINE bool waits_alone(const struct tcb *tcb) {
    return tcb->wait.child[0] == NULL && tcb->wait.child[1] == NULL;
}

ALWAYS_INLINE void pop_receiver(struct endpoint *endpoint, struct tcb *tcb) {
    endpoint->queue.top = NULL;
    endpoint->state = ENDPOINT_IDLE;
    tcb->queue = QUEUE_NONE;
    tcb->blocked_on = NULL;
}

ALWAYS_INLINE void push_receiver(struct endpoint *endpoint, struct tcb *tcb) {
    endpoint->state = ENDPOINT_RECEIVING;
    endpoint->queue.top = &tcb->wait;
    tcb->wait = (struct pqueue_node){.key = WAIT_KEY(tcb), .seq = next_seq()};
    tcb->blocked_on = endpoint;
    tcb->queue = QUEUE_OBJECT;
}

/* The lent context goes on running in another thread. */
ALWAYS_INLINE struct arch_context *arrive_in(struct tcb *to, const struct tcb *from) {
    kernel.entries[ENTRY_SYSCALL]++;
    kernel.current = to;
    if (BUILD_BENCH) {
        to->scheduled++;
    }
    if (!cap_equal(to->slot[TCB_VSPACE].cap, from->slot[TCB_VSPACE].cap)) {
        vspace_activate(to);
    }
    return &to->context;
}

/* The caller goes on: its call is complete. */
ALWAYS_INLINE struct arch_context *arrive_same(struct tcb *caller) {
    kernel.entries[ENTRY_SYSCALL]++;
    thread_complete(caller);
    return &caller->context;
}

/*
 * Call to a passive server that waits in Recv. Compiled twice, for messages of registers only and for `words` in the
 * buffers, so that the first needs no frame for the second.
 */
ALWAYS_INLINE struct arch_context *call_server(struct tcb *caller, struct cap cap, bool words) {
    u64 rights = cap_rights(cap);
    struct endpoint *endpoint = arch_ptr(cap_address(cap));

    /* Admit. */
    if (!is_plain_message(caller->context.reg[REG_INFO]) ||  /* transfer: words only */
        (rights & RIGHT_WRITE) == 0 ||                       /* may send */
        (rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) == 0 || /* may be answered */
        endpoint->state != ENDPOINT_RECEIVING) {             /* somebody waits */
        return NOT_ADMITTED;
    }
    struct tcb *server = tcb_of_wait(endpoint->queue.top);
    struct reply *reply = server->reply;

    if (reply == NULL || !waits_alone(server) || server->sc != NULL || /* the context is lent */
        server->yield_to != NULL || !runs_next(server) ||
        (words && !long_message_fits(caller, server))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    struct sched_context *sc = caller->sc;
    struct reply *below = sc->top_reply;

    pop_receiver(endpoint, server);
    copy_message(caller, server, cap_badge(cap));
    if (words) {
        copy_long_message(caller, server);
    }
    caller->state = THREAD_BLOCKED_REPLY;
    caller->reply = reply;
    caller->sc = NULL;
    server->reply = NULL;
    *reply = (struct reply){.caller = caller, .previous = below, .sc = sc};
    if (below != NULL) {
        below->next = reply;
        below->sc = NULL;
    }
    sc->top_reply = reply;
    sc->tcb = server;
    server->sc = sc;
    server->state = THREAD_RUNNABLE;
    server->resume.object = NULL;
    thread_complete(server);
    return arrive_in(server, caller);
}

NOINLINE static struct arch_context *fast_call(struct tcb *caller, struct cap cap) {
    return call_server(caller, cap, false);
}

NOINLINE static struct arch_context *fast_call_long(struct tcb *caller, struct cap cap) {
    return call_server(caller, cap, true);
}

/* A passive server answers and waits for the next call. */
ALWAYS_INLINE struct arch_context *answer_caller(struct tcb *server, struct cap cap, bool words) {
    struct endpoint *endpoint = arch_ptr(cap_address(cap));
    struct cslot *reply_slot = cspace_find(server, server->context.reg[REG_REPLY]);

    /* Admit. */
    if (!is_plain_message(server->context.reg[REG_INFO]) || !cap_has_right(cap, RIGHT_READ) ||
        endpoint->state != ENDPOINT_IDLE ||   /* a waiting sender is taken first, receivers queue */
        server->bound_notification != NULL || /* a signal would be taken first */
        reply_slot == NULL || !cap_is(reply_slot->cap, CAP_REPLY)) {
        return NOT_ADMITTED;
    }
    struct reply *reply = arch_ptr(cap_address(reply_slot->cap));
    struct tcb *caller = reply->caller;
    struct sched_context *sc = reply->sc;

    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY ||
        caller->fault.kind != SEL4_FAULT_NULL || /* a fault's answer sets registers */
        sc == NULL || sc != server->sc ||        /* the lent context goes back */
        caller->sc != NULL || caller->yield_to != NULL || !runs_next(caller) ||
        (words && !long_message_fits(server, caller))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    struct reply *below = reply->previous;

    copy_message(server, caller, 0);
    if (words) {
        copy_long_message(server, caller);
    }
    sc->top_reply = below;
    if (below != NULL) {
        below->next = NULL;
        below->sc = sc;
    }
    sc->tcb = caller;
    caller->sc = sc;
    caller->reply = NULL;
    caller->state = THREAD_RUNNABLE;
    caller->resume.object = NULL;
    thread_complete(caller);
    server->sc = NULL;
    server->reply = reply;
    *reply = (struct reply){.caller = server};
    server->state = THREAD_BLOCKED_RECEIVE;
    push_receiver(endpoint, server);
    return arrive_in(caller, server);
}

NOINLINE static struct arch_context *fast_reply_recv(struct tcb *server, struct cap cap) {
    return answer_caller(server, cap, false);
}

NOINLINE static struct arch_context *fast_reply_recv_long(struct tcb *server, struct cap cap) {
    return answer_caller(server, cap, true);
}

/* Signal to a notification for which nobody waits. */
static struct arch_context *fast_signal(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));
    const struct tcb *bound = notification->bound;

    /* Admit. */
    if (!cap_has_right(cap, RIGHT_WRITE) || notification->state == NOTIFICATION_WAITING ||
        (notification->state == NOTIFICATION_IDLE && bound != NULL &&
         bound->state == THREAD_BLOCKED_RECEIVE)) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    notification->state = NOTIFICATION_ACTIVE;
    notification->word |= cap_badge(cap);
    return arrive_same(caller);
}

/* NBSend to somebody who is not there: nothing happens. */
static struct arch_context *fast_send(struct tcb *caller, struct cap cap, bool block) {
    if ((caller->context.reg[REG_INFO] & SEL4_MSGINFO_EXTRA_CAPS_MASK
                                             << SEL4_MSGINFO_EXTRA_CAPS_SHIFT) != 0) {
        return NOT_ADMITTED;
    }
    if (cap_is(cap, CAP_NOTIFICATION)) {
        return fast_signal(caller, cap);
    }
    if (block) {
        return NOT_ADMITTED;
    }
    if (cap_is(cap, CAP_NULL)) {
        return arrive_same(caller);
    }
    if (cap_is(cap, CAP_ENDPOINT) && cap_has_right(cap, RIGHT_WRITE) &&
        ((struct endpoint *)arch_ptr(cap_address(cap)))->state != ENDPOINT_RECEIVING) {
        return arrive_same(caller);
    }
    return NOT_ADMITTED;
}

/* Poll: take the word, or 0. */
static struct arch_context *fast_poll(struct tcb *caller, struct cap cap) {
    struct notification *notification = arch_ptr(cap_address(cap));

    /* Admit. */
    if (!cap_is(cap, CAP_NOTIFICATION) || !cap_has_right(cap, RIGHT_READ) ||
        (notification->bound != NULL && notification->bound != caller)) {
        return NOT_ADMITTED;
    }

    /* Commit. An idle notification's word is 0 (INV-NT-1). */
    caller->context.reg[REG_BADGE] = notification->word;
    notification->word = 0;
    if (notification->state == NOTIFICATION_ACTIVE) {
        notification->state = NOTIFICATION_IDLE;
    }
    return arrive_same(caller);
}

struct arch_context *fastpath_syscall(struct arch_context *context, const struct cslot *slot) {
    struct tcb *caller = tcb_of_context(context);

    if (UNLIKELY(slot == NULL) || (BUILD_CHECKS && kernel.fastpath_off)) {
        return NOT_ADMITTED;
    }
    struct cap cap = slot->cap;

    switch ((s64)context->reg[REG_SYSCALL]) {
    case SYSCALL_CALL:
        if (!cap_is(cap, CAP_ENDPOINT)) {
            return NOT_ADMITTED;
        }
        return is_long_message(context->reg[REG_INFO]) ? fast_call_long(caller, cap)
                                                       : fast_call(caller, cap);
    case SYSCALL_REPLY_RECV:
        if (!cap_is(cap, CAP_ENDPOINT)) {
            return NOT_ADMITTED;
        }
        return is_long_message(context->reg[REG_INFO]) ? fast_reply_recv_long(caller, cap)
                                                       : fast_reply_recv(caller, cap);
    case SYSCALL_SEND:
        return fast_send(caller, cap, true);
    case SYSCALL_NB_SEND:
        return fast_send(caller, cap, false);
    case SYSCALL_NB_WAIT:
        return fast_poll(caller, cap);
    default:
        return NOT_ADMITTED;
    }
}
