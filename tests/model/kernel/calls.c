// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ways into the kernel: system calls (SEL4-ABI section 1), faults, interrupts, doorbells, the timer.
 */
#include "tests/model/kernel/model.h"

struct flavour {
    bool block;
    bool call;
    bool donate;
    bool first_phase;
};

/* ---- Sending ------------------------------------------------------------------------------------------------ */

static void cap_fault(int caller, u64 cptr, bool receiving, struct m_lookup failure) {
    struct m_fault *fault = &threads[caller].fault;

    *fault = (struct m_fault){
        .kind = SEL4_FAULT_CAP, .word = {cptr, receiving}, .lookups = failure.words};
    for (unsigned i = 0; i < failure.words; i++) {
        fault->lookup[i] = failure.word[i];
    }
    fault_raise(caller);
}

/* True: the caller goes on, to its next instruction or to its receiving half. */
static bool not_found(int caller, u64 cptr, struct flavour how, struct m_lookup failure) {
    if (how.block) {
        cap_fault(caller, cptr, false, failure);
    }
    return !how.block;
}

static void answer(struct m_call *call, enum sel4_error error) {
    unsigned done = 0;

    while (done < call->words && thread_set_word(call->caller, done, call->word[done])) {
        done++;
    }
    threads[call->caller].reg[SEL4_REG_A0] = 0;
    threads[call->caller].reg[SEL4_REG_A1] = (u64)error << 12 | done;
}

static bool send_to_endpoint(int caller, struct m_cap cap, struct flavour how) {
    bool taken =
        message_send(cap.object, caller,
                     (struct m_send){.block = how.block,
                                     .call = how.call,
                                     .donate = how.donate,
                                     .grant = (cap.rights & SEL4_RIGHT_GRANT) != 0,
                                     .grant_reply = (cap.rights & SEL4_RIGHT_GRANT_REPLY) != 0,
                                     .badge = cap.badge});

    return !how.call && (taken || !how.block);
}

/* A line that is set already rings no more: the peer has yet to take it. */
static void ring_peer(u64 line) {
    m.bell_rung = m.bell_rung || !((m.bell_sent[line / 64] >> (line % 64)) & 1);
    m.bell_sent[line / 64] |= BIT(line % 64);
}

static bool invoke(int caller, u64 cptr, struct flavour how) {
    struct m_lookup found = tree_lookup(caller, cptr);
    u64 info = threads[caller].reg[SEL4_REG_A1];
    u64 *buffer = thread_buffer(caller, true);

    if (found.slot == NOBODY) {
        return not_found(caller, cptr, how, found);
    }
    struct m_call call = {.caller = caller,
                          .slot = found.slot,
                          .cap = slots[found.slot].cap,
                          .label = info >> 12,
                          .length = min_u64(info & 127, buffer == NULL ? 4 : 120),
                          .call = how.call,
                          .first_phase = how.first_phase};

    for (u64 i = 0; i < ((info >> 7) & 3) && buffer != NULL; i++) {
        struct m_lookup cap = tree_lookup(caller, buffer[AT_CAPS + i]);

        if (cap.slot == NOBODY) {
            return not_found(caller, buffer[AT_CAPS + i], how, cap);
        }
        call.extra[call.extras] = cap.slot;
        call.extras++;
    }
    if (call.cap.kind == SEL4_CAP_ENDPOINT && (call.cap.rights & SEL4_RIGHT_WRITE)) {
        return send_to_endpoint(caller, call.cap, how);
    }
    if (call.cap.kind == SEL4_CAP_NOTIFICATION && (call.cap.rights & SEL4_RIGHT_WRITE)) {
        signal_send(call.cap.object, call.cap.badge);
    } else if (call.cap.kind == SEL4_CAP_DOORBELL) {
        ring_peer(call.cap.badge);
    } else if (call.cap.kind == SEL4_CAP_REPLY) {
        reply_answer(call.cap.object, caller, (call.cap.rights & SEL4_RIGHT_GRANT) != 0);
    } else {
        enum sel4_error error = method_invoke(&call);

        if (how.call && !call.answered) {
            answer(&call, error);
        }
        return true;
    }
    if (how.call) {
        threads[caller].reg[SEL4_REG_A0] = 0;
        threads[caller].reg[SEL4_REG_A1] = 0;
    }
    return true;
}

static void send(int caller, struct flavour how) {
    if (invoke(caller, threads[caller].reg[SEL4_REG_A0], how)) {
        thread_done(caller);
    }
}

/* ---- Receiving ---------------------------------------------------------------------------------------------- */

static const struct m_lookup nothing_there = {
    .slot = NOBODY, .words = 2, .word = {SEL4_LOOKUP_MISSING_CAPABILITY, 0}};

static void receive(int caller, bool block, bool with_reply) {
    u64 cptr = threads[caller].reg[SEL4_REG_A0];
    u64 reply_cptr = threads[caller].reg[SEL4_REG_A6];
    struct m_lookup found = tree_lookup(caller, cptr);

    if (found.slot == NOBODY) {
        cap_fault(caller, cptr, true, found);
        return;
    }
    struct m_cap cap = slots[found.slot].cap;

    if (cap.kind == SEL4_CAP_ENDPOINT && (cap.rights & SEL4_RIGHT_READ)) {
        int reply = NOBODY;

        if (with_reply) {
            struct m_lookup object = tree_lookup(caller, reply_cptr);

            if (object.slot == NOBODY || slots[object.slot].cap.kind != SEL4_CAP_REPLY) {
                cap_fault(caller, reply_cptr, true, object.slot == NOBODY ? object : nothing_there);
                return;
            }
            reply = slots[object.slot].cap.object;
        }
        message_receive(cap.object, caller, block, reply);
    } else if (cap.kind == SEL4_CAP_NOTIFICATION && (cap.rights & SEL4_RIGHT_READ) &&
               (notifications[cap.object].bound == NOBODY ||
                notifications[cap.object].bound == caller)) {
        signal_receive(cap.object, caller, block);
    } else {
        cap_fault(caller, cptr, true, nothing_there);
    }
}

static void send_and_receive(int caller, u64 dest, bool with_reply) {
    if (invoke(caller, dest, (struct flavour){.donate = true, .first_phase = true})) {
        receive(caller, true, with_reply);
    }
}

/* ---- For people (SEL4-ABI section 1, second table) ---------------------------------------------------------- */

/* The name is at the beginning of the message in the buffer. */
static void name_thread(int caller, int thread) {
    const u64 *buffer = thread_buffer(caller, false);

    if (buffer == NULL) {
        return;
    }
    const char *name = (const char *)(buffer + AT_MSG);

    for (int i = 0; i < NAME_BYTES - 1; i++) {
        threads[thread].name[i] = name[i];
        if (name[i] == 0) {
            return;
        }
    }
}

/* What they print is not modelled. Halt, and naming what is no thread, end the machine: nobody makes these calls. */
static void debug_call(int caller, s64 number) {
    u64 *reg = threads[caller].reg;
    struct m_lookup found = tree_lookup(caller, reg[SEL4_REG_A0]);
    struct m_cap cap = found.slot == NOBODY ? (struct m_cap){0} : slots[found.slot].cap;

    if (number == SYSCALL_DEBUG_CAP_IDENTIFY) {
        reg[SEL4_REG_A0] = (u64)cap.kind;
    } else if (number == SYSCALL_DEBUG_NAME_THREAD && cap.kind == SEL4_CAP_THREAD) {
        name_thread(caller, cap.object);
    }
    thread_done(caller);
}

/* ---- Entries ------------------------------------------------------------------------------------------------ */

void model_syscall(s64 number) {
    int caller = m.current;
    u64 *reg = threads[caller].reg;

    reg[SEL4_REG_A7] = (u64)number;
    switch (number) {
    case SYSCALL_CALL:
        send(caller, (struct flavour){.block = true, .call = true, .donate = true});
        break;
    case SYSCALL_REPLY_RECV:
        send_and_receive(caller, reg[SEL4_REG_A6], true);
        break;
    case SYSCALL_NB_SEND_RECV:
        send_and_receive(caller, reg[SEL4_REG_T0], true);
        break;
    case SYSCALL_NB_SEND_WAIT:
        send_and_receive(caller, reg[SEL4_REG_A6], false);
        break;
    case SYSCALL_SEND:
        send(caller, (struct flavour){.block = true});
        break;
    case SYSCALL_NB_SEND:
        send(caller, (struct flavour){0});
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
        thread_done(caller);
        time_yield(caller);
        break;
    case SYSCALL_DEBUG_PUT_CHAR:
    case SYSCALL_DEBUG_DUMP_SCHEDULER:
    case SYSCALL_DEBUG_CAP_IDENTIFY:
    case SYSCALL_DEBUG_SNAPSHOT:
    case SYSCALL_DEBUG_NAME_THREAD:
        debug_call(caller, number);
        break;
    default:
        threads[caller].fault =
            (struct m_fault){.kind = SEL4_FAULT_UNKNOWN_SYSCALL, .word = {(u64)number}};
        fault_raise(caller);
        break;
    }
    time_schedule();
}

void model_fault_vm(u64 address, bool instruction, u64 fsr) {
    threads[m.current].fault =
        (struct m_fault){.kind = SEL4_FAULT_VM, .word = {address, instruction, fsr}};
    fault_raise(m.current);
    time_schedule();
}

void model_fault_exception(u64 number) {
    threads[m.current].fault =
        (struct m_fault){.kind = SEL4_FAULT_USER_EXCEPTION, .word = {number}};
    fault_raise(m.current);
    time_schedule();
}

/* The running context's head refill may be used up, and others may be due. */
static void timer(void) {
    time_charge_and_end();
    time_end_if_over();
    time_release_due();
    time_domain_due();
}

/* The line waits for its acknowledgement from now on. */
static void arrive(int line) {
    struct m_cap cap = slots[line_slot(line)].cap;

    lines[line].pending = false;
    lines[line].masked = true;
    if (cap.kind == SEL4_CAP_NOTIFICATION) {
        signal_send(cap.object, cap.badge);
    }
}

/* Of two interrupts at once the timer comes first. */
static void timer_if_due(void) {
    if (m.now >= m.alarm) {
        timer();
    }
}

static bool deliver_pending(void) {
    for (int line = 0; line < DEVICES; line++) {
        if (lines[line].pending && lines[line].active && !lines[line].masked) {
            timer_if_due();
            arrive(line);
            time_schedule();
            return true;
        }
    }
    return false;
}

static bool fire(void) {
    if (m.now < m.alarm) {
        return false;
    }
    timer();
    time_schedule();
    return true;
}

void model_settle(void) {
    while (deliver_pending() || fire()) {
    }
}

void model_interrupt(int line) {
    lines[line].pending = true;
    model_settle();
}

/* All lines that can be delivered are, in one entry; the others are held until they can. */
void model_ring(unsigned bells) {
    timer_if_due();
    for (int line = DEVICES; line < LINES; line++) {
        lines[line].pending = lines[line].pending || (bells >> (line - DEVICES)) & 1;
        if (lines[line].pending && lines[line].active && !lines[line].masked &&
            slots[line_slot(line)].cap.kind == SEL4_CAP_NOTIFICATION) {
            arrive(line);
        }
    }
    time_schedule();
    model_settle();
}

void model_peer_takes(void) {
    m.bell_sent[0] = 0;
    m.bell_sent[1] = 0;
    m.bell_rung = false;
}

void model_advance(u64 ticks) {
    u64 until = m.now + ticks;

    while (m.now < until) {
        m.now = m.alarm > m.now ? min_u64(until, m.alarm) : m.now;
        model_settle();
    }
}
