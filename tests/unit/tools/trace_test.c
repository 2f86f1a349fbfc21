// SPDX-License-Identifier: BSD-2-Clause
// Lines of the emulator's trace: what counts as executed, and whose it was.
#include "tools/trace.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STEP(hart, pc) "Trace " #hart ": 0x7f00 [00000000/" #pc "/0b0c0003/ff000000] \n"
#define STOPPED        "Stopped execution of TB chain before 0x7f00 [1000] \n"
#define TRAP                                                                                       \
    "riscv_cpu_do_interrupt: hart:2, async:1, cause:000000000000000b, epc:0x0, tval:0x0, desc=x\n"

#define OTHERS "serial_write write addr 0x04 val 0x0a\n"

struct seen {
    struct trace_event event[8];
    unsigned count;
    bool over; // the trace, before it was closed
};

static void take(void *context, const struct trace_event *event) {
    struct seen *seen = context;
    assert_true(seen->count < ARRAY_LENGTH(seen->event));
    seen->event[seen->count++] = *event;
}

// Writes the text to the pipe and closes it: the emulator has ended.
static struct seen events_of(const char *text) {
    struct seen seen = {.count = 0};
    struct arena *arena = arena_new();
    char folder[] = "/tmp/trace-test.XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(arena, "%s/pipe", folder);
    struct trace *trace = trace_open(arena, path, take, &seen);
    assert_non_null(trace);
    int pipe = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(pipe, text, strlen(text)), (ssize_t)strlen(text));
    close(pipe);
    while (trace_read(trace, 100)) {
    }
    seen.over = trace_is_over(trace);
    trace_close(trace);
    unlink(path);
    rmdir(folder);
    arena_free(arena);
    return seen;
}

static void steps_have_hart_and_pc(void **state) {
    (void)state;
    struct seen seen = events_of(STEP(0, 0000000080400000) STEP(3, ffffffffc0001234));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.event[0].hart, 0);
    assert_true(seen.event[0].pc == 0x80400000);
    assert_int_equal(seen.event[1].hart, 3);
    assert_true(seen.event[1].pc == 0xffffffffc0001234);
}

// The emulator writes the line first and then finds that the slice is over: the instruction comes again.
static void stopped_instruction_does_not_count(void **state) {
    (void)state;
    struct seen seen = events_of(STEP(0, 1000) STOPPED STEP(1, 2000) STEP(0, 1000));
    assert_int_equal(seen.count, 2);
    assert_true(seen.event[0].pc == 0x2000 && seen.event[1].pc == 0x1000);
}

// The emulator's lines for what a guest writes to its serial port.
static const char *said(struct arena *arena, const char *text) {
    char *lines = arena_copy(arena, "", 0);
    for (; *text; text++) {
        lines = arena_printf(arena, "%sserial_write write addr 0x00 val 0x%02x\n", lines,
                             (unsigned)*text);
    }
    return lines;
}

static struct seen around(const char *console) {
    struct arena *arena = arena_new();
    struct seen seen = events_of(
        arena_printf(arena, STEP(0, 1000) "%s" OTHERS STEP(0, 2000), said(arena, console)));
    arena_free(arena);
    return seen;
}

// How far the emulator gets before it is ended, or before a machine that was turned off stops, depends on the host: no two
// runs would be the same.
static void nothing_counts_behind_the_end_of_the_run(void **state) {
    (void)state;
    struct seen seen = around("row\r\n@skerry exit 0\r\n");
    assert_true(seen.over);
    assert_int_equal(seen.count, 1);
    assert_true(seen.event[0].pc == 0x1000);
}

static void other_lines_do_not_end_a_trace(void **state) {
    (void)state;
    static const char *const LINES[] = {"[core pd] @skerry exit 0\r\n", "@skerry stop 0\r\n",
                                        "@skerry exit", "@skerry\nexit 0\n", "\n"};
    for (unsigned i = 0; i < ARRAY_LENGTH(LINES); i++) {
        struct seen seen = around(LINES[i]);
        assert_false(seen.over);
        assert_int_equal(seen.count, 2);
    }
}

static void traps_follow_the_instruction_before_them(void **state) {
    (void)state;
    struct seen seen = events_of(STEP(2, 1000) TRAP STEP(2, 80000000));
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.event[1].kind, TRACE_TRAP);
    assert_int_equal(seen.event[1].hart, 2);
    assert_true(trace_is_firmware_trap(&seen.event[1]));
}

static void only_what_is_not_delegated_enters_firmware(void **state) {
    (void)state;
    static const struct trace_event user_ecall = {.kind = TRACE_TRAP, .cause = 8},
                                    kernel_ecall = {.kind = TRACE_TRAP, .cause = 9},
                                    timer = {.kind = TRACE_TRAP, .cause = 5, .async = true};
    assert_false(trace_is_firmware_trap(&user_ecall));
    assert_true(trace_is_firmware_trap(&kernel_ecall));
    assert_false(trace_is_firmware_trap(&timer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_have_hart_and_pc),
        cmocka_unit_test(stopped_instruction_does_not_count),
        cmocka_unit_test(nothing_counts_behind_the_end_of_the_run),
        cmocka_unit_test(other_lines_do_not_end_a_trace),
        cmocka_unit_test(traps_follow_the_instruction_before_them),
        cmocka_unit_test(only_what_is_not_delegated_enters_firmware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
