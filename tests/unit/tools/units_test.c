// SPDX-License-Identifier: BSD-2-Clause
// Numbers with units: what is read, what is refused, and that showing a number and reading it again is nothing.
#include "tools/units.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_reads(void **state) {
    (void)state;
    u64 value;
    assert_int_equal(units_bytes("16MiB", &value), UNIT_OK);
    assert_int_equal(value, 16u << 20);
    assert_int_equal(units_bytes("0x1000", &value), UNIT_OK);
    assert_int_equal(value, 4096);
    assert_int_equal(units_bytes("3B", &value), UNIT_OK);
    assert_int_equal(value, 3);
    assert_int_equal(units_time_ns("400us", &value), UNIT_OK);
    assert_int_equal(value, 400000);
    assert_int_equal(units_time_ns("2s", &value), UNIT_OK);
    assert_int_equal(value, 2000000000);
    assert_int_equal(units_rate("1000/s", &value), UNIT_OK);
    assert_int_equal(value, 1000);
    assert_int_equal(units_integer("0xfF", &value), UNIT_OK);
    assert_int_equal(value, 255);
}

static void test_refuses(void **state) {
    (void)state;
    u64 value;
    assert_int_equal(units_bytes("64", &value), UNIT_MISSING);
    assert_int_equal(units_time_ns("0x10", &value), UNIT_MISSING);
    assert_int_equal(units_time_ns("5min", &value), UNIT_UNKNOWN);
    assert_int_equal(units_bytes("1.5KiB", &value), UNIT_UNKNOWN);
    assert_int_equal(units_bytes("KiB", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_bytes("", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_bytes("-1KiB", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_integer("0x", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_integer("12 ", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_integer("18446744073709551615", &value), UNIT_OK);
    assert_int_equal(units_integer("18446744073709551616", &value), UNIT_TOO_LARGE);
    assert_int_equal(units_bytes("17179869184GiB", &value), UNIT_TOO_LARGE);
}

static void test_reads_microkit(void **state) {
    (void)state;
    u64 value;
    assert_int_equal(units_plain("0x1_000", &value), UNIT_OK);
    assert_int_equal(value, 4096);
    assert_int_equal(units_plain("1_000", &value), UNIT_OK);
    assert_int_equal(value, 1000);
    assert_int_equal(units_plain("64KiB", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("_1", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("1_", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("1__0", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("0x_1", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("", &value), UNIT_NOT_A_NUMBER);
    assert_int_equal(units_plain("0000000000000000000000000000000001", &value), UNIT_TOO_LARGE);
}

static void test_shows_what_it_reads(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (u64 value = 1; value < 1ull << 60; value = value * 3 + 1) {
        u64 again;
        assert_int_equal(units_bytes(units_show_bytes(arena, value), &again), UNIT_OK);
        assert_int_equal(again, value);
        assert_int_equal(units_time_ns(units_show_time_ns(arena, value * 1000), &again), UNIT_OK);
        assert_int_equal(again, value * 1000);
    }
    assert_string_equal(units_show_bytes(arena, 16u << 20), "16MiB");
    assert_string_equal(units_show_bytes(arena, 0), "0B");
    assert_string_equal(units_show_time_ns(arena, 1500000), "1500us");
    arena_free(arena);
}

static void test_powers(void **state) {
    (void)state;
    assert_false(is_power_of_two(0));
    assert_true(is_power_of_two(1));
    assert_false(is_power_of_two(3));
    assert_int_equal(power_of_two_above(0), 1);
    assert_int_equal(power_of_two_above(4097), 8192);
    assert_int_equal(power_of_two_above(8192), 8192);
    assert_int_equal(log2_of(8192), 13);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),          cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_reads_microkit), cmocka_unit_test(test_shows_what_it_reads),
        cmocka_unit_test(test_powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
