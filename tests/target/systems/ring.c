// SPDX-License-Identifier: BSD-2-Clause
// A token goes round kernels: forward until it comes back to the first domain, which sends it round backward, and so on.
// So each channel is used both ways.
#include <microkit.h>

#include "user/rt/rt.h"

enum { NEXT = 1, PREVIOUS = 2, TURNS = 6 };

unsigned ring_first = 0; // patched by the system file

static unsigned turns;

void init(void) {
    rt_log("ready");
    if (ring_first) {
        microkit_notify(NEXT);
    }
}

void notified(microkit_channel ch) {
    rt_log("channel %u rang, %u", ch, ++turns);
    if (ring_first && turns == TURNS) {
        rt_exit(0);
    }
    microkit_notify(ring_first ? ch : NEXT + PREVIOUS - ch);
}
