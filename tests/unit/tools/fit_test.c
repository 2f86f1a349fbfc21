// SPDX-License-Identifier: BSD-2-Clause
// Objects in a partition's memory: alignment counts, order counts, and a sum of bytes does not tell.
#include "tools/fit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool fits(u64 base, u64 size, unsigned count, u8 *bits) {
    return fit_objects((struct range){base, size}, &(struct object_list){bits, count});
}

static void test_nothing_always_fits(void **state) {
    (void)state;
    assert_true(fits(0x80000000, 0, 0, NULL));
    assert_true(fits(0x80001000, 4096, 0, NULL));
}

static void test_all_of_it(void **state) {
    (void)state;
    u8 pages[4] = {12, 12, 12, 12};
    assert_true(fits(0x80000000, 4 * 4096, 4, pages));
    assert_false(fits(0x80000000, 3 * 4096, 4, pages));
    assert_false(fits(0x80000000, 0, 1, pages));
}

static void test_large_pages_want_alignment(void **state) {
    (void)state;
    u8 large[2] = {21, 21};
    assert_true(fits(0x80200000, MIB(4), 2, large));
    assert_true(fits(0x80100000, MIB(5), 2, large));
    // 4 MiB as well, but only one of its 2 MiB blocks is whole.
    assert_true(fits(0x80100000, MIB(4), 1, large));
    assert_false(fits(0x80100000, MIB(4), 2, large));
}

// Small objects go where alignment wastes nothing and least is left, so a large one after them still fits.
static void test_small_ones_leave_the_large_one_room(void **state) {
    (void)state;
    u8 mixed[3] = {12, 5, 21};
    assert_true(fits(0x801fe000, MIB(2) + 0x2000, 3, mixed));
    assert_false(fits(0x80200000, MIB(2), 3, mixed));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_always_fits),
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_large_pages_want_alignment),
        cmocka_unit_test(test_small_ones_leave_the_large_one_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
