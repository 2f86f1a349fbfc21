// SPDX-License-Identifier: BSD-2-Clause
/*
 * The control laws, 50 times a second: altitude hold, vertical speed, airspeed. Released by every second
 * job of the filters; its commands must be there at the plant's next tick. Then tells the gateway what
 * happened. The ring to the gateway cannot block it, nor can the doorbell.
 */
#include "examples/flight/domain.h"
#include "examples/flight/jobs.h"

struct message_ring *measured PATCHED = NULL;
struct message_ring *filtered PATCHED = NULL;
struct message_ring *commands PATCHED = NULL;
struct message_ring *telemetry PATCHED = NULL;
u64 flight_full PATCHED = 0; // 1: climb 1,000 m instead of 30 m

static struct control_job control;

void init(void) {
    control_job_init(&control, flight_full != 0 ? &level_change_full : &level_change_short,
                     filtered, measured, commands);
    message_ring_init(telemetry);
    rt_measure_consumption();
}

void notified(microkit_channel ch) {
    (void)ch;
    struct job job;
    while (control_job_take(&control, &job)) { // ends at the newest: at most a whole ring
        rt_job_begin(job.release);
        struct trajectory_row row = control_job_run(&control, &job);
        control.late += job_is_late(job.release);
        (void)row_put(telemetry, &row, &(struct stamp){job.release, control_job_trouble(&control)});
        microkit_notify(CONTROL_TO_GATEWAY);
        rt_job_end();
    }
    rt_value_set(0, "input_lost", (s64)(control.reader.lost + control.missing));
}
