// SPDX-License-Identifier: BSD-2-Clause
/* System calls enter here: the fast paths, and the way to the slow one. Explained in kernel/entry/fastpath.h. */
#include "kernel/entry/fastpath.h"

#include "kernel/cspace/find.h"
#include "arch/upcalls.h"
#include "kernel/entry/check.h"
#include "kernel/entry/fast_message.h"
#include "kernel/entry/fast_notification.h"
#include "kernel/entry/syscall.h"

/* NBSend to somebody who is not there: nothing happens. */
ALWAYS_INLINE struct arch_context *send_to_nobody(struct tcb *caller, struct cap cap) {
    u64 send = CAP_ENDPOINT | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT;
    const struct endpoint *endpoint = arch_ptr(cap_address(cap));
    bool nobody = cap_is(cap, CAP_NULL) ||
                  ((cap.word1 & (CAP_KIND_MASK | (u64)RIGHT_WRITE << CAP_FIELD_SHIFT)) == send &&
                   endpoint->state != ENDPOINT_RECEIVING);

    return nobody ? arrive_same(caller) : NOT_ADMITTED;
}

/* Extra capabilities are looked up, and what is missing is a fault. */
ALWAYS_INLINE bool names_capabilities(const struct tcb *caller) {
    return (caller->context.reg[REG_INFO] & SEL4_MSGINFO_EXTRA_CAPS_MASK
                                                << SEL4_MSGINFO_EXTRA_CAPS_SHIFT) != 0;
}

ALWAYS_INLINE struct arch_context *fast_send(struct tcb *caller, struct cap cap, bool block) {
    if (names_capabilities(caller)) {
        return NOT_ADMITTED;
    }
    if (cap_is(cap, CAP_NOTIFICATION)) {
        return fast_signal(caller, cap);
    }
    return block ? NOT_ADMITTED : send_to_nobody(caller, cap);
}

/* A round-robin thread gives up its slice: a whole one waits for it behind its equals. */
ALWAYS_INLINE struct arch_context *fast_yield(struct tcb *caller) {
    struct sched_context *sc = kernel.current_sc;
    ticks_t now = arch_time();

    /* Admit. */
    struct tcb *next = ready_first();
    bool alone = next == NULL || next->priority < caller->priority; /* no equal is ready */

    if (!sc_is_round_robin(sc) || !handover_may_charge(now) || !(alone || may_arrive_ready(next))) {
        return NOT_ADMITTED;
    }

    /* Commit. */
    thread_complete(caller);
    handover_charge(now);
    refill_whole(sc);
    if (alone) {
        handover_set_timer(now, sc);
        kernel.entries[ENTRY_SYSCALL]++;
        return &caller->context;
    }
    ready_push_tail(caller);
    return arrive_ready(next, caller, now);
}

/* Debug kernels look at their state now and then, whichever way an entry went, and count the fast ones. */
ALWAYS_INLINE struct arch_context *checked(const struct tcb *caller, struct arch_context *next) {
    if (BUILD_CHECKS) {
        kernel.fast_taken[-(s64)caller->context.reg[REG_SYSCALL]]++;
        check_sometimes();
    }
    return next;
}

/* Fast paths that need a frame: Yield, and messages with words in the buffers. Then the slow path. */
NOINLINE static struct arch_context *other_syscall(struct tcb *caller, struct cslot *slot) {
    struct arch_context *next = NOT_ADMITTED;
    s64 number = (s64)caller->context.reg[REG_SYSCALL];
    bool may_be_fast = !(BUILD_CHECKS && kernel.fastpath_off);

    if (number == SYSCALL_YIELD && may_be_fast) {
        next = fast_yield(caller);
    } else if (slot != NULL && may_be_fast && !is_short_message(caller->context.reg[REG_INFO])) {
        if (number == SYSCALL_CALL) {
            next = fast_call(caller, slot->cap, true);
        } else if (number == SYSCALL_REPLY_RECV) {
            next = fast_reply_recv(caller, slot->cap, true);
        }
    }
    return next != NOT_ADMITTED ? checked(caller, next) : slow_syscall(caller, slot);
}

/* Numbers are negative and few: the switch is some comparisons. */
ALWAYS_INLINE struct arch_context *fast_syscall(struct tcb *caller, struct cap cap) {
    switch ((s64)caller->context.reg[REG_SYSCALL]) {
    case SYSCALL_CALL:
        return fast_call(caller, cap, false);
    case SYSCALL_REPLY_RECV:
        return fast_reply_recv(caller, cap, false);
    case SYSCALL_SEND:
        return fast_send(caller, cap, true);
    case SYSCALL_NB_SEND:
        return fast_send(caller, cap, false);
    case SYSCALL_RECV:
        return cap_is(cap, CAP_ENDPOINT) ? fast_recv(caller, cap) : fast_wait(caller, cap);
    case SYSCALL_WAIT:
        return fast_wait(caller, cap);
    case SYSCALL_NB_RECV:
    case SYSCALL_NB_WAIT:
        return fast_poll(caller, cap);
    default:
        return NOT_ADMITTED;
    }
}

ALWAYS_INLINE bool calls_object(const struct tcb *caller, struct cap cap) {
    return (s64)caller->context.reg[REG_SYSCALL] == SYSCALL_CALL && !cap_is(cap, CAP_ENDPOINT);
}

struct arch_context *kernel_syscall(struct arch_context *context) {
    struct tcb *caller = tcb_of_context(context);
    struct cslot *slot = cspace_find(caller, context->reg[REG_CAP]);

    if (UNLIKELY(slot == NULL) || (BUILD_CHECKS && kernel.fastpath_off)) {
        return other_syscall(caller, slot);
    }
    if (calls_object(caller, slot->cap)) {
        return slow_syscall(caller, slot);
    }
    struct arch_context *next = fast_syscall(caller, slot->cap);

    return next != NOT_ADMITTED ? checked(caller, next) : other_syscall(caller, slot);
}
