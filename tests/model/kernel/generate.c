// SPDX-License-Identifier: BSD-2-Clause
/* The next step of a random run: see tests/model/kernel/generate.h. */
#include "tests/model/kernel/generate.h"

#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

static void random_passing(struct step_record *step) {
    if (chance(15)) {
        *step = (struct step_record){.kind = STEP_IRQ, .value = below(DEVICES)};
    } else if (chance(15)) {
        *step = (struct step_record){.kind = STEP_RING,
                                     .value = chance(60) ? BIT(below(LINES - DEVICES))
                                                         : below(BIT(LINES - DEVICES))};
    } else if (chance(5)) {
        *step = (struct step_record){.kind = STEP_TAKE};
    } else if (chance(10)) {
        *step =
            (struct step_record){.kind = STEP_LATE, .value = 1 + below(chance(80) ? 300 : 5000)};
    } else {
        *step = (struct step_record){.kind = STEP_TIME,
                                     .value = 1 + (chance(90) ? below(3000) : below(60000))};
    }
}

/* Calls for people, and numbers that mean nothing (-18 and below are not of this build). */
static void random_rest(struct step_record *step) {
    static const s64 debug[] = {SYSCALL_DEBUG_PUT_CHAR, SYSCALL_DEBUG_DUMP_SCHEDULER,
                                SYSCALL_DEBUG_CAP_IDENTIFY, SYSCALL_DEBUG_SNAPSHOT};
    int slot;

    step->number = chance(50) ? debug[below(ARRAY_LENGTH(debug))] : -18 - (s64)below(40);
    step->cap = pick(NOBODY, &slot);
    if (chance(5)) {
        step->number = (s64)(rnd() >> 1); /* not negative */
    }
    if (slot != NOBODY && slots[slot].cap.kind == SEL4_CAP_THREAD) {
        step->number = SYSCALL_DEBUG_NAME_THREAD;
        step_word(step, AT_MSG, 0x6161616161616161 >> (8 * below(8)));
        step_word(step, AT_MSG + 1, rnd());
        step_word(step, AT_MSG + 2, rnd());
    }
}

void random_step(struct step_record *step) {
    u64 choice = below(100);

    *step = (struct step_record){.kind = STEP_SYSCALL};
    if (m.current == 0) {
        keeper_step(step);
    } else if (m.current == NOBODY && chance(40)) {
        *step = (struct step_record){.kind = STEP_IRQ, .value = KEEPER_LINE};
    } else if (m.current == NOBODY || choice < 12) {
        random_passing(step);
    } else if (choice < 52) {
        follow_habit(step);
    } else if (choice < 66) {
        random_communication(step);
    } else if (choice < 94) {
        random_invocation(step);
    } else if (choice < 96) {
        step->number = SYSCALL_YIELD;
    } else if (choice < 97) {
        random_rest(step);
    } else {
        *step = (struct step_record){.kind = choice == 97 ? STEP_VM_FAULT : STEP_EXCEPTION,
                                     .value = below(16)};
    }
}
