// SPDX-License-Identifier: BSD-2-Clause
/*
 * Laws of the flight model (examples/flight/rosace.c): what a reader of the paper would check, and what
 * the demo relies on when it compares a flight on the target with the host's.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "examples/flight/trajectory.h"

static const double pi = 3.14159265358979323846;

static uint64_t last_tick(const struct level_change *f) {
    return (uint64_t)(f->end_s * ROSACE_PLANT_HZ);
}

static struct trajectory_row row_of(const struct rate_groups *g) {
    return (struct trajectory_row){
        .tick = g->tick - 1, .measured = g->measured, .commands = g->commands};
}

static void test_trim_is_an_equilibrium(void **state) {
    (void)state;
    // Not only where the demo starts: any pair an aircraft of this kind can fly.
    for (double h = 5000.0; h <= 12000.0; h += 500.0) {
        for (double va = 200.0; va <= 250.0; va += 10.0) {
            struct trim trim = trim_compute(h, va);
            struct aircraft a;
            aircraft_init(&a, &trim, h, va);
            double thrust_n = engine_step(&(struct engine){.throttle = trim.throttle}, 0.0);
            struct aircraft_rates r = aircraft_derive(&a, thrust_n, trim.elevator_rad);
            assert_true(fabs(r.u) < 1e-12);
            assert_true(fabs(r.w) < 1e-12);
            assert_true(fabs(r.q) < 1e-12);
            assert_true(fabs(r.theta) < 1e-12);
            assert_true(fabs(r.h) < 1e-12);
        }
    }
}

static void test_trim_agrees_with_the_paper(void **state) {
    (void)state;
    // Not exactly: the paper's elevator leaves a pitching moment of 2e-6 in the coefficient; ours none.
    struct trim trim = trim_compute(ROSACE_START_ALTITUDE_M, ROSACE_START_AIRSPEED_MS);
    assert_true(fabs(trim.alpha_rad - 0.026485847681737) < 1e-9);
    assert_true(fabs(trim.elevator_rad - 0.012009615652468) < 1e-5);
    assert_true(fabs(trim.throttle - 1.5868660794926) < 1e-3);
}

static void test_trimmed_flight_stays(void **state) {
    (void)state;
    struct level_change stay = level_change_short;
    stay.to_m = stay.from_m;
    struct rate_groups g;
    rate_groups_init(&g, &stay);
    for (int i = 0; i < 100 * ROSACE_PLANT_HZ; i++) {
        rate_groups_step(&g);
        assert_true(fabs(g.measured.h_m - ROSACE_START_ALTITUDE_M) < 1e-6);
        assert_true(fabs(g.measured.va_ms - ROSACE_START_AIRSPEED_MS) < 1e-6);
    }
}

/*
 * The response of a second-order Butterworth filter (cut-off f) to a unit step, from its differential
 * equation: behind a zero-order hold the samples must lie on it exactly.
 */
static double butterworth_step(double f_hz, double t_s) {
    double a = 2.0 * pi * f_hz / sqrt(2.0);
    return 1.0 - exp(-a * t_s) * (cos(a * t_s) + sin(a * t_s));
}

static void test_filters_are_the_stated_ones(void **state) {
    (void)state;
    static const double cutoff_hz[FILTER_COUNT] = {[FILTER_H] = 3.0,
                                                   [FILTER_AZ] = 10.0,
                                                   [FILTER_VZ] = 0.5,
                                                   [FILTER_Q] = 3.0,
                                                   [FILTER_VA] = 0.5};
    for (int kind = 0; kind < FILTER_COUNT; kind++) {
        struct filter f;
        filter_init(&f, kind, 0.0);
        for (int n = 0; n < 1000; n++) {
            double expected = butterworth_step(cutoff_hz[kind], (double)n / ROSACE_FILTER_HZ);
            assert_true(fabs(filter_step(&f, kind, 1.0) - expected) < 1e-9);
        }
        filter_init(&f, kind, 7.0);
        for (int n = 0; n < 1000; n++) {
            assert_true(fabs(filter_step(&f, kind, 7.0) - 7.0) < 1e-6);
        }
    }
}

static void test_elevator_follows_its_equation(void **state) {
    (void)state;
    // Euler at 200 Hz of a loop at 25 rad/s: settles on the command, overshoots less than 5 %.
    struct elevator e = {0};
    double highest = 0.0, angle = 0.0;
    for (int i = 0; i < ROSACE_PLANT_HZ; i++) {
        angle = elevator_step(&e, 0.1);
        highest = fmax(highest, angle);
    }
    assert_true(fabs(angle - 0.1) < 1e-6);
    assert_true(highest < 0.105);
}

static void test_engine_follows_its_equation(void **state) {
    (void)state;
    struct engine e = {.throttle = 1.0};
    double first_n = engine_step(&e, 2.0), thrust_n = first_n;
    for (int i = 1; i <= 4 * ROSACE_PLANT_HZ / 3; i++) { // one time constant, 1/0.75 s
        thrust_n = engine_step(&e, 2.0);
    }
    assert_true(fabs(thrust_n / first_n - (2.0 - exp(-1.0))) < 0.005);
}

static void test_altitude_hold_enters_its_band_smoothly(void **state) {
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        struct altitude_hold s;
        altitude_hold_init(&s);
        double outside = altitude_hold_step(&s, 10000.0 + side * 50.0001, 10000.0);
        double inside = altitude_hold_step(&s, 10000.0 + side * 49.9999, 10000.0);
        assert_true(fabs(outside - side * ROSACE_CLIMB_RATE_MS) < 1e-12);
        assert_true(fabs(inside - outside) < 1e-3);
    }
}

static void test_profile_and_its_rate_agree(void **state) {
    (void)state;
    struct level_change l = level_change_short;
    l.lag_s = 0.0; // the lag shifts the altitude against the rate: take it away to compare them
    double climbed_m = 0.0, step_s = 1e-4;
    for (double t = 0.0; t < l.end_s; t += step_s) {
        struct setpoint s = level_change_at(&l, t);
        assert_true(s.climb_ms >= 0.0);
        assert_true(fabs(l.from_m + climbed_m - s.h_m) < 1e-2);
        climbed_m += s.climb_ms * step_s;
    }
    assert_true(fabs(climbed_m - (l.to_m - l.from_m)) < 1e-3);
}

struct bounds {
    double vz_low_ms, vz_high_ms; // climb, descent
    double va_ms;                 // distance from 230 m/s
    double overshoot_m;           // above the level asked for
    double fall_m;                // largest loss of altitude before the level is reached
};

/* A level change settles, stays within its bounds and climbs without falling back. */
static void fly_within(const struct level_change *flight, const struct bounds *b) {
    struct rate_groups g;
    rate_groups_init(&g, flight);
    double highest_m = flight->from_m;
    for (uint64_t tick = 0; tick <= last_tick(flight); tick++) {
        rate_groups_step(&g);
        const struct measurements *m = &g.measured;
        assert_true(m->vz_ms >= b->vz_low_ms && m->vz_ms <= b->vz_high_ms);
        assert_true(fabs(m->va_ms - ROSACE_START_AIRSPEED_MS) <= b->va_ms);
        assert_true(m->h_m <= flight->to_m + b->overshoot_m);
        if (m->h_m < flight->to_m - flight->tolerance_m) {
            assert_true(m->h_m >= highest_m - b->fall_m);
        }
        highest_m = fmax(highest_m, m->h_m);
        if ((double)tick >= flight->settled_s * ROSACE_PLANT_HZ) {
            assert_true(fabs(m->h_m - flight->to_m) <= flight->tolerance_m);
        }
    }
}

static void test_short_level_change(void **state) {
    (void)state;
    assert_true(level_change_short.end_s <= 20.0);
    fly_within(&level_change_short, &(struct bounds){-4.0, 0.001, 0.3, 0.3, 1e-6});
    // It also stays there after the run has ended.
    struct level_change longer = level_change_short;
    longer.end_s = 120.0;
    fly_within(&longer, &(struct bounds){-4.0, 0.1, 0.3, 0.3, 1e-6});
}

static void test_full_level_change(void **state) {
    (void)state;
    assert_true(level_change_full.end_s > 400.0);
    fly_within(&level_change_full, &(struct bounds){-3.6, 0.08, 0.35, 1.6, 1e-3});
}

static void test_flight_repeats_exactly(void **state) {
    (void)state;
    struct rate_groups a, b;
    rate_groups_init(&a, &level_change_short);
    rate_groups_init(&b, &level_change_short);
    for (uint64_t tick = 0; tick <= last_tick(&level_change_short); tick++) {
        rate_groups_step(&a);
        rate_groups_step(&b);
        assert_memory_equal(&a.measured, &b.measured, sizeof(a.measured));
        assert_memory_equal(&a.commands, &b.commands, sizeof(a.commands));
    }
}

/* What another mathematics library may do to a result, and more: up to four units in the last place. */
static void round_otherwise(double *value) {
    *value *= 1.0 + (double)(rand() % 9 - 4) * DBL_EPSILON;
}

static struct trajectory_error fly_beside(const struct level_change *flight,
                                          void (*disturb)(struct rate_groups *)) {
    struct rate_groups plain, disturbed;
    rate_groups_init(&plain, flight);
    rate_groups_init(&disturbed, flight);
    struct trajectory_error error = {0};
    for (uint64_t tick = 0; tick <= last_tick(flight); tick++) {
        rate_groups_step(&plain);
        rate_groups_step(&disturbed);
        struct trajectory_row a = row_of(&plain), b = row_of(&disturbed);
        trajectory_compare(&error, &b, &a);
        disturb(&disturbed);
    }
    return error;
}

static void disturb_rounding(struct rate_groups *g) {
    struct aircraft *a = &g->plant.aircraft;
    double *values[] = {&a->u_ms,
                        &a->w_ms,
                        &a->q_rads,
                        &a->theta_rad,
                        &g->measured.va_ms,
                        &g->measured.az_mss,
                        &g->commands.throttle};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        round_otherwise(values[i]);
    }
}

static void test_rounding_dies_away(void **state) {
    (void)state;
    const struct level_change *flights[] = {&level_change_short, &level_change_full};
    for (int i = 0; i < 2; i++) {
        srand(1);
        struct trajectory_error e = fly_beside(flights[i], disturb_rounding);
        assert_true(e.position_m < TRAJECTORY_TOLERANCE_M / 100);
        assert_true(e.speed_ms < TRAJECTORY_TOLERANCE_MS / 100);
        assert_true(e.angle_rad < TRAJECTORY_TOLERANCE_RAD / 100);
    }
}

/* One control job, in the middle of the climb (tick 1000), whose commands come one tick late. */
static void disturb_one_command(struct rate_groups *g) {
    static struct commands before, late;
    switch (g->tick) {
    case 1000: // the commands that tick 1000 flies with
        before = g->commands;
        break;
    case 1001: // tick 1000 has answered; tick 1001 does not see it
        late = g->commands;
        g->commands = before;
        break;
    case 1002: // tick 1002 does
        g->commands = late;
        break;
    default:
        break;
    }
}

static void test_a_late_command_shows(void **state) {
    (void)state;
    struct trajectory_error e = fly_beside(&level_change_short, disturb_one_command);
    assert_false(trajectory_within_tolerance(&e));
}

static void test_comparison_refuses_nonsense(void **state) {
    (void)state;
    struct trajectory_error e = {0};
    assert_false(trajectory_within_tolerance(&e)); // nothing compared is not agreement
    struct trajectory_row a = {.tick = 1}, b = {.tick = 1};
    trajectory_compare(&e, &a, &b);
    assert_true(trajectory_within_tolerance(&e));
    a.measured.h_m = NAN;
    trajectory_compare(&e, &a, &b);
    assert_false(trajectory_within_tolerance(&e));
    e = (struct trajectory_error){0};
    a = (struct trajectory_row){.tick = 2};
    trajectory_compare(&e, &a, &b);
    assert_false(trajectory_within_tolerance(&e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trim_is_an_equilibrium),
        cmocka_unit_test(test_trim_agrees_with_the_paper),
        cmocka_unit_test(test_trimmed_flight_stays),
        cmocka_unit_test(test_filters_are_the_stated_ones),
        cmocka_unit_test(test_elevator_follows_its_equation),
        cmocka_unit_test(test_engine_follows_its_equation),
        cmocka_unit_test(test_altitude_hold_enters_its_band_smoothly),
        cmocka_unit_test(test_profile_and_its_rate_agree),
        cmocka_unit_test(test_short_level_change),
        cmocka_unit_test(test_full_level_change),
        cmocka_unit_test(test_flight_repeats_exactly),
        cmocka_unit_test(test_rounding_dies_away),
        cmocka_unit_test(test_a_late_command_shows),
        cmocka_unit_test(test_comparison_refuses_nonsense),
    };
    return cmocka_run_group_tests_name("rosace", tests, NULL, NULL);
}
