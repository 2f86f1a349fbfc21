// SPDX-License-Identifier: BSD-2-Clause
/*
 * The runtime of protection domains from outside: a script says what each wait receives, a record says what
 * entered the kernel and which entry points ran, in order. One line of text per event, so that a failure
 * shows the whole story.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <microkit.h>

/* Units under test, included: they are one program with the entry points below. */
#include "user/microkit/calls.c"
#include "user/microkit/domain.c"
#include "user/microkit/main.c"
#include "user/rt/log.h"

#define CALL(ch)   (PD_BADGE_CALL | (ch))
#define FAULT(ch)  (PD_BADGE_FAULT | (ch))
#define END_OF_RUN (~0ull)

/* What the waits receive, in order; END_OF_RUN ends the test. */
static const u64 *script;
static jmp_buf run_end;
static char record[2000];

static void note(const char *format, ...) PRINTF(1, 2);
static void note(const char *format, ...) {
    va_list args;
    u64 used = strlen(record);
    va_start(args, format);
    vsnprintf(record + used, sizeof(record) - used, format, args);
    va_end(args);
}

void mock_kernel(struct mock_registers *r) {
    static const char *const names[] = {"",     "Call",   "ReplyRecv", "NBSendRecv", "NBSendWait",
                                        "Send", "NBSend", "Recv",      "NBRecv",     "Wait"};
    s64 number = -(s64)r->number;
    note("%s cap=%lu label=%lu", names[number], (unsigned long)r->cap,
         (unsigned long)(r->info >> 12));
    if (number == 2) {
        note(" reply=%lu mr0=%lu", (unsigned long)r->reply, (unsigned long)r->mr[0]);
    }
    if (number == 3) {
        note(" dest=%lu", (unsigned long)r->dest);
    }
    note("\n");
    if (number == 1) {
        r->info = 0;
        r->mr[0] = 99;
    }
    if (number == 2 || number == 3 || number == 7) {
        if (*script == END_OF_RUN) {
            longjmp(run_end, 1);
        }
        r->cap = *script++;
        r->info = r->cap >= PD_BADGE_FAULT ? 7ull << 12 | 1 : r->info;
        r->mr[0] = 55;
    }
}

void rt_log(const char *format, ...) {
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    note("log: %s\n", text);
}

void rt_log_begin(void) {}

void rt_log_putc(char c) {
    note("%c", c);
}

void rt_stats_begin(struct rt_stats *s, const char *core, const char *name, u64 timebase_hz) {
    (void)core;
    (void)name;
    (void)timebase_hz;
    memset(s, 0, sizeof(*s));
}

/* What the entry points do, per test. */
static void (*in_notified)(microkit_channel ch);
static void (*in_protected)(microkit_channel ch);
static seL4_Bool fault_answer;

void init(void) {
    note("init\n");
}

void notified(microkit_channel ch) {
    note("notified %u\n", ch);
    if (in_notified != NULL) {
        in_notified(ch);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo) {
    note("protected %u label=%lu mr0=%lu\n", ch, (unsigned long)microkit_msginfo_get_label(msginfo),
         (unsigned long)microkit_mr_get(0));
    if (in_protected != NULL) {
        in_protected(ch);
    }
    microkit_mr_set(0, 77);
    return microkit_msginfo_new(3, 1);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo) {
    note("fault %u label=%lu\n", child, (unsigned long)microkit_msginfo_get_label(msginfo));
    *reply_msginfo = microkit_msginfo_new(0, 0);
    return fault_answer;
}

static int begin(void **state) {
    (void)state;
    record[0] = '\0';
    in_notified = NULL;
    in_protected = NULL;
    fault_answer = seL4_False;
    microkit_passive = 0;
    microkit_irqs = BIT(9);
    microkit_notifications = BIT(2) | BIT(61);
    microkit_pps = BIT(4);
    rt_doorbells = BIT(3);
    return 0;
}

static void run(const u64 *received) {
    script = received;
    if (setjmp(run_end) == 0) {
        user_start(0);
    }
}

static void waits_after_init(void **state) {
    (void)state;
    run((u64[]){END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\n");
}

static void bits_become_channels_lowest_first(void **state) {
    (void)state;
    run((u64[]){BIT(61) | BIT(0) | BIT(5), 0, END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\n"
                                "notified 0\nnotified 5\nnotified 61\n"
                                "Recv cap=1 label=0\nRecv cap=1 label=0\n");
    assert_int_equal(rt_stats_page->channel[61].received, 1);
    assert_int_equal(rt_stats_page->channel[1].received, 0);
}

static void doorbells_are_acknowledged_after_the_entry_point(void **state) {
    (void)state;
    run((u64[]){BIT(3), END_OF_RUN});
    char want[200];
    snprintf(want, sizeof(want),
             "init\nRecv cap=1 label=0\nnotified 3\nCall cap=%d label=%d\nRecv cap=1 label=0\n",
             138 + 3, (int)IRQAckIRQ);
    assert_string_equal(record, want);
}

static void calls_are_answered(void **state) {
    (void)state;
    run((u64[]){CALL(6), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nprotected 6 label=7 mr0=55\n"
                                "ReplyRecv cap=1 label=3 reply=4 mr0=77\n");
    assert_int_equal(rt_stats_page->calls, 1);
}

static void faults_are_answered_if_wanted(void **state) {
    (void)state;
    run((u64[]){FAULT(8), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nfault 8 label=7\nRecv cap=1 label=0\n");
    begin(NULL);
    fault_answer = seL4_True;
    run((u64[]){FAULT(8), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nfault 8 label=7\n"
                                "ReplyRecv cap=1 label=0 reply=4 mr0=55\n");
}

static void defer_notify(microkit_channel ch) {
    (void)ch;
    microkit_deferred_notify(2);
}

static void defer_ack(microkit_channel ch) {
    microkit_deferred_irq_ack(ch);
}

static void deferred_signals_ride_on_the_wait(void **state) {
    (void)state;
    in_notified = defer_notify;
    run((u64[]){BIT(0), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nnotified 0\n"
                                "NBSendRecv cap=1 label=0 dest=12\n");
    assert_int_equal(rt_stats_page->channel[2].sent, 1);
    begin(NULL);
    in_notified = defer_ack;
    run((u64[]){BIT(9), 0, END_OF_RUN});
    char want[200];
    snprintf(want, sizeof(want),
             "init\nRecv cap=1 label=0\nnotified 9\nNBSendRecv cap=1 label=%d dest=147\n"
             "Recv cap=1 label=0\n",
             (int)IRQAckIRQ);
    assert_string_equal(record, want);
}

static void deferred_signal_and_answer_both_go_out(void **state) {
    (void)state;
    in_protected = defer_notify;
    run((u64[]){CALL(6), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nprotected 6 label=7 mr0=55\n"
                                "NBSend cap=12 label=0\n"
                                "ReplyRecv cap=1 label=3 reply=4 mr0=77\n");
}

static void passive_domains_say_so_with_the_first_wait(void **state) {
    (void)state;
    microkit_passive = 1;
    run((u64[]){CALL(1), END_OF_RUN});
    assert_string_equal(record, "init\nNBSendRecv cap=1 label=0 dest=5\n"
                                "protected 1 label=7 mr0=55\n"
                                "ReplyRecv cap=1 label=3 reply=4 mr0=77\n");
}

static void use_channels(microkit_channel ch) {
    (void)ch;
    microkit_notify(61);
    microkit_irq_ack(9);
    microkit_msginfo answer = microkit_ppcall(4, microkit_msginfo_new(5, 0));
    note("answer %lu\n", (unsigned long)microkit_msginfo_get_label(answer));
}

static void calls_reach_their_slots(void **state) {
    (void)state;
    in_notified = use_channels;
    run((u64[]){BIT(0), END_OF_RUN});
    char want[300];
    snprintf(want, sizeof(want),
             "init\nRecv cap=1 label=0\nnotified 0\nSend cap=71 label=0\nCall cap=147 label=%d\n"
             "Call cap=78 label=5\nanswer 0\nRecv cap=1 label=0\n",
             (int)IRQAckIRQ);
    assert_string_equal(record, want);
}

static void use_wrong_channels(microkit_channel ch) {
    (void)ch;
    microkit_notify(3);
    microkit_notify(64 + 2);
    microkit_deferred_notify(0);
    microkit_irq_ack(2);
    microkit_deferred_irq_ack(61);
    microkit_msginfo answer = microkit_ppcall(2, microkit_msginfo_new(5, 0));
    note("answer %lu\n", (unsigned long)microkit_msginfo_get_label(answer));
}

static void wrong_channels_are_named_and_nothing_is_sent(void **state) {
    (void)state;
    in_notified = use_wrong_channels;
    run((u64[]){BIT(0), END_OF_RUN});
    assert_string_equal(record, "init\nRecv cap=1 label=0\nnotified 0\n"
                                "log: microkit_notify: no such channel: 3\n"
                                "log: microkit_notify: no such channel: 66\n"
                                "log: microkit_deferred_notify: no such channel: 0\n"
                                "log: microkit_irq_ack: no such channel: 2\n"
                                "log: microkit_deferred_irq_ack: no such channel: 61\n"
                                "log: microkit_ppcall: no such channel: 2\n"
                                "answer 2\nRecv cap=1 label=0\n");
}

static void numbers_are_printed(void **state) {
    (void)state;
    microkit_dbg_puts("x=");
    microkit_dbg_put32(4294967295u);
    microkit_dbg_putc(' ');
    microkit_dbg_put8(0);
    assert_string_equal(record, "x=4294967295 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waits_after_init, begin),
        cmocka_unit_test_setup(bits_become_channels_lowest_first, begin),
        cmocka_unit_test_setup(doorbells_are_acknowledged_after_the_entry_point, begin),
        cmocka_unit_test_setup(calls_are_answered, begin),
        cmocka_unit_test_setup(faults_are_answered_if_wanted, begin),
        cmocka_unit_test_setup(deferred_signals_ride_on_the_wait, begin),
        cmocka_unit_test_setup(deferred_signal_and_answer_both_go_out, begin),
        cmocka_unit_test_setup(passive_domains_say_so_with_the_first_wait, begin),
        cmocka_unit_test_setup(calls_reach_their_slots, begin),
        cmocka_unit_test_setup(wrong_channels_are_named_and_nothing_is_sent, begin),
        cmocka_unit_test_setup(numbers_are_printed, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
