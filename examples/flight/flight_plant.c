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
static u64 previous_release; // 0 = none yet

/*
 * Releases that were skipped because the domain was too late. The plant is the clock of the simulation, so
 * the trajectory would not show them: the aircraft would just fly slower than it should.
 */
static u64 ticks_skipped(u64 release) {
    u64 period = rt_period_ticks();
    u64 periods = previous_release == 0 ? 1 : (release - previous_release + period / 2) / period;
    previous_release = release;
    return periods > 1 ? periods - 1 : 0;
}

static void tick(void *unused) {
    (void)unused;
    u64 release = rt_release();
    bool filters_due = plant_job_run(&plant, release);
    plant.late += job_is_late(release);
    plant.late += ticks_skipped(release);
    rt_value_set(0, "ticks", (s64)plant.tick);
    rt_value_set(1, "stale_commands", (s64)plant.stale);
    if (filters_due) {
        microkit_notify(PLANT_TO_FILTERS);
    }
}

void init(void) {
    plant_job_init(&plant, measured, commands);
    previous_release = 0;
    rt_measure_consumption();
    rt_periodic(tick, NULL);
}
