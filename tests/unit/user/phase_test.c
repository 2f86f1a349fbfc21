// SPDX-License-Identifier: BSD-2-Clause
/*
 * Periodic release: a small model of a kernel that refills every PERIOD ticks from an unknown phase, delays
 * dispatch by up to a bound and sometimes hands out a piece of a split refill early. Whatever it does, the
 * release instants that user/rt/phase.h derives are periods apart, never before the true one, and never
 * later than the least delay seen so far.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/rt/phase.h"

#define PERIOD 1000ull

static void early_pieces_are_not_releases(void **state) {
    (void)state;
    assert_true(phase_early(4000, 5000, PERIOD));
    assert_true(phase_early(4499, 5000, PERIOD));
    assert_false(phase_early(4500, 5000, PERIOD));
    assert_false(phase_early(5000, 5000, PERIOD));
    assert_false(phase_early(9000, 5000, PERIOD));
}

static void lateness_skips_whole_periods(void **state) {
    (void)state;
    assert_int_equal(phase_skipped(4999, 5000, PERIOD), 0);
    assert_int_equal(phase_skipped(5999, 5000, PERIOD), 0);
    assert_int_equal(phase_skipped(6000, 5000, PERIOD), 1);
    assert_int_equal(phase_release(6000, 5000, PERIOD), 6000);
    assert_int_equal(phase_release(8500, 5000, PERIOD), 8000);
    assert_int_equal(phase_release(5400, 5000, PERIOD), 5000);
    assert_int_equal(phase_release(4900, 5000, PERIOD), 4900);
}

/* A repeatable stream of small numbers. */
static u64 next_random(u64 *seed) {
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

static void releases_follow_the_refills(void **state) {
    (void)state;
    for (u64 seed0 = 1; seed0 <= 200; seed0++) {
        u64 seed = seed0;
        u64 least = next_random(&seed) % 400;
        u64 release = 70000 + least; /* the true phase is 70000 */
        for (u64 k = 1; k < 300; k++) {
            u64 expected = release + PERIOD;
            u64 truth = 70000 + k * PERIOD;
            u64 piece = truth - PERIOD + 600 + next_random(&seed) % 300 - 300;
            u64 delay = next_random(&seed) % 400;
            u64 now = truth + delay;
            if (next_random(&seed) % 8 == 0 && expected - piece > PERIOD / 2) {
                assert_true(phase_early(piece, expected, PERIOD));
            }
            assert_false(phase_early(now, expected, PERIOD));
            release = phase_release(now, expected, PERIOD);
            least = min_u64(least, delay);
            assert_true(release >= truth);
            assert_int_equal(release - truth, least);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_pieces_are_not_releases),
        cmocka_unit_test(lateness_skips_whole_periods),
        cmocka_unit_test(releases_follow_the_refills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
