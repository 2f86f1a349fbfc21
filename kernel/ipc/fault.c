// SPDX-License-Identifier: BSD-2-Clause
/* Faults as messages (SEL4-ABI section 9). */
#include "kernel/ipc/fault.h"

#include "arch/memory.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/thread.h"
#include "kernel/ipc/transfer.h"
#include "lib/bound.h"
#include "mcs/budget.h"

/* Registers of an UnknownSyscall message, in order; the first two are those of a UserException. */
static const u8 syscall_registers[] = {REG_PC, REG_SP, REG_RA, REG_A0, REG_A1,
                                       REG_A2, REG_A3, REG_A4, REG_A5, REG_A6};
#define EXCEPTION_REGISTERS 2

/*
 * Send tcb->fault through this handler capability, an endpoint: TCB methods take only those that may be sent to and
 * answered from, as a copy that nobody can weaken.
 */
static void send_through(struct tcb *tcb, struct cap handler, bool donate) {
    struct send_options options = {
        .block = true,
        .call = true,
        .can_grant = cap_has_right(handler, RIGHT_GRANT),
        .can_grant_reply = cap_has_right(handler, RIGHT_GRANT_REPLY),
        .can_donate = donate,
        .badge = cap_badge(handler),
    };
    (void)endpoint_send(arch_ptr(cap_address(handler)), tcb, &options);
}

void fault_send(struct tcb *tcb) {
    struct cap handler = tcb->slot[TCB_FAULT_HANDLER].cap;

    if (cap_is(handler, CAP_ENDPOINT)) {
        send_through(tcb, handler, true);
    } else {
        thread_suspend(tcb);
    }
}

bool fault_send_timeout(struct tcb *tcb) {
    struct cap handler = tcb->slot[TCB_TIMEOUT_HANDLER].cap;

    if (!cap_is(handler, CAP_ENDPOINT)) {
        return false;
    }
    tcb->fault = (struct fault){.kind = SEL4_FAULT_TIMEOUT, .address = tcb->sc->badge};
    send_through(tcb, handler, false);
    return true;
}

unsigned lookup_failure_message(struct tcb *tcb, u64 *buffer, unsigned index,
                                struct lookup_failure failure) {
    u64 word[4] = {failure.kind, failure.bits_left, 0, 0};
    unsigned words = 2;

    switch (failure.kind) {
    case SEL4_LOOKUP_INVALID_ROOT:
        words = 1;
        break;
    case SEL4_LOOKUP_DEPTH_MISMATCH:
        word[2] = failure.bits_found;
        words = 3;
        break;
    case SEL4_LOOKUP_GUARD_MISMATCH:
        word[2] = failure.guard_found;
        word[3] = failure.bits_found;
        words = 4;
        break;
    default:
        break;
    }
    BOUND(lookup_failure_message, 4);
    for (unsigned i = 0; i < words; i++) {
        BOUND_STEP(lookup_failure_message);
        if (!message_set(tcb, buffer, index + i, word[i])) {
            return i;
        }
    }
    return words;
}

static unsigned cap_fault_message(const struct tcb *tcb, struct tcb *receiver, u64 *buffer) {
    (void)message_set(receiver, buffer, 0, tcb->context.reg[REG_PC]);
    (void)message_set(receiver, buffer, 1, tcb->fault.address);
    (void)message_set(receiver, buffer, 2, tcb->fault.in_receive_phase);
    return 3 + lookup_failure_message(receiver, buffer, 3, tcb->fault.lookup);
}

static unsigned vm_fault_message(const struct tcb *tcb, struct tcb *receiver, u64 *buffer) {
    (void)message_set(receiver, buffer, 0, tcb->context.reg[REG_PC]);
    (void)message_set(receiver, buffer, 1, tcb->fault.address);
    (void)message_set(receiver, buffer, 2, tcb->fault.is_instruction);
    (void)message_set(receiver, buffer, 3, tcb->fault.number);
    return 4;
}

static unsigned exception_message(const struct tcb *tcb, struct tcb *receiver, u64 *buffer) {
    (void)message_set(receiver, buffer, 0, tcb->context.reg[REG_PC]);
    (void)message_set(receiver, buffer, 1, tcb->context.reg[REG_SP]);
    (void)message_set(receiver, buffer, 2, tcb->fault.number);
    (void)message_set(receiver, buffer, 3, 0);
    return 4;
}

static unsigned syscall_message(const struct tcb *tcb, struct tcb *receiver, u64 *buffer) {
    unsigned words = 0;

    BOUND(syscall_message, ARRAY_LENGTH(syscall_registers));
    for (; words < ARRAY_LENGTH(syscall_registers); words++) {
        BOUND_STEP(syscall_message);
        if (!message_set(receiver, buffer, words, tcb->context.reg[syscall_registers[words]])) {
            return words;
        }
    }
    (void)message_set(receiver, buffer, words, tcb->fault.number);
    return words + 1;
}

static unsigned timeout_message(struct tcb *tcb, struct tcb *receiver, u64 *buffer) {
    (void)message_set(receiver, buffer, 0, tcb->fault.address);
    if (tcb->sc == NULL) {
        return 1;
    }
    (void)message_set(receiver, buffer, 1, budget_take_consumed_us(tcb->sc));
    return 2;
}

u64 fault_message(struct tcb *tcb, struct tcb *receiver) {
    u64 *buffer = tcb_buffer(receiver, true);
    unsigned words = 0;

    switch (tcb->fault.kind) {
    case SEL4_FAULT_CAP:
        words = cap_fault_message(tcb, receiver, buffer);
        break;
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        words = syscall_message(tcb, receiver, buffer);
        break;
    case SEL4_FAULT_USER_EXCEPTION:
        words = exception_message(tcb, receiver, buffer);
        break;
    case SEL4_FAULT_TIMEOUT:
        words = timeout_message(tcb, receiver, buffer);
        break;
    default:
        words = vm_fault_message(tcb, receiver, buffer);
        break;
    }
    return msginfo_make(tcb->fault.kind, 0, 0, words);
}

/* Registers the handler's message sets: at most `count`, as many as the message holds. */
static void set_registers(const struct tcb *handler, struct tcb *tcb, const u8 *order,
                          unsigned count) {
    const u64 *buffer = tcb_buffer(handler, false);
    u64 length = msginfo_length(handler->context.reg[REG_INFO]);

    if (buffer == NULL) {
        length = min_u64(length, ARCH_MESSAGE_REGISTERS);
    }
    BOUND(fault_reply_registers, REG_COUNT);
    for (unsigned i = 0; i < count && i < length; i++) {
        BOUND_STEP(fault_reply_registers);
        u64 value =
            i < ARCH_MESSAGE_REGISTERS ? handler->context.reg[REG_MR0 + i] : buffer[BUFFER_MSG + i];

        tcb->context.reg[order != NULL ? order[i] : i] = value;
    }
}

bool fault_reply(struct tcb *handler, struct tcb *tcb) {
    switch (tcb->fault.kind) {
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        set_registers(handler, tcb, syscall_registers, ARRAY_LENGTH(syscall_registers));
        break;
    case SEL4_FAULT_USER_EXCEPTION:
        set_registers(handler, tcb, syscall_registers, EXCEPTION_REGISTERS);
        break;
    case SEL4_FAULT_TIMEOUT:
        set_registers(handler, tcb, NULL, REG_COUNT);
        break;
    default:
        return true; /* cap and VM faults: always tried again */
    }
    return msginfo_label(handler->context.reg[REG_INFO]) == 0;
}
