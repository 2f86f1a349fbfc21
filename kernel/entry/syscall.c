// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls (SEL4-ABI section 1): what each number means, and the one way in which a capability is
 * invoked.
 *
 * The pc of the caller stays at its ecall until the call is complete. Completing it is done by whoever knows
 * that it is: here for the sending half, in kernel/ipc for the receiving half, by the waker for threads that
 * wait. A call that was preempted, faulted or blocked is therefore simply not completed.
 */
#include "kernel/entry/syscall.h"

#include "arch/memory.h"
#include "kernel/cspace/find.h"
#include "kernel/cspace/lookup.h"
#include "kernel/entry/bench.h"
#include "kernel/entry/debug.h"
#include "kernel/entry/exit.h"
#include "kernel/invoke/method.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "kernel/ipc/thread.h"
#include "lib/bound.h"
#include "lib/build_checks.h"
#include "mcs/budget.h"
#include "mcs/schedule.h"
#include "smp/doorbell.h"

/* How a capability is invoked; the flavours of the system calls. */
struct flavour {
    bool block;       /* Send, Call */
    bool call;        /* Call: wants an answer */
    bool donate;      /* the receiver may take the sender's scheduling context */
    bool first_phase; /* a receive follows */
};

static const struct flavour flavour_call = {.block = true, .call = true, .donate = true};
static const struct flavour flavour_send = {.block = true};
static const struct flavour flavour_nb_send = {0};
static const struct flavour flavour_first_phase = {.donate = true, .first_phase = true};

/* Is the sending half over, so that the caller can go on (or receive)? */
enum progress { CALLER_GOES_ON, CALLER_STOPS };

static enum progress cap_fault(struct tcb *tcb, u64 cptr, bool receiving,
                               struct lookup_failure failure) {
    tcb->fault = (struct fault){
        .kind = SEL4_FAULT_CAP, .address = cptr, .in_receive_phase = receiving, .lookup = failure};
    fault_send(tcb);
    return CALLER_STOPS;
}

/* A capability that was not found: a fault for those who block, nothing for the others. */
static enum progress send_lookup_failed(struct tcb *tcb, u64 cptr, const struct flavour *how,
                                        struct lookup_failure failure) {
    return how->block ? cap_fault(tcb, cptr, false, failure) : CALLER_GOES_ON;
}

/* The general search. NULL: *failure says why. */
NOINLINE static struct cslot *search_slot(const struct tcb *tcb, u64 cptr,
                                          struct lookup_failure *failure) {
    struct slot_lookup found = cspace_lookup(tcb, cptr);

    *failure = found.failure;
    return found.slot;
}

/* The usual search first, then the general one. */
ALWAYS_INLINE struct cslot *find_slot(const struct tcb *tcb, u64 cptr,
                                      struct lookup_failure *failure) {
    struct cslot *slot = cspace_find(tcb, cptr);

    return LIKELY(slot != NULL) ? slot : search_slot(tcb, cptr, failure);
}

/* Write the words of the answer into message registers; returns how many found a place. */
NOINLINE static unsigned answer_words(const struct invocation *inv) {
    u64 *buffer = inv->words > ARCH_MESSAGE_REGISTERS ? tcb_buffer(inv->caller, true) : NULL;

    BOUND(answer_words, INVOCATION_WORDS);
    for (unsigned i = 0; i < inv->words; i++) {
        BOUND_STEP(answer_words);
        if (!message_set(inv->caller, buffer, i, inv->word[i])) {
            return i;
        }
    }
    return inv->words;
}

/* Write the answer of a kernel object into the caller's registers. Most have no words. */
ALWAYS_INLINE void answer(const struct invocation *inv, enum sel4_error error) {
    struct arch_context *context = &inv->caller->context;
    unsigned count = LIKELY(inv->words == 0) ? 0 : answer_words(inv);

    context->reg[REG_BADGE] = 0;
    context->reg[REG_INFO] = msginfo_make((u64)error, 0, 0, count);
}

static enum progress invoke_endpoint(struct tcb *caller, struct cap cap,
                                     const struct flavour *how) {
    struct send_options options = {
        .block = how->block,
        .call = how->call,
        .can_donate = how->donate,
        .can_grant = cap_has_right(cap, RIGHT_GRANT),
        .can_grant_reply = cap_has_right(cap, RIGHT_GRANT_REPLY),
        .badge = cap_badge(cap),
    };
    bool delivered = endpoint_send(arch_ptr(cap_address(cap)), caller, &options);

    return how->call || (how->block && !delivered) ? CALLER_STOPS : CALLER_GOES_ON;
}

#define KINDS_OF_IPC                                                                               \
    (BIT(CAP_ENDPOINT) | BIT(CAP_NOTIFICATION) | BIT(CAP_REPLY) | BIT(CAP_DOORBELL))

/* Endpoint-like capabilities. False: the kind (or its rights) is none of these. */
NOINLINE static bool invoke_ipc(struct tcb *caller, struct cap cap, const struct flavour *how,
                                enum progress *progress) {
    *progress = CALLER_GOES_ON;
    switch (cap_kind(cap)) {
    case CAP_ENDPOINT:
        if (!cap_has_right(cap, RIGHT_WRITE)) {
            return false;
        }
        *progress = invoke_endpoint(caller, cap, how);
        return true;
    case CAP_NOTIFICATION:
        if (!cap_has_right(cap, RIGHT_WRITE)) {
            return false;
        }
        notification_signal(arch_ptr(cap_address(cap)), cap_badge(cap));
        break;
    case CAP_REPLY:
        reply_send(caller, arch_ptr(cap_address(cap)), cap_has_right(cap, RIGHT_GRANT));
        break;
    case CAP_DOORBELL:
        smp_doorbell_send(&kernel.peer[doorbell_cap_peer(cap)], doorbell_cap_line(cap));
        break;
    default:
        return false;
    }
    if (how->call) {
        caller->context.reg[REG_BADGE] = 0;
        caller->context.reg[REG_INFO] = 0;
    }
    return true;
}

/* A capability of a message that was not found. */
struct missing_cap {
    u64 cptr;
    struct lookup_failure failure;
};

/*
 * The part of a message that is in the buffer. False: a capability in it was not found. Without a buffer, the message
 * is what its registers hold.
 */
NOINLINE static bool take_buffer(struct invocation *inv, struct missing_cap *missing) {
    u64 info = inv->caller->context.reg[REG_INFO];

    inv->length = msginfo_length(info);
    inv->buffer = tcb_buffer(inv->caller, true);
    if (inv->buffer == NULL) {
        inv->length = min_u64(inv->length, ARCH_MESSAGE_REGISTERS);
        inv->caps = 0;
        return true;
    }
    BOUND(take_buffer, INVOCATION_CAPS);
    for (inv->caps = 0; inv->caps < msginfo_extra_caps(info); inv->caps++) {
        BOUND_STEP(take_buffer);
        u64 cptr = inv->buffer[BUFFER_CAPS + inv->caps];

        inv->extra[inv->caps] = find_slot(inv->caller, cptr, &missing->failure);
        if (inv->extra[inv->caps] == NULL) {
            missing->cptr = cptr;
            return false;
        }
    }
    return true;
}

/* The same if all is as usual: a few instructions. False: take_buffer() has to be asked. */
ALWAYS_INLINE bool take_usual_buffer(struct invocation *inv, u64 extra_caps) {
    const struct tcb *caller = inv->caller;
    u64 *buffer = tcb_buffer(caller, true);

    if (UNLIKELY(buffer == NULL || inv->length > SEL4_MSG_MAX_LENGTH)) {
        return false;
    }
    inv->buffer = buffer;
    BOUND(take_usual_buffer, INVOCATION_CAPS);
    for (u64 i = 0; i < extra_caps; i++) {
        BOUND_STEP(take_usual_buffer);
        inv->extra[i] = cspace_find(caller, buffer[BUFFER_CAPS + i]);
        if (UNLIKELY(inv->extra[i] == NULL)) {
            return false;
        }
    }
    return true;
}

/* Begin an invocation. False: a capability of the message was not found. */
ALWAYS_INLINE bool take_message(struct invocation *inv, struct tcb *caller, struct cslot *slot,
                                bool call, bool first_phase, struct missing_cap *missing) {
    u64 info = caller->context.reg[REG_INFO];
    u64 extra_caps = msginfo_extra_caps(info);

    inv->caller = caller;
    inv->slot = slot;
    inv->cap = slot->cap;
    inv->length = info & SEL4_MSGINFO_LENGTH_MASK;
    inv->caps = (u8)extra_caps;
    inv->call = call;
    inv->first_phase = first_phase;
    inv->words = 0;
    if (extra_caps == 0 && inv->length <= ARCH_MESSAGE_REGISTERS) {
        return true;
    }
    return LIKELY(take_usual_buffer(inv, extra_caps)) || take_buffer(inv, missing);
}

/* The method that the message's label names. */
ALWAYS_INLINE const struct method *method_of(const struct invocation *inv) {
    return &methods[method_index(msginfo_label(inv->caller->context.reg[REG_INFO]))];
}

/* What a method's outcome means to the caller's call. */
ALWAYS_INLINE enum progress conclude(const struct invocation *inv, enum act_result result) {
    if (LIKELY(result == ACT_DONE)) {
        inv->caller->resume.object = NULL; /* whatever was interrupted is over, */
        if (inv->call) {
            answer(inv, SEL4_NO_ERROR);
        }
        return CALLER_GOES_ON;
    }
    if (result == ACT_PREEMPTED) {
        return CALLER_STOPS;
    }
    inv->caller->resume.object = NULL; /* … perhaps refused now */
    if (result == ACT_REFUSED) {
        if (inv->call) {
            answer(inv, inv->error);
        }
        return CALLER_GOES_ON;
    }
    kernel.need_whole = result == ACT_NEEDS_WHOLE;
    return CALLER_STOPS;
}

/* Any capability, however it is invoked. Not in line: the checks know the two places of an indirect call by name. */
NOINLINE static enum progress invoke_with_message(struct tcb *caller, struct cslot *slot,
                                                  const struct flavour *how) {
    struct missing_cap missing;
    struct invocation inv;
    enum progress progress;

    if (!take_message(&inv, caller, slot, how->call, how->first_phase, &missing)) {
        return send_lookup_failed(caller, missing.cptr, how, missing.failure);
    }
    if (invoke_ipc(caller, inv.cap, how, &progress)) {
        return progress;
    }
    const struct method *method = method_of(&inv);

    return conclude(&inv, method_belongs(method, &inv) ? method_invoke(method, &inv)
                                                       : method_refuse(&inv));
}

/* `slot` is what the usual search found, or NULL. */
static enum progress invoke(struct tcb *caller, u64 cptr, struct cslot *slot,
                            const struct flavour *how) {
    struct lookup_failure failure;
    enum progress progress;

    if (slot == NULL) {
        slot = search_slot(caller, cptr, &failure);
    }
    if (slot == NULL) {
        return send_lookup_failed(caller, cptr, how, failure);
    }
    /* Extra capabilities are looked for first: a missing one is a fault, whatever is invoked. */
    if (msginfo_extra_caps(caller->context.reg[REG_INFO]) == 0 &&
        invoke_ipc(caller, slot->cap, how, &progress)) {
        return progress;
    }
    return invoke_with_message(caller, slot, how);
}

static void send(struct tcb *caller, struct cslot *slot, const struct flavour *how) {
    if (invoke(caller, caller->context.reg[REG_CAP], slot, how) == CALLER_GOES_ON) {
        thread_complete(caller);
    }
}

static const struct lookup_failure empty_slot = {.kind = SEL4_LOOKUP_MISSING_CAPABILITY};

/* The reply object named in a6, or NULL after a fault. */
static struct reply *find_reply(struct tcb *caller) {
    u64 cptr = caller->context.reg[REG_REPLY];
    struct lookup_failure failure;
    struct cslot *slot = find_slot(caller, cptr, &failure);

    if (slot == NULL || !cap_is(slot->cap, CAP_REPLY)) {
        (void)cap_fault(caller, cptr, true, slot == NULL ? failure : empty_slot);
        return NULL;
    }
    return arch_ptr(cap_address(slot->cap));
}

static void receive(struct tcb *caller, bool block, bool with_reply) {
    u64 cptr = caller->context.reg[REG_CAP];
    struct lookup_failure failure;
    struct cslot *slot = find_slot(caller, cptr, &failure);
    struct reply *reply = NULL;

    if (slot == NULL) {
        (void)cap_fault(caller, cptr, true, failure);
        return;
    }
    struct cap cap = slot->cap;

    if (cap_is(cap, CAP_ENDPOINT) && cap_has_right(cap, RIGHT_READ)) {
        if (with_reply && (reply = find_reply(caller)) == NULL) {
            return;
        }
        endpoint_receive(arch_ptr(cap_address(cap)), caller, block, reply);
        return;
    }
    if (cap_is(cap, CAP_NOTIFICATION) && cap_has_right(cap, RIGHT_READ)) {
        struct notification *notification = arch_ptr(cap_address(cap));

        if (notification->bound == NULL || notification->bound == caller) {
            notification_receive(notification, caller, block);
            return;
        }
    }
    (void)cap_fault(caller, cptr, true, empty_slot);
}

/* ReplyRecv, NBSendRecv, NBSendWait: the sending half cannot block; then receive. */
static void send_then_receive(struct tcb *caller, u64 dest, bool with_reply) {
    if (invoke(caller, dest, cspace_find(caller, dest), &flavour_first_phase) == CALLER_GOES_ON) {
        receive(caller, true, with_reply);
    }
}

static void yield(struct tcb *caller) {
    thread_complete(caller);
    if (budget_charge() == BUDGET_LEFT) {
        refill_yield(caller->sc, kernel.now, kernel.min_budget);
        kernel.timer_stale = true;
    }
    budget_end_slice();
}

static void unknown_syscall(struct tcb *caller) {
    caller->fault = (struct fault){.kind = SEL4_FAULT_UNKNOWN_SYSCALL,
                                   .number = caller->context.reg[REG_SYSCALL]};
    fault_send(caller);
}

/* One line per system call: long, but a table of contents. */
static void dispatch(struct tcb *caller, struct cslot *slot) {
    switch ((s64)caller->context.reg[REG_SYSCALL]) {
    case SYSCALL_CALL:
        send(caller, slot, &flavour_call);
        break;
    case SYSCALL_REPLY_RECV:
        send_then_receive(caller, caller->context.reg[REG_REPLY], true);
        break;
    case SYSCALL_NB_SEND_RECV:
        send_then_receive(caller, caller->context.reg[REG_DEST], true);
        break;
    case SYSCALL_NB_SEND_WAIT:
        send_then_receive(caller, caller->context.reg[REG_REPLY], false);
        break;
    case SYSCALL_SEND:
        send(caller, slot, &flavour_send);
        break;
    case SYSCALL_NB_SEND:
        send(caller, slot, &flavour_nb_send);
        break;
    case SYSCALL_RECV:
        receive(caller, true, true);
        break;
    case SYSCALL_NB_RECV:
        receive(caller, false, true);
        break;
    case SYSCALL_WAIT:
        receive(caller, true, false);
        break;
    case SYSCALL_NB_WAIT:
        receive(caller, false, false);
        break;
    case SYSCALL_YIELD:
        yield(caller);
        break;
    default:
        if ((BUILD_CHECKS && debug_syscall(caller)) || (BUILD_BENCH && bench_syscall(caller))) {
            thread_complete(caller);
        } else {
            unknown_syscall(caller);
        }
        break;
    }
}

/* The end of a system call on the way that looks at everything. */
static struct arch_context *finish(struct tcb *caller) {
    if (kernel.need_whole) {
        kernel.need_whole = false;
        return arch_context_save_rest(&caller->context);
    }
    return entry_end();
}

/* Never a part of kernel_syscall(), whose usual ways need no frame; nor is the next. */
NOINLINE struct arch_context *slow_syscall(struct tcb *caller, struct cslot *slot) {
    entry_begin(ENTRY_SYSCALL);
    dispatch(caller, slot);
    return finish(caller);
}

/*
 * The way is short; what turns out to be something else than a method is done the usual way, from the beginning:
 * nothing has changed until then.
 */
NOINLINE struct arch_context *object_call(struct tcb *caller, struct cslot *slot) {
    struct missing_cap missing;
    struct invocation inv;

    if (UNLIKELY(!take_message(&inv, caller, slot, true, false, &missing))) {
        return slow_syscall(caller, slot);
    }
    const struct method *method = method_of(&inv);
    bool belongs = method_belongs(method, &inv);

    if (UNLIKELY(!belongs) && (BIT(cap_kind(inv.cap)) & KINDS_OF_IPC) != 0) {
        return slow_syscall(caller, slot);
    }
    entry_begin(ENTRY_SYSCALL);
    if (LIKELY(conclude(&inv, LIKELY(belongs) ? method_invoke(method, &inv)
                                              : method_refuse(&inv)) == CALLER_GOES_ON)) {
        thread_complete(caller);
    }
    return LIKELY(kernel.attention == 0) && !BUILD_CHECKS ? &caller->context : finish(caller);
}
