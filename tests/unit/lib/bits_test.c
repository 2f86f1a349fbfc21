// SPDX-License-Identifier: BSD-2-Clause
/* Lowest and highest set bit, against counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/bits.h"

static unsigned lowest_by_counting(u64 word) {
    unsigned bit = 0;

    for (; (word >> bit & 1) == 0; bit++) {
    }
    return bit;
}

static unsigned highest_by_counting(u64 word) {
    unsigned bit = 63;

    for (; (word >> bit & 1) == 0; bit--) {
    }
    return bit;
}

static void check(u64 word) {
    assert_int_equal(lowest_bit(word), lowest_by_counting(word));
    assert_int_equal(highest_bit(word), highest_by_counting(word));
}

/* All words of one or two bits: every entry of the table, and every step of the halving. */
static void words_of_two_bits(void **state) {
    (void)state;
    for (unsigned a = 0; a < 64; a++) {
        for (unsigned b = 0; b < 64; b++) {
            check(BIT(a) | BIT(b));
        }
    }
}

static void random_words(void **state) {
    (void)state;
    u64 random = 1;

    for (unsigned i = 0; i < 100000; i++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        check((random | 1) << (random >> 58));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_two_bits),
        cmocka_unit_test(random_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
