// SPDX-License-Identifier: BSD-2-Clause
/*
 * The observer, on the platform core: receives the flown trajectory, a row each second, compares it with
 * the reference that the build computed on the host (flight_reference.h), and ends the run.
 *
 * The run is good (status 0) when every row arrived, all of them agree with the reference within
 * trajectory.h's tolerance, the level change is complete, and nobody on the way counted stale or lost
 * data or a missed deadline. Otherwise status 1, and the lines above the tables say which of these failed.
 */
#include <math.h>

#include "examples/flight/domain.h"
#include "examples/flight/jobs.h"
#include "examples/flight/flight_reference.h"

struct message_ring *downlink PATCHED = NULL;
u64 flight_full PATCHED = 0; // 1: climb 1,000 m instead of 30 m

enum { ROWS_PER_LINE_FULL = 20 };

static const struct level_change *flight;
static const struct trajectory_row *reference;
static u64 reference_rows;
static u64 rows_per_line;
static struct message_reader reader;
static struct trajectory_error error;
static u64 trouble;
static bool settled;

/* All state begins here and not in initialisers: a domain that is started again keeps its memory. */
void init(void) {
    bool full = flight_full != 0;
    flight = full ? &level_change_full : &level_change_short;
    reference = full ? flight_reference_full : flight_reference_short;
    reference_rows =
        full ? ARRAY_LENGTH(flight_reference_full) : ARRAY_LENGTH(flight_reference_short);
    rows_per_line = full ? ROWS_PER_LINE_FULL : 1;
    message_reader_init(&reader);
    error = (struct trajectory_error){0};
    trouble = 0;
    settled = true;
    rt_log("trajectory: from %.0f m to %.0f m, flown and checked against the host's reference",
           flight->from_m, flight->to_m);
    rt_log("   t s         h m    Va m/s    Vz m/s   elevator  throttle");
}

static void row_print(const struct trajectory_row *row) {
    const struct measurements *m = &row->measured;
    rt_log("%6.1f %11.4f %9.4f %9.4f %10.6f %9.6f", (double)row->tick / ROSACE_PLANT_HZ, m->h_m,
           m->va_ms, m->vz_ms, row->commands.elevator_rad, row->commands.throttle);
}

static void row_check(const struct trajectory_row *row) {
    u64 index = row->tick / TRAJECTORY_TICKS_PER_ROW;
    if (index >= reference_rows) {
        return;
    }
    trajectory_compare(&error, row, &reference[index]);
    if ((double)row->tick >= flight->settled_s * ROSACE_PLANT_HZ) {
        settled = settled && fabs(row->measured.h_m - flight->to_m) <= flight->tolerance_m;
    }
    if (index % rows_per_line == 0) {
        row_print(row);
    }
}

/* Prints the verdict and ends the run. */
static NORETURN void flight_judge(void) {
    bool complete = error.rows == reference_rows;
    bool agrees = trajectory_within_tolerance(&error);
    rt_log("level change %s: within %.1f m of %.0f m from %.0f s on",
           settled ? "complete" : "FAILED", flight->tolerance_m, flight->to_m, flight->settled_s);
    rt_log("reference %s: %u of %u rows, largest difference %.1e m, %.1e m/s, %.1e rad",
           agrees && complete ? "agrees" : "DISAGREES", error.rows, (unsigned)reference_rows,
           error.position_m, error.speed_ms, error.angle_rad);
    rt_log("chain plant, filters, control, gateway: %lu late, stale or lost",
           (unsigned long)trouble);
    rt_exit(settled && complete && agrees && trouble == 0 ? 0 : 1);
}

void notified(microkit_channel ch) {
    (void)ch;
    struct message m;
    while (message_take(&reader, downlink, &m)) { // ends at the newest
        struct stamp stamp;
        struct trajectory_row row = row_get(&m, &stamp);
        rt_channel_take(OBSERVER_FROM_GATEWAY, m.sequence);
        row_check(&row);
        trouble = stamp.trouble + reader.lost;
        rt_value_set(0, "rows", error.rows);
        if ((double)row.tick >= flight->end_s * ROSACE_PLANT_HZ) {
            flight_judge();
        }
    }
}
