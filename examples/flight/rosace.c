// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ROSACE equations (see rosace.h for the paper, the data flow and the units).
 *
 * All integrations are explicit Euler at the task's own rate, as in the paper. What always holds: the
 * arithmetic is IEEE double in the order written here, so that the target and the host differ only
 * where their mathematics libraries round sin, cos, atan2 and pow differently; the closed loop is
 * stable and forgets such differences.
 */
#include "examples/flight/rosace.h"

#include <math.h>

#define PI 3.14159265358979323846

/* Standard atmosphere. */
static const double gravity_mss = 9.80665;
static const double air_density_sea_level_kgm3 = 1.225;
static const double air_temperature_sea_level_k = 288.15;
static const double air_temperature_slope_km = -0.0065;
static const double air_gas_constant = 287.05;

/* The aircraft. */
static const double mass_kg = 57837.5;
static const double pitch_inertia_kgm2 = 3781272.0;
static const double wing_area_m2 = 122.6;
static const double wing_chord_m = 4.29;
static const double drag_0 = 0.016, drag_alpha = 2.5, drag_elevator = 0.05;
static const double lift_alpha = 5.5, lift_elevator = 0.193, lift_alpha_0 = -0.05;
static const double moment_0 = 0.04, moment_alpha = -0.83, moment_elevator = -1.5;
static const double moment_q = -30.0;

/* Actuators. */
static const double engine_rate_hz = 0.75;
static const double engine_thrust_n = 26350.0; // for a throttle of 1.0
static const double elevator_omega_rads = 25.0, elevator_damping = 0.85;

/* Control gains of the paper. */
static const double hold_kp = 0.1014048, hold_ki = 0.0048288, hold_band_m = 50.0;
static const double va_k_int = 0.049802610664357, va_k_va = -0.486813084356079,
                    va_k_vz = -0.077603095495388, va_k_q = 21.692383376322041;
static const double vz_k_int = 0.000627342822264, vz_k_vz = -0.003252836726554,
                    vz_k_q = 0.376071446897134, vz_k_az = -0.001566907423747;

static const double plant_period_s = 1.0 / ROSACE_PLANT_HZ;
static const double control_period_s = 1.0 / ROSACE_CONTROL_HZ;

/*
 * Second-order Butterworth low-pass filters behind a zero-order hold, at 100 Hz:
 * y/u = (b1 z + b0) / (z² + a1 z + a0). Literals, so that no library rounds them; the unit test
 * computes them again from the cut-off frequencies.
 */
static const struct {
    double a0, a1, b0, b1;
} filter_coefficients[FILTER_COUNT] = {
    [FILTER_H] = {0.766000101841272, -1.734903205885821, 0.014857648981438, 0.016239246974013},
    [FILTER_AZ] = {0.411240701442774, -1.158045899830964, 0.107849979167580, 0.145344822444230},
    [FILTER_VZ] = {0.956543675476034, -1.955578398054313, 0.000479064865372, 0.000486212556349},
    [FILTER_Q] = {0.766000101841272, -1.734903205885821, 0.014857648981438, 0.016239246974013},
    [FILTER_VA] = {0.956543675476034, -1.955578398054313, 0.000479064865372, 0.000486212556349},
};

/* ---- aircraft ---- */

static double air_density_kgm3(double h_m) {
    double exponent = -gravity_mss / (air_gas_constant * air_temperature_slope_km) - 1.0;
    double warmth = 1.0 + air_temperature_slope_km / air_temperature_sea_level_k * h_m;
    return air_density_sea_level_kgm3 * pow(warmth, exponent);
}

struct air_forces {
    double x_n, z_n;  // along the body axis (forwards), across it (downwards)
    double moment_nm; // nose up
};

static struct air_forces air_forces_at(double h_m, double v_ms, double alpha, double q_rads,
                                       double elevator) {
    double angle = alpha - lift_alpha_0;
    double lift = lift_elevator * elevator + lift_alpha * angle;
    double drag = drag_0 + drag_elevator * elevator + drag_alpha * angle * angle;
    double moment = moment_0 + moment_elevator * elevator + moment_alpha * alpha +
                    0.5 * moment_q * q_rads * wing_chord_m / v_ms;
    double pressure_n = 0.5 * air_density_kgm3(h_m) * v_ms * v_ms * wing_area_m2;
    double sin_alpha = sin(alpha), cos_alpha = cos(alpha);
    return (struct air_forces){
        .x_n = -pressure_n * (drag * cos_alpha - lift * sin_alpha),
        .z_n = -pressure_n * (drag * sin_alpha + lift * cos_alpha),
        .moment_nm = pressure_n * wing_chord_m * moment,
    };
}

/* The elevator angle that leaves no pitching moment without pitch rate. */
static double trim_elevator(double alpha) {
    return -(moment_0 + moment_alpha * alpha) / moment_elevator;
}

/* Net downward force in level flight at this angle of attack, with the trimmed elevator. */
static double trim_residual(double h_m, double va_ms, double alpha) {
    struct air_forces f = air_forces_at(h_m, va_ms, alpha, 0.0, trim_elevator(alpha));
    return mass_kg * gravity_mss * cos(alpha) + f.z_n;
}

struct trim trim_compute(double h_m, double va_ms) {
    // Lift is nearly linear in alpha: the secant method gains more than a digit per step, and ten
    // steps reach rounding from anywhere in the flight envelope. It stops early when two residuals
    // are equal, because the secant would divide by zero.
    double alpha_old = 0.0, alpha = 0.05;
    double old = trim_residual(h_m, va_ms, alpha_old);
    for (int i = 0; i < 10; i++) {
        double now = trim_residual(h_m, va_ms, alpha);
        if (now == old) {
            break;
        }
        double next = alpha - now * (alpha - alpha_old) / (now - old);
        alpha_old = alpha;
        old = now;
        alpha = next;
    }
    double elevator = trim_elevator(alpha);
    struct air_forces f = air_forces_at(h_m, va_ms, alpha, 0.0, elevator);
    double thrust_n = mass_kg * gravity_mss * sin(alpha) - f.x_n;
    return (struct trim){
        .alpha_rad = alpha, .elevator_rad = elevator, .throttle = thrust_n / engine_thrust_n};
}

struct aircraft_rates aircraft_derive(const struct aircraft *a, double thrust_n,
                                      double elevator_rad) {
    double v_ms = sqrt(a->u_ms * a->u_ms + a->w_ms * a->w_ms);
    double alpha = atan2(a->w_ms, a->u_ms);
    double sin_theta = sin(a->theta_rad), cos_theta = cos(a->theta_rad);
    struct air_forces f = air_forces_at(a->h_m, v_ms, alpha, a->q_rads, elevator_rad);
    return (struct aircraft_rates){
        .u = -gravity_mss * sin_theta - a->q_rads * a->w_ms + (f.x_n + thrust_n) / mass_kg,
        .w = gravity_mss * cos_theta + a->q_rads * a->u_ms + f.z_n / mass_kg,
        .q = f.moment_nm / pitch_inertia_kgm2,
        .theta = a->q_rads,
        .h = a->u_ms * sin_theta - a->w_ms * cos_theta,
        .az_mss = gravity_mss * cos_theta + f.z_n / mass_kg,
    };
}

void aircraft_init(struct aircraft *a, const struct trim *trim, double h_m, double va_ms) {
    *a = (struct aircraft){.u_ms = va_ms * cos(trim->alpha_rad),
                           .w_ms = va_ms * sin(trim->alpha_rad),
                           .q_rads = 0.0,
                           .theta_rad = trim->alpha_rad,
                           .h_m = h_m};
}

struct measurements aircraft_dynamics_step(struct aircraft *a, double thrust_n,
                                           double elevator_rad) {
    struct aircraft_rates r = aircraft_derive(a, thrust_n, elevator_rad);
    // Measured before the step: sensors see the state at this tick, not at the next one.
    struct measurements m = {
        .h_m = a->h_m,
        .az_mss = r.az_mss,
        .vz_ms = -r.h,
        .q_rads = a->q_rads,
        .va_ms = sqrt(a->u_ms * a->u_ms + a->w_ms * a->w_ms),
    };
    a->u_ms += plant_period_s * r.u;
    a->w_ms += plant_period_s * r.w;
    a->q_rads += plant_period_s * r.q;
    a->theta_rad += plant_period_s * r.theta;
    a->h_m += plant_period_s * r.h;
    return m;
}

/* ---- actuators ---- */

double engine_step(struct engine *e, double throttle_command) {
    double thrust_n = engine_thrust_n * e->throttle;
    e->throttle += plant_period_s * engine_rate_hz * (throttle_command - e->throttle);
    return thrust_n;
}

double elevator_step(struct elevator *e, double command_rad) {
    double angle_rad = e->angle_rad;
    double omega = elevator_omega_rads;
    double acceleration = omega * omega * (command_rad - e->angle_rad) -
                          2.0 * elevator_damping * omega * e->rate_rads;
    e->angle_rad += plant_period_s * e->rate_rads;
    e->rate_rads += plant_period_s * acceleration;
    return angle_rad;
}

/* ---- filters ---- */

void filter_init(struct filter *f, enum filter_kind kind, double steady_value) {
    f->x1 = steady_value * (1.0 + filter_coefficients[kind].a1 - filter_coefficients[kind].b1);
    f->x2 = steady_value;
}

double filter_step(struct filter *f, enum filter_kind kind, double input) {
    double output = f->x2;
    f->x2 = f->x1 - filter_coefficients[kind].a1 * output + filter_coefficients[kind].b1 * input;
    f->x1 = -filter_coefficients[kind].a0 * output + filter_coefficients[kind].b0 * input;
    return output;
}

/* ---- control laws ---- */

void altitude_hold_init(struct altitude_hold *s) {
    s->integral_ms = 0.0;
}

double altitude_hold_step(struct altitude_hold *s, double h_f, double h_c) {
    double error_m = h_f - h_c;
    // Outside the band: full climb or descent, with the integral prepared so that the command does
    // not jump on the way in: kp · ∓50 + ki · integral = ∓2.5.
    if (error_m < -hold_band_m) {
        s->integral_ms = (hold_kp * hold_band_m - ROSACE_CLIMB_RATE_MS) / hold_ki;
        return -ROSACE_CLIMB_RATE_MS;
    }
    if (error_m > hold_band_m) {
        s->integral_ms = -(hold_kp * hold_band_m - ROSACE_CLIMB_RATE_MS) / hold_ki;
        return ROSACE_CLIMB_RATE_MS;
    }
    double vz_c = hold_kp * error_m + hold_ki * s->integral_ms;
    s->integral_ms += control_period_s * error_m;
    return vz_c;
}

double vz_control_step(struct vz_control *s, const struct trim *trim, const struct measurements *f,
                       double vz_c) {
    double elevator_rad = vz_k_int * s->integral_m + vz_k_vz * f->vz_ms + vz_k_q * f->q_rads +
                          vz_k_az * f->az_mss + trim->elevator_rad;
    s->integral_m += control_period_s * (vz_c - f->vz_ms);
    return elevator_rad;
}

double va_control_step(struct va_control *s, const struct trim *trim, const struct measurements *f,
                       double va_c) {
    double throttle = va_k_int * s->integral_m + va_k_va * (f->va_ms - ROSACE_START_AIRSPEED_MS) +
                      va_k_vz * f->vz_ms + va_k_q * f->q_rads + trim->throttle;
    s->integral_m += control_period_s * (va_c - f->va_ms);
    return throttle;
}

/* ---- rate groups ---- */

void plant_init(struct plant *p, const struct trim *trim) {
    aircraft_init(&p->aircraft, trim, ROSACE_START_ALTITUDE_M, ROSACE_START_AIRSPEED_MS);
    p->engine = (struct engine){.throttle = trim->throttle};
    p->elevator = (struct elevator){.angle_rad = trim->elevator_rad, .rate_rads = 0.0};
}

struct measurements plant_step(struct plant *p, const struct commands *c) {
    double thrust_n = engine_step(&p->engine, c->throttle);
    double elevator_rad = elevator_step(&p->elevator, c->elevator_rad);
    return aircraft_dynamics_step(&p->aircraft, thrust_n, elevator_rad);
}

void filters_init(struct filters *f) {
    filter_init(&f->filter[FILTER_H], FILTER_H, ROSACE_START_ALTITUDE_M);
    filter_init(&f->filter[FILTER_AZ], FILTER_AZ, 0.0);
    filter_init(&f->filter[FILTER_VZ], FILTER_VZ, 0.0);
    filter_init(&f->filter[FILTER_Q], FILTER_Q, 0.0);
    filter_init(&f->filter[FILTER_VA], FILTER_VA, ROSACE_START_AIRSPEED_MS);
}

struct measurements filters_step(struct filters *f, const struct measurements *m) {
    return (struct measurements){
        .h_m = filter_step(&f->filter[FILTER_H], FILTER_H, m->h_m),
        .az_mss = filter_step(&f->filter[FILTER_AZ], FILTER_AZ, m->az_mss),
        .vz_ms = filter_step(&f->filter[FILTER_VZ], FILTER_VZ, m->vz_ms),
        .q_rads = filter_step(&f->filter[FILTER_Q], FILTER_Q, m->q_rads),
        .va_ms = filter_step(&f->filter[FILTER_VA], FILTER_VA, m->va_ms),
    };
}

void control_init(struct control *c, const struct trim *trim) {
    *c = (struct control){.trim = *trim};
    altitude_hold_init(&c->altitude_hold);
}

void commands_init(struct commands *c, const struct trim *trim) {
    *c = (struct commands){.elevator_rad = trim->elevator_rad, .throttle = trim->throttle};
}

struct commands control_step(struct control *c, const struct measurements *filtered,
                             const struct setpoint *s) {
    double vz_c = altitude_hold_step(&c->altitude_hold, filtered->h_m, s->h_m) - s->climb_ms;
    return (struct commands){
        .elevator_rad = vz_control_step(&c->vz_control, &c->trim, filtered, vz_c),
        .throttle = va_control_step(&c->va_control, &c->trim, filtered, s->va_ms),
    };
}

/* ---- the flight ---- */

const struct level_change level_change_short = {
    .from_m = ROSACE_START_ALTITUDE_M,
    .to_m = 10030.0,
    .start_s = 0.2,
    .duration_s = 12.0,
    .lag_s = 5.1,
    .end_s = 20.0,
    .settled_s = 18.0,
    .tolerance_m = 0.5,
};

const struct level_change level_change_full = {
    .from_m = ROSACE_START_ALTITUDE_M,
    .to_m = 11000.0,
    .start_s = 0.2,
    .duration_s = 0.0,
    .lag_s = 0.0,
    .end_s = 480.0,
    .settled_s = 460.0,
    .tolerance_m = 0.5,
};

/* How much of the change is done, 0 to 1, `since_s` after its start. */
static double level_change_part(const struct level_change *l, double since_s) {
    if (since_s <= 0.0) {
        return 0.0;
    }
    if (since_s >= l->duration_s) {
        return 1.0;
    }
    double turn = 2.0 * PI * since_s / l->duration_s;
    return (turn - sin(turn)) / (2.0 * PI);
}

struct setpoint level_change_at(const struct level_change *l, double t_s) {
    double since_s = t_s - l->start_s;
    double span_m = l->to_m - l->from_m;
    bool moving = since_s > 0.0 && since_s < l->duration_s;
    double turn = moving ? 2.0 * PI * since_s / l->duration_s : 0.0;
    return (struct setpoint){
        .h_m = l->from_m + span_m * level_change_part(l, since_s - l->lag_s),
        .climb_ms = moving ? span_m / l->duration_s * (1.0 - cos(turn)) : 0.0,
        .va_ms = ROSACE_START_AIRSPEED_MS,
    };
}

void rate_groups_init(struct rate_groups *g, const struct level_change *flight) {
    struct trim trim = trim_compute(ROSACE_START_ALTITUDE_M, ROSACE_START_AIRSPEED_MS);
    *g = (struct rate_groups){.flight = flight};
    plant_init(&g->plant, &trim);
    filters_init(&g->filters);
    control_init(&g->control, &trim);
    commands_init(&g->commands, &trim);
}

void rate_groups_step(struct rate_groups *g) {
    g->measured = plant_step(&g->plant, &g->commands);
    if (g->tick % ROSACE_TICKS_PER_FILTER == 0) {
        g->filtered = filters_step(&g->filters, &g->measured);
    }
    if (g->tick % ROSACE_TICKS_PER_CONTROL == 0) {
        struct setpoint s = level_change_at(g->flight, (double)g->tick / ROSACE_PLANT_HZ);
        g->commands = control_step(&g->control, &g->filtered, &s);
    }
    g->tick++;
}
