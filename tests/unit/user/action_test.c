// SPDX-License-Identifier: BSD-2-Clause
/*
 * Each action of the init table enters the kernel with exactly the call that SEL4-ABI section 7 gives for it:
 * label, invoked capability, extra capabilities, message registers. The expected lines are written from that
 * page, not from the stubs.
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
#include "user/init/action.c"
#include "user/init/memory.c"

enum { EMPTY = 500, SCHED_CONTROL = 30, IMAGE = 200 };

seL4_BootInfo *root_boot_info;
const char __init_table[1];

static seL4_IPCBuffer buffer;
static seL4_BootInfo info;
static char record[2000];
static char said[300];
static u64 mapped;
static bool debug_kernel;
static struct watched last_watched;
static u32 last_index;
static u32 answer_error;

void mock_kernel(struct mock_registers *r) {
    u64 used = strlen(record);
    u32 length = r->info & 0x7f, caps = r->info >> 7 & 3;
    used += (u64)snprintf(record + used, sizeof(record) - used, "%ld: cap %lu label %lu caps",
                          (long)r->number, (unsigned long)r->cap, (unsigned long)(r->info >> 12));
    for (u32 i = 0; i < caps; i++) {
        used += (u64)snprintf(record + used, sizeof(record) - used, " %lu",
                              (unsigned long)buffer.caps_or_badges[i]);
    }
    used += (u64)snprintf(record + used, sizeof(record) - used, " mr");
    for (u32 i = 0; i < length && (s64)r->number == -1; i++) {
        used += (u64)snprintf(record + used, sizeof(record) - used, " %lu",
                              (unsigned long)(i < 4 ? r->mr[i] : buffer.msg[i]));
    }
    snprintf(record + used, sizeof(record) - used, "\n");
    r->cap = 0;
    r->info = (u64)answer_error << 12;
}

void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof(said), format, args);
    va_end(args);
}

void say_mapped(u64 vaddr) {
    mapped = vaddr;
}

bool say_debug_kernel(void) {
    return debug_kernel;
}

bool monitor_watch(u32 index, const struct watched *domain) {
    last_index = index;
    last_watched = *domain;
    return index < INIT_MAX_WATCHED;
}

static int begin(void **state) {
    (void)state;
    memset(&info, 0, sizeof(info));
    record[0] = said[0] = '\0';
    mapped = 0;
    answer_error = 0;
    debug_kernel = false;
    action_monitor = (struct action_monitor){0};
    rams = pieces = 0;
    root_boot_info = &info;
    info.empty.start = EMPTY;
    info.empty.end = 8192;
    info.schedcontrol.start = SCHED_CONTROL;
    info.schedcontrol.end = SCHED_CONTROL + 1;
    info.userImageFrames.start = IMAGE;
    info.userImageFrames.end = IMAGE + 50;
    info.untyped.start = 300;
    info.untyped.end = 302;
    info.untypedList[0] = (seL4_UntypedDesc){.paddr = 0x81000000, .sizeBits = 20};
    info.untypedList[1] = (seL4_UntypedDesc){.paddr = 0x10000000, .sizeBits = 12, .isDevice = 1};
    memory_begin(&info, 7000);
    seL4_SetIPCBuffer(&buffer);
    return 0;
}

struct expectation {
    struct init_action action;
    const char *calls;
};

/* clang-format off */
static const struct expectation expected[] = {
    {{INIT_CREATE, 1, {3, 2, 0}}, "-1: cap 300 label 1 caps 2 mr 2 0 0 0 503 1\n"},
    {{INIT_CREATE, 1, {4, 4, 9}}, "-1: cap 300 label 1 caps 2 mr 4 9 0 0 504 1\n"},
    {{INIT_DEVICE_FRAME, 1, {5, 0x10000000, 12}}, "-1: cap 301 label 1 caps 2 mr 8 12 0 0 505 1\n"},
    {{INIT_IMAGE_FRAME, 1, {6, 40}},
     "-1: cap 240 label 42 caps mr\n-1: cap 2 label 23 caps 2 mr 506 64 240 64\n"},
    {{INIT_MAP_TABLE, 1, {7, 8, 0x40000000}}, "-1: cap 507 label 39 caps 508 mr 1073741824 0\n"},
    {{INIT_MAP_FRAME, 1, {9, 8, 0x200000, 2, 1}}, "-1: cap 509 label 41 caps 508 mr 2097152 2 1\n"},
    {{INIT_MINT, 1, {10, 138, 9, 11, 12, 0x4000000000000005}},
     "-1: cap 510 label 22 caps 2 mr 138 9 511 64 12 4611686018427387909\n"},
    {{INIT_ASSIGN_ASID, 1, {8}}, "-1: cap 6 label 45 caps 508 mr\n"},
    {{INIT_CONFIGURE_TCB, 1, {12, 10, 55, 8, 6, 0x205000}},
     "-1: cap 512 label 5 caps 510 508 506 mr 55 0 2117632\n"},
    {{INIT_CONFIGURE_SC, 1, {13, 400, 5000, 2, 77, 1}},
     "-1: cap 30 label 33 caps 513 mr 400 5000 2 77 1\n"},
    {{INIT_SCHEDULE_TCB, 1, {12, 0, 90, 13, 14}}, "-1: cap 512 label 8 caps 1 513 514 mr 0 90\n"},
    {{INIT_SCHEDULE_TCB, 1, {12, 0, 90, INIT_SLOT_NONE, INIT_SLOT_NONE}},
     "-1: cap 512 label 8 caps 1 0 0 mr 0 90\n"},
    {{INIT_TIMEOUT_ENDPOINT, 1, {12, 14}}, "-1: cap 512 label 9 caps 514 mr\n"},
    {{INIT_BIND_NOTIFICATION, 1, {12, 15}}, "-1: cap 512 label 14 caps 515 mr\n"},
    {{INIT_IRQ, 1, {16, 10, 1}}, "-1: cap 4 label 46 caps 2 mr 10 1 516 64\n"},
    {{INIT_IRQ_NOTIFICATION, 1, {16, 15}}, "-1: cap 516 label 28 caps 515 mr\n"},
    {{INIT_DOORBELL_SEND, 1, {17, 3, 40}}, "-1: cap 4 label 128 caps 2 mr 3 40 517 64\n"},
    {{INIT_DOORBELL_RECEIVE, 1, {18, 3, 40}}, "-1: cap 4 label 26 caps 2 mr 7208 518 64\n"},
    {{INIT_RESUME, 1, {12}}, "-1: cap 512 label 13 caps mr\n"},
    {{INIT_SET_DOMAIN, 1, {12, 2}}, "-1: cap 11 label 30 caps 512 mr 2\n"},
    {{INIT_COPY, 1, {19, 6, 3, 0}}, "-1: cap 2 label 22 caps 2 mr 519 64 506 64 3 0\n"},
    {{INIT_BIND_SC_NOTIFICATION, 1, {13, 15}}, "-1: cap 513 label 34 caps 515 mr\n"},
    {{INIT_NAME_TCB, 1, {12}}, ""},
    /* Initial capabilities are named from INIT_SLOT_FIXED on. */
    {{INIT_BIND_NOTIFICATION, 1, {INIT_SLOT_FIXED + 1, 15}}, "-1: cap 1 label 14 caps 515 mr\n"},
};
/* clang-format on */

static void each_action_makes_its_call(void **state) {
    (void)state;
    for (u32 i = 0; i < ARRAY_LENGTH(expected); i++) {
        begin(NULL);
        assert_int_equal(action_do(&expected[i].action), 0);
        assert_string_equal(record, expected[i].calls);
    }
}

static void registers_are_in_user_context_order(void **state) {
    (void)state;
    struct init_action action = {INIT_REGISTERS, 1, {12, 0x200000, 0x7000, 11, 22}};
    assert_int_equal(action_do(&action), 0);
    /* flags, count, then pc ra sp gp s0..s11 a0..a7 t0..t6 tp */
    assert_string_equal(record,
                        "-1: cap 512 label 3 caps mr 0 32 2097152 0 28672 0 0 0 0 0 0 0 0 0 0 0 "
                        "0 0 11 22 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void debug_calls_only_on_debug_kernels(void **state) {
    (void)state;
    struct init_action action = {INIT_NAME_TCB, 1, {12}};
    memcpy(&action.arg[1], "elevator", 9);
    debug_kernel = true;
    assert_int_equal(action_do(&action), 0);
    assert_memory_equal(record, "-17: cap 512", 12);
    assert_string_equal((char *)buffer.msg, "elevator");
}

static void own_mappings_are_told(void **state) {
    (void)state;
    struct init_action action = {INIT_MAP_FRAME, 1, {9, INIT_SLOT_FIXED + 3, 0x2000000000, 3, 1}};
    assert_int_equal(action_do(&action), 0);
    assert_int_equal(mapped, 0x2000000000);
    answer_error = 6;
    mapped = 0;
    assert_int_equal(action_do(&action), 6);
    assert_int_equal(mapped, 0);
}

static void watch_and_monitor(void **state) {
    (void)state;
    struct init_action monitor = {INIT_MONITOR, 1, {20, 21}};
    struct init_action watch = {INIT_WATCH, 1, {5 | 1ull << 32, 12, 13, 15, 0x2000001000}};
    memcpy(&watch.arg[5], "a name of 16 let", 16);
    assert_int_equal(action_do(&monitor), 0);
    assert_int_equal(action_do(&watch), 0);
    assert_int_equal(action_monitor.endpoint, 520);
    assert_int_equal(action_monitor.reply, 521);
    assert_int_equal(last_index, 5);
    assert_int_equal(last_watched.flags, INIT_WATCH_PASSIVE);
    assert_int_equal(last_watched.tcb, 512);
    assert_int_equal(last_watched.sc, 513);
    assert_int_equal(last_watched.notification, 515);
    assert_int_equal((u64)last_watched.stats, 0x2000001000);
    assert_string_equal(last_watched.name, "a name of 16 let");
    watch.arg[0] = INIT_MAX_WATCHED;
    assert_int_equal(action_do(&watch), ACTION_BAD_INDEX);
    assert_string_equal(record, "");
}

static void failures_are_explained(void **state) {
    (void)state;
    struct init_action map = {INIT_MAP_FRAME, 42, {9, 8, 0x200000, 2, 1}};
    answer_error = 6;
    action_explain(&map, 17, action_do(&map));
    assert_string_equal(
        said, "line 42 of the system file: cannot map a page: FailedLookup (seL4 error 6, "
              "action 17 of kind 5: 0x9 0x8 0x200000)");
    struct init_action device = {INIT_DEVICE_FRAME, 7, {5, 0x10005000, 12}};
    answer_error = 0;
    action_explain(&device, 1, action_do(&device));
    assert_string_equal(
        said, "line 7 of the system file: cannot take the device or shared page: not among "
              "this core's devices and shared regions, or taken already (action 1 of kind "
              "2: 0x5 0x10005000 0xc)");
    struct init_action unknown = {99, 8, {0}};
    action_explain(&unknown, 2, action_do(&unknown));
    assert_string_equal(
        said, "line 8 of the system file: cannot do that: this init task does not know the "
              "action (action 2 of kind 99: 0x0 0x0 0x0)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_action_makes_its_call, begin),
        cmocka_unit_test_setup(registers_are_in_user_context_order, begin),
        cmocka_unit_test_setup(debug_calls_only_on_debug_kernels, begin),
        cmocka_unit_test_setup(own_mappings_are_told, begin),
        cmocka_unit_test_setup(watch_and_monitor, begin),
        cmocka_unit_test_setup(failures_are_explained, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
