// SPDX-License-Identifier: BSD-2-Clause
/*
 * One row of a flown trajectory, and how far two rows may be apart.
 *
 * The target and the host do the same double arithmetic in the same order; only their mathematics
 * libraries may round sin, cos, atan2 and pow differently, in the last bit. The closed loop is stable,
 * so such differences die away instead of growing: the unit test disturbs every result by several
 * units in the last place and finds the trajectory within a hundredth of the tolerances below. A job
 * that reads data one tick late shows far above them (same test).
 */
#pragma once

#include "examples/flight/rosace.h"

/* Tolerance between a flown row and its reference. */
#define TRAJECTORY_TOLERANCE_M   1e-8
#define TRAJECTORY_TOLERANCE_MS  1e-8
#define TRAJECTORY_TOLERANCE_RAD 1e-10

enum { TRAJECTORY_TICKS_PER_ROW = ROSACE_PLANT_HZ }; // a row each second

struct trajectory_row {
    uint64_t tick;
    struct measurements measured; // what the plant put out at this tick
    struct commands commands;     // what the control laws answered at this tick
};

/* Largest differences seen by trajectory_compare(), per unit. */
struct trajectory_error {
    double position_m;
    double speed_ms;
    double angle_rad; // pitch rate and elevator; throttle and acceleration are judged as speeds
    uint32_t rows;
};

/* Adds one pair of rows; rows of different ticks, or not-a-number, count as infinitely far apart. */
void trajectory_compare(struct trajectory_error *e, const struct trajectory_row *flown,
                        const struct trajectory_row *reference);
bool trajectory_within_tolerance(const struct trajectory_error *e);
