// SPDX-License-Identifier: BSD-2-Clause
/* Messages: who gets them, in which order, how much of them, and the capabilities in them. */
#include "kernel/object/object.h"
#include "tests/support/world.h"

static u64 endpoint;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    endpoint = make(OBJECT_ENDPOINT, 0);
    return 0;
}

static struct endpoint *queue_of(u64 cptr) {
    return object(cptr);
}

static void wait_for_message(const struct thread *t) {
    as(t);
    sys_recv(endpoint, t->reply);
    assert_int_equal(state(t), THREAD_BLOCKED_RECEIVE);
}

static void senders_wait_by_priority_then_arrival(UNUSED void **test) {
    static const u8 priorities[] = {10, 30, 20, 30, 10, 250};
    static const unsigned expected[] = {5, 1, 3, 2, 0, 4};
    struct thread sender[ARRAY_LENGTH(priorities)];

    for (unsigned i = 0; i < ARRAY_LENGTH(sender); i++) {
        sender[i] = thread_make(priorities[i]);
        rest(); /* only this one can run: it keeps its own priority */
        assert_true(running(&sender[i]));
        sys_send(endpoint, i, W());
        as(&root);
        assert_int_equal(state(&sender[i]), THREAD_BLOCKED_SEND);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(sender); i++) {
        sys_recv(endpoint, root.reply);
        assert_int_equal(label(&root), expected[i]);
        assert_int_equal(state(&sender[expected[i]]), THREAD_RUNNABLE);
    }
    assert_int_equal(queue_of(endpoint)->state, ENDPOINT_IDLE);
}

static void receivers_wait_by_priority_and_move_when_it_changes(UNUSED void **test) {
    struct thread receiver[3];

    for (unsigned i = 0; i < 3; i++) {
        receiver[i] = thread_make((u8)(10 + i));
        rest();
        sys_recv(endpoint, receiver[i].reply);
        as(&root);
    }
    /* 12, 11, 10; the last one is made the first. */
    assert_int_equal(invoke(receiver[0].tcb, METHOD_TCB_SET_PRIORITY, W(99), C(ROOT_TCB)), 0);
    static const unsigned expected[] = {0, 2, 1};
    for (unsigned i = 0; i < 3; i++) {
        sys_send(endpoint, 40 + i, W());
        assert_int_equal(state(&receiver[expected[i]]), THREAD_RUNNABLE);
        assert_int_equal(label(&receiver[expected[i]]), 40 + i);
    }
}

static void nonblocking_sends_need_a_receiver(UNUSED void **test) {
    struct thread t = thread_make(10);

    as(&root);
    sys_nb_send(endpoint, 1, W(1));
    assert_int_equal(queue_of(endpoint)->state, ENDPOINT_IDLE);
    wait_for_message(&t);
    as(&root);
    sys_nb_send(endpoint, 2, W(7));
    assert_message(&t, 0, 2, 7);
}

static u64 pattern(unsigned i) {
    return 0x1000 + i;
}

/* Send `words` words from one thread to another, both with buffers unless told otherwise. */
static void long_message(unsigned sent, bool from_buffer, bool to_buffer, unsigned arrives) {
    u64 words[128];
    struct thread from = thread_make(20);
    struct thread to = thread_make(30);

    for (unsigned i = 0; i < 128; i++) {
        words[i] = pattern(i);
    }
    wait_for_message(&to);
    as(&from);
    message(5, (struct words){words, sent > 120 ? 120 : sent}, C());
    from.reg[REG_INFO] = msginfo_make(5, 0, 0, sent);
    as(&root);
    if (!from_buffer) {
        assert_int_equal(invoke(from.tcb, METHOD_TCB_SET_IPC_BUFFER, W(0), C(0)), 0);
    }
    if (!to_buffer) {
        assert_int_equal(invoke(to.tcb, METHOD_TCB_SET_IPC_BUFFER, W(0), C(0)), 0);
    }
    as(&from);
    syscall_with(SYSCALL_SEND, endpoint);
    assert_int_equal(label(&to), 5);
    assert_int_equal(length(&to), arrives);
    for (unsigned i = 0; i < arrives; i++) {
        assert_int_equal(word(&to, i), pattern(i));
    }
}

static void messages_of_every_length(UNUSED void **test) {
    static const unsigned lengths[] = {0, 1, 3, 4, 5, 8, 63, 119, 120};

    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        long_message(lengths[i], true, true, lengths[i]);
    }
    long_message(121, true, true, 120); /* cut */
    long_message(127, true, true, 120);
    long_message(10, false, true, 4);
    long_message(10, true, false, 4);
    long_message(3, false, false, 3);
}

/* ---- Capabilities in messages ---- */

static void offer_slot(const struct thread *t, u64 cnode, u64 index, u64 depth) {
    t->buffer[BUFFER_RECEIVE_CNODE] = cnode;
    t->buffer[BUFFER_RECEIVE_INDEX] = index;
    t->buffer[BUFFER_RECEIVE_DEPTH] = depth;
}

static void send_caps(u64 through, struct words caps) {
    message(1, W(99), caps);
    syscall_with(SYSCALL_SEND, through);
}

static void one_cap_is_received(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 second = make(OBJECT_NOTIFICATION, 0);
    u64 dest = free_slot();

    offer_slot(&t, ROOT_CNODE, dest, 64);
    wait_for_message(&t);
    as(&root);
    send_caps(endpoint, C(given, second));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 1, 1)); /* the second had no place */
    assert_true(cap_equal(cap(dest), cap(given)));
    /* The slot is taken now: nothing arrives next time. */
    wait_for_message(&t);
    as(&root);
    send_caps(endpoint, C(second));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 0, 1));
    /* The copy is a child of nobody's: deleting the original leaves it. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(given, 64), C()), 0);
    assert_true(cap_is(cap(dest), CAP_NOTIFICATION));
}

static void no_cap_without_grant(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 weak = mint(endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY, 3);
    u64 dest = free_slot();

    offer_slot(&t, ROOT_CNODE, dest, 64);
    wait_for_message(&t);
    as(&root);
    send_caps(weak, C(given));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 0, 1));
    assert_true(slot_is_empty(slot(dest)));
    assert_message(&t, 3, 1, 99);
}

static void caps_to_the_endpoint_itself_are_unwrapped(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 same = mint(endpoint, SEL4_RIGHT_READ, 0x321);
    u64 other = mint(make(OBJECT_ENDPOINT, 0), SEL4_RIGHTS_ALL, 0x999);
    u64 dest = free_slot();

    offer_slot(&t, ROOT_CNODE, dest, 64);
    wait_for_message(&t);
    as(&root);
    send_caps(mint(endpoint, SEL4_RIGHTS_ALL, 8), C(same, given, same));
    assert_int_equal(badge(&t), 8);
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 5, 3, 1));
    assert_int_equal(t.buffer[BUFFER_CAPS], 0x321);
    assert_int_equal(t.buffer[BUFFER_CAPS + 2], 0x321);
    assert_true(cap_equal(cap(dest), cap(given)));
    /* One to another endpoint is an ordinary capability, badge and all. */
    u64 next = free_slot();
    offer_slot(&t, ROOT_CNODE, next, 64);
    wait_for_message(&t);
    as(&root);
    send_caps(endpoint, C(other));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 1, 1));
    assert_int_equal(cap_badge(cap(next)), 0x999);
}

static void receive_slots_that_are_none(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 dest = free_slot();
    const u64 wrong[][3] = {
        {ROOT_CNODE, dest, 0},
        {ROOT_CNODE, dest, 65},
        {ROOT_CNODE, dest, 63},
        {ROOT_CNODE, given, 64},
        {given, dest, 64},
        {0xdead000000000000ull, dest, 64},
        {ROOT_CNODE, 0xdead000000000000ull, 64},
    };

    for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
        offer_slot(&t, wrong[i][0], wrong[i][1], wrong[i][2]);
        wait_for_message(&t);
        as(&root);
        send_caps(endpoint, C(given));
        assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 0, 1));
        assert_true(slot_is_empty(slot(dest)));
    }
}

/* What may not be copied does not go over, and neither does what comes behind it. */
static void underivable_caps_stop_the_transfer(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 dest = free_slot();
    u64 table = make(OBJECT_PAGE_TABLE, 0);
    const u64 stuck[] = {SEL4_INIT_SLOT_IRQ_CONTROL, table, info->untyped.end - 1, free_slot()};

    offer_slot(&t, ROOT_CNODE, dest, 64);
    for (unsigned i = 0; i < ARRAY_LENGTH(stuck); i++) {
        if (cap_is(cap(stuck[i]), CAP_UNTYPED)) {
            continue;
        }
        wait_for_message(&t);
        as(&root);
        send_caps(endpoint, C(stuck[i], t.tcb));
        assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 0, 1));
        assert_true(slot_is_empty(slot(dest)));
    }
    /* An untyped with children: the one all objects here come from. */
    u64 parent = make(OBJECT_UNTYPED, 12);
    assert_int_equal(invoke(parent, METHOD_UNTYPED_RETYPE,
                            W(OBJECT_ENDPOINT, 0, 0, 0, free_slot(), 1), C(ROOT_CNODE)),
                     0);
    wait_for_message(&t);
    as(&root);
    send_caps(endpoint, C(parent));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 0, 1));
    /* A frame goes over without its mapping. */
    u64 frame = make(OBJECT_4K_PAGE, 0);
    assert_int_equal(invoke(frame, METHOD_PAGE_MAP, W(0x40000, 3, 0), C(ROOT_VSPACE)), 0);
    wait_for_message(&t);
    as(&root);
    send_caps(endpoint, C(frame));
    assert_int_equal(t.reg[REG_INFO], msginfo_make(1, 0, 1, 1));
    assert_int_equal(cap_mapped_asid(cap(dest)), 0);
    assert_int_equal(cap_mapped_vaddr(cap(frame)), 0x40000);
}

static void caps_travel_with_waiting_senders_too(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 dest = free_slot();

    as(&t);
    message(2, W(5), C(given));
    syscall_with(SYSCALL_SEND, endpoint);
    as(&root);
    offer_slot(&root, ROOT_CNODE, dest, 64);
    sys_recv(endpoint, root.reply);
    assert_int_equal(root.reg[REG_INFO], msginfo_make(2, 0, 1, 1));
    assert_true(cap_equal(cap(dest), cap(given)));
}

/* ---- Bound notifications ---- */

static void bound_notification_wakes_a_receiver(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    u64 badged = mint(notification, SEL4_RIGHT_WRITE, 0x40);

    assert_int_equal(invoke(t.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    as(&t);
    fill_registers(&t);
    sys_recv(endpoint, t.reply);
    as(&root);
    sys_signal(badged);
    assert_int_equal(state(&t), THREAD_RUNNABLE);
    assert_int_equal(badge(&t), 0x40);
    assert_registers(&t, REGISTER(REG_PC) | REGISTER(REG_A0) | REGISTER(REG_A6) | REGISTER(REG_A7));
    assert_int_equal(queue_of(endpoint)->state, ENDPOINT_IDLE);
    /* Signalled while it does something else: taken at the next receive, before any message. */
    sys_signal(badged);
    sys_signal(mint(notification, SEL4_RIGHT_WRITE, 0x2));
    struct thread sender = thread_make(10);
    as(&sender);
    sys_send(endpoint, 9, W());
    as(&t);
    sys_nb_recv(endpoint, t.reply);
    assert_int_equal(badge(&t), 0x42);
    assert_int_equal(state(&sender), THREAD_BLOCKED_SEND);
    sys_recv(endpoint, t.reply);
    assert_message(&t, 0, 9);
}

/* ---- Deletion with waiters ---- */

static void deleting_restarts_waiters(UNUSED void **test) {
    struct thread t[3];

    for (unsigned i = 0; i < 3; i++) {
        t[i] = thread_make((u8)(10 + i));
        as(&t[i]);
        sys_send(endpoint, i, W());
        as(&root);
    }
    u64 pc = t[0].reg[REG_PC];
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(endpoint, 64), C()), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(state(&t[i]), THREAD_RUNNABLE);
    }
    /* Restarted calls find an empty slot: nothing to send to, so they go on. */
    assert_int_equal(t[0].reg[REG_PC], pc);
    as(&t[0]);
    host_syscall(SYSCALL_SEND);
    assert_int_equal(t[0].reg[REG_PC], pc + ARCH_SYSCALL_BYTES);
}

static void badged_sends_are_cancelled(UNUSED void **test) {
    struct thread t[6];
    u64 with_badge[2] = {mint(endpoint, SEL4_RIGHTS_ALL, 1), mint(endpoint, SEL4_RIGHTS_ALL, 2)};

    for (unsigned i = 0; i < 6; i++) {
        t[i] = thread_make((u8)(10 + i));
        as(&t[i]);
        sys_send(with_badge[i % 2], i, W());
        as(&root);
    }
    assert_int_equal(
        invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(with_badge[0], 64), C()), 0);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(state(&t[i]), i % 2 == 0 ? THREAD_RUNNABLE : THREAD_BLOCKED_SEND);
    }
    /* Nobody with badge 0 is told apart. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(endpoint, 64), C()), 0);
    assert_int_equal(state(&t[1]), THREAD_BLOCKED_SEND);
    /* Needs an endpoint and all rights. */
    u64 weak = mint(endpoint, SEL4_RIGHTS_ALL - SEL4_RIGHT_GRANT, 2);
    (void)invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(weak, 64), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
    (void)invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(ROOT_TCB, 64), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
}

/*
 * A walk over badged senders that was interrupted and never finished must not shorten a later one: the endpoint
 * goes away in between, and another one appears at its place with the same badge.
 */
static void an_interrupted_cancel_leaves_nothing_behind(UNUSED void **test) {
    u64 memory = make(OBJECT_UNTYPED, 4);
    u64 at = free_slot();
    u64 badged = free_slot();
    struct thread canceller = thread_make(30);
    struct thread t[3];
    struct words retype = W(OBJECT_ENDPOINT, 0, 0, 0, at, 1);
    struct words give_badge = W(badged, 64, at, 64, SEL4_RIGHTS_ALL, 7);

    assert_int_equal(invoke(memory, METHOD_UNTYPED_RETYPE, retype, C(ROOT_CNODE)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_MINT, give_badge, C(ROOT_CNODE)), 0);
    for (unsigned i = 0; i < 3; i++) {
        t[i] = thread_make(10);
        as(&t[i]);
        sys_send(badged, 0, W());
        as(&root);
    }
    as(&canceller);
    message(METHOD_CNODE_CANCEL_BADGED_SENDS, W(badged, 64), C());
    kernel.work_units = PREEMPTION_UNITS - 3; /* the point behind the last of the three looks */
    host.interrupts_hidden = 1;
    syscall_with(SYSCALL_CALL, ROOT_CNODE);
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(memory, 64), C()), 0);
    as(&canceller);
    host_syscall(SYSCALL_CALL); /* restarted: the slot is empty now */
    assert_int_equal(label(&canceller), SEL4_ILLEGAL_OPERATION);
    as(&root);
    assert_int_equal(invoke(memory, METHOD_UNTYPED_RETYPE, retype, C(ROOT_CNODE)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_MINT, give_badge, C(ROOT_CNODE)), 0);
    for (unsigned i = 0; i < 3; i++) {
        as(&t[i]);
        sys_send(badged, 0, W());
    }
    as(&canceller);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(badged, 64), C()), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(state(&t[i]), THREAD_RUNNABLE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(senders_wait_by_priority_then_arrival, boot),
        cmocka_unit_test_setup(receivers_wait_by_priority_and_move_when_it_changes, boot),
        cmocka_unit_test_setup(nonblocking_sends_need_a_receiver, boot),
        cmocka_unit_test_setup(messages_of_every_length, boot),
        cmocka_unit_test_setup(one_cap_is_received, boot),
        cmocka_unit_test_setup(no_cap_without_grant, boot),
        cmocka_unit_test_setup(caps_to_the_endpoint_itself_are_unwrapped, boot),
        cmocka_unit_test_setup(receive_slots_that_are_none, boot),
        cmocka_unit_test_setup(underivable_caps_stop_the_transfer, boot),
        cmocka_unit_test_setup(caps_travel_with_waiting_senders_too, boot),
        cmocka_unit_test_setup(bound_notification_wakes_a_receiver, boot),
        cmocka_unit_test_setup(deleting_restarts_waiters, boot),
        cmocka_unit_test_setup(badged_sends_are_cancelled, boot),
        cmocka_unit_test_setup(an_interrupted_cancel_leaves_nothing_behind, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
