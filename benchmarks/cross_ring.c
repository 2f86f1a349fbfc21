// SPDX-License-Identifier: BSD-2-Clause
// Rings the domain on the other kernel, and again when it has rung back. The marks are for the tool, which finds
// them in the emulator's trace; between them is one system call.
#include <microkit.h>

#include "benchmarks/marks.h"
#include "user/rt/rt.h"

enum { ANSWER = 1, ROUNDS = 64 };

static unsigned rounds;

MARKS(cross_send_begins, "1");
MARKS(cross_send_ends, "1");

static void ring(void) {
    mark_call(cross_send_begins, 0);
    microkit_notify(ANSWER);
    mark_call(cross_send_ends, 0);
}

void init(void) {
    ring();
}

void notified(microkit_channel ch) {
    (void)ch;
    if (++rounds == ROUNDS) {
        rt_exit(0);
    }
    ring();
}
