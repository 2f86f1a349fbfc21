// SPDX-License-Identifier: BSD-2-Clause
/* The debug system calls of a debug kernel, and that all numbers without a meaning are faults. */
#include "abi/boot_record.h"
#include "tests/support/world.h"

static int boot(UNUSED void **test) {
    world_boot(NULL);
    return 0;
}

static void put(const char *text) {
    for (; *text != 0; text++) {
        syscall_with(SYSCALL_DEBUG_PUT_CHAR, (u64)*text);
    }
}

static void characters_become_lines(UNUSED void **test) {
    host.console_bytes = 0;
    put("no newline yet");
    assert_int_equal(host.console_bytes, 0);
    put("; now\n");
    assert_string_equal(host.console, "no newline yet; now\n");
}

static void a_line_without_end_is_written_when_it_is_full(UNUSED void **test) {
    host.console_bytes = 0;
    for (unsigned i = 0; i < sizeof kernel.put_line; i++) {
        assert_int_equal(host.console_bytes, 0);
        put("x");
    }
    assert_int_equal(host.console_bytes, sizeof kernel.put_line);
}

static void a_console_of_bytes_gets_each_at_once(UNUSED void **test) {
    world_boot(&(struct host_options){.check_interval = 1, .partition_flags = BOOT_CONSOLE_BYTES});
    host.console_bytes = 0;
    put("a");
    assert_string_equal(host.console, "a");
}

static void the_scheduler_is_printed(UNUSED void **test) {
    struct thread low = thread_make(10);

    memcpy(root.buffer + BUFFER_MSG, "patience", sizeof "patience");
    syscall_with(SYSCALL_DEBUG_NAME_THREAD, low.tcb);
    host.console_bytes = 0;
    syscall_with(SYSCALL_DEBUG_DUMP_SCHEDULER, 0);
    assert_non_null(strstr(host.console, "priority  10 patience"));
    assert_non_null(strstr(host.console, "running: rootserver, priority 255"));
}

static u64 kind_of(u64 cptr) {
    syscall_with(SYSCALL_DEBUG_CAP_IDENTIFY, cptr);
    return root.reg[REG_CAP];
}

static void capabilities_tell_their_kind(UNUSED void **test) {
    assert_int_equal(kind_of(ROOT_TCB), SEL4_CAP_THREAD);
    assert_int_equal(kind_of(ROOT_CNODE), SEL4_CAP_CNODE);
    assert_int_equal(kind_of(make(OBJECT_ENDPOINT, 0)), SEL4_CAP_ENDPOINT);
    assert_int_equal(kind_of(SEL4_INIT_SLOT_NULL), SEL4_CAP_NULL);
    assert_int_equal(kind_of(~0ull), SEL4_CAP_NULL);
}

static void a_thread_is_named(UNUSED void **test) {
    struct thread t = thread_make(10);

    memcpy(root.buffer + BUFFER_MSG, "short", sizeof "short");
    syscall_with(SYSCALL_DEBUG_NAME_THREAD, t.tcb);
    assert_string_equal(t.object->name, "short");
    memcpy(root.buffer + BUFFER_MSG, "a name that is longer than its place",
           sizeof "a name that is longer than its place");
    syscall_with(SYSCALL_DEBUG_NAME_THREAD, t.tcb);
    assert_string_equal(t.object->name, "a name that is longer t");
}

static void without_a_buffer_nobody_is_named(UNUSED void **test) {
    struct thread t = thread_make(10);

    assert_int_equal(invoke(ROOT_TCB, METHOD_TCB_SET_IPC_BUFFER, W(0), C(root.frame)), 0);
    syscall_with(SYSCALL_DEBUG_NAME_THREAD, t.tcb);
    assert_string_equal(t.object->name, "");
}

static void do_call(void *number) {
    syscall_with((s64)(intptr_t)number, ROOT_CNODE);
}

static void name_nobody(UNUSED void *argument) {
    syscall_with(SYSCALL_DEBUG_NAME_THREAD, ~0ull);
}

static const char *panic_of(s64 number) {
    return host_expect_panic(do_call, (void *)(intptr_t)number);
}

static void halt_and_misnaming_end_the_machine(UNUSED void **test) {
    assert_string_equal(panic_of(SYSCALL_DEBUG_HALT), "reset: good");
    assert_int_equal(boot(test), 0);
    assert_string_equal(panic_of(SYSCALL_DEBUG_NAME_THREAD), "reset: failed");
    assert_int_equal(boot(test), 0);
    assert_string_equal(host_expect_panic(name_nobody, NULL), "reset: failed");
}

static void a_snapshot_changes_nothing(UNUSED void **test) {
    u64 pc = root.reg[REG_PC];

    fill_registers(&root);
    root.reg[REG_PC] = pc;
    syscall_with(SYSCALL_DEBUG_SNAPSHOT, 0);
    assert_int_equal(root.reg[REG_PC], pc + 4);
    assert_registers(&root, REGISTER(REG_PC) | REGISTER(REG_CAP) | REGISTER(REG_SYSCALL));
}

static void other_numbers_are_faults(UNUSED void **test) {
    static const s64 numbers[] = {
        SYSCALL_DEBUG_SEND_IPI,
        SYSCALL_DEBUG_GET_THREAD_AFFINITY,
        SYSCALL_DEBUG_RUN,
        SYSCALL_BENCHMARK_FLUSH_CACHES,
        SYSCALL_BENCHMARK_RESET_LOG,
        SYSCALL_BENCHMARK_FINALIZE_LOG,
        SYSCALL_BENCHMARK_SET_LOG_BUFFER,
        SYSCALL_BENCHMARK_NULL_SYSCALL,
        SYSCALL_BENCHMARK_GET_THREAD_UTILISATION,
        SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION,
        SYSCALL_BENCHMARK_DUMP_ALL_THREAD_UTILISATION,
        SYSCALL_BENCHMARK_RESET_ALL_THREAD_UTILISATION,
        SYSCALL_SET_TLS_BASE,
        0,
        1,
    };
    struct thread t = thread_make(10);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);

    thread_set_fault_handler(&t, endpoint);
    for (unsigned i = 0; i < ARRAY_LENGTH(numbers); i++) {
        as(&t);
        syscall_with(numbers[i], 0);
        as(&root);
        sys_nb_recv(endpoint, root.reply);
        assert_int_equal(label(&root), SEL4_FAULT_UNKNOWN_SYSCALL);
        assert_int_equal(word(&root, SEL4_FAULT_UNKNOWN_SYSCALL_SYSCALL), numbers[i]);
        message(0, W(), C());
        syscall_with(SYSCALL_SEND, root.reply);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(characters_become_lines, boot),
        cmocka_unit_test_setup(a_line_without_end_is_written_when_it_is_full, boot),
        cmocka_unit_test_setup(a_console_of_bytes_gets_each_at_once, boot),
        cmocka_unit_test_setup(the_scheduler_is_printed, boot),
        cmocka_unit_test_setup(capabilities_tell_their_kind, boot),
        cmocka_unit_test_setup(a_thread_is_named, boot),
        cmocka_unit_test_setup(without_a_buffer_nobody_is_named, boot),
        cmocka_unit_test_setup(halt_and_misnaming_end_the_machine, boot),
        cmocka_unit_test_setup(a_snapshot_changes_nothing, boot),
        cmocka_unit_test_setup(other_numbers_are_faults, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
