// SPDX-License-Identifier: BSD-2-Clause
// The report of a run: only whole reports count, and the table says what the lines said.
#define _POSIX_C_SOURCE 200809L // open_memstream
#include "tools/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *printed(const struct report *report) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    report_print(report, out);
    fclose(out);
    return text;
}

static void assert_prints(const struct report *report, const char *words, bool does) {
    char *text = printed(report);
    assert_int_equal(strstr(text, words) != NULL, does);
    free(text);
}

static void test_lines(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = ARENA_NEW(arena, struct system);
    struct report *report = report_new(arena, system);
    assert_int_equal(report_take(report, "[core pd] @skerry exit 3"), REPORT_UNKNOWN);
    assert_prints(report, "no report", true);
    assert_int_equal(report_take(report, "@skerry report begin"), REPORT_TAKEN);
    report_take(report, "@skerry pd core=c name=p activations=17 misses=2 exhaustions=3 faults=4");
    report_take(
        report,
        "@skerry response core=c name=p p50_ns=950 p90_ns=1650 p99_ns=16700 max_ns=5000000 deadline_ns=0");
    assert_prints(report, "no report", true);
    assert_int_equal(report_take(report, "@skerry report end"), REPORT_COMPLETE);
    assert_int_equal(report_count(report), 1);
    assert_prints(
        report,
        "c p                               17       2         3       4     950ns     1.6us", true);
    assert_prints(report, "5.00ms         -", true);
    // A second one that never ends changes nothing.
    report_take(report, "@skerry report begin");
    report_take(report,
                "@skerry pd core=c name=other activations=1 misses=0 exhaustions=0 faults=0");
    assert_prints(report, "other", false);
    assert_int_equal(report_take(report, "@skerry exit 3"), REPORT_EXIT);
    assert_int_equal(report_status(report), 3);
    arena_free(arena);
}

// A chain's row is its last task's, if that one's release came with the data.
static void test_chains(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = ARENA_NEW(arena, struct system);
    struct domain domains[] = {{.name = "first"}, {.name = "last"}};
    struct task tasks[] = {{.domain = &domains[0]}, {.domain = &domains[1]}};
    struct task *order[] = {&tasks[0], &tasks[1]}, *clocked[] = {&tasks[1], &tasks[0]};
    struct chain chains[] = {
        {.name = "good", .tasks = order, .task_count = 2, .deadline_ns = 5000000},
        {.name = "tight", .tasks = order, .task_count = 2, .deadline_ns = 4999999},
        {.name = "clocked", .tasks = clocked, .task_count = 2, .deadline_ns = 5000000},
        {.name = "nothing", .deadline_ns = 5000000}};
    system->chains = chains;
    system->chain_count = ARRAY_LENGTH(chains);
    struct report *report = report_new(arena, system);
    report_take(report, "@skerry report begin");
    report_take(report, "@skerry pd core=c name=first kind=periodic completions=9");
    report_take(report, "@skerry response core=c name=first max_ns=1");
    report_take(report, "@skerry pd core=c name=last kind=sporadic completions=7");
    report_take(
        report,
        "@skerry response core=c name=last p50_ns=950 p90_ns=1650 p99_ns=16700 max_ns=5000000");
    report_take(report, "@skerry report end");
    assert_prints(report,
                  "good                             7     950ns     1.6us    16.7us    5.00ms    "
                  "5.00ms met\n",
                  true);
    assert_prints(report, "    4.99ms MISSED\n", true);
    assert_prints(report,
                  "clocked                          0         -         -         -         -    "
                  "5.00ms not measured\n",
                  true);
    assert_prints(report, "nothing                          0         -", true);
    arena_free(arena);
}

static void test_nonsense(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = ARENA_NEW(arena, struct system);
    struct report *report = report_new(arena, system);
    assert_int_equal(report_take(report, "@skerry "), REPORT_UNKNOWN);
    assert_int_equal(report_take(report, "@skerry pd"), REPORT_UNKNOWN);
    report_take(report, "@skerry report begin");
    report_take(report, "@skerry pd =");
    report_take(report, "@skerry value key= value=");
    for (unsigned i = 0; i < 2000; i++) {
        report_take(report, "@skerry pd core=c name=p");
    }
    report_take(report, "@skerry report end");
    free(printed(report));
    arena_free(arena);
}

static void take_domain(struct report *report, const char *name, unsigned misses, unsigned max_ns) {
    char line[256];
    snprintf(line, sizeof(line), "@skerry pd core=c name=%s activations=9 misses=%u", name, misses);
    report_take(report, line);
    snprintf(line, sizeof(line), "@skerry response core=c name=%s max_ns=%u deadline_ns=10000000",
             name, max_ns);
    report_take(report, line);
}

static void test_summary(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena, ARENA_NEW(arena, struct system));
    assert_string_equal(report_summary(report), "");
    report_take(report, "@skerry report begin");
    take_domain(report, "calm", 0, 1000);
    take_domain(report, "near", 0, 9000000);
    assert_string_equal(report_summary(report), ""); // not before the report is whole
    report_take(report, "@skerry report end");
    assert_string_equal(report_summary(report),
                        ", worst response near 9.00ms of 10.00ms, misses: none");
    report_take(report, "@skerry report begin");
    take_domain(report, "calm", 0, 1000);
    take_domain(report, "late", 3, 30000000);
    take_domain(report, "later", 5, 50000000);
    report_take(report, "@skerry report end");
    assert_string_equal(report_summary(report),
                        ", worst response calm 1.0us of 10.00ms, misses: late 3, later 5");
    arena_free(arena);
}

static void test_times(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(report_time(arena, 0), "0ns");
    assert_string_equal(report_time(arena, 999), "999ns");
    assert_string_equal(report_time(arena, 1000), "1.0us");
    assert_string_equal(report_time(arena, 999999), "999.9us");
    assert_string_equal(report_time(arena, 20030000), "20.03ms");
    assert_string_equal(report_time(arena, 61000000000), "61.00s");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),    cmocka_unit_test(test_chains),
        cmocka_unit_test(test_nonsense), cmocka_unit_test(test_summary),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
