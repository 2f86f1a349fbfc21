// SPDX-License-Identifier: BSD-2-Clause
/*
 * The reply stack. A context travels down the calls it was lent over and comes back up as they are
 * answered; picture and INV-RP-1 in kernel/model/endpoint.h.
 */
#include "kernel/ipc/reply.h"

#include "kernel/ipc/fault.h"
#include "kernel/ipc/thread.h"
#include "kernel/ipc/transfer.h"
#include "mcs/refill.h"
#include "mcs/sched_context.h"

void reply_push(struct tcb *caller, struct tcb *callee, struct reply *reply, bool donate) {
    struct sched_context *sc = caller->sc;

    thread_block(caller, THREAD_BLOCKED_REPLY);
    caller->reply = reply;
    reply->caller = caller;
    if (sc == NULL || !donate || callee->sc != NULL) {
        return;
    }
    struct reply *below = sc->top_reply;

    reply->previous = below; /* and nothing is above: a free reply object is in no stack */
    reply->sc = sc;
    if (below != NULL) {
        below->next = reply;
        below->sc = NULL;
    }
    sc->top_reply = reply;
    sc_donate(sc, callee);
}

/* The top reply object leaves the stack, and the context returns to its caller. */
static void pop(struct reply *reply) {
    struct sched_context *sc = reply->sc;
    struct reply *below = reply->previous;

    sc->top_reply = below;
    if (below != NULL) {
        below->next = NULL;
        below->sc = sc;
    }
    if (reply->caller->sc == NULL) {
        sc_donate(sc, reply->caller);
    }
}

/* Take an object out of wherever it is in a stack; what is below is cut off (its context will not come by). */
static void cut(struct reply *reply) {
    if (reply->sc != NULL) {
        reply->sc->top_reply = NULL;
    }
    if (reply->next != NULL) {
        reply->next->previous = NULL;
    }
    if (reply->previous != NULL) {
        reply->previous->next = NULL;
    }
}

static void unlink_caller(struct reply *reply) {
    struct tcb *caller = reply->caller;

    *reply = (struct reply){0};
    caller->reply = NULL;
    caller->state = THREAD_INACTIVE;
}

/* End the wait on this object as if it had been answered: a lent context returns. */
static void reply_remove(struct reply *reply) {
    if (reply->sc != NULL) {
        pop(reply);
    } else {
        cut(reply);
    }
    unlink_caller(reply);
}

/* The context that came back is used up: its owner's handler hears of it before the owner runs. */
static void check_returned_budget(struct tcb *tcb, bool was_timeout) {
    if (tcb->sc == NULL || !sc_is_configured(tcb->sc) || was_timeout ||
        refill_is_ready(tcb->sc, kernel.now)) {
        return;
    }
    (void)fault_send_timeout(tcb);
}

void reply_send(struct tcb *replier, struct reply *reply, bool can_grant) {
    struct tcb *caller = reply->caller;

    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY) {
        return;
    }
    bool was_timeout = caller->fault.kind == SEL4_FAULT_TIMEOUT;
    bool run = true;

    reply_remove(reply);
    if (caller->fault.kind == SEL4_FAULT_NULL) {
        transfer_message(replier, caller, NULL, 0, can_grant);
        thread_complete(caller);
    } else {
        run = fault_reply(replier, caller);
        caller->fault.kind = SEL4_FAULT_NULL;
    }
    if (run) {
        thread_unblock(caller);
        check_returned_budget(caller, was_timeout);
    }
}

void reply_remove_caller(struct tcb *caller) {
    struct reply *reply = caller->reply;

    cut(reply);
    unlink_caller(reply);
}

void reply_clear(struct reply *reply) {
    struct tcb *caller = reply->caller;

    if (caller == NULL) {
        return;
    }
    if (caller->state == THREAD_BLOCKED_REPLY) {
        caller->fault.kind = SEL4_FAULT_NULL;
        reply_remove(reply);
    } else {
        thread_cancel_ipc(caller);
    }
}

void reply_forget_context(struct sched_context *sc) {
    if (sc->top_reply != NULL) {
        sc->top_reply->sc = NULL;
        sc->top_reply = NULL;
    }
}
