// SPDX-License-Identifier: BSD-2-Clause
/*
 * The plant: engine, elevator and aircraft dynamics, 200 times a second. The only periodic domain of its
 * core, and the highest in priority: its ticks release the filters, and they the control laws.
 */
#include "examples/flight/domain.h"
#include "examples/flight/jobs.h"

struct message_ring *measured PATCHED = NULL;
struct message_ring *commands PATCHED = NULL;

static struct plant_job plant;

static void tick(void *unused) {
    (void)unused;
    u64 release = rt_release();
    bool filters_due = plant_job_run(&plant, release);
    plant.late += job_is_late(release);
    rt_value_set(0, "ticks", (s64)plant.tick);
    rt_value_set(1, "stale_commands", (s64)plant.stale);
    if (filters_due) {
        microkit_notify(PLANT_TO_FILTERS);
    }
}

void init(void) {
    plant_job_init(&plant, measured, commands);
    rt_measure_consumption();
    rt_periodic(tick, NULL);
}
