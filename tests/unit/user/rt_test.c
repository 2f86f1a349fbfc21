// SPDX-License-Identifier: BSD-2-Clause
/*
 * The real-time library on a small model of a scheduling context: budget and period, one refill per period at
 * a phase the program does not know, dispatch delays, preemption when the budget is used up. What the
 * statistics page says is compared with what the model did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <sel4/sel4.h>

/* Units under test, included: they are one program. */
#include "user/microkit/domain.c"
#include "user/rt/rt.c"
#include "user/rt/stats.c"

#define PERIOD 50000ull /* ticks: 5 ms */
#define BUDGET 10000ull
#define PHASE  1234567ull

u64 mock_time;

static u64 refill;      /* instant of the refill we run on */
static u64 left;        /* of its budget */
static u64 consumed_us; /* what Consumed answers next */
static u64 delay;       /* between refill and dispatch, until changed */
static jmp_buf run_end;
static u32 jobs;
static char said[200];

static void next_refill(void) {
    refill += PERIOD;
    left = BUDGET;
    mock_time = max_u64(mock_time, refill + delay);
}

/* The job computes for `ticks`: what exceeds the budget waits for the next refill. */
static void work(u64 ticks) {
    while (ticks > left) {
        mock_time += left;
        ticks -= left;
        next_refill();
    }
    mock_time += ticks;
    left -= ticks;
}

void mock_kernel(struct mock_registers *r) {
    if ((s64)r->number == -11) {
        next_refill();
        return;
    }
    assert_int_equal((s64)r->number, -1);
    if (r->cap == PD_SLOT_TCB) {
        longjmp(run_end, 1); /* rt_exit() suspends */
    }
    assert_int_equal(r->cap, PD_SLOT_SC);
    r->info = 1;
    r->mr[0] = consumed_us;
    r->cap = 0;
}

void rt_log(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof(said), format, args);
    va_end(args);
}

static int begin(void **state) {
    (void)state;
    static seL4_IPCBuffer buffer;
    seL4_SetIPCBuffer(&buffer);
    rt_period_us = 5000;
    rt_budget_us = 1000;
    rt_deadline_us = 0;
    memset(&own_page, 0, sizeof(own_page));
    memset(&job_now, 0, sizeof(job_now));
    rt_stats_begin(rt_stats_page, "c", "n", rt_timebase_hz);
    mock_time = refill = PHASE;
    left = BUDGET;
    delay = 0;
    jobs = 0;
    said[0] = '\0';
    return 0;
}

static void run(void (*job)(void *)) {
    if (setjmp(run_end) == 0) {
        rt_periodic(job, &jobs);
    }
}

static void steady(void *argument) {
    u32 *count = argument;
    assert_int_equal((rt_release() - PHASE) % PERIOD, 0);
    work(3000 + *count);
    if (++*count == 100) {
        rt_exit(0);
    }
}

static void releases_are_periods_apart(void **state) {
    (void)state;
    run(steady);
    struct rt_stats *s = rt_stats_page;
    assert_int_equal(s->kind, RT_KIND_PERIODIC);
    assert_int_equal(s->activations, 100);
    assert_int_equal(s->completions, 99); /* the last job ended the run */
    assert_int_equal(s->misses, 0);
    assert_int_equal(s->response_max, 3098);
    assert_int_equal(s->lateness_max, 0);
    assert_int_equal(s->period_ticks, PERIOD);
    assert_int_equal(s->deadline_ticks, PERIOD);
    assert_true(s->exit == RT_EXIT_SET);
}

static void delayed_once(void *argument) {
    u32 *count = argument;
    delay = *count == 4 ? 700 : 0; /* dispatch of job 5 */
    work(3000);
    if (++*count == 10) {
        rt_exit(0);
    }
}

static void delay_counts_in_the_response(void **state) {
    (void)state;
    run(delayed_once);
    assert_int_equal(rt_stats_page->lateness_max, 700);
    assert_int_equal(rt_stats_page->response_max, 3700);
}

static void late_start(void *argument) {
    u32 *count = argument;
    delay = 0;
    work(3000);
    if (++*count == 10) {
        rt_exit(0);
    }
}

static void a_late_first_dispatch_is_corrected(void **state) {
    (void)state;
    delay =
        900; /* of the first release only: the phase is then taken too late, and found at the second */
    run(late_start);
    assert_int_equal(rt_stats_page->activations, 10);
    assert_int_equal(rt_stats_page->skipped, 0);
    assert_int_equal((rt_release() - PHASE) % PERIOD, 0);
}

static void overrun_once(void *argument) {
    u32 *count = argument;
    work(*count == 3 ? BUDGET * 2 + 500 : 3000);
    if (++*count == 10) {
        rt_exit(0);
    }
}

/* Job 3 needs three refills: it misses its deadline, ends after two further releases, one of them skipped. */
static void overrun_misses_and_skips(void **state) {
    (void)state;
    run(overrun_once);
    assert_int_equal(rt_stats_page->response_max, 2 * PERIOD + 500);
    assert_int_equal(rt_stats_page->skipped, 1);
    assert_int_equal(rt_stats_page->misses, 2);
    assert_int_equal(rt_stats_page->activations, 10);
}

static void deadline_below_the_period(void **state) {
    (void)state;
    rt_deadline_us = 302; /* 3020 ticks: jobs 21..98 of steady() end later */
    run(steady);
    assert_int_equal(rt_stats_page->misses, 78);
}

static void never(void *argument) {
    (void)argument;
    fail();
}

static void full_budgets_are_refused(void **state) {
    (void)state;
    rt_budget_us = 5000;
    run(never);
    assert_int_equal(rt_stats_page->exit, RT_EXIT_SET | 2);
    assert_string_equal(said, "rt_periodic: needs a period, and a budget below it (budget 5000 us, "
                              "period 5000 us)");
}

static void sporadic_jobs_and_consumption(void **state) {
    (void)state;
    rt_deadline_us = 100;
    consumed_us = 1000; /* of start-up, not of a job */
    rt_measure_consumption();
    for (u32 i = 1; i <= 3; i++) {
        rt_job_begin(mock_time - 50);
        assert_int_equal(rt_release(), mock_time - 50);
        mock_time += i * 450;
        consumed_us = 40 + i;
        rt_job_end();
    }
    assert_int_equal(rt_stats_page->kind, RT_KIND_SPORADIC);
    assert_int_equal(rt_stats_page->completions, 3);
    assert_int_equal(rt_stats_page->misses, 1);
    assert_int_equal(rt_stats_page->response_max, 1400);
    assert_int_equal(rt_stats_page->lateness_max, 50);
    assert_int_equal(rt_stats_page->consumed_us, 126);
    assert_int_equal(rt_stats_page->consumed_max_us, 43);
}

static void gaps_in_sequence_numbers_count(void **state) {
    (void)state;
    rt_channel_take(5, 1);
    rt_channel_take(5, 2);
    rt_channel_take(5, 6);
    rt_channel_take(5, 7);
    rt_channel_take(RT_STATS_CHANNELS, 9);
    assert_int_equal(rt_stats_page->channel[5].coalesced, 3);
}

static void values_have_names(void **state) {
    (void)state;
    rt_value_set(7, "a name that is too long", -3);
    rt_value_set(RT_STATS_VALUES, "outside", 1);
    assert_string_equal(rt_stats_page->value[7].name, "a name that is ");
    assert_int_equal(rt_stats_page->value[7].value, -3);
    assert_true(rt_stats_check(rt_stats_page));
}

static void units(void **state) {
    (void)state;
    assert_int_equal(rt_ticks_from_us(1), 10);
    assert_int_equal(rt_ticks_from_us(3600000000ull), 36000000000ull);
    assert_int_equal(rt_us_from_ticks(19), 1);
    assert_int_equal(rt_us_from_ticks(36000000000ull), 3600000000ull);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(releases_are_periods_apart, begin),
        cmocka_unit_test_setup(delay_counts_in_the_response, begin),
        cmocka_unit_test_setup(a_late_first_dispatch_is_corrected, begin),
        cmocka_unit_test_setup(overrun_misses_and_skips, begin),
        cmocka_unit_test_setup(deadline_below_the_period, begin),
        cmocka_unit_test_setup(full_budgets_are_refused, begin),
        cmocka_unit_test_setup(sporadic_jobs_and_consumption, begin),
        cmocka_unit_test_setup(gaps_in_sequence_numbers_count, begin),
        cmocka_unit_test_setup(values_have_names, begin),
        cmocka_unit_test_setup(units, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
