// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ROSACE longitudinal flight model: an aircraft and the controller that flies it, one small
 * function per task of the case study.
 *
 *   C. Pagetti, D. Saussié, R. Gratia, E. Noulard, P. Siron, "The ROSACE Case Study: From Simulink
 *   Specification to Multi/Many-Core Execution", RTAS 2014.
 *
 * Equations and parameter values are the paper's; the code is our own. The same file is compiled for
 * the protection domains (RV64) and for the host reference, always with -ffp-contract=off: fused
 * multiply-adds round differently, and the two trajectories are compared.
 *
 *        commands          thrust, deflection           measurements          filtered
 *   ┌──────────────┐ 50 Hz ┌───────────────────┐ 200 Hz ┌──────────────┐ 100 Hz ┌────────────┐
 *   │ control      │──────▶│ plant             │───────▶│ filters      │───────▶│ control    │
 *   │ altitude hold│       │ engine, elevator, │        │ h az Vz q Va │        │ (next job) │
 *   │ Vz, Va       │       │ aircraft dynamics │        └──────────────┘        └────────────┘
 *   └──────────────┘       └───────────────────┘
 *
 * One rule of data flow: a group reads the newest value that its producer finished at or before the
 * same tick. Tick k is at 5 ms · k. At every tick the plant steps; then, at even ticks, the filters;
 * then, at every fourth tick, the control laws, whose commands the plant reads from tick k + 1 on.
 * rate_groups_step() is that rule as code; on the target three protection domains obey it, and the
 * tick number that travels with each value shows when they did not.
 *
 * What always holds: no function has static state, allocates, loops or fails; every number is a
 * double in SI units (metres, metres per second, radians, newtons). Vz is positive downwards, as in
 * the paper: a climb has a negative Vz.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    ROSACE_PLANT_HZ = 200,
    ROSACE_FILTER_HZ = 100,
    ROSACE_CONTROL_HZ = 50,
    ROSACE_TICK_US = 1000000 / ROSACE_PLANT_HZ,
    ROSACE_TICKS_PER_FILTER = ROSACE_PLANT_HZ / ROSACE_FILTER_HZ,
    ROSACE_TICKS_PER_CONTROL = ROSACE_PLANT_HZ / ROSACE_CONTROL_HZ,
};

/* Where every flight begins, and the climb rate of the published altitude hold. */
#define ROSACE_START_ALTITUDE_M  10000.0
#define ROSACE_START_AIRSPEED_MS 230.0
#define ROSACE_CLIMB_RATE_MS     2.5

/* What the sensors see of the aircraft. */
struct measurements {
    double h_m;    // altitude
    double az_mss; // vertical acceleration, 0 in level flight
    double vz_ms;  // vertical speed, positive downwards
    double q_rads; // pitch rate
    double va_ms;  // true airspeed
};

/* What the control laws ask of the actuators. */
struct commands {
    double elevator_rad;
    double throttle; // dimensionless; 1.0 is ENGINE_THRUST_N newtons
};

/* What the pilot asks of the control laws. */
struct setpoint {
    double h_m;
    double climb_ms; // rate at which h_m is moving now, fed forward; positive is a climb
    double va_ms;
};

/* Level flight at constant speed: the unknowns that make all derivatives zero. */
struct trim {
    double alpha_rad; // angle of attack; the pitch angle is the same
    double elevator_rad;
    double throttle;
};

/* ---- the seven kinds of task, each with its state ---- */

struct aircraft {
    double u_ms;      // speed along the body axis
    double w_ms;      // speed across it, downwards
    double q_rads;    // pitch rate
    double theta_rad; // pitch angle
    double h_m;
};

struct aircraft_rates {
    double u, w, q, theta, h; // time derivatives of the fields of struct aircraft
    double az_mss;            // acceleration seen by the sensor
};

struct engine {
    double throttle;
};

struct elevator {
    double angle_rad;
    double rate_rads;
};

/* Cut-off frequencies: 3 Hz for h and q, 10 Hz for az, 0.5 Hz for Vz and Va. */
enum filter_kind { FILTER_H, FILTER_AZ, FILTER_VZ, FILTER_Q, FILTER_VA, FILTER_COUNT };

struct filter {
    double x1, x2;
};

struct altitude_hold {
    double integral_ms;
};

struct vz_control {
    double integral_m;
};

struct va_control {
    double integral_m;
};

/* Trim for level flight at `h_m`, `va_ms`; exact to rounding for any flyable pair. */
struct trim trim_compute(double h_m, double va_ms);

/* The equations of motion, without the integration: what the trim test looks at. */
struct aircraft_rates aircraft_derive(const struct aircraft *a, double thrust_n,
                                      double elevator_rad);

void aircraft_init(struct aircraft *a, const struct trim *trim, double h_m, double va_ms);
struct measurements aircraft_dynamics_step(struct aircraft *a, double thrust_n,
                                           double elevator_rad);
double engine_step(struct engine *e, double throttle_command); // returns newtons
double elevator_step(struct elevator *e, double command_rad);  // returns the angle
void filter_init(struct filter *f, enum filter_kind kind, double steady_value);
double filter_step(struct filter *f, enum filter_kind kind, double input);
void altitude_hold_init(struct altitude_hold *s);
double altitude_hold_step(struct altitude_hold *s, double h_f, double h_c); // returns Vz command
double vz_control_step(struct vz_control *s, const struct trim *trim, const struct measurements *f,
                       double vz_c); // returns elevator command
double va_control_step(struct va_control *s, const struct trim *trim, const struct measurements *f,
                       double va_c); // returns throttle command

/* ---- the three rate groups: what one job of a protection domain does ---- */

struct plant {
    struct aircraft aircraft;
    struct engine engine;
    struct elevator elevator;
};

struct filters {
    struct filter filter[FILTER_COUNT];
};

struct control {
    struct trim trim;
    struct altitude_hold altitude_hold;
    struct vz_control vz_control;
    struct va_control va_control;
};

void plant_init(struct plant *p, const struct trim *trim);
void filters_init(struct filters *f);
void control_init(struct control *c, const struct trim *trim);
void commands_init(struct commands *c, const struct trim *trim);

struct measurements plant_step(struct plant *p, const struct commands *c);
struct measurements filters_step(struct filters *f, const struct measurements *m);
struct commands control_step(struct control *c, const struct measurements *filtered,
                             const struct setpoint *s);

/* ---- the flight: which level is asked for, when ---- */

/*
 * A level change asked for at `start_s`. With `duration_s` > 0 the climb rate asked for is a raised
 * cosine, fed forward to the vertical-speed law, and the altitude asked for is its integral,
 * `lag_s` later: the closed vertical-speed loop answers that much late (5.1 s, measured on this
 * model), and an altitude hold that saw the lag as an error would overshoot by half the climb. With
 * `duration_s` 0 the altitude asked for jumps, as in the paper, and the altitude hold climbs at its
 * own 2.5 m/s until it is 50 m below. Within [settled_s, end_s] the aircraft is within `tolerance_m`
 * of `to_m`: that is what "complete" means.
 */
struct level_change {
    double from_m, to_m;
    double start_s, duration_s, lag_s;
    double settled_s, end_s;
    double tolerance_m;
};

extern const struct level_change level_change_short; // 10,000 m to 10,030 m in 20 s
extern const struct level_change level_change_full;  // 10,000 m to 11,000 m
struct setpoint level_change_at(const struct level_change *l, double t_s);

/* The whole loop on one processor: the reference, and the definition of the data flow. */
struct rate_groups {
    const struct level_change *flight;
    struct plant plant;
    struct filters filters;
    struct control control;
    struct measurements measured; // newest output of the plant
    struct measurements filtered; // newest output of the filters
    struct commands commands;     // newest output of the control laws
    uint64_t tick;                // the next tick to fly
};

void rate_groups_init(struct rate_groups *g, const struct level_change *flight);
void rate_groups_step(struct rate_groups *g);
