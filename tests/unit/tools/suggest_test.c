// SPDX-License-Identifier: BSD-2-Clause
// Did-you-mean: slips of the finger are recognised, other words are not guessed at.
#include "tools/suggest.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *nearest(const char *word) {
    static const char *const WORDS[] = {"budget", "period", "priority", "perms", "map", "irq", "a"};
    struct suggestion suggestion = suggest_begin(word);
    for (unsigned i = 0; i < ARRAY_LENGTH(WORDS); i++) {
        suggest_offer(&suggestion, WORDS[i]);
    }
    return suggestion.nearest;
}

static void test_slips(void **state) {
    (void)state;
    assert_string_equal(nearest("budgte"), "budget"); // neighbours swapped
    assert_string_equal(nearest("priorty"), "priority");
    assert_string_equal(nearest("prems"), "perms");
    assert_string_equal(nearest("irqs"), "irq");
    assert_string_equal(nearest("periods"), "period");
}

static void test_no_guess(void **state) {
    (void)state;
    assert_null(nearest("colour"));
    assert_null(nearest("b")); // not "a": every one-letter word is one letter away
    assert_null(nearest(""));
    assert_null(
        nearest("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips),
        cmocka_unit_test(test_no_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
