// SPDX-License-Identifier: BSD-2-Clause
/*
 * The init task as monitor: timeout faults are counted and answered, other faults counted, told and left,
 * passive domains lose their scheduling context to their notification. A script says what each wait receives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <sel4/sel4.h>

/* Units under test, included: they are one program. */
#include "user/init/monitor.c"
#include "user/rt/stats.c"

/* What a wait receives; label 0 with badge 0 ends the test. */
struct event {
    u64 badge;
    u64 label;
    u64 mr[4];
};

static const struct event *script;
static jmp_buf run_end;
static char record[2000];
static seL4_IPCBuffer buffer;
static struct rt_stats stats;
static u32 call_error;

static void note(const char *format, ...) PRINTF(1, 2);
static void note(const char *format, ...) {
    va_list args;
    u64 used = strlen(record);
    va_start(args, format);
    vsnprintf(record + used, sizeof(record) - used, format, args);
    va_end(args);
}

void mock_kernel(struct mock_registers *r) {
    s64 number = (s64)r->number;
    if (number == -1) {
        note("Call cap=%lu label=%lu with=%lu\n", (unsigned long)r->cap,
             (unsigned long)(r->info >> 12), (unsigned long)buffer.caps_or_badges[0]);
        r->cap = 0;
        r->info = (u64)call_error << 12;
        return;
    }
    assert_true(number == -2 || number == -7);
    assert_int_equal(r->cap, 40);
    assert_int_equal(r->reply, 41);
    note(number == -2 ? "ReplyRecv %lu\n" : "Recv %lu\n", (unsigned long)r->info);
    if (script->badge == 0) {
        longjmp(run_end, 1);
    }
    r->cap = script->badge;
    if (script->badge >= PD_BADGE_FAULT) {
        r->info = script->label << 12 | 4;
        memcpy(r->mr, script->mr, sizeof(r->mr));
    }
    script++;
}

void say(const char *format, ...) {
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    note("say: %s\n", text);
}

const char *say_core_name(void) {
    return "storm";
}

u64 say_timebase_hz(void) {
    return 10000000;
}

static void run(const struct event *events) {
    static const struct watched counted = {
        .tcb = 10, .sc = 11, .notification = 12, .stats = &stats, .name = "patient"};
    static const struct watched passive = {
        .tcb = 20, .sc = 21, .notification = 22, .flags = INIT_WATCH_PASSIVE, .name = "server"};
    record[0] = '\0';
    memset(&stats, 0, sizeof(stats));
    seL4_SetIPCBuffer(&buffer);
    assert_true(monitor_watch(3, &counted));
    assert_true(monitor_watch(5, &passive));
    script = events;
    if (setjmp(run_end) == 0) {
        monitor_serve(40, 41);
    }
}

static void watching_begins_the_page(void **state) {
    (void)state;
    static const struct watched domain = {.name = "x"};
    assert_false(monitor_watch(INIT_MAX_WATCHED, &domain));
    run((struct event[]){{0}});
    assert_true(rt_stats_check(&stats));
    assert_string_equal(stats.core, "storm");
    assert_string_equal(stats.name, "patient");
}

static void timeouts_are_counted_and_answered(void **state) {
    (void)state;
    struct event timeout = {.badge = PD_BADGE_FAULT | 3, .label = 5};
    run((struct event[]){timeout, timeout, {0}});
    assert_string_equal(record, "Recv 0\nReplyRecv 0\nReplyRecv 0\n");
    assert_int_equal(stats.exhaustions, 2);
    assert_int_equal(stats.faults, 0);
}

static void other_faults_are_told_and_left(void **state) {
    (void)state;
    u64 badge = PD_BADGE_FAULT | 3;
    run((struct event[]){{badge, 6, {0x200104, 0x10, 0, 7}},
                         {badge, 1, {0x200200, 99, 1, 2}},
                         {badge, 3, {0x200300, 0, 2, 0}},
                         {PD_BADGE_FAULT | 5, 2, {0x200400}},
                         {0}});
    assert_string_equal(
        record, "Recv 0\n"
                "say: patient stopped: store to 0x10, which it may not, at 0x200104\n"
                "Recv 0\nsay: patient stopped: no such capability: 99, at 0x200200\n"
                "Recv 0\nsay: patient stopped: exception 2 at 0x200300\n"
                "Recv 0\nsay: server stopped: no such system call: 0, at 0x200400\nRecv 0\n");
    assert_int_equal(stats.faults, 3);
    assert_int_equal(stats.last_fault, 3);
    assert_int_equal(stats.last_fault_ip, 0x200300);
    assert_int_equal(stats.exhaustions, 0);
}

static void passive_domains_give_their_context(void **state) {
    (void)state;
    /* Domain 3 is not passive: its signal, and one of a domain nobody watches, change nothing. */
    run((struct event[]){{.badge = BIT(5) | BIT(3) | BIT(9)}, {0}});
    assert_string_equal(record, "Recv 0\nCall cap=21 label=36 with=20\n"
                                "Call cap=21 label=34 with=22\nRecv 0\n");
    call_error = 3;
    run((struct event[]){{.badge = BIT(5)}, {0}});
    call_error = 0;
    assert_string_equal(record, "Recv 0\nCall cap=21 label=36 with=20\n"
                                "say: server cannot become passive: seL4 error 3\nRecv 0\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watching_begins_the_page),
        cmocka_unit_test(timeouts_are_counted_and_answered),
        cmocka_unit_test(other_faults_are_told_and_left),
        cmocka_unit_test(passive_domains_give_their_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
