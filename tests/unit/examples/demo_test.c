// SPDX-License-Identifier: BSD-2-Clause
/*
 * The demo's domains, as they are, on the host: their programs are compiled with a stand-in for the runtime
 * (fake/microkit.h), joined as flight.system joins them, and run one after the other in the order of
 * their priorities. So wiring, message numbers, verdict and exit status are tested without a kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <microkit.h>

#include "examples/flight/message_ring.h"
#include "examples/flight/rosace.h"

/* Each domain's entry points and patched variables, under the names the build gave them. */
#define DOMAIN_ENTRY(d)                                                                            \
    void pd_##d##_init(void);                                                                      \
    void pd_##d##_notified(microkit_channel ch);
DOMAIN_ENTRY(plant)
DOMAIN_ENTRY(filters)
DOMAIN_ENTRY(control)
DOMAIN_ENTRY(gateway)
DOMAIN_ENTRY(observer)
DOMAIN_ENTRY(burst)

extern struct message_ring *pd_plant_measured, *pd_plant_commands;
extern struct message_ring *pd_filters_measured, *pd_filters_filtered;
extern struct message_ring *pd_control_measured, *pd_control_filtered, *pd_control_commands;
extern struct message_ring *pd_control_telemetry, *pd_gateway_telemetry;
extern struct message_ring *pd_gateway_burst, *pd_burst_burst;
extern struct message_ring *pd_gateway_downlink, *pd_observer_downlink;
extern u64 pd_control_flight_full, pd_observer_flight_full;

static struct message_ring measured, filtered, commands, telemetry, bursts, downlink;

/* The channels of flight.system: (from, its channel) rings (to, its channel). */
static const struct {
    enum fake_domain from;
    microkit_channel from_ch;
    microkit_channel to_ch;
    void (*to)(microkit_channel);
    enum fake_domain to_domain;
} wires[] = {
    {FAKE_PLANT, 1, 1, pd_filters_notified, FAKE_FILTERS},
    {FAKE_FILTERS, 2, 1, pd_control_notified, FAKE_CONTROL},
    {FAKE_CONTROL, 2, 1, pd_gateway_notified, FAKE_GATEWAY},
    {FAKE_BURST, 1, 2, pd_gateway_notified, FAKE_GATEWAY},
    {FAKE_GATEWAY, 3, 1, pd_observer_notified, FAKE_OBSERVER},
};

static struct {
    void (*job)(void *);
    void *argument;
} periodic[FAKE_DOMAINS];
static bool pending[ARRAY_LENGTH(wires)];
static u64 now;
static jmp_buf ended;
static int exit_status;
static char verdict[4096];
static s64 burst_passed, burst_refused, telemetry_received;
static bool skip_filters_once;
static u64 late_release_at; // tick before which the plant misses a release

void fake_notify(enum fake_domain from, microkit_channel ch) {
    for (size_t i = 0; i < ARRAY_LENGTH(wires); i++) {
        if (wires[i].from == from && wires[i].from_ch == ch) {
            pending[i] = true;
            return;
        }
    }
    fail_msg("domain %d has no channel %u", from, ch);
}

void fake_value(enum fake_domain from, const char *name, s64 value) {
    s64 *keep = strcmp(name, "burst_passed") == 0    ? &burst_passed
                : strcmp(name, "burst_refused") == 0 ? &burst_refused
                : strcmp(name, "telemetry") == 0     ? &telemetry_received
                                                     : NULL;
    assert_true(from < FAKE_DOMAINS);
    assert_true(strlen(name) < 16); // RT_VALUE_NAME of user/rt/stats.h
    if (keep != NULL) {
        *keep = value;
    }
}

void fake_periodic(enum fake_domain from, void (*job)(void *), void *argument) {
    periodic[from].job = job;
    periodic[from].argument = argument;
}

void fake_exit(enum fake_domain from, int status) {
    assert_int_equal(from, FAKE_OBSERVER);
    exit_status = status;
    longjmp(ended, 1);
}

u64 fake_now(void) {
    return now + 100;
}

u64 fake_release(void) {
    return now;
}

u64 fake_deadline(enum fake_domain of) {
    return of == FAKE_GATEWAY ? 200000 : 50000;
}

void fake_log(enum fake_domain from, const char *format, ...) {
    char line[200];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert_true(length > 0 && length < (int)sizeof(line) - 1); // nothing is cut on the target
    if (from == FAKE_OBSERVER && strlen(verdict) + sizeof(line) < sizeof(verdict)) {
        strcat(strcat(verdict, line), "\n");
    }
}

/* Delivers what is pending until nothing is: each wire leads to a domain of lower priority. */
static void deliver(void) {
    for (bool any = true; any;) {
        any = false;
        for (size_t i = 0; i < ARRAY_LENGTH(wires); i++) {
            if (!pending[i] || (skip_filters_once && wires[i].to_domain == FAKE_FILTERS)) {
                continue;
            }
            pending[i] = false;
            any = true;
            wires[i].to(wires[i].to_ch);
        }
    }
}

static void demo_start(void) {
    memset(verdict, 0, sizeof(verdict));
    memset(pending, 0, sizeof(pending));
    now += 1000000;
    late_release_at = ~0ull;
    pd_plant_measured = pd_filters_measured = pd_control_measured = &measured;
    pd_plant_commands = pd_control_commands = &commands;
    pd_filters_filtered = pd_control_filtered = &filtered;
    pd_control_telemetry = pd_gateway_telemetry = &telemetry;
    pd_gateway_burst = pd_burst_burst = &bursts;
    pd_gateway_downlink = pd_observer_downlink = &downlink;
    // The worst order: receivers on other cores first, then by priority.
    pd_observer_init();
    pd_gateway_init();
    pd_burst_init();
    pd_plant_init();
    pd_filters_init();
    pd_control_init();
}

/* Runs the demo until the observer ends it, or for `seconds`; returns the status, or -1. */
static int demo_run(u64 seconds, u64 disturbed_tick) {
    exit_status = -1;
    if (setjmp(ended) != 0) {
        return exit_status;
    }
    for (u64 tick = 0; tick < seconds * ROSACE_PLANT_HZ; tick++, now += 50000) {
        skip_filters_once = tick == disturbed_tick;
        now += tick == late_release_at ? 50000 : 0;
        periodic[FAKE_PLANT].job(periodic[FAKE_PLANT].argument);
        deliver();
        if (tick % 20 == 10) {
            periodic[FAKE_BURST].job(periodic[FAKE_BURST].argument);
            deliver();
        }
    }
    return -1;
}

static void test_good_flight_ends_with_status_0(void **state) {
    (void)state;
    pd_control_flight_full = pd_observer_flight_full = 0;
    demo_start();
    assert_int_equal(demo_run(30, ~0ull), 0);
    assert_non_null(strstr(verdict, "level change complete"));
    assert_non_null(strstr(verdict, "reference agrees: 21 of 21 rows"));
    assert_non_null(strstr(verdict, " 0 late, stale or lost"));
    assert_int_equal(telemetry_received, 20 * ROSACE_CONTROL_HZ + 1);
}

static void test_bursts_are_policed(void **state) {
    (void)state;
    // 20 s of 64 messages each 100 ms; 16 of them are still in the ring when the gateway looks.
    assert_true(burst_passed > 0 && burst_passed <= 8 + 100 * 20);
    assert_true(burst_refused > burst_passed / 2);
}

static void test_full_flight_ends_with_status_0(void **state) {
    (void)state;
    pd_control_flight_full = pd_observer_flight_full = 1;
    demo_start();
    assert_int_equal(demo_run(500, ~0ull), 0);
    assert_non_null(strstr(verdict, "of 481 rows"));
}

static void test_one_late_job_fails_the_run(void **state) {
    (void)state;
    pd_control_flight_full = pd_observer_flight_full = 0;
    demo_start();
    assert_int_equal(demo_run(30, 1000), 1);
    assert_non_null(strstr(verdict, "reference DISAGREES"));
    assert_null(strstr(verdict, " 0 late, stale or lost"));
}

static void test_one_skipped_release_fails_the_run(void **state) {
    (void)state;
    pd_control_flight_full = pd_observer_flight_full = 0;
    demo_start();
    late_release_at = 500;
    assert_int_equal(demo_run(30, ~0ull), 1);
    // The aircraft flew as it should, only later: nothing but the count tells.
    assert_non_null(strstr(verdict, "reference agrees"));
    assert_non_null(strstr(verdict, " 1 late, stale or lost"));
}

static void test_wrong_reference_fails_the_run(void **state) {
    (void)state;
    // The control laws fly the long climb, the observer expects the short one.
    pd_control_flight_full = 1;
    pd_observer_flight_full = 0;
    demo_start();
    assert_int_equal(demo_run(30, ~0ull), 1);
    assert_non_null(strstr(verdict, "level change FAILED"));
    assert_non_null(strstr(verdict, "reference DISAGREES"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_flight_ends_with_status_0),
        cmocka_unit_test(test_bursts_are_policed),
        cmocka_unit_test(test_full_flight_ends_with_status_0),
        cmocka_unit_test(test_one_late_job_fails_the_run),
        cmocka_unit_test(test_one_skipped_release_fails_the_run),
        cmocka_unit_test(test_wrong_reference_fails_the_run),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
