// SPDX-License-Identifier: BSD-2-Clause
/* Messages and signals, random ones and those that servers and clients send: see tests/model/kernel/generate.h. */
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

static void random_message(struct step_record *step) {
    u64 length = chance(80) ? below(7) : below(128);
    u64 caps = chance(75) ? 0 : below(4);

    step->info = below(8) << 12 | caps << 7 | length;
    if (chance(10)) {
        step->info = rnd();
    }
    for (int i = 0; i < 4; i++) {
        step->mr[i] = rnd() & 0xffff;
    }
    for (u64 i = 0; i < caps; i++) {
        step_word(step, AT_CAPS + (unsigned)i, pick_any(NOBODY));
    }
    if (chance(30)) {
        step_word(step, AT_MSG + 4 + (unsigned)below(8), rnd() & 0xff);
    }
    if (chance(25)) {
        struct place place = pick_place(true);

        step_word(step, AT_RECEIVE_CNODE, place.root);
        step_word(step, AT_RECEIVE_INDEX, place.index);
        step_word(step, AT_RECEIVE_DEPTH, place.depth);
    }
}

void random_communication(struct step_record *step) {
    static const s64 numbers[] = {SYSCALL_CALL,        SYSCALL_CALL,         SYSCALL_REPLY_RECV,
                                  SYSCALL_REPLY_RECV,  SYSCALL_NB_SEND_RECV, SYSCALL_SEND,
                                  SYSCALL_NB_SEND,     SYSCALL_RECV,         SYSCALL_RECV,
                                  SYSCALL_WAIT,        SYSCALL_NB_WAIT,      SYSCALL_NB_RECV,
                                  SYSCALL_NB_SEND_WAIT};

    step->number = numbers[below(ARRAY_LENGTH(numbers))];
    step->cap = pick_communication();
    if (step->number <= SYSCALL_RECV || step->number == SYSCALL_REPLY_RECV) {
        step->cap = chance(75) ? pick_source()
                               : pick_any(chance(70) ? SEL4_CAP_ENDPOINT : SEL4_CAP_NOTIFICATION);
    }
    random_message(step);
    step->reply = pick_any(SEL4_CAP_REPLY);
    step->dest = pick_communication();
    if (step->number == SYSCALL_NB_SEND_WAIT) {
        step->reply = pick_communication();
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
    if (chance(3)) {
        step->dest = pick_any(NOBODY);
        step->reply = pick_any(NOBODY);
    }
}

/* ---- Habits: what real threads do all day, and what fast paths are for -------------------------------------- */

/* Words only; usually few. The label of an answer to a fault is mostly 0: go
 * on. */
static void plain_message(struct step_record *step) {
    u64 length = chance(70) ? below(5) : chance(90) ? below(20) : below(128);

    step->info = (chance(70) ? 0 : below(8)) << 12 | length;
    if (chance(5)) {
        step->info |= below(8) << 9; /* means nothing from a sender */
    }
    for (int i = 0; i < 4; i++) {
        step->mr[i] = rnd() & 0xffff;
    }
    if (length > 4) {
        step_word(step, AT_MSG + 4, rnd() & 0xff);
    }
}

/* The call that this thread has to answer: it runs on its caller's time, or
 * handles its fault. */
static int owed_answer(void) {
    int context = threads[m.current].context;

    if (contexts[context].depth > 0 && chance(80)) {
        return contexts[context].stack[contexts[context].depth - 1];
    }
    for (int i = 0; i < REPLIES; i++) {
        u64 ignored;

        if (replies[i].alive && replies[i].caller != NOBODY &&
            threads[replies[i].caller].state == AWAITING_REPLY &&
            find_object(SEL4_CAP_REPLY, i, 0, &ignored)) {
            return i;
        }
    }
    return NOBODY;
}

/* A server answers and waits for the next call, in one of the ways there are.
 */
static void serve(struct step_record *step) {
    int owed = owed_answer();
    u64 reply = find_or_pick(SEL4_CAP_REPLY, owed, 0);
    u64 source =
        chance(30) ? find_queue(SENDING, SEL4_RIGHT_READ)
                   : find_or_pick(SEL4_CAP_ENDPOINT, m.current % WORLD_ENDPOINTS, SEL4_RIGHT_READ);

    plain_message(step);
    step->number = owed == NOBODY && chance(70) ? SYSCALL_RECV : SYSCALL_REPLY_RECV;
    step->cap = source;
    step->reply = reply;
    if (chance(20)) {
        step->number = SYSCALL_NB_SEND_RECV;
        step->dest = chance(50) ? reply : pick_communication();
        step->reply = chance(50) ? reply : pick_any(SEL4_CAP_REPLY);
    } else if (chance(10)) {
        step->number = SYSCALL_NB_SEND_WAIT;
        step->reply = chance(50) ? reply : pick_communication();
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
}

static bool is_masked_line(struct m_cap cap) {
    return lines[cap.object].masked;
}

/* A driver acknowledges an interrupt or a doorbell that came, or waits for the next one. */
static void drive(struct step_record *step) {
    int slot;

    plain_message(step);
    if (chance(50)) {
        step->number = SYSCALL_CALL;
        step->cap = pick_such(SEL4_CAP_IRQ_HANDLER, is_masked_line);
        step_message(step, METHOD_IRQ_HANDLER_ACK, W(0), W(0));
        return;
    }
    step->number = SYSCALL_WAIT;
    step->cap = pick(SEL4_CAP_IRQ_HANDLER, &slot);
    if (slot != NOBODY && slots[slot].cap.kind == SEL4_CAP_IRQ_HANDLER) {
        struct m_cap told = slots[line_slot(slots[slot].cap.object)].cap;

        step->cap = find_or_pick(SEL4_CAP_NOTIFICATION,
                                 told.kind == SEL4_CAP_NOTIFICATION ? told.object : NOBODY,
                                 SEL4_RIGHT_READ);
    }
}

static void be_client(struct step_record *step) {
    if (chance(25)) {
        drive(step);
        return;
    }
    plain_message(step);
    step->number = SYSCALL_CALL;
    step->cap = find_queue(RECEIVING, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT);
    if (chance(20)) {
        step->number = chance(60) ? SYSCALL_SEND : SYSCALL_NB_SEND;
        step->cap = pick_any(chance(70) ? SEL4_CAP_NOTIFICATION : SEL4_CAP_DOORBELL);
    } else if (chance(20)) {
        step->number = chance(70) ? SYSCALL_WAIT : SYSCALL_NB_WAIT;
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
}

/* Two of five threads serve. */
bool is_server(int thread) {
    return thread % WORLD_THREADS < 2;
}

void follow_habit(struct step_record *step) {
    if (is_server(m.current)) {
        serve(step);
    } else {
        be_client(step);
    }
}
