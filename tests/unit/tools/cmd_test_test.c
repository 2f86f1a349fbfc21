// SPDX-License-Identifier: BSD-2-Clause
// Tests tools/cmd_test.c: what it counts, and above all what it must not miss.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "tools/cmd_test.h"

static struct test_counts counts_of(const char *tap, bool expect_tap) {
    struct test_counts counts = {0};
    assert_int_equal(test_count_tap(tap, &counts), expect_tap);
    return counts;
}

static void assert_counts(struct test_counts counts, unsigned passed, unsigned failed,
                          unsigned skipped) {
    assert_int_equal(counts.passed, passed);
    assert_int_equal(counts.failed, failed);
    assert_int_equal(counts.skipped, skipped);
}

static void tap_counts_points(void **state) {
    (void)state;
    assert_counts(counts_of("1..3\nok 1 - a\nnot ok 2 - b\nok 3\n", true), 2, 1, 0);
    assert_counts(counts_of("ok 1\nok 2\n1..2", true), 2, 0, 0);
    assert_counts(counts_of("1..1\n# ok 1 is not a point\nokay\nok 1 - a # nothing\n", true), 1, 0,
                  0);
}

static void tap_counts_directives_and_bail_out(void **state) {
    (void)state;
    assert_counts(counts_of("1..3\nok 1 # SKIP no QEMU\nok 2 #skip\nnot ok 3 # TODO\n", true), 0, 0,
                  3);
    assert_counts(counts_of("1..2\nok 1\nBail out! no arena\n", true), 1, 1, 0);
}

static void text_without_a_plan_is_no_tap(void **state) {
    (void)state;
    assert_counts(counts_of("ok 1\nok 2\n", false), 0, 0, 0);
    assert_counts(counts_of("", false), 0, 0, 0);
}

static void progress_lines_are_recognised(void **state) {
    (void)state;
    unsigned done = 0;
    unsigned all = 0;
    const char *rest = NULL;
    assert_true(test_split_progress(" 3/40 skerry:unit / mcs-refill OK 0.01s", &done, &all, &rest));
    assert_int_equal(done, 3);
    assert_int_equal(all, 40);
    assert_string_equal(rest, "skerry:unit / mcs-refill OK 0.01s");
    assert_true(test_split_progress("[12/40] Compiling x", &done, &all, &rest));
    assert_int_equal(done, 12);
    assert_string_equal(rest, "Compiling x");
    assert_false(test_split_progress("Ok: 3", &done, &all, &rest));
    assert_false(test_split_progress("", &done, &all, &rest));
}

// Reads `log` as a log file; the report comes back in `*report`, which the caller frees.
static bool read_log(char *log, struct test_counts *counts, char **report) {
    size_t size;
    FILE *in = fmemopen(log, strlen(log), "r");
    FILE *out = open_memstream(report, &size);
    assert_non_null(in);
    assert_non_null(out);
    bool good = test_read_log(in, "host", out, counts);
    fclose(in);
    fclose(out);
    return good;
}

static void log_adds_up(void **state) {
    (void)state;
    char log[] =
        "{\"name\": \"skerry:unit / a\", \"stdout\": \"1..2\\nok 1\\nok 2\\n\", \"result\": \"OK\"}\n"
        "{\"name\": \"skerry:unit / b\", \"stdout\": \"\", \"result\": \"OK\"}\n"
        "{\"name\": \"skerry:unit / c\", \"stdout\": \"\", \"result\": \"SKIP\"}\n";
    struct test_counts counts = {0};
    char *report = NULL;
    assert_true(read_log(log, &counts, &report));
    assert_counts(counts, 3, 0, 1);
    assert_string_equal(report, "");
    free(report);
}

// A test that crashed after points that passed, timed out, or exited badly must show as a failure.
static void failures_without_failed_points_count(void **state) {
    (void)state;
    static const char *const results[] = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT",
                                          "UNEXPECTEDPASS"};
    for (size_t i = 0; i < ARRAY_LENGTH(results); i++) {
        char log[256];
        snprintf(
            log, sizeof(log),
            "{\"name\": \"skerry:unit / a\", \"stdout\": \"1..2\\nok 1\\n\", \"result\": \"%s\", "
            "\"returncode\": -11}\n",
            results[i]);
        struct test_counts counts = {0};
        char *report = NULL;
        assert_true(read_log(log, &counts, &report));
        assert_counts(counts, 1, 1, 0);
        assert_non_null(strstr(report, "FAILED host: a"));
        free(report);
    }
}

static void failure_report_has_the_output(void **state) {
    (void)state;
    char log[] =
        "{\"name\": \"skerry:unit / a\", \"stdout\": \"1..2\\nok 1 - fine\\nnot ok 2 - broken\\n\", "
        "\"stderr\": \"left 3, right 4\", \"result\": \"FAIL\", \"returncode\": 1}\n";
    struct test_counts counts = {0};
    char *report = NULL;
    assert_true(read_log(log, &counts, &report));
    assert_counts(counts, 1, 1, 0);
    assert_non_null(strstr(report, "not ok 2 - broken"));
    assert_non_null(strstr(report, "left 3, right 4"));
    assert_null(strstr(report, "ok 1 - fine"));
    free(report);
}

static void damaged_log_is_refused(void **state) {
    (void)state;
    static const char *const logs[] = {"not json\n", "[]\n", "{\"name\": \"a\"}\n",
                                       "{\"result\": \"OK\"}\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(logs); i++) {
        char log[64];
        snprintf(log, sizeof(log), "%s", logs[i]);
        struct test_counts counts = {0};
        char *report = NULL;
        assert_false(read_log(log, &counts, &report));
        free(report);
    }
}

// Words behind `skerry test`, NULL at the end.
static void assert_refused(const char *const words[]) {
    char text[8][16] = {"test"};
    char *argv[9] = {text[0]};
    int argc = 1;
    for (; words[argc - 1]; argc++) {
        strcpy(text[argc], words[argc - 1]);
        argv[argc] = text[argc];
    }
    assert_int_equal(cmd_test(argc, argv), 2);
}

static void wrong_commands_are_refused(void **state) {
    (void)state;
    assert_refused((const char *const[]){"--fast", NULL});
    assert_refused((const char *const[]){"--quick", "unit", NULL});
    assert_refused((const char *const[]){"--time", "1h", NULL});
    assert_refused((const char *const[]){"unit", "--time", "1h", NULL});
    assert_refused((const char *const[]){"fuzz", "--time", "soon", NULL});
    assert_refused((const char *const[]){"fuzz", "--jobs", "2", NULL});
    assert_refused((const char *const[]){"fuzz", "--time", "1h", "--jobs", "0", NULL});
    assert_refused((const char *const[]){"fuzz", "--time", "1h", "--engine", "none", NULL});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tap_counts_points),
        cmocka_unit_test(tap_counts_directives_and_bail_out),
        cmocka_unit_test(text_without_a_plan_is_no_tap),
        cmocka_unit_test(progress_lines_are_recognised),
        cmocka_unit_test(log_adds_up),
        cmocka_unit_test(failures_without_failed_points_count),
        cmocka_unit_test(failure_report_has_the_output),
        cmocka_unit_test(damaged_log_is_refused),
        cmocka_unit_test(wrong_commands_are_refused),
    };
    return cmocka_run_group_tests_name("cmd_test", tests, NULL, NULL);
}
