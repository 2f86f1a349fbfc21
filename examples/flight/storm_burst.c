// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 6 of 6: sends bursts to the gateway, far above the rate it was granted, and rings the gateway's
 * doorbell for each message.
 */
#include "examples/flight/domain.h"
#include "examples/flight/message_ring.h"

enum { MESSAGES_PER_JOB = 64 };

struct message_ring *burst PATCHED = NULL;

static void job(void *unused) {
    (void)unused;
    for (u64 i = 0; i < MESSAGES_PER_JOB; i++) {
        (void)message_put(burst, &i, 1);
        microkit_notify(BURST_TO_GATEWAY);
    }
}

void init(void) {
    message_ring_init(burst);
    rt_periodic(job, NULL);
}
