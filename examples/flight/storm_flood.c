// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 4 of 6: makes system calls for ever, as fast as its budget allows: good ones, refused ones
 * and ones that name nothing. None of them blocks or faults, so only the budget ends the flood.
 */
#include "examples/flight/domain.h"

enum { ROUNDS_PER_REPORT = 100, CALLS_PER_ROUND = 6, LABEL_UNKNOWN = 99999 };

static void flood_round(void) {
    seL4_MessageInfo_t empty = seL4_MessageInfo_new(0, 0, 0, 0);
    seL4_NBSend(PD_SLOT_FREE, empty);      // an empty slot
    seL4_NBSend(1ull << 40, empty);        // an address beyond the capability space
    seL4_Signal(PD_SLOT_FREE + 1);         // a signal to nobody
    seL4_Poll(PD_SLOT_NOTIFICATION, NULL); // its own notification, empty
    // Its own thread and context, by a label that no object knows: an error answer each.
    (void)seL4_Call(PD_SLOT_TCB, seL4_MessageInfo_new(LABEL_UNKNOWN, 0, 0, 0));
    (void)seL4_Call(PD_SLOT_SC, seL4_MessageInfo_new(LABEL_UNKNOWN, 0, 0, 0));
}

void init(void) {
    s64 calls = 0;
    for (;;) {
        for (int i = 0; i < ROUNDS_PER_REPORT; i++) {
            flood_round();
        }
        calls += ROUNDS_PER_REPORT * CALLS_PER_ROUND;
        rt_value_set(0, "calls", calls);
    }
}
