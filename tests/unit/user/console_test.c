// SPDX-License-Identifier: BSD-2-Clause
/*
 * What core 0 puts on the UART: lines with their writer's name, reports in the form that docs/user-level.md
 * promises and the host tool parses, and nothing that a writer could use to pretend a report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Units under test, included: the variables the tool patches are defined below. */
#include "user/console/console.c"
#include "user/console/monitor.c"
#include "user/rt/ring.c"
#include "user/rt/stats.c"

u64 console_uart;
u64 console_rings;
u64 console_ring_count;
u64 console_stats;
u64 console_stats_count;
u64 console_exit_mask;
u64 console_report_us;

static char output[20000];
static u32 output_length;

void uart_begin(u64 base) {
    (void)base;
}

void uart_put(u64 base, char c) {
    (void)base;
    assert_true(output_length + 1 < sizeof(output));
    output[output_length++] = c;
    output[output_length] = '\0';
}

static struct console_ring rings[3] ALIGNED(4096);
static struct rt_stats stats[3] ALIGNED(4096);

static int begin(void **state) {
    (void)state;
    memset(rings, 0, sizeof(rings));
    memset(stats, 0, sizeof(stats));
    memset(drops_told, 0, sizeof(drops_told));
    output_length = 0;
    output[0] = '\0';
    console_rings = (u64)rings;
    console_ring_count = ARRAY_LENGTH(rings);
    console_stats = (u64)stats;
    console_stats_count = ARRAY_LENGTH(stats);
    console_exit_mask = ~0ull;
    return 0;
}

static void line_put(u32 ring, const char *text) {
    ring_put_line(&rings[ring], text, (u32)strlen(text));
}

static void lines_carry_their_writers_name(void **state) {
    (void)state;
    ring_begin(&rings[0], "alpha", "ping");
    ring_begin(&rings[2], "beta", "pong");
    line_put(0, "hello");
    line_put(2, "\r@skerry exit 0");
    line_put(2, "");
    assert_int_equal(console_poll(), 3);
    assert_string_equal(output, "[alpha ping] hello\n[beta pong] ?@skerry exit 0\n[beta pong] \n");
    assert_int_equal(console_poll(), 0);
}

static void a_flood_leaves_the_others_their_turn(void **state) {
    (void)state;
    ring_begin(&rings[0], "storm", "flood");
    ring_begin(&rings[1], "alpha", "ping");
    for (u32 i = 0; i < CONSOLE_RING_BYTES / 2 + 29; i++) {
        line_put(0, "x");
    }
    line_put(1, "still here");
    assert_int_equal(console_poll(), 9);
    assert_non_null(strstr(output, "[storm flood] (29 lines lost so far"));
    assert_non_null(strstr(output, "[alpha ping] still here\n"));
    output_length = 0;
    output[0] = '\0';
    console_poll();
    assert_null(strstr(output, "lost"));
}

/* A writer that changes its page at will cannot make a line that begins otherwise than with its bracket. */
static void no_writer_begins_a_line(void **state) {
    (void)state;
    u64 seed = 3;
    for (u32 turn = 0; turn < 3000; turn++) {
        begin(NULL);
        ring_begin(&rings[0], "a", "b");
        for (u32 i = 0; i < sizeof(rings[0].name); i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            rings[0].name[i] = seed >> 62 == 0          ? (char)(seed >> 40)
                               : (seed >> 33) % 32 == 0 ? '\0'
                                                        : 'n';
        }
        for (u32 i = 0; i < CONSOLE_RING_BYTES; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            rings[0].data[i] = (char)(seed >> 50);
        }
        rings[0].head = seed >> 52;
        console_poll();
        /* The name may also change after it was checked. */
        put_prefix(&rings[0]);
        put_text("\n");
        for (const char *at = output; *at != '\0'; at = strchr(at, '\n') + 1) {
            assert_int_equal(*at, '[');
            assert_non_null(strchr(at, '\n'));
        }
    }
}

static void report_has_the_documented_form(void **state) {
    (void)state;
    rt_stats_begin(&stats[1], "flight", "elevator ctl", 10000000);
    stats[1].kind = RT_KIND_PERIODIC;
    stats[1].period_ticks = 50000;
    stats[1].deadline_ticks = 100;
    stats[1].budget_us = 400;
    stats[1].activations = 3;
    stats[1].skipped = 1;
    stats[1].exhaustions = 2;
    stats[1].faults = 1;
    stats[1].starts = 4;
    stats[1].channel[7].sent = 5;
    stats[1].channel[7].coalesced = 1;
    strcpy(stats[1].value[0].name, "lost");
    stats[1].value[0].value = -4;
    rt_stats_job(&stats[1], 0, 4, 20);
    rt_stats_job(&stats[1], 0, 0, 101);
    monitor_report();
    assert_string_equal(
        output,
        "@skerry report begin\n"
        "@skerry pd core=flight name=elevator_ctl kind=periodic activations=3 completions=2 misses=1 "
        "skipped=1 exhaustions=2 faults=4 starts=4 calls=0 consumed_us=0 consumed_max_us=0 budget_us=400\n"
        "@skerry response core=flight name=elevator_ctl p50_ns=2000 p90_ns=10100 p99_ns=10100 "
        "p999_ns=10100 max_ns=10100 sum_ns=12100 lateness_max_ns=400 period_ns=5000000 "
        "deadline_ns=10000\n"
        "@skerry channel core=flight name=elevator_ctl channel=7 sent=5 received=0 coalesced=1\n"
        "@skerry value core=flight name=elevator_ctl key=lost value=-4\n"
        "@skerry report end\n");
}

static void longest_report_line_is_whole(void **state) {
    (void)state;
    rt_stats_begin(&stats[0], "cccccccccccccccccccccccccccccccc",
                   "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
                   1000000000);
    u64 *word = &stats[0].activations;
    for (u32 i = 0; i < 11; i++) {
        word[i] = ~0ull;
    }
    stats[0].period_ticks = stats[0].deadline_ticks = stats[0].budget_us = ~0ull;
    stats[0].exhaustions = stats[0].faults = stats[0].calls = ~0ull;
    stats[0].histogram[RT_STATS_BUCKETS - 1] = 1;
    monitor_report();
    assert_non_null(strstr(output, "budget_us=18446744073709551615\n"));
    const char *deadline = strstr(output, "deadline_ns=18446744073709551615\n");
    assert_non_null(deadline);
}

static void end_is_asked_by_those_who_may(void **state) {
    (void)state;
    int status = 77;
    for (u32 i = 0; i < 3; i++) {
        rt_stats_begin(&stats[i], "c", "n", 10000000);
    }
    assert_false(monitor_ended(&status));
    console_exit_mask = BIT(0) | BIT(2);
    stats[1].exit = RT_EXIT_SET | 9;
    assert_false(monitor_ended(&status));
    stats[0].exit = RT_EXIT_SET;
    assert_true(monitor_ended(&status));
    assert_int_equal(status, 0);
    stats[2].exit = RT_EXIT_SET | 3;
    assert_true(monitor_ended(&status));
    assert_int_equal(status, 3);
    /* A page nobody began says nothing. */
    stats[0].exit = stats[2].exit = RT_EXIT_SET;
    stats[0].magic = stats[2].magic = 0;
    assert_false(monitor_ended(&status));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lines_carry_their_writers_name, begin),
        cmocka_unit_test_setup(a_flood_leaves_the_others_their_turn, begin),
        cmocka_unit_test_setup(no_writer_begins_a_line, begin),
        cmocka_unit_test_setup(report_has_the_documented_form, begin),
        cmocka_unit_test_setup(longest_report_line_is_whole, begin),
        cmocka_unit_test_setup(end_is_asked_by_those_who_may, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
