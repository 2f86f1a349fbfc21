// SPDX-License-Identifier: BSD-2-Clause
// When a silent core is dead: not as long as a busy host gives the emulator no time.
#include "tools/run.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/follow.h"

#define SECOND 1000000000ull

static const struct run_instant heard = {.host_ns = 1000 * SECOND, .processor_ns = 7 * SECOND};

static bool silent_after(u64 host_s, u64 processor_s) {
    return run_is_silent(heard, (struct run_instant){heard.host_ns + host_s * SECOND,
                                                     heard.processor_ns + processor_s * SECOND});
}

static void starved_emulator_is_not_dead(void **state) {
    (void)state;
    assert_false(silent_after(0, 0));
    assert_false(silent_after(599, 1)); // on a machine with a hundred others
    assert_false(silent_after(60, 60));
}

static void core_that_runs_and_says_nothing_is_dead(void **state) {
    (void)state;
    assert_true(silent_after(61, 61));
    assert_true(silent_after(400, 61));
    assert_true(silent_after(601, 0)); // all its harts sleep for ever
}

// follow_processor_ns() says 0 for an emulator that has ended: the end is seen otherwise.
static void ended_emulator_is_not_silent(void **state) {
    (void)state;
    assert_false(run_is_silent(heard, (struct run_instant){heard.host_ns + SECOND, 0}));
}

static void wait_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

// Processor time that a program used in half a second of host time, at least.
static u64 used_by(const char *script) {
    struct arena *arena = arena_new();
    char folder[] = "/tmp/follow-test.XXXXXX", *why = NULL;
    assert_non_null(mkdtemp(folder));
    struct arguments arguments = {NULL, 0, 0};
    arguments_add(arena, &arguments, "/bin/sh");
    arguments_add(arena, &arguments, "-c");
    arguments_add(arena, &arguments, script);
    const char *serial = arena_printf(arena, "%s/serial", folder);
    struct follow *follow = follow_start(arena, &arguments, serial, &why);
    assert_non_null(follow);
    wait_ms(500);
    u64 used = follow_processor_ns(follow);
    follow_stop(follow);
    assert_true(follow_processor_ns(follow) == 0);
    unlink(serial);
    unlink(arena_printf(arena, "%s.errors", serial));
    rmdir(folder);
    arena_free(arena);
    return used;
}

static void processor_time_is_the_emulators_own(void **state) {
    (void)state;
    assert_true(used_by("exec sleep 60") < SECOND / 5);
    assert_true(used_by("while :; do :; done") > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starved_emulator_is_not_dead),
        cmocka_unit_test(core_that_runs_and_says_nothing_is_dead),
        cmocka_unit_test(ended_emulator_is_not_silent),
        cmocka_unit_test(processor_time_is_the_emulators_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
