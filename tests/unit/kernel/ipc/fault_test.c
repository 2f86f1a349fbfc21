// SPDX-License-Identifier: BSD-2-Clause
/* Faults: what the handler is told, what its answer does, and what happens without one (SEL4-ABI section 9). */
#include "mcs/refill.h"
#include "tests/support/world.h"

#define BADGE 77

static u64 endpoint;
static struct thread handler;
static struct thread subject;

/* The subject faults to the handler, which waits; registers of the subject hold patterns. */
static int boot(UNUSED void **test) {
    world_boot(NULL);
    endpoint = make(OBJECT_ENDPOINT, 0);
    handler = thread_make(100);
    subject = thread_make(50);
    thread_set_fault_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, BADGE));
    as(&handler);
    sys_recv(endpoint, handler.reply);
    as(&subject);
    fill_registers(&subject);
    return 0;
}

static void vm_fault(u64 address, u64 fsr) {
    host_fault(&(struct arch_fault){
        .kind = ARCH_FAULT_VM, .address = address, .fsr = fsr, .is_instruction = fsr == 1});
}

static void user_fault(u64 number) {
    host_fault(&(struct arch_fault){.kind = ARCH_FAULT_USER, .number = number});
}

static void answer_with(u64 label_sent, struct words words) {
    assert_true(running(&handler));
    message(label_sent, words, C());
    handler.reg[REG_REPLY] = handler.reply;
    syscall_with(SYSCALL_REPLY_RECV, endpoint);
}

static void vm_faults(UNUSED void **test) {
    static const u64 fsr[] = {1, 5, 7};

    for (unsigned i = 0; i < 3; i++) {
        u64 pc = subject.reg[REG_PC];

        vm_fault(0x1000 + i, fsr[i]);
        assert_int_equal(state(&subject), THREAD_BLOCKED_REPLY);
        as(&handler);
        assert_message(&handler, BADGE, SEL4_FAULT_VM, pc, 0x1000 + i, fsr[i] == 1, fsr[i]);
        /* Contents and label of the answer are ignored: it is tried again. */
        answer_with(i, W(1, 2, 3, 4));
        as(&subject);
        assert_registers(&subject, 0);
    }
}

static void user_exceptions(UNUSED void **test) {
    u64 pc = subject.reg[REG_PC];
    u64 sp = subject.reg[REG_SP];

    user_fault(3);
    as(&handler);
    assert_message(&handler, BADGE, SEL4_FAULT_USER_EXCEPTION, pc, sp, 3, 0);
    /* As many registers as the answer has words, two at most. */
    answer_with(0, W(pc + 2));
    as(&subject);
    assert_int_equal(subject.reg[REG_PC], pc + 2);
    assert_registers(&subject, REGISTER(REG_PC));
    user_fault(2);
    as(&handler);
    answer_with(0, W(0x100, 0x200, 0x300, 0x400));
    as(&subject);
    assert_int_equal(subject.reg[REG_PC], 0x100);
    assert_int_equal(subject.reg[REG_SP], 0x200);
    assert_registers(&subject, REGISTER(REG_PC) | REGISTER(REG_SP));
    /* Any other label: it stays where it is. */
    user_fault(2);
    as(&handler);
    answer_with(1, W());
    assert_int_equal(state(&subject), THREAD_INACTIVE);
    assert_int_equal(subject.object->fault.kind, SEL4_FAULT_NULL);
}

static void unknown_system_calls(UNUSED void **test) {
    u64 words[12];
    static const u8 order[] = {REG_PC, REG_SP, REG_RA, REG_A0, REG_A1,
                               REG_A2, REG_A3, REG_A4, REG_A5, REG_A6};

    host_syscall(500);
    as(&handler);
    assert_int_equal(length(&handler), 11);
    for (unsigned i = 0; i < 12; i++) {
        words[i] = 0x9000 + i;
    }
    answer_with(0, (struct words){words, 12});
    as(&subject);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(subject.reg[order[i]], 0x9000 + i);
    }
    assert_int_equal(subject.reg[REG_A7], 500);
    /* The handler emulates the call by going behind it. */
    host_syscall(501);
    as(&handler);
    answer_with(0, W(0x9000 + ARCH_SYSCALL_BYTES));
    as(&subject);
    assert_int_equal(subject.reg[REG_PC], 0x9000 + ARCH_SYSCALL_BYTES);
    assert_int_equal(subject.reg[REG_SP], 0x9001);
}

/* Nobody listens: the thread waits at the endpoint and its message is made when somebody comes. */
static void faults_wait_for_the_handler(UNUSED void **test) {
    vm_fault(0x1000, 5);
    as(&handler);
    struct thread second = thread_make(40);
    thread_set_fault_handler(&second, mint(endpoint, SEL4_RIGHTS_ALL, 5));
    as(&second);
    u64 pc = second.reg[REG_PC];
    vm_fault(0x2000, 7);
    assert_int_equal(state(&second), THREAD_BLOCKED_SEND);
    as(&handler);
    answer_with(0, W());
    assert_message(&handler, 5, SEL4_FAULT_VM, pc, 0x2000, 0, 7);
    assert_int_equal(state(&second), THREAD_BLOCKED_REPLY);
}

static void without_a_handler_the_thread_stops(UNUSED void **test) {
    struct thread alone = thread_make(60);

    as(&alone);
    u64 pc = alone.reg[REG_PC];
    vm_fault(0x1000, 5);
    assert_int_equal(state(&alone), THREAD_INACTIVE);
    assert_int_equal(alone.object->fault.kind, SEL4_FAULT_NULL);
    /* Resumed, it tries again. */
    as(&root);
    assert_int_equal(invoke(alone.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    as(&alone);
    assert_int_equal(alone.reg[REG_PC], pc);
    /* The handler's endpoint was deleted: likewise. */
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(endpoint, 64), C()), 0);
    as(&subject);
    vm_fault(0x1000, 5);
    assert_int_equal(state(&subject), THREAD_INACTIVE);
}

/*
 * The handler takes the message with Wait, so it cannot answer: the thread stops. Resumed, its next message is its
 * own, not the old fault.
 */
static void a_fault_that_cannot_be_answered_is_over(UNUSED void **test) {
    struct thread waiter = thread_make(110);
    u64 second = make(OBJECT_ENDPOINT, 0);
    thread_set_fault_handler(&subject, second);
    as(&waiter);
    sys_wait(second);
    as(&subject);
    vm_fault(0x1000, 5);
    assert_int_equal(label(&waiter), SEL4_FAULT_VM);
    assert_int_equal(state(&subject), THREAD_INACTIVE);
    as(&root);
    assert_int_equal(invoke(subject.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    as(&waiter);
    sys_wait(second);
    as(&subject);
    sys_send(second, 9, W(1));
    assert_message(&waiter, 0, 9, 1);
}

/* Deleting the reply object or the handler while it decides: the thread stays stopped. */
static void a_handler_may_disappear(UNUSED void **test) {
    vm_fault(0x1000, 5);
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(handler.reply, 64), C()), 0);
    assert_int_equal(state(&subject), THREAD_INACTIVE);
    assert_int_equal(subject.object->fault.kind, SEL4_FAULT_NULL);
}

static void faulting_donates_to_a_passive_handler(UNUSED void **test) {
    as(&root);
    assert_int_equal(invoke(handler.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    as(&subject);
    vm_fault(0x1000, 5);
    assert_true(running(&handler));
    assert_ptr_equal(handler.object->sc, subject.context);
    answer_with(0, W());
    assert_ptr_equal(subject.object->sc, subject.context);
    assert_true(running(&subject));
}

/* ---- Timeouts ---- */

static void configure(u64 budget_us, u64 period_us, u64 badge_given) {
    as(&root);
    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(budget_us, period_us, 0, badge_given, 0), C(subject.sc)),
                     0);
}

static void timeouts(UNUSED void **test) {
    u64 words[33];

    configure(1000, 2000, 0xbad6e);
    thread_set_timeout_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, 8));
    as(&subject);
    fill_registers(&subject);
    subject.context->consumed = 0;
    host_advance(1000 * TICKS_PER_US);
    assert_true(running(&handler));
    assert_message(&handler, 8, SEL4_FAULT_TIMEOUT, 0xbad6e, 1000);
    assert_int_equal(state(&subject), THREAD_BLOCKED_REPLY);
    assert_ptr_equal(subject.object->sc, subject.context); /* not donated */
    /* Up to 32 registers, in the order of the context; it runs when its next refill comes. */
    for (unsigned i = 0; i < 33; i++) {
        words[i] = 0x7000 + i;
    }
    answer_with(0, (struct words){words, 33});
    assert_int_equal(state(&subject), THREAD_RUNNABLE);
    assert_int_equal(subject.object->queue, QUEUE_RELEASE);
    for (unsigned i = 0; i < REG_COUNT; i++) {
        assert_int_equal(subject.reg[i], 0x7000 + i);
    }
    as(&root);
    rest();
    host_advance(1000 * TICKS_PER_US);
    assert_true(running(&subject));
    /* The next one, and an answer that stops it. */
    host_advance(1000 * TICKS_PER_US);
    assert_true(running(&handler));
    answer_with(3, W());
    assert_int_equal(state(&subject), THREAD_INACTIVE);
}

/* Not even to a passive handler: it gives the context lent to it back, and gets the message alone. */
static void timeouts_do_not_donate(UNUSED void **test) {
    struct thread passive = thread_make(100);
    u64 bell = make(OBJECT_NOTIFICATION, 0);
    u64 lent = sched_context(1000, 10000, 0);

    assert_int_equal(invoke(passive.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(bell)), 0);
    as(&passive);
    sys_wait(bell);
    as(&root);
    assert_int_equal(invoke(passive.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(bell)), 0);
    assert_int_equal(invoke(handler.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    configure(1000, 2000, 1);
    thread_set_timeout_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, 8));
    as(&subject);
    host_advance(1000 * TICKS_PER_US);
    assert_int_equal(state(&subject), THREAD_BLOCKED_SEND);
    as(&root);
    sys_signal(bell);
    as(&passive);
    sys_recv(endpoint, passive.reply);
    assert_int_equal(label(&passive), SEL4_FAULT_TIMEOUT);
    assert_null(passive.object->sc);
    assert_ptr_equal(subject.object->sc, subject.context);
    assert_null(subject.context->top_reply);
}

/* The endpoint is deleted while a fault waits there: the thread stops, and is not sent into its fault again. */
static void a_waiting_fault_ends_with_its_endpoint(UNUSED void **test) {
    as(&root);
    assert_int_equal(invoke(handler.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    as(&subject);
    vm_fault(0x1000, 5);
    assert_int_equal(state(&subject), THREAD_BLOCKED_SEND);
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(endpoint, 64), C()), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(endpoint, 64), C()), 0);
    assert_int_equal(state(&subject), THREAD_INACTIVE);
    assert_int_equal(subject.object->fault.kind, SEL4_FAULT_NULL);
}

static void a_timeout_without_context_is_shorter(UNUSED void **test) {
    configure(1000, 2000, 0xbad6e);
    thread_set_timeout_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, 8));
    assert_int_equal(invoke(handler.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    as(&subject);
    host_advance(1000 * TICKS_PER_US);
    assert_int_equal(state(&subject), THREAD_BLOCKED_SEND);
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(subject.sc, 64), C()), 0);
    assert_int_equal(invoke(handler.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    as(&handler);
    sys_recv(endpoint, handler.reply);
    assert_message(&handler, 8, SEL4_FAULT_TIMEOUT, 0xbad6e);
}

static void round_robin_and_no_handler_mean_no_timeout(UNUSED void **test) {
    thread_set_timeout_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, 8));
    as(&subject);
    host_advance(20 * TICKS_PER_MS);
    assert_int_equal(state(&handler), THREAD_BLOCKED_RECEIVE);
    assert_true(running(&subject));
    thread_set_timeout_handler(&subject, 0);
    configure(1000, 2000, 1);
    as(&subject);
    host_advance(1000 * TICKS_PER_US);
    assert_int_equal(state(&handler), THREAD_BLOCKED_RECEIVE);
    assert_int_equal(subject.object->queue, QUEUE_RELEASE);
}

/* A server that overruns on its caller's time: the server faults, told by the caller's badge. */
static void a_server_that_overruns(UNUSED void **test) {
    struct thread server = thread_make(60);
    u64 service = make(OBJECT_ENDPOINT, 0);

    thread_set_timeout_handler(&server, mint(endpoint, SEL4_RIGHTS_ALL, 9));
    as(&server);
    sys_recv(service, server.reply);
    as(&root);
    assert_int_equal(invoke(server.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    configure(500, 2000, 0xc11e);
    as(&subject);
    sys_call(service, 1, W());
    assert_true(running(&server));
    host_advance(500 * TICKS_PER_US);
    assert_true(running(&handler));
    assert_int_equal(badge(&handler), 9);
    assert_int_equal(label(&handler), SEL4_FAULT_TIMEOUT);
    assert_int_equal(word(&handler, 0), 0xc11e);
    /* The handler answers for the server: the caller gets its context back. */
    sys_send(server.reply, 5, W(1));
    assert_int_equal(state(&subject), THREAD_RUNNABLE);
    assert_ptr_equal(subject.object->sc, subject.context);
    check_world();
}

/* A reply that returns used-up time raises the owner's timeout before it runs. */
static void returned_time_that_is_used_up(UNUSED void **test) {
    struct thread server = thread_make(60);
    u64 service = make(OBJECT_ENDPOINT, 0);

    as(&server);
    sys_recv(service, server.reply);
    as(&root);
    assert_int_equal(invoke(server.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    configure(500, 2000, 0xc11e);
    thread_set_timeout_handler(&subject, mint(endpoint, SEL4_RIGHTS_ALL, 9));
    as(&subject);
    sys_call(service, 1, W());
    host_advance(500 * TICKS_PER_US); /* no timeout handler: the server waits for the next refill */
    assert_int_equal(server.object->queue, QUEUE_RELEASE);
    as(&root);
    sys_send(server.reply, 5, W(1));
    assert_message(&handler, 9, SEL4_FAULT_TIMEOUT, 0xc11e, 500);
    assert_int_equal(state(&subject), THREAD_BLOCKED_REPLY);
    assert_int_equal(label(&subject), 5);
    as(&handler);
    answer_with(0, W());
    assert_int_equal(subject.object->queue, QUEUE_RELEASE);
}

/* ---- Lookups that fail in other ways ---- */

/* A CSpace of two levels: addresses that end too early, or do not begin. */
static void cap_faults_say_how_the_search_failed(UNUSED void **test) {
    u64 top = make(OBJECT_CNODE, 4);
    u64 below = make(OBJECT_CNODE, 8);
    u64 with_guard = free_slot();

    /* top: guard of 52 bits, 4 bits; slot 3 leads to `below`: 8 bits; slot 4 to it with a guard of 6 bits. */
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_MINT,
                            W(with_guard, 64, below, 64, SEL4_RIGHTS_ALL, 0x2a << 6 | 6),
                            C(ROOT_CNODE)),
                     0);
    assert_int_equal(
        invoke(top, METHOD_CNODE_COPY, W(3, 4, below, 64, SEL4_RIGHTS_ALL), C(ROOT_CNODE)), 0);
    assert_int_equal(
        invoke(top, METHOD_CNODE_COPY, W(4, 4, with_guard, 64, SEL4_RIGHTS_ALL), C(ROOT_CNODE)), 0);
    u64 handler_cap = mint(endpoint, SEL4_RIGHTS_ALL, BADGE);
    assert_int_equal(
        invoke(subject.tcb, METHOD_TCB_SET_SPACE, W(52, 0), C(handler_cap, top, ROOT_VSPACE)), 0);
    as(&subject);
    u64 pc = subject.reg[REG_PC];
    subject.reg[REG_A0] = 0x401; /* slot 4 needs 14 bits, 8 are left */
    host_syscall(SYSCALL_SEND);
    as(&handler);
    assert_message(&handler, BADGE, SEL4_FAULT_CAP, pc, 0x401, 0, SEL4_LOOKUP_GUARD_MISMATCH, 8,
                   0x2a, 6);
    answer_with(0, W());
    as(&root);
    assert_int_equal(
        invoke(subject.tcb, METHOD_TCB_SET_SPACE, W(56, 0), C(handler_cap, top, ROOT_VSPACE)), 0);
    as(&subject);
    subject.reg[REG_A0] = 0x31; /* slot 3 is left with 4 bits and needs 8 */
    host_syscall(SYSCALL_SEND);
    as(&handler);
    assert_message(&handler, BADGE, SEL4_FAULT_CAP, pc, 0x31, 0, SEL4_LOOKUP_DEPTH_MISMATCH, 4, 8);
    answer_with(0, W());
    /* No CSpace at all. */
    as(&root);
    struct thread bare = thread_make(60);
    thread_set_fault_handler(&bare, handler_cap);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(bare.tcb, 64), C()), 0);
    u64 tcb = make(OBJECT_TCB, 0);
    assert_int_equal(
        invoke(tcb, METHOD_TCB_SET_SCHED_PARAMS, W(1, 70), C(ROOT_TCB, subject.sc, handler_cap)),
        SEL4_ILLEGAL_OPERATION); /* the context is somebody else's */
    u64 sc = sched_context(5000, 5000, 0);
    assert_int_equal(
        invoke(tcb, METHOD_TCB_SET_SCHED_PARAMS, W(1, 70), C(ROOT_TCB, sc, handler_cap)), 0);
    assert_int_equal(invoke(tcb, METHOD_TCB_RESUME, W(), C()), 0);
    rest();
    assert_ptr_equal(tcb_of_context(host.running), object(tcb));
    host.running->reg[REG_A0] = 5;
    host_syscall(SYSCALL_SEND);
    assert_true(running(&handler));
    assert_message(&handler, BADGE, SEL4_FAULT_CAP, 0, 5, 0, SEL4_LOOKUP_INVALID_ROOT);
}

/* A handler without a buffer sees four words and answers with four. */
static void a_handler_without_buffer(UNUSED void **test) {
    as(&root);
    assert_int_equal(invoke(handler.tcb, METHOD_TCB_SET_IPC_BUFFER, W(0), C(0)), 0);
    as(&subject);
    u64 a0 = subject.reg[REG_A0];
    host_syscall(123);
    as(&handler);
    assert_int_equal(label(&handler), SEL4_FAULT_UNKNOWN_SYSCALL);
    assert_int_equal(length(&handler), 4);
    assert_int_equal(word(&handler, 3), a0);
    handler.reg[REG_INFO] = msginfo_make(0, 0, 0, 10);
    for (unsigned i = 0; i < 4; i++) {
        handler.reg[REG_MR0 + i] = 0x100 + i;
    }
    syscall_with(SYSCALL_SEND, handler.reply);
    assert_int_equal(subject.reg[REG_PC], 0x100);
    assert_int_equal(subject.reg[REG_A0], 0x103);
    assert_registers(&subject, REGISTER(REG_PC) | REGISTER(REG_SP) | REGISTER(REG_RA) |
                                   REGISTER(REG_A0) | REGISTER(REG_A7));
}

/* ---- Whom faults may go to ---- */

static void handlers_must_be_able_to_answer(UNUSED void **test) {
    u64 weak = mint(endpoint, SEL4_RIGHT_WRITE, 1);
    u64 silent = mint(endpoint, SEL4_RIGHTS_ALL - SEL4_RIGHT_WRITE, 1);
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    const u64 wrong[] = {weak, silent, notification};

    for (unsigned i = 0; i < 3; i++) {
        (void)invoke(subject.tcb, METHOD_TCB_SET_SPACE, W(0, 0),
                     C(wrong[i], ROOT_CNODE, ROOT_VSPACE));
        assert_answer(SEL4_INVALID_CAPABILITY, 1);
        (void)invoke(subject.tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(wrong[i]));
        assert_answer(SEL4_INVALID_CAPABILITY, 1);
        (void)invoke(subject.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(1, 1),
                     C(ROOT_TCB, subject.sc, wrong[i]));
        assert_answer(SEL4_INVALID_CAPABILITY, 3);
    }
    assert_int_equal(cap_badge(subject.object->slot[TCB_FAULT_HANDLER].cap), BADGE);
    /* Null takes the handler away. */
    assert_int_equal(
        invoke(subject.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, ROOT_VSPACE)), 0);
    assert_true(slot_is_empty(&subject.object->slot[TCB_FAULT_HANDLER]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(vm_faults, boot),
        cmocka_unit_test_setup(user_exceptions, boot),
        cmocka_unit_test_setup(unknown_system_calls, boot),
        cmocka_unit_test_setup(faults_wait_for_the_handler, boot),
        cmocka_unit_test_setup(without_a_handler_the_thread_stops, boot),
        cmocka_unit_test_setup(a_fault_that_cannot_be_answered_is_over, boot),
        cmocka_unit_test_setup(a_handler_may_disappear, boot),
        cmocka_unit_test_setup(faulting_donates_to_a_passive_handler, boot),
        cmocka_unit_test_setup(timeouts, boot),
        cmocka_unit_test_setup(timeouts_do_not_donate, boot),
        cmocka_unit_test_setup(a_waiting_fault_ends_with_its_endpoint, boot),
        cmocka_unit_test_setup(a_timeout_without_context_is_shorter, boot),
        cmocka_unit_test_setup(round_robin_and_no_handler_mean_no_timeout, boot),
        cmocka_unit_test_setup(a_server_that_overruns, boot),
        cmocka_unit_test_setup(returned_time_that_is_used_up, boot),
        cmocka_unit_test_setup(cap_faults_say_how_the_search_failed, boot),
        cmocka_unit_test_setup(a_handler_without_buffer, boot),
        cmocka_unit_test_setup(handlers_must_be_able_to_answer, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
