// SPDX-License-Identifier: BSD-2-Clause
/*
 * hello, first half: says hello, rings the domain on the other kernel, and waits for it to ring back. After
 * three rounds it ends the run.
 *
 * Nothing here knows that the other end is on another core: a channel is a channel.
 */
#include <microkit.h>

#include "user/rt/rt.h"

enum { PONG = 1, ROUNDS = 3 };

static unsigned rounds;

void init(void) {
    rt_log("hello from %s; ringing the other kernel", microkit_name);
    microkit_notify(PONG);
}

void notified(microkit_channel ch) {
    rt_log("channel %u rang: round %u done", ch, ++rounds);
    if (rounds == ROUNDS) {
        rt_exit(0);
    }
    microkit_notify(PONG);
}
