// SPDX-License-Identifier: BSD-2-Clause
/*
 * The five anti-aliasing filters, 100 times a second: released by every second tick of the plant, done
 * well before the next.
 */
#include "examples/flight/domain.h"
#include "examples/flight/jobs.h"

struct message_ring *measured PATCHED = NULL;
struct message_ring *filtered PATCHED = NULL;

static struct filters_job filters;

void init(void) {
    filters_job_init(&filters, measured, filtered);
    rt_measure_consumption();
}

void notified(microkit_channel ch) {
    (void)ch;
    struct job job;
    bool control_due = false;
    while (filters_job_take(&filters, &job)) { // ends at the newest: at most a whole ring
        rt_job_begin(job.release);
        control_due = filters_job_run(&filters, &job) || control_due;
        filters.late += job_is_late(job.release);
        rt_job_end();
    }
    rt_value_set(0, "input_lost", (s64)filters.reader.lost);
    if (control_due) {
        microkit_notify(FILTERS_TO_CONTROL);
    }
}
