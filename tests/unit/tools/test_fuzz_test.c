// SPDX-License-Identifier: BSD-2-Clause
// Tests tools/test_fuzz.c: what fuzzers say of themselves, and that a silent one is no good one.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "tools/test_fuzz.h"

static bool read_text(bool (*read)(FILE *, struct fuzz_counts *), const char *text,
                      struct fuzz_counts *counts) {
    FILE *file = fmemopen((char *)text, strlen(text), "r");
    assert_non_null(file);
    bool complete = read(file, counts);
    fclose(file);
    return complete;
}

static void libfuzzer_without_finding(void **state) {
    (void)state;
    struct fuzz_counts counts;
    assert_true(read_text(fuzz_read_libfuzzer,
                          "#2\tINITED cov: 52\n"
                          "artifact_prefix='f/'; Test unit written to f/slow-unit-01\n"
                          "Done 28457 runs in 26 second(s)\n"
                          "stat::number_of_executed_units: 28457\n"
                          "stat::average_exec_per_sec:     1094\n"
                          "stat::new_units_added:          436\n",
                          &counts));
    assert_int_equal(counts.executions, 28457);
    assert_int_equal(counts.new_inputs, 436);
    assert_int_equal(counts.findings, 0);
}

static void libfuzzer_with_finding(void **state) {
    (void)state;
    struct fuzz_counts counts;
    assert_true(read_text(fuzz_read_libfuzzer,
                          "==1==ERROR: AddressSanitizer: heap-buffer-overflow\n"
                          "artifact_prefix='f/'; Test unit written to f/crash-da39a3\n"
                          "Base64: AA==\n"
                          "stat::number_of_executed_units: 7\n"
                          "stat::new_units_added:          1\n",
                          &counts));
    assert_int_equal(counts.findings, 1);
    assert_string_equal(counts.finding, "f/crash-da39a3");
}

static void libfuzzer_that_ended_early(void **state) {
    (void)state;
    struct fuzz_counts counts;
    assert_false(read_text(fuzz_read_libfuzzer, "INFO: Seed: 1\n#2\tINITED cov: 52\n", &counts));
    // A crash of the fuzzer itself may leave an input, but no statistics.
    assert_false(read_text(fuzz_read_libfuzzer, "Test unit written to f/crash-1\n", &counts));
    assert_int_equal(counts.findings, 1);
}

static void afl_statistics(void **state) {
    (void)state;
    struct fuzz_counts counts;
    assert_true(read_text(fuzz_read_afl,
                          "start_time        : 1796026466\n"
                          "execs_done        : 34980\n"
                          "execs_per_sec     : 2330.60\n"
                          "corpus_found      : 82\n"
                          "saved_crashes     : 2\n"
                          "saved_hangs       : 1\n",
                          &counts));
    assert_int_equal(counts.executions, 34980);
    assert_int_equal(counts.new_inputs, 82);
    assert_int_equal(counts.findings, 3);
    assert_false(read_text(fuzz_read_afl, "start_time        : 1796026466\n", &counts));
}

static void times(void **state) {
    (void)state;
    static const char *const WRONG[] = {"",   "1",     "h",   "0s",         "-1s",
                                        "1d", "1h30m", "1 h", "9999999999h"};
    u64 seconds = 0;
    assert_true(fuzz_parse_time("90s", &seconds));
    assert_int_equal(seconds, 90);
    assert_true(fuzz_parse_time("10m", &seconds));
    assert_int_equal(seconds, 600);
    assert_true(fuzz_parse_time("1h", &seconds));
    assert_int_equal(seconds, 3600);
    for (unsigned i = 0; i < ARRAY_LENGTH(WRONG); i++) {
        assert_false(fuzz_parse_time(WRONG[i], &seconds));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libfuzzer_without_finding),
        cmocka_unit_test(libfuzzer_with_finding),
        cmocka_unit_test(libfuzzer_that_ended_early),
        cmocka_unit_test(afl_statistics),
        cmocka_unit_test(times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
