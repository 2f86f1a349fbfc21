// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls enter here: the fast paths, and the way to the slow one. Explained in kernel/entry/fastpath.h.
 *
 * Two layers, so that the first needs no stack frame: kernel_syscall() does what comes back to its caller or lends its
 * context to a server, and ends with at most one call. What is behind that call may need more.
 */
#include "kernel/entry/fastpath.h"

#include "arch/upcalls.h"
#include "kernel/entry/check.h"
#include "kernel/entry/fast_message.h"
#include "kernel/entry/fast_notification.h"
#include "kernel/entry/syscall.h"
#include "smp/doorbell.h"

/* Debug kernels look at their state now and then, whichever way an entry went, and count the fast ones. */
ALWAYS_INLINE struct arch_context *done(const struct tcb *caller, struct arch_context *next) {
    kernel.entries[ENTRY_SYSCALL]++;
    if (BUILD_CHECKS) {
        kernel.fast_taken[-(s64)caller->context.reg[REG_SYSCALL]]++;
        check_sometimes();
    }
    return next;
}

/* ---- Behind: the core goes to another context, or words are copied --------------------------------- */

ALWAYS_INLINE struct arch_context *done_or_slow(struct tcb *caller, struct cslot *slot,
                                                struct arch_context *next) {
    return next != NOT_ADMITTED ? done(caller, next) : slow_syscall(caller, slot);
}

/* The server has a context of its own. */
NOINLINE MAY_TAIL_CALL static struct arch_context *
call_behind(struct tcb *caller, struct cslot *slot, struct tcb *server) {
    struct message message = message_of(caller, MESSAGE_SHORT);

    return done_or_slow(caller, slot, call_active(caller, slot->cap, server, message));
}

/* A call in another form, to a server that has a context of its own: one for all, since they are long anyway. */
NOINLINE static struct arch_context *call_active_any(struct tcb *caller, struct cap cap,
                                                     struct tcb *server, struct message message) {
    return call_active(caller, cap, server, message);
}

/* … to any server. */
ALWAYS_INLINE struct arch_context *call_any(struct tcb *caller, struct cap cap,
                                            enum message_form form) {
    struct message message = message_of(caller, form);
    struct tcb *server = callee(caller, cap, message);

    if (server == NULL) {
        return NOT_ADMITTED;
    }
    return server->sc == NULL ? call_passive(caller, cap, server, message)
                              : call_active_any(caller, cap, server, message);
}

NOINLINE MAY_TAIL_CALL static struct arch_context *call_with_words(struct tcb *caller,
                                                                   struct cslot *slot) {
    return done_or_slow(caller, slot, call_any(caller, slot->cap, MESSAGE_LONG));
}

struct arch_context *fast_fault(struct tcb *tcb) {
    struct cap handler = tcb->slot[TCB_FAULT_HANDLER].cap;

    return cap_is(handler, CAP_ENDPOINT) && !(BUILD_CHECKS && kernel.fastpath_off)
               ? call_any(tcb, handler, MESSAGE_FAULT)
               : NOT_ADMITTED;
}

/* fault_send_timeout() at the end of a slice. A timeout lends no context, so the handler has its own. */
struct arch_context *fast_timeout(void) {
    struct tcb *tcb = kernel.current;
    struct cap handler = tcb->slot[TCB_TIMEOUT_HANDLER].cap;
    struct message message = {MESSAGE_TIMEOUT, 0};

    if (sc_is_round_robin(tcb->sc) || !cap_is(handler, CAP_ENDPOINT) ||
        (BUILD_CHECKS && kernel.fastpath_off)) {
        return NOT_ADMITTED;
    }
    struct tcb *server = callee(tcb, handler, message);
    struct arch_context *next =
        server != NULL ? call_active(tcb, handler, server, message) : NOT_ADMITTED;

    if (next != NOT_ADMITTED) {
        tcb->fault = (struct fault){.kind = SEL4_FAULT_TIMEOUT, .address = tcb->sc->badge};
        kernel.slice_over = false;
        kernel.timer_stale = false;
    }
    return next;
}

/* The caller kept its own context. */
NOINLINE MAY_TAIL_CALL static struct arch_context *
reply_behind(struct tcb *server, struct cslot *slot, struct reply *reply) {
    struct message message = message_of(server, MESSAGE_SHORT);

    return done_or_slow(server, slot, reply_active(server, slot->cap, reply, message));
}

/* An answer in another form, to any caller. */
ALWAYS_INLINE struct arch_context *reply_any(struct tcb *server, struct cslot *slot,
                                             struct reply *reply, enum message_form form) {
    struct message message = message_of(server, form);
    struct arch_context *next = NOT_ADMITTED;

    if (may_answer(server, slot->cap, reply, message)) {
        next = reply->sc != NULL ? reply_passive(server, slot->cap, reply, message)
                                 : reply_active(server, slot->cap, reply, message);
    }
    return done_or_slow(server, slot, next);
}

NOINLINE MAY_TAIL_CALL static struct arch_context *
reply_to_fault(struct tcb *server, struct cslot *slot, struct reply *reply) {
    return reply_any(server, slot, reply, MESSAGE_FAULT);
}

NOINLINE MAY_TAIL_CALL static struct arch_context *
reply_with_words(struct tcb *server, struct cslot *slot, struct reply *reply) {
    return answers_fault(reply) ? reply_to_fault(server, slot, reply)
                                : reply_any(server, slot, reply, MESSAGE_LONG);
}

NOINLINE MAY_TAIL_CALL static struct arch_context *recv_behind(struct tcb *server,
                                                               struct cslot *slot) {
    return done_or_slow(server, slot, recv_and_switch(server, CAP_NONE, slot->cap));
}

NOINLINE MAY_TAIL_CALL static struct arch_context *signal_behind(struct tcb *caller,
                                                                 struct cslot *slot) {
    return done_or_slow(caller, slot, signal_and_wake(caller, slot->cap));
}

NOINLINE MAY_TAIL_CALL static struct arch_context *wait_behind(struct tcb *caller,
                                                               struct cslot *slot) {
    return done_or_slow(caller, slot, wait_and_switch(caller, CAP_NONE, slot->cap));
}

/* NBSendRecv, NBSendWait: a signal to `dest`, and then as above. */
NOINLINE MAY_TAIL_CALL static struct arch_context *
signal_wait_behind(struct tcb *caller, struct cslot *slot, u64 dest, bool with_reply) {
    const struct cslot *first = cspace_find(caller, dest);
    struct arch_context *next = NOT_ADMITTED;

    if (first != NULL && !names_capabilities(caller) &&
        is_signal_aside(caller, first->cap, slot->cap)) {
        next = with_reply && cap_is(slot->cap, CAP_ENDPOINT)
                   ? recv_and_switch(caller, first->cap, slot->cap)
                   : wait_and_switch(caller, first->cap, slot->cap);
    }
    return done_or_slow(caller, slot, next);
}

/* Signal to another kernel: always done. (Behind, so that it takes no register from those in front.) */
NOINLINE MAY_TAIL_CALL static struct arch_context *doorbell_behind(struct tcb *caller,
                                                                   struct cap cap) {
    smp_doorbell_send(&kernel.peer[doorbell_cap_peer(cap)], doorbell_cap_line(cap));
    return done(caller, arrive_same(caller));
}

/* A round-robin thread gives up its slice: a whole one waits for it behind its equals. */
ALWAYS_INLINE struct arch_context *fast_yield(struct tcb *caller) {
    struct sched_context *sc = kernel.current_sc;
    struct tcb *next = ready_first();
    ticks_t now = arch_time();
    bool alone = next == NULL || next->priority < caller->priority; /* no equal is ready */

    /* Admit. */
    if (!sc_is_round_robin(sc) || !handover_may_charge(now) ||
        !(alone || may_arrive_ready(next, caller))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    thread_complete(caller);
    handover_charge(now);
    refill_whole(sc);
    if (alone) {
        caller->ready_next = caller; /* as if it had been queued, alone */
        caller->ready_prev = caller;
        handover_set_timer(now, sc);
        return &caller->context;
    }
    ready_push_tail(caller);
    return arrive_ready(next, caller, now);
}

NOINLINE MAY_TAIL_CALL static struct arch_context *yield_behind(struct tcb *caller) {
    return done_or_slow(caller, NULL, fast_yield(caller));
}

/* ---- In front -------------------------------------------------------------------------------------- */

ALWAYS_INLINE struct arch_context *call(struct tcb *caller, struct cslot *slot) {
    struct cap cap = slot->cap;

    if (!cap_is(cap, CAP_ENDPOINT)) {
        return object_call(caller, slot);
    }
    struct message message = message_of(caller, MESSAGE_SHORT);

    if (UNLIKELY(!is_short_message(message.info))) {
        return call_with_words(caller, slot);
    }
    struct tcb *server = callee(caller, cap, message);

    if (UNLIKELY(server == NULL)) {
        return slow_syscall(caller, slot);
    }
    struct arch_context *next = call_passive(caller, cap, server, message);

    return LIKELY(next != NOT_ADMITTED) ? done(caller, next) : call_behind(caller, slot, server);
}

ALWAYS_INLINE struct arch_context *reply_recv(struct tcb *server, struct cslot *slot) {
    struct cap cap = slot->cap;

    if (!cap_is(cap, CAP_ENDPOINT)) {
        return slow_syscall(server, slot);
    }
    struct message message = message_of(server, MESSAGE_SHORT);
    struct reply *reply = named_reply(server);

    if (UNLIKELY(!is_short_message(message.info))) {
        return reply_with_words(server, slot, reply);
    }
    if (UNLIKELY(!may_answer(server, cap, reply, message))) {
        return answers_fault(reply) ? reply_to_fault(server, slot, reply)
                                    : slow_syscall(server, slot);
    }
    struct arch_context *next = reply_passive(server, cap, reply, message);

    return LIKELY(next != NOT_ADMITTED) ? done(server, next) : reply_behind(server, slot, reply);
}

/* Signals; and NBSend to somebody who is not there, so that nothing happens. */
ALWAYS_INLINE struct arch_context *send(struct tcb *caller, struct cslot *slot, bool block) {
    struct cap cap = slot->cap;
    void *object = arch_ptr(cap_address(cap));

    if (names_capabilities(caller)) {
        return slow_syscall(caller, slot);
    }
    if (cap_is(cap, CAP_NOTIFICATION) && cap_has_right(cap, RIGHT_WRITE)) {
        return is_waited_for(object) ? signal_behind(caller, slot)
                                     : done(caller, signal_and_go_on(caller, cap));
    }
    if (!block &&
        (cap_is(cap, CAP_NULL) || (cap_is(cap, CAP_ENDPOINT) && cap_has_right(cap, RIGHT_WRITE) &&
                                   !endpoint_has_receiver(object)))) {
        return done(caller, arrive_same(caller));
    }
    return cap_is(cap, CAP_DOORBELL) ? doorbell_behind(caller, cap) : slow_syscall(caller, slot);
}

ALWAYS_INLINE struct arch_context *wait(struct tcb *caller, struct cslot *slot, bool block) {
    struct cap cap = slot->cap;

    if (!may_wait(caller, cap)) {
        return slow_syscall(caller, slot);
    }
    if (block &&
        ((struct notification *)arch_ptr(cap_address(cap)))->state != NOTIFICATION_ACTIVE) {
        return wait_behind(caller, slot);
    }
    return done(caller, take_word(caller, cap));
}

/* What needs no capability, or was not found by the usual search. */
NOINLINE MAY_TAIL_CALL static struct arch_context *other(struct tcb *caller, struct cslot *slot) {
    bool yields = (s64)caller->context.reg[REG_SYSCALL] == SYSCALL_YIELD &&
                  !(BUILD_CHECKS && kernel.fastpath_off);

    return yields ? yield_behind(caller) : slow_syscall(caller, slot);
}

/* Numbers are negative and few: the switch is some comparisons. The two halves of a round trip come first. */
MAY_TAIL_CALL struct arch_context *kernel_syscall(struct arch_context *context) {
    struct tcb *caller = tcb_of_context(context);
    struct cslot *slot = cspace_find(caller, context->reg[REG_CAP]);
    s64 number = (s64)context->reg[REG_SYSCALL];

    if (BUILD_BENCH) {
        caller->used_entries++;
    }
    if (UNLIKELY(slot == NULL) || (BUILD_CHECKS && kernel.fastpath_off)) {
        return other(caller, slot);
    }
    if (number == SYSCALL_CALL) {
        return call(caller, slot);
    }
    if (number == SYSCALL_REPLY_RECV) {
        return reply_recv(caller, slot);
    }
    switch (number) {
    case SYSCALL_SEND:
        return send(caller, slot, true);
    case SYSCALL_NB_SEND:
        return send(caller, slot, false);
    case SYSCALL_RECV:
        return cap_is(slot->cap, CAP_ENDPOINT) ? recv_behind(caller, slot)
                                               : wait(caller, slot, true);
    case SYSCALL_WAIT:
        return wait(caller, slot, true);
    case SYSCALL_NB_SEND_RECV:
        return signal_wait_behind(caller, slot, context->reg[REG_DEST], true);
    case SYSCALL_NB_SEND_WAIT:
        return signal_wait_behind(caller, slot, context->reg[REG_REPLY], false);
    case SYSCALL_NB_RECV:
    case SYSCALL_NB_WAIT:
        return wait(caller, slot, false);
    default:
        return other(caller, slot);
    }
}
