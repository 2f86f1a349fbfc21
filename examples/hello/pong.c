// SPDX-License-Identifier: BSD-2-Clause
/* hello, second half: says hello, and rings back whenever it is rung. */
#include <microkit.h>

#include "user/rt/rt.h"

enum { PING = 1 };

void init(void) {
    rt_log("hello from %s; waiting", microkit_name);
}

void notified(microkit_channel ch) {
    rt_log("channel %u rang: ringing back", ch);
    microkit_notify(PING);
}
