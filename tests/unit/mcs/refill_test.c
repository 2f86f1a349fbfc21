// SPDX-License-Identifier: BSD-2-Clause
/*
 * The two budget laws (mcs/refill.h), over random loads: a context is asked for time at random instants, runs
 * for random stints that end at the latest one overrun after its head refill is used up, and every tick it ran is
 * recorded. Then the laws are checked on the record alone, which knows nothing of refills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mcs/refill.h"

#define HORIZON    20000
#define OVERRUN    3
#define MIN_BUDGET 4

static union {
    struct sched_context sc;
    u8 bytes[96 + 16 * 16];
} object;

static u8 ran[HORIZON + 64]; /* ran[t] = 1: the context ran in tick t */

static u64 next_random(u64 *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

/* Run until `end` or until the timer stops it; returns the time then. */
static ticks_t stint(struct sched_context *sc, ticks_t now, ticks_t wanted, u64 *random) {
    ticks_t left = refill_head(sc)->amount;
    /* The timer interrupt comes when the head refill is used up, and may be late. */
    ticks_t most = left + next_random(random) % (OVERRUN + 1);
    ticks_t used = min_u64(wanted, most);

    memset(&ran[now], 1, used);
    refill_merge_due(sc, now + used);
    (void)refill_charge(sc, used, now, MIN_BUDGET);
    return now + used;
}

static void check_invariants(struct sched_context *sc) {
    assert_true(sc->refill_count >= 1 && sc->refill_count <= sc->refill_max);
    assert_int_equal(refill_sum(sc), sc->budget);
    assert_true(sc->refill_count == 1 || refill_head(sc)->amount >= MIN_BUDGET);
    for (unsigned i = 1; i < sc->refill_count; i++) {
        struct refill *a = &sc->refill[(sc->refill_head + i - 1u) % sc->refill_max];
        struct refill *b = &sc->refill[(sc->refill_head + i) % sc->refill_max];

        assert_true(a->time <= b->time);
    }
}

/* One random life of a context; fills in ran[]. */
static void live(u64 seed, unsigned max, ticks_t budget, ticks_t period, u16 flags, bool yields) {
    struct sched_context *sc = &object.sc;
    u64 random = seed;
    ticks_t now = 0;

    memset(ran, 0, sizeof ran);
    memset(&object, 0, sizeof object);
    refill_new(sc, max, budget, period, flags, 0);
    while (now < HORIZON - 2 * budget - 64) {
        /* Idle, blocked, or kept off the core by others. */
        now += next_random(&random) % 4 == 0 ? next_random(&random) % (3 * period)
                                             : next_random(&random) % 4;
        if (now >= HORIZON - 2 * budget - 64) {
            break;
        }
        if (!refill_is_ready(sc, now)) {
            continue;
        }
        refill_merge_due(sc, now);
        now = stint(sc, now, 1 + next_random(&random) % (2 * budget), &random);
        check_invariants(sc);
        if (yields && next_random(&random) % 8 == 0 && refill_is_ready(sc, now)) {
            refill_yield(sc, now, MIN_BUDGET);
            check_invariants(sc);
        }
    }
}

static void check_window_law(ticks_t budget, ticks_t period) {
    u64 sum = 0;

    for (ticks_t t = 0; t < HORIZON; t++) {
        sum += ran[t];
        if (t >= period) {
            sum -= ran[t - period];
        }
        assert_true(sum <= budget + OVERRUN);
    }
}

static void check_bandwidth_law(ticks_t budget, ticks_t period) {
    u64 sum = 0;

    for (ticks_t t = 0; t < HORIZON; t++) {
        sum += ran[t];
        assert_true(sum <= budget * (t / period + 1) + OVERRUN);
    }
}

static void sporadic_law(void **state) {
    (void)state;
    for (u64 seed = 1; seed <= 2000; seed++) {
        ticks_t budget = MIN_BUDGET + seed % 37;
        ticks_t period = budget + 1 + seed % 91;

        live(seed, 2 + seed % 9, budget, period, SC_SPORADIC, seed % 2);
        check_window_law(budget, period);
    }
}

static void constant_bandwidth_law(void **state) {
    (void)state;
    for (u64 seed = 1; seed <= 2000; seed++) {
        ticks_t budget = MIN_BUDGET + seed % 37;
        ticks_t period = budget + 1 + seed % 91;

        live(seed, 2 + seed % 9, budget, period, 0, seed % 2);
        check_bandwidth_law(budget, period);
    }
}

/* The laws can fail: a context that is refilled a tick early breaks the first one. */
static void law_can_fail(void **state) {
    (void)state;
    memset(ran, 0, sizeof ran);
    memset(&ran[100], 1, 10 + OVERRUN + 1);
    u64 sum = 0;
    for (ticks_t t = 100; t < 120; t++) {
        sum += ran[t];
    }
    assert_true(sum > 10 + OVERRUN);
}

/* A busy context gets all of its budget, period after period: the bound is not met by starving it. */
static void full_use(void **state) {
    (void)state;
    for (unsigned flags = 0; flags <= SC_SPORADIC; flags++) {
        struct sched_context *sc = &object.sc;
        u64 used = 0;

        memset(&object, 0, sizeof object);
        refill_new(sc, 4, 20, 100, (u16)flags, 0);
        for (ticks_t now = 0; now < 10000; now++) {
            if (refill_is_ready(sc, now)) {
                (void)refill_charge(sc, 1, now, 1);
                used++;
            }
        }
        assert_true(used >= 20 * 95);
        assert_true(used <= 20 * 101);
    }
}

/* Yield in a periodic loop releases the thread once a period, without drift, at its nominal times. */
static void yield_is_periodic(void **state) {
    (void)state;
    struct sched_context *sc = &object.sc;

    memset(&object, 0, sizeof object);
    refill_new(sc, 4, 40, 100, 0, 0);
    for (ticks_t release = 0; release < 5000; release += 100) {
        assert_int_equal(refill_head(sc)->time, release);
        (void)refill_charge(sc, 7, release + 3, MIN_BUDGET);
        refill_yield(sc, release + 10, MIN_BUDGET);
        assert_int_equal(refill_sum(sc), 40);
    }
}

static void update_keeps_use(void **state) {
    (void)state;
    struct sched_context *sc = &object.sc;

    memset(&object, 0, sizeof object);
    refill_new(sc, 4, 40, 100, SC_SPORADIC, 0);
    (void)refill_charge(sc, 30, 0, MIN_BUDGET);
    refill_update(sc, 4, 40, 100, SC_SPORADIC, 30, MIN_BUDGET);
    assert_int_equal(refill_head(sc)->amount, 10);
    assert_int_equal(refill_sum(sc), 40);
    refill_update(sc, 2, 5, 50, SC_SPORADIC, 30, MIN_BUDGET);
    assert_int_equal(refill_sum(sc), 5);
}

/* A slice that is charged in two parts ends after its budget, sporadic or not: what is used does not come back early. */
static void round_robin_slice_ends(void **state) {
    (void)state;
    struct sched_context *sc = &object.sc;

    memset(&object, 0, sizeof object);
    refill_new(sc, 2, 100, 0, SC_SPORADIC, 0);
    for (ticks_t now = 0; now < 80; now += 40) {
        refill_merge_due(sc, now + 40);
        assert_int_equal(refill_charge(sc, 40, now, MIN_BUDGET), REFILL_LEFT);
    }
    refill_merge_due(sc, 100);
    assert_int_equal(refill_charge(sc, 20, 80, MIN_BUDGET), REFILL_EXHAUSTED);
    check_invariants(sc);
}

/* The short way of charging (refill_covers) is the long one, wherever it may be taken. */
static void covered_charge_is_the_same(void **state) {
    (void)state;
    u64 random = 1;
    unsigned covered = 0;

    for (unsigned life = 0; life < 2000; life++) {
        struct sched_context *sc = &object.sc;
        ticks_t period = life % 3 == 0 ? 0 : 400;
        ticks_t now = 0;

        memset(&object, 0, sizeof object);
        refill_new(sc, 2 + (unsigned)(next_random(&random) % 4), 100, period,
                   life % 2 ? SC_SPORADIC : 0, now);
        for (unsigned step = 0; step < 40; step++) {
            ticks_t used = 1 + next_random(&random) % 30;

            now = max_u64(now, refill_head(sc)->time) + next_random(&random) % 100;
            if (refill_covers(sc, used, now + used, MIN_BUDGET)) {
                u8 before[sizeof object];

                memcpy(before, &object, sizeof object);
                refill_charge_covered(sc, used, now);
                u8 after[sizeof object];
                memcpy(after, &object, sizeof object);
                memcpy(&object, before, sizeof object);
                refill_merge_due(sc, now + used);
                assert_int_equal(refill_charge(sc, used, now, MIN_BUDGET), REFILL_LEFT);
                assert_memory_equal(after, &object, sizeof object);
                covered++;
            } else {
                refill_merge_due(sc, now + used);
                (void)refill_charge(sc, used, now, MIN_BUDGET);
            }
            now += used;
        }
    }
    assert_true(covered > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sporadic_law),           cmocka_unit_test(constant_bandwidth_law),
        cmocka_unit_test(law_can_fail),           cmocka_unit_test(full_use),
        cmocka_unit_test(yield_is_periodic),      cmocka_unit_test(update_keeps_use),
        cmocka_unit_test(round_robin_slice_ends), cmocka_unit_test(covered_charge_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
