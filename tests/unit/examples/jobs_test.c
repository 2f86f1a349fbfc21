// SPDX-License-Identifier: BSD-2-Clause
/*
 * Laws of the flight's jobs (examples/flight/jobs.h): in whatever order the three domains get to run, as
 * long as nobody counts missing data the flight equals the reference bit for bit; and whoever did not get
 * its data in time counts it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "examples/flight/jobs.h"

struct loop {
    struct message_ring measured, filtered, commands;
    struct plant_job plant;
    struct filters_job filters;
    struct control_job control;
    struct rate_groups reference;
    u64 rows, wrong;
};

static void loop_init(struct loop *l) {
    memset(l, 0xa5, sizeof(*l)); // the rings' memory is nobody's promise
    l->rows = l->wrong = 0;
    plant_job_init(&l->plant, &l->measured, &l->commands);
    filters_job_init(&l->filters, &l->measured, &l->filtered);
    control_job_init(&l->control, &level_change_short, &l->filtered, &l->measured, &l->commands);
    rate_groups_init(&l->reference, &level_change_short);
}

static void check_row(struct loop *l, const struct trajectory_row *row) {
    while (l->reference.tick <= row->tick) {
        rate_groups_step(&l->reference);
    }
    l->rows++;
    if (memcmp(&row->measured, &l->reference.measured, sizeof(row->measured)) != 0 ||
        memcmp(&row->commands, &l->reference.commands, sizeof(row->commands)) != 0) {
        l->wrong++;
    }
}

static void control_notified(struct loop *l) {
    struct job job;
    while (control_job_take(&l->control, &job)) {
        struct trajectory_row row = control_job_run(&l->control, &job);
        check_row(l, &row);
    }
}

static void filters_notified(struct loop *l) {
    struct job job;
    bool wake = false;
    while (filters_job_take(&l->filters, &job)) {
        wake = filters_job_run(&l->filters, &job) || wake;
    }
    if (wake) {
        control_notified(l);
    }
}

static u64 ticks(void) {
    return (u64)(level_change_short.end_s * ROSACE_PLANT_HZ) + 1;
}

static void test_jobs_fly_the_reference(void **state) {
    (void)state;
    static struct loop l;
    loop_init(&l);
    for (u64 tick = 0; tick < ticks(); tick++) {
        if (plant_job_run(&l.plant, tick * 50000)) {
            filters_notified(&l);
        }
    }
    assert_int_equal(l.rows, ticks() / ROSACE_TICKS_PER_CONTROL + 1);
    assert_int_equal(l.wrong, 0);
    assert_int_equal(control_job_trouble(&l.control), 0);
}

static void test_filters_may_run_a_tick_late(void **state) {
    (void)state;
    // At ticks 0, 4, 8… the commands are due at once; the filters of ticks 2, 6, 10… have time: each
    // second job may wait for the tick after, and nothing changes.
    static struct loop l;
    loop_init(&l);
    bool wake = false;
    for (u64 tick = 0; tick < ticks(); tick++) {
        wake = plant_job_run(&l.plant, 0) || wake;
        if (wake && tick % ROSACE_TICKS_PER_CONTROL != 2) {
            filters_notified(&l);
            wake = false;
        }
    }
    assert_int_equal(l.wrong, 0);
    assert_int_equal(l.plant.stale, 0);
}

static void test_late_control_is_counted(void **state) {
    (void)state;
    static struct loop l;
    loop_init(&l);
    for (u64 tick = 0; tick < ticks(); tick++) {
        bool wake = plant_job_run(&l.plant, 0);
        if (wake && tick != 1000) { // one time, the filters and so control miss their turn
            filters_notified(&l);
        }
    }
    assert_int_equal(l.plant.stale, 2); // ticks 1001 and 1002 flew with old commands
    assert_true(l.wrong > 0);
    assert_int_equal(l.filters.reader.lost + l.control.reader.lost, 0);
    assert_int_equal(control_job_trouble(&l.control), 2); // and the end of the chain knows
}

static void test_overwritten_input_is_counted(void **state) {
    (void)state;
    static struct loop l;
    loop_init(&l);
    for (u64 tick = 0; tick < 1000; tick++) {
        bool wake = plant_job_run(&l.plant, 0);
        if (wake && (tick < 500 || tick > 540)) {
            filters_notified(&l);
        }
    }
    assert_true(l.filters.reader.lost > 0);
    assert_true(l.plant.stale > 0);
    assert_true(control_job_trouble(&l.control) >= l.filters.reader.lost + l.plant.stale);
}

static void test_rows_travel_whole(void **state) {
    (void)state;
    static struct message_ring r;
    struct trajectory_row row = {7, {1.5, 2.5, 3.5, 4.5, 5.5}, {6.5, 7.5}};
    struct message m;
    struct stamp stamp;
    message_ring_init(&r);
    assert_int_equal(row_put(&r, &row, &(struct stamp){99, 7}), 1);
    assert_true(message_read(&r, 1, &m));
    struct trajectory_row back = row_get(&m, &stamp);
    assert_memory_equal(&back, &row, sizeof(row));
    assert_int_equal(stamp.release, 99);
    assert_int_equal(stamp.trouble, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_fly_the_reference),
        cmocka_unit_test(test_filters_may_run_a_tick_late),
        cmocka_unit_test(test_late_control_is_counted),
        cmocka_unit_test(test_overwritten_input_is_counted),
        cmocka_unit_test(test_rows_travel_whole),
    };
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
