// SPDX-License-Identifier: BSD-2-Clause
/*
 * flight_reference: flies the level changes of the demo on the host, one task after the other.
 *
 *   flight_reference [--full]           the trajectory as CSV, one row per plant step
 *   flight_reference [--full] --every N one row every N plant steps (200 per second)
 *   flight_reference --header           both flights, a row each second, as a C header; the build
 *                                       makes flight_reference.h with it, and the monitor of the demo
 *                                       compares what was flown with that
 *
 * Exit status: 0, 1 when the level change did not complete as struct level_change promises, 2 when
 * the command was wrong. Output is exact (%.17g reads back as the same double).
 */
#include "examples/flight/trajectory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct trajectory_row row_take(const struct rate_groups *g, uint64_t tick) {
    return (struct trajectory_row){.tick = tick, .measured = g->measured, .commands = g->commands};
}

static void csv_print(const struct trajectory_row *r) {
    printf("%.3f,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g\n", (double)r->tick / ROSACE_PLANT_HZ,
           r->measured.h_m, r->measured.va_ms, r->measured.vz_ms, r->measured.q_rads,
           r->measured.az_mss, r->commands.elevator_rad, r->commands.throttle);
}

static void c_print(const struct trajectory_row *r) {
    const struct measurements *m = &r->measured;
    printf("    {%llu, {%.17g, %.17g, %.17g, %.17g, %.17g}, {%.17g, %.17g}},\n",
           (unsigned long long)r->tick, m->h_m, m->az_mss, m->vz_ms, m->q_rads, m->va_ms,
           r->commands.elevator_rad, r->commands.throttle);
}

/* Flies to the end of the run; says whether the aircraft kept to the level once it should have. */
static bool fly(const struct level_change *flight, uint64_t ticks_per_row,
                void (*print)(const struct trajectory_row *)) {
    struct rate_groups g;
    rate_groups_init(&g, flight);
    uint64_t last = (uint64_t)(flight->end_s * ROSACE_PLANT_HZ);
    double settled_tick = flight->settled_s * ROSACE_PLANT_HZ;
    bool settled = true;
    for (uint64_t tick = 0; tick <= last; tick++) {
        rate_groups_step(&g);
        struct trajectory_row row = row_take(&g, tick);
        if (tick % ticks_per_row == 0) {
            print(&row);
        }
        if ((double)tick >= settled_tick) {
            settled = settled && fabs(row.measured.h_m - flight->to_m) <= flight->tolerance_m;
        }
    }
    return settled;
}

static bool header_print(void) {
    printf(
        "// Made by flight_reference --header from the equations of examples/flight/rosace.c.\n");
    printf("#pragma once\n\n#include \"examples/flight/trajectory.h\"\n\n");
    printf("static const struct trajectory_row flight_reference_short[] = {\n");
    bool settled = fly(&level_change_short, TRAJECTORY_TICKS_PER_ROW, c_print);
    printf("};\n\nstatic const struct trajectory_row flight_reference_full[] = {\n");
    settled = fly(&level_change_full, TRAJECTORY_TICKS_PER_ROW, c_print) && settled;
    printf("};\n");
    return settled;
}

int main(int argc, char **argv) {
    const struct level_change *flight = &level_change_short;
    uint64_t ticks_per_row = 1;
    bool header = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--full") == 0) {
            flight = &level_change_full;
        } else if (strcmp(argv[i], "--header") == 0) {
            header = true;
        } else if (strcmp(argv[i], "--every") == 0 && i + 1 < argc && atoi(argv[i + 1]) > 0) {
            ticks_per_row = (uint64_t)atoi(argv[++i]);
        } else {
            fprintf(stderr, "usage: flight_reference [--full] [--every N] | --header\n");
            return 2;
        }
    }
    bool settled;
    if (header) {
        settled = header_print();
    } else {
        printf("t,h,va,vz,q,az,de,dth\n");
        settled = fly(flight, ticks_per_row, csv_print);
    }
    if (!settled) {
        fprintf(stderr, "flight_reference: the level change did not complete\n");
        return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
