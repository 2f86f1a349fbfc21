// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls seen from the registers (SEL4-ABI sections 1 and 15): every register is filled with a pattern,
 * the call is made, and every register that the call is not said to change is compared.
 */
#include "tests/support/world.h"

#define PC       REGISTER(REG_PC)
#define NUMBER   REGISTER(REG_SYSCALL)
#define A0       REGISTER(REG_A0)
#define A1       REGISTER(REG_A1)
#define MESSAGES (REGISTER(REG_A2) | REGISTER(REG_A3) | REGISTER(REG_A4) | REGISTER(REG_A5))
#define REPLY    REGISTER(REG_REPLY)
#define NOWHERE  0xdead000000000000ull

static u64 endpoint;
static u64 notification;
static struct thread server; /* catches the root's faults, badge 77 */
static u64 fault_endpoint;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    endpoint = make(OBJECT_ENDPOINT, 0);
    notification = make(OBJECT_NOTIFICATION, 0);
    fault_endpoint = make(OBJECT_ENDPOINT, 0);
    return 0;
}

/* A thread above all others that makes the call under test; it faults to the server. */
static struct thread subject_make(void) {
    struct thread subject = thread_make(200);

    server = thread_make(199);
    thread_set_fault_handler(&subject, mint(fault_endpoint, SEL4_RIGHTS_ALL, 77));
    as(&server);
    sys_recv(fault_endpoint, server.reply);
    as(&subject);
    fill_registers(&subject);
    return subject;
}

static void make_call(const struct thread *t, s64 number) {
    u64 pc = t->reg[REG_PC];

    host_syscall(number);
    assert_int_equal(t->reg[REG_PC], pc + ARCH_SYSCALL_BYTES);
}

static void calls_without_results_change_nothing(UNUSED void **test) {
    struct thread t = subject_make();
    u64 arguments = PC | NUMBER | A0 | A1;

    make_call(&t, SYSCALL_YIELD);
    assert_registers(&t, PC | NUMBER);
    fill_registers(&t);
    t.reg[REG_A0] = notification;
    make_call(&t, SYSCALL_SEND);
    assert_registers(&t, arguments & ~A1);
    assert_int_equal(t.reg[REG_A0], notification);
    t.reg[REG_A0] = endpoint; /* nobody waits */
    make_call(&t, SYSCALL_NB_SEND);
    assert_registers(&t, arguments & ~A1);
    t.reg[REG_A0] = NOWHERE;
    make_call(&t, SYSCALL_NB_SEND);
    assert_registers(&t, arguments & ~A1);
    assert_int_equal(t.reg[REG_A0], NOWHERE);
}

static void polling_and_notifications_change_a0_only(UNUSED void **test) {
    struct thread t = subject_make();
    u64 badged = mint(notification, SEL4_RIGHTS_ALL, 0x55);

    sys_signal(badged);
    as(&t);
    t.reg[REG_A0] = notification;
    make_call(&t, SYSCALL_WAIT);
    assert_int_equal(t.reg[REG_A0], 0x55);
    assert_registers(&t, PC | NUMBER | A0);
    t.reg[REG_A0] = notification;
    make_call(&t, SYSCALL_NB_WAIT);
    assert_int_equal(t.reg[REG_A0], 0);
    t.reg[REG_A0] = endpoint;
    make_call(&t, SYSCALL_NB_WAIT);
    assert_int_equal(t.reg[REG_A0], 0);
    t.reg[REG_A0] = endpoint;
    t.reg[REG_REPLY] = t.reply;
    make_call(&t, SYSCALL_NB_RECV);
    assert_int_equal(t.reg[REG_A0], 0);
    assert_registers(&t, PC | NUMBER | A0 | REPLY);
    assert_int_equal(t.reg[REG_REPLY], t.reply);
    /* While waiting, too: a1 to a5 stay as they were. */
    t.reg[REG_A0] = notification;
    host_syscall(SYSCALL_WAIT);
    as(&root);
    sys_signal(badged);
    assert_int_equal(badge(&t), 0x55);
    assert_registers(&t, PC | NUMBER | A0 | REPLY);
}

static void kernel_answers(UNUSED void **test) {
    struct thread t = subject_make();
    u64 outputs = PC | NUMBER | A0 | A1;

    t.reg[REG_A0] = ROOT_TCB;
    t.reg[REG_A1] = msginfo_make(99, 0, 0, 0); /* a label that nobody knows */
    make_call(&t, SYSCALL_CALL);
    assert_int_equal(t.reg[REG_A0], 0);
    assert_int_equal(t.reg[REG_A1], 0x3000);
    assert_registers(&t, outputs);
    t.reg[REG_A0] = free_slot();
    t.reg[REG_A1] = 0;
    make_call(&t, SYSCALL_CALL);
    assert_int_equal(t.reg[REG_A1], 0x2001);
    assert_int_equal(t.reg[REG_A2], 0);
    assert_registers(&t, outputs | REGISTER(REG_A2));
    t.reg[REG_A0] = notification; /* a signal that asks for an answer */
    t.reg[REG_A1] = 0;
    make_call(&t, SYSCALL_CALL);
    assert_int_equal(t.reg[REG_A0], 0);
    assert_int_equal(t.reg[REG_A1], 0);
    t.reg[REG_A0] = t.frame;
    t.reg[REG_A1] = msginfo_make(METHOD_PAGE_GET_ADDRESS, 0, 0, 0);
    make_call(&t, SYSCALL_CALL);
    assert_int_equal(t.reg[REG_A1], 1);
    assert_int_equal(t.reg[REG_A2], cap_address(cap(t.frame)).value);
    assert_registers(&t, outputs | REGISTER(REG_A2));
    /* Send of a failing and of a succeeding invocation answers nothing. */
    fill_registers(&t);
    t.reg[REG_A0] = ROOT_TCB;
    make_call(&t, SYSCALL_SEND);
    assert_registers(&t, PC | NUMBER | A0);
    t.reg[REG_A0] = t.frame;
    t.reg[REG_A1] = msginfo_make(METHOD_PAGE_GET_ADDRESS, 0, 0, 0);
    make_call(&t, SYSCALL_SEND);
    assert_registers(&t, outputs);
    assert_int_equal(t.reg[REG_A0], t.frame);
}

/* A message changes badge, info and as many message registers as it has words; the rest stays. */
static void receiving_changes_outputs_only(UNUSED void **test) {
    struct thread t = subject_make();

    t.reg[REG_A0] = endpoint;
    t.reg[REG_REPLY] = t.reply;
    host_syscall(SYSCALL_RECV);
    as(&root);
    sys_send(mint(endpoint, SEL4_RIGHTS_ALL, 5), 3, W(11, 12));
    assert_message(&t, 5, 3, 11, 12);
    assert_registers(&t, PC | NUMBER | A0 | A1 | REGISTER(REG_A2) | REGISTER(REG_A3) | REPLY);
    assert_int_equal(t.reg[REG_REPLY], t.reply);
}

/* ---- Addresses that lead nowhere ---- */

static void assert_cap_fault(const struct thread *t, s64 number, u64 address, bool receiving,
                             struct words failure) {
    u64 expected[8] = {t->reg[REG_PC], address, receiving};

    memcpy(&expected[3], failure.at, failure.count * 8);
    host_syscall(number);
    assert_true(running(&server));
    check_message(&server, 77, SEL4_FAULT_CAP, (struct words){expected, 3 + failure.count},
                  __FILE__, __LINE__);
    /* Whatever the answer, the call is tried again. */
    assert_int_equal(state(t), THREAD_BLOCKED_REPLY);
    sys_reply_recv(fault_endpoint, server.reply, 0, W());
    assert_int_equal(state(t), THREAD_RUNNABLE);
    assert_int_equal(t->reg[REG_PC], expected[0]);
    as(t);
}

static void unresolvable_addresses_are_faults(UNUSED void **test) {
    struct thread t = subject_make();
    u64 empty = free_slot();
    u64 guard = 64 - info->init_thread_cnode_size_bits;
    struct words mismatch = W(SEL4_LOOKUP_GUARD_MISMATCH, 64, 0, guard);
    struct words missing = W(SEL4_LOOKUP_MISSING_CAPABILITY, 0);

    t.reg[REG_A0] = NOWHERE;
    assert_cap_fault(&t, SYSCALL_NB_WAIT, NOWHERE, true, mismatch);
    t.reg[REG_A0] = NOWHERE;
    assert_cap_fault(&t, SYSCALL_SEND, NOWHERE, false, mismatch);
    assert_cap_fault(&t, SYSCALL_CALL, NOWHERE, false, mismatch);
    assert_cap_fault(&t, SYSCALL_RECV, NOWHERE, true, mismatch);
    t.reg[REG_A0] = empty;
    assert_cap_fault(&t, SYSCALL_NB_WAIT, empty, true, missing);
    t.reg[REG_A0] = t.tcb; /* neither endpoint nor notification */
    assert_cap_fault(&t, SYSCALL_WAIT, t.tcb, true, missing);
    t.reg[REG_A0] = endpoint;
    t.reg[REG_REPLY] = notification;
    assert_cap_fault(&t, SYSCALL_RECV, notification, true, missing);
    t.reg[REG_REPLY] = empty;
    assert_cap_fault(&t, SYSCALL_NB_RECV, empty, true, missing);
    t.reg[REG_REPLY] = NOWHERE;
    assert_cap_fault(&t, SYSCALL_NB_RECV, NOWHERE, true, mismatch);
    /* On a notification the reply object is not looked at. */
    t.reg[REG_A0] = notification;
    make_call(&t, SYSCALL_NB_RECV);
}

static void rights_are_needed(UNUSED void **test) {
    struct thread t = subject_make();
    u64 write_only = mint(endpoint, SEL4_RIGHT_WRITE, 0);
    u64 read_only = mint(endpoint, SEL4_RIGHT_READ, 0);
    u64 no_signal = mint(notification, SEL4_RIGHT_READ, 0);
    u64 no_wait = mint(notification, SEL4_RIGHT_WRITE, 0);
    struct words missing = W(SEL4_LOOKUP_MISSING_CAPABILITY, 0);

    as(&t);
    t.reg[REG_A0] = write_only;
    t.reg[REG_REPLY] = t.reply;
    assert_cap_fault(&t, SYSCALL_RECV, write_only, true, missing);
    t.reg[REG_A0] = no_wait;
    assert_cap_fault(&t, SYSCALL_WAIT, no_wait, true, missing);
    assert_int_equal(invoke(read_only, 0, W(), C()), SEL4_INVALID_CAPABILITY);
    assert_answer(SEL4_INVALID_CAPABILITY, 0);
    assert_int_equal(invoke(no_signal, 0, W(), C()), SEL4_INVALID_CAPABILITY);
    sys_send(read_only, 0, W());
    assert_true(running(&t));
    assert_int_equal(((struct endpoint *)object(endpoint))->state, ENDPOINT_IDLE);
}

static void missing_extra_caps_fault_with_their_address(UNUSED void **test) {
    struct thread t = subject_make();
    u64 guard = 64 - info->init_thread_cnode_size_bits;

    message(METHOD_TCB_SUSPEND, W(), C(NOWHERE));
    t.reg[REG_A0] = t.tcb;
    assert_cap_fault(&t, SYSCALL_CALL, NOWHERE, false, W(SEL4_LOOKUP_GUARD_MISMATCH, 64, 0, guard));
    make_call(&t, SYSCALL_NB_SEND);
    assert_true(running(&t));
}

/* A notification bound to another thread cannot be waited for. */
static void bound_notifications_are_private(UNUSED void **test) {
    struct thread t = subject_make();

    as(&root);
    assert_int_equal(invoke(server.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    as(&t);
    t.reg[REG_A0] = notification;
    assert_cap_fault(&t, SYSCALL_NB_WAIT, notification, true, W(SEL4_LOOKUP_MISSING_CAPABILITY, 0));
}

/* ---- Two phases ---- */

static void first_phase_failures_are_invisible(UNUSED void **test) {
    struct thread t = subject_make();
    u64 badged = mint(notification, SEL4_RIGHTS_ALL, 9);
    const u64 refused[] = {
        t.tcb,   ROOT_CNODE, info->sched_control.start, t.sc, SEL4_INIT_SLOT_DOMAIN,
        NOWHERE, free_slot()};

    for (unsigned i = 0; i < ARRAY_LENGTH(refused); i++) {
        as(&root);
        sys_signal(badged);
        as(&t);
        fill_registers(&t);
        message(METHOD_TCB_SUSPEND, W(), C());
        t.reg[REG_A0] = notification;
        t.reg[REG_REPLY] = refused[i];
        make_call(&t, SYSCALL_NB_SEND_WAIT);
        assert_int_equal(t.reg[REG_A0], 9);
        assert_registers(&t, PC | NUMBER | A0 | A1 | REPLY);
    }
}

static void first_phase_sends(UNUSED void **test) {
    struct thread t = subject_make();
    struct thread other = thread_make(100);
    u64 second = make(OBJECT_ENDPOINT, 0);

    as(&other);
    sys_recv(second, other.reply);
    as(&t);
    /* NBSendRecv: destination in t0. */
    message(4, W(21, 22, 23), C());
    t.reg[REG_A0] = endpoint;
    t.reg[REG_REPLY] = t.reply;
    t.reg[REG_DEST] = mint(second, SEL4_RIGHTS_ALL, 6);
    as(&t);
    host_syscall(SYSCALL_NB_SEND_RECV);
    assert_message(&other, 6, 4, 21, 22, 23);
    assert_int_equal(state(&t), THREAD_BLOCKED_RECEIVE);
    as(&root);
    sys_send(endpoint, 8, W(1));
    assert_message(&t, 0, 8, 1);
    /* NBSendWait: destination in a6, source a notification. */
    as(&t);
    message(1, W(31), C());
    t.reg[REG_A0] = notification;
    t.reg[REG_REPLY] = mint(notification, SEL4_RIGHTS_ALL, 0x10);
    as(&t);
    make_call(&t, SYSCALL_NB_SEND_WAIT); /* it signals itself */
    assert_int_equal(t.reg[REG_A0], 0x10);
}

/* A capability that refuses in the first phase does not refuse alone. */
static void frames_may_be_invoked_in_the_first_phase(UNUSED void **test) {
    struct thread t = subject_make();
    u64 frame = make(OBJECT_4K_PAGE, 0);

    assert_int_equal(invoke(frame, METHOD_PAGE_MAP, W(0x40000, 3, 0), C(ROOT_VSPACE)), 0);
    sys_signal(notification);
    as(&t);
    message(METHOD_PAGE_UNMAP, W(), C());
    t.reg[REG_A0] = notification;
    t.reg[REG_REPLY] = frame;
    make_call(&t, SYSCALL_NB_SEND_WAIT);
    assert_int_equal(cap_mapped_asid(cap(frame)), 0);
}

static void unknown_numbers_are_faults(UNUSED void **test) {
    struct thread t = subject_make();
    static const s64 numbers[] = {0, 1, 77, -18, -34, -1000, (s64)(1ull << 63)};

    for (unsigned i = 0; i < ARRAY_LENGTH(numbers); i++) {
        u64 *r = t.reg;

        fill_registers(&t);
        host_syscall(numbers[i]);
        assert_true(running(&server));
        assert_message(&server, 77, SEL4_FAULT_UNKNOWN_SYSCALL, r[REG_PC], r[REG_SP], r[REG_RA],
                       r[REG_A0], r[REG_A1], r[REG_A2], r[REG_A3], r[REG_A4], r[REG_A5], r[REG_A6],
                       (u64)numbers[i]);
        sys_reply_recv(fault_endpoint, server.reply, 0, W());
        as(&t);
        assert_registers(&t, NUMBER);
    }
}

/* An answer of more words than registers is cut where the caller's buffer may only be read. */
static void answers_leave_a_buffer_alone_that_may_only_be_read(UNUSED void **test) {
    struct thread t = thread_make(50);
    u64 guarded = mint(make(OBJECT_CNODE, 3), SEL4_RIGHTS_ALL, 1 << 6 | 1); /* one bit, set */
    u64 readable = mint(t.frame, SEL4_RIGHT_READ, 0);

    for (unsigned i = 0; i < 2; i++) {
        as(&t);
        t.buffer[BUFFER_MSG + 4] = 0x5a5a;
        message(METHOD_CNODE_DELETE, W(0, 4), C());
        syscall_with(SYSCALL_CALL, guarded);
        assert_int_equal(label(&t), SEL4_FAILED_LOOKUP);
        assert_int_equal(word(&t, 1), SEL4_LOOKUP_GUARD_MISMATCH);
        assert_int_equal(length(&t), i == 0 ? 5 : 4);
        assert_int_equal(t.buffer[BUFFER_MSG + 4], i == 0 ? 1 : 0x5a5a);
        as(&root);
        assert_int_equal(
            invoke(t.tcb, METHOD_TCB_SET_IPC_BUFFER, W(t.object->buffer_address), C(readable)), 0);
    }
}

/* Registers that the trap did not save are asked for before they are read or written; nothing happens before. */
static void all_registers_are_asked_for(UNUSED void **test) {
    struct thread t = subject_make();
    struct thread other = thread_make(50);

    as(&root);
    assert_int_equal(invoke(other.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    as(&t);
    t.object->context.whole = 0;
    message(METHOD_TCB_COPY_REGISTERS, W(2 | 4 | 8), C(t.tcb));
    t.reg[REG_A0] = other.tcb;
    t.reg[REG_SYSCALL] = (u64)SYSCALL_CALL;
    u64 pc = t.reg[REG_PC];
    struct arch_context *back = kernel_syscall(&t.object->context);

    assert_ptr_equal(back, arch_context_save_rest(&t.object->context));
    assert_int_equal(t.reg[REG_PC], pc);
    assert_int_equal(state(&other), THREAD_INACTIVE);
    t.object->context.whole = 1;
    make_call(&t, SYSCALL_CALL);
    assert_true(running(&t)); /* and not asked for once more */
    assert_int_equal(state(&other), THREAD_RUNNABLE);
    assert_int_equal(other.reg[REG_S5], t.reg[REG_S5]);
    assert_int_equal(other.reg[REG_TP], t.reg[REG_TP]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(calls_without_results_change_nothing, boot),
        cmocka_unit_test_setup(polling_and_notifications_change_a0_only, boot),
        cmocka_unit_test_setup(kernel_answers, boot),
        cmocka_unit_test_setup(receiving_changes_outputs_only, boot),
        cmocka_unit_test_setup(unresolvable_addresses_are_faults, boot),
        cmocka_unit_test_setup(rights_are_needed, boot),
        cmocka_unit_test_setup(missing_extra_caps_fault_with_their_address, boot),
        cmocka_unit_test_setup(bound_notifications_are_private, boot),
        cmocka_unit_test_setup(first_phase_failures_are_invisible, boot),
        cmocka_unit_test_setup(first_phase_sends, boot),
        cmocka_unit_test_setup(frames_may_be_invoked_in_the_first_phase, boot),
        cmocka_unit_test_setup(unknown_numbers_are_faults, boot),
        cmocka_unit_test_setup(all_registers_are_asked_for, boot),
        cmocka_unit_test_setup(answers_leave_a_buffer_alone_that_may_only_be_read, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
