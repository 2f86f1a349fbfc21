// SPDX-License-Identifier: BSD-2-Clause
/* Comparing a flown trajectory with the reference; see trajectory.h for what the tolerances mean. */
#include "examples/flight/trajectory.h"

#include <math.h>

/* The larger of the two; a distance that is not a number counts as infinite, not as nothing. */
static double larger(double largest, double a, double b) {
    double distance = fabs(a - b);
    return distance <= largest ? largest : isnan(distance) ? INFINITY : distance;
}

void trajectory_compare(struct trajectory_error *e, const struct trajectory_row *flown,
                        const struct trajectory_row *reference) {
    const struct measurements *a = &flown->measured, *b = &reference->measured;
    e->rows++;
    if (flown->tick != reference->tick) {
        e->position_m = INFINITY;
        return;
    }
    e->position_m = larger(e->position_m, a->h_m, b->h_m);
    e->speed_ms = larger(e->speed_ms, a->va_ms, b->va_ms);
    e->speed_ms = larger(e->speed_ms, a->vz_ms, b->vz_ms);
    e->speed_ms = larger(e->speed_ms, a->az_mss, b->az_mss);
    e->speed_ms = larger(e->speed_ms, flown->commands.throttle, reference->commands.throttle);
    e->angle_rad = larger(e->angle_rad, a->q_rads, b->q_rads);
    e->angle_rad =
        larger(e->angle_rad, flown->commands.elevator_rad, reference->commands.elevator_rad);
}

bool trajectory_within_tolerance(const struct trajectory_error *e) {
    return e->rows > 0 && e->position_m <= TRAJECTORY_TOLERANCE_M &&
           e->speed_ms <= TRAJECTORY_TOLERANCE_MS && e->angle_rad <= TRAJECTORY_TOLERANCE_RAD;
}
