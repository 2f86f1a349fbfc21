// SPDX-License-Identifier: BSD-2-Clause
/*
 * Statistics pages: the buckets partition all values, percentiles agree with a sorted list of the same
 * responses to within the bucket's width, deadlines are counted, damaged pages are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* The unit under test, included so that the test needs no library. */
#include "user/rt/stats.c"

static struct rt_stats page;

static void buckets_partition_the_values(void **state) {
    (void)state;
    u64 next = 0; /* the least value of the bucket */
    for (u32 b = 0; b + 1 < RT_STATS_BUCKETS; b++) {
        assert_int_equal(rt_bucket(next), b);
        assert_int_equal(rt_bucket(rt_bucket_top(b)), b);
        assert_true(rt_bucket_top(b) >= next);
        /* The promise of the header: at most one sixteenth too high. */
        assert_true((rt_bucket_top(b) - next) * 16 <= next);
        next = rt_bucket_top(b) + 1;
    }
    assert_int_equal(rt_bucket(next), RT_STATS_BUCKETS - 1);
    assert_int_equal(rt_bucket(~0ull), RT_STATS_BUCKETS - 1);
    assert_true(next < 1ull << 32 && next > 1ull << 31);
}

static int compare(const void *a, const void *b) {
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

static u64 next_random(u64 *seed) {
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

static void percentiles_agree_with_a_sorted_list(void **state) {
    (void)state;
    static u64 list[5000];
    static const u32 permilles[] = {0, 1, 250, 500, 900, 990, 999, 1000};
    for (u64 seed0 = 1; seed0 < 20; seed0++) {
        u64 seed = seed0;
        u32 count = 1 + (u32)(next_random(&seed) % ARRAY_LENGTH(list));
        memset(&page, 0, sizeof(page));
        rt_stats_begin(&page, "c", "n", 10000000);
        for (u32 i = 0; i < count; i++) {
            list[i] = next_random(&seed) >> (next_random(&seed) % 31);
            rt_stats_job(&page, 1000, 1000, 1000 + list[i]);
        }
        qsort(list, count, sizeof(list[0]), compare);
        for (u32 p = 0; p < ARRAY_LENGTH(permilles); p++) {
            u64 rank = max_u64(((u64)count * permilles[p] + 999) / 1000, 1);
            u64 truth = list[rank - 1];
            u64 said = rt_stats_percentile(&page, permilles[p]);
            assert_true(said >= truth);
            assert_true((said - truth) * 16 <= truth);
        }
        assert_int_equal(rt_stats_percentile(&page, 1000), list[count - 1]);
        assert_int_equal(page.response_max, list[count - 1]);
        assert_int_equal(page.completions, count);
    }
}

static void deadlines_and_lateness(void **state) {
    (void)state;
    memset(&page, 0, sizeof(page));
    rt_stats_begin(&page, "flight", "elevator", 10000000);
    page.deadline_ticks = 100;
    rt_stats_job(&page, 1000, 1010, 1100); /* just in time */
    rt_stats_job(&page, 2000, 2050, 2101); /* one tick late */
    rt_stats_job(&page, 3001, 3000, 3000); /* a clock that is one tick off must not wrap */
    assert_int_equal(page.misses, 1);
    assert_int_equal(page.lateness_max, 50);
    assert_int_equal(page.response_max, 101);
    assert_int_equal(page.response_sum, 201);
    page.deadline_ticks = 0;
    rt_stats_job(&page, 0, 0, 1u << 30);
    assert_int_equal(page.misses, 1);
}

static void empty_page_has_no_percentile(void **state) {
    (void)state;
    memset(&page, 0, sizeof(page));
    rt_stats_begin(&page, "c", "n", 1);
    assert_int_equal(rt_stats_percentile(&page, 500), 0);
}

static void restart_keeps_counters(void **state) {
    (void)state;
    memset(&page, 0x5a, sizeof(page));
    rt_stats_begin(&page, "storm", "first", 10000000);
    assert_int_equal(page.faults, 0);
    page.faults = 3;
    page.exit = RT_EXIT_SET | 1;
    rt_stats_begin(&page, "storm",
                   "a name that is longer than sixty-three bytes can ever be in a page of ours",
                   10000000);
    assert_int_equal(page.faults, 3);
    assert_int_equal(page.exit, 0);
    assert_int_equal(strlen(page.name), sizeof(page.name) - 1);
    assert_true(rt_stats_check(&page));
}

static void damaged_pages_are_refused(void **state) {
    (void)state;
    struct rt_stats *s = &page;
    memset(s, 0, sizeof(*s));
    assert_false(rt_stats_check(s));
    rt_stats_begin(s, "c", "n", 10000000);
    assert_true(rt_stats_check(s));
    struct rt_stats good = *s;
    s->version++;
    assert_false(rt_stats_check(s));
    *s = good;
    s->kind = 3;
    assert_false(rt_stats_check(s));
    *s = good;
    s->timebase_hz = 0;
    assert_false(rt_stats_check(s));
    *s = good;
    memset(s->name, 'n', sizeof(s->name));
    assert_false(rt_stats_check(s));
    *s = good;
    memset(s->core, 'c', sizeof(s->core));
    assert_false(rt_stats_check(s));
    *s = good;
    memset(s->value[RT_STATS_VALUES - 1].name, 'v', RT_VALUE_NAME);
    assert_false(rt_stats_check(s));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_partition_the_values),
        cmocka_unit_test(percentiles_agree_with_a_sorted_list),
        cmocka_unit_test(deadlines_and_lateness),
        cmocka_unit_test(empty_page_has_no_percentile),
        cmocka_unit_test(restart_keeps_counters),
        cmocka_unit_test(damaged_pages_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
