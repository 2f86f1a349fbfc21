// SPDX-License-Identifier: BSD-2-Clause
/*
 * The benchmark system calls, in a kernel of the bench variant; and that such a kernel, which checks nothing
 * that is only reasoned, knows no debug call.
 */
#include "kernel/entry/bench.h"
#include "lib/build_checks.h"
#include "tests/support/world.h"

_Static_assert(BUILD_BENCH && !BUILD_CHECKS, "this test is of the bench variant");

static int boot(UNUSED void **test) {
    static const struct host_options options = {.memory_bytes = MIB(16),
                                                .partition_flags = BOOT_WALLS};

    world_boot(&options);
    return 0;
}

static u64 call(s64 number, u64 argument) {
    syscall_with(number, argument);
    return root.reg[REG_CAP];
}

static void a_null_call_does_nothing(UNUSED void **test) {
    u64 pc = root.reg[REG_PC];

    assert_int_equal(call(SYSCALL_BENCHMARK_NULL_SYSCALL, 77), 77);
    assert_int_equal(call(SYSCALL_BENCHMARK_FLUSH_CACHES, 78), 78);
    assert_int_equal(root.reg[REG_PC], pc + 8);
}

static void a_log_needs_a_page_of_two_megabytes(UNUSED void **test) {
    u64 small = make(OBJECT_4K_PAGE, 0);
    u64 large = make(OBJECT_MEGA_PAGE, 0);
    u64 device = free_slot();

    assert_int_equal(invoke(device_untyped(), METHOD_UNTYPED_RETYPE,
                            W(OBJECT_MEGA_PAGE, 0, 0, 0, device, 1), C(ROOT_CNODE)),
                     0);
    assert_int_equal(call(SYSCALL_BENCHMARK_RESET_LOG, 0), SEL4_ILLEGAL_OPERATION);
    assert_int_equal(call(SYSCALL_BENCHMARK_SET_LOG_BUFFER, small), SEL4_ILLEGAL_OPERATION);
    assert_int_equal(call(SYSCALL_BENCHMARK_SET_LOG_BUFFER, device), SEL4_ILLEGAL_OPERATION);
    assert_int_equal(call(SYSCALL_BENCHMARK_SET_LOG_BUFFER, ROOT_TCB), SEL4_ILLEGAL_OPERATION);
    assert_int_equal(call(SYSCALL_BENCHMARK_SET_LOG_BUFFER, ~0ull), SEL4_ILLEGAL_OPERATION);
    assert_int_equal(call(SYSCALL_BENCHMARK_SET_LOG_BUFFER, large), SEL4_NO_ERROR);
    assert_int_equal(call(SYSCALL_BENCHMARK_RESET_LOG, 0), SEL4_NO_ERROR);
    assert_int_equal(call(SYSCALL_BENCHMARK_FINALIZE_LOG, 0), 0);
}

/* Thirteen words of the caller's buffer: 0 ticks, 1 times on the core, 3 kernel entries; 9 and 12 of all. */
static const u64 *utilisation(u64 tcb) {
    memset(root.buffer, 0xff, 128);
    (void)call(SYSCALL_BENCHMARK_GET_THREAD_UTILISATION, tcb);
    return root.buffer + BUFFER_MSG;
}

static void time_of_threads_is_counted(UNUSED void **test) {
    struct thread t = thread_make(10);

    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, t.tcb);
    assert_int_equal(utilisation(t.tcb)[0], 0);
    assert_int_equal(utilisation(t.tcb)[1], 0);
    as(&t);
    host_advance(1234);
    as(&root);
    assert_int_equal(utilisation(t.tcb)[0], 1234);
    assert_int_equal(utilisation(t.tcb)[1], 1);
    assert_int_equal(utilisation(t.tcb)[2], 0);
    assert_int_equal(utilisation(t.tcb)[3], 1); /* the interrupt that let the root task return */
    assert_int_equal(utilisation(t.tcb)[12 + 1], ~0ull);
    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, t.tcb);
    assert_int_equal(utilisation(t.tcb)[0], 0);
    assert_int_equal(utilisation(t.tcb)[1], 0);
}

static void totals_count_from_the_reset(UNUSED void **test) {
    (void)call(SYSCALL_BENCHMARK_RESET_LOG, 0);
    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, ROOT_TCB);
    host_advance(700);
    (void)call(SYSCALL_BENCHMARK_NULL_SYSCALL, 0);
    const u64 *words = utilisation(ROOT_TCB);

    assert_int_equal(words[9], 700);
    assert_int_equal(words[12], 3); /* the thread's reset, the null call, this one */
    assert_int_equal(words[3], 2);
}

static void own_time_counts_until_now(UNUSED void **test) {
    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, ROOT_TCB);
    u64 before = utilisation(ROOT_TCB)[0];
    host_advance(500);
    assert_int_equal(utilisation(ROOT_TCB)[0] - before, 500);
}

static void what_is_no_thread_has_no_utilisation(UNUSED void **test) {
    assert_int_equal(utilisation(ROOT_CNODE)[0], ~0ull);
    assert_int_equal(utilisation(~0ull)[0], ~0ull);
    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, ROOT_CNODE);
    (void)call(SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION, ~0ull);
    assert_true(running(&root));
}

static void debug_calls_are_faults(UNUSED void **test) {
    struct thread t = thread_make(10);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);

    thread_set_fault_handler(&t, endpoint);
    as(&t);
    syscall_with(SYSCALL_DEBUG_PUT_CHAR, 'x');
    as(&root);
    sys_nb_recv(endpoint, root.reply);
    assert_int_equal(label(&root), SEL4_FAULT_UNKNOWN_SYSCALL);
    assert_int_equal(state(&t), THREAD_BLOCKED_REPLY);
}

/* A message there and back, with words in registers and in buffers. */
static void servers_answer(UNUSED void **test) {
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    struct thread server = thread_make(20);
    struct thread client = thread_make(10);

    as(&server);
    sys_recv(endpoint, server.reply);
    as(&client);
    sys_call(endpoint, 5, W(1, 2, 3, 4, 5, 6));
    assert_message(&server, 0, 5, 1, 2, 3, 4, 5, 6);
    as(&server);
    sys_reply_recv(endpoint, server.reply, 9, W(7));
    assert_message(&client, 0, 9, 7);
}

static void without_a_buffer_there_is_nowhere_to_write(UNUSED void **test) {
    assert_int_equal(invoke(ROOT_TCB, METHOD_TCB_SET_IPC_BUFFER, W(0), C(root.frame)), 0);
    assert_int_equal(utilisation(ROOT_TCB)[0], ~0ull);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_null_call_does_nothing, boot),
        cmocka_unit_test_setup(a_log_needs_a_page_of_two_megabytes, boot),
        cmocka_unit_test_setup(time_of_threads_is_counted, boot),
        cmocka_unit_test_setup(totals_count_from_the_reset, boot),
        cmocka_unit_test_setup(own_time_counts_until_now, boot),
        cmocka_unit_test_setup(what_is_no_thread_has_no_utilisation, boot),
        cmocka_unit_test_setup(debug_calls_are_faults, boot),
        cmocka_unit_test_setup(servers_answer, boot),
        cmocka_unit_test_setup(without_a_buffer_there_is_nowhere_to_write, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
