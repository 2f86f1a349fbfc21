// SPDX-License-Identifier: BSD-2-Clause
/*
 * The gateway, alone on its core between the flight, the storm and the platform:
 *
 *   telemetry (flight, 50/s)  received, checked for gaps; a row each second goes on to the observer
 *   burst     (storm, any)    policed by a token bucket: what exceeds it is dropped and counted
 *
 * Neither sender can make the other's messages late: the kernel bounds what each one's doorbells cost
 * (max_rate of the channel), the bucket what its messages cost, and the rings never make anyone wait.
 */
#include "examples/flight/bucket.h"
#include "examples/flight/domain.h"
#include "examples/flight/jobs.h"

enum { BURST_MESSAGES = 8, BURST_RATE_PER_S = 100 };

struct message_ring *telemetry PATCHED = NULL;
struct message_ring *burst PATCHED = NULL;
struct message_ring *downlink PATCHED = NULL;

static struct message_reader telemetry_reader, burst_reader;
static struct bucket bucket;
static u64 upstream; // trouble that the flight told of
static u64 late;

void init(void) {
    message_reader_init(&telemetry_reader);
    message_reader_init(&burst_reader);
    message_ring_init(downlink);
    upstream = 0;
    late = 0;
    bucket_init(&bucket, BURST_MESSAGES, BURST_RATE_PER_S, rt_ticks_from_us(1000000), rt_now());
}

static u64 trouble(void) {
    return upstream + late + telemetry_reader.lost + telemetry_reader.resyncs;
}

static void telemetry_receive(void) {
    struct message m;
    while (message_take(&telemetry_reader, telemetry, &m)) { // ends at the newest
        struct stamp stamp;
        struct trajectory_row row = row_get(&m, &stamp);
        rt_job_begin(stamp.release);
        rt_channel_take(GATEWAY_FROM_CONTROL, m.sequence);
        upstream = stamp.trouble;
        late += job_is_late(stamp.release);
        if (row.tick % TRAJECTORY_TICKS_PER_ROW == 0) {
            (void)row_put(downlink, &row, &(struct stamp){stamp.release, trouble()});
            microkit_notify(GATEWAY_TO_OBSERVER);
        }
        rt_job_end();
    }
    rt_value_set(0, "telemetry", (s64)telemetry_reader.received);
    rt_value_set(1, "telemetry_lost", (s64)telemetry_reader.lost);
}

static void burst_receive(void) {
    struct message m;
    for (int i = 0; i < MESSAGE_SLOTS && message_take(&burst_reader, burst, &m); i++) {
        // The message itself is of no interest; what matters is that only so many get this far.
        if (bucket_take(&bucket, rt_now())) {
            rt_value_set(2, "burst_passed", (s64)bucket.passed);
        }
    }
    rt_value_set(3, "burst_refused", (s64)bucket.refused);
    rt_value_set(4, "burst_lost", (s64)burst_reader.lost);
}

void notified(microkit_channel ch) {
    switch (ch) {
    case GATEWAY_FROM_CONTROL:
        telemetry_receive();
        break;
    case GATEWAY_FROM_BURST:
        burst_receive();
        break;
    default:
        break;
    }
}
