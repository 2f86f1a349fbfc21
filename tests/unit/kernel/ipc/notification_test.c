// SPDX-License-Identifier: BSD-2-Clause
/* Notifications: words that collect, waiters in order, contexts that are lent, deletion. */
#include "mcs/refill.h"
#include "tests/support/world.h"

static u64 notification;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    notification = make(OBJECT_NOTIFICATION, 0);
    return 0;
}

static struct notification *it(void) {
    return object(notification);
}

static u64 badged(u64 badge_given) {
    return mint(notification, SEL4_RIGHT_WRITE, badge_given);
}

static void badges_collect_until_taken(UNUSED void **test) {
    u64 one = badged(1);
    u64 four = badged(4);

    sys_signal(one);
    sys_signal(four);
    sys_signal(one);
    assert_int_equal(it()->state, NOTIFICATION_ACTIVE);
    sys_wait(notification);
    assert_int_equal(badge(&root), 5);
    assert_int_equal(it()->state, NOTIFICATION_IDLE);
    sys_nb_wait(notification);
    assert_int_equal(badge(&root), 0);
    /* Signalled with the badge 0, it is active all the same. */
    sys_signal(notification);
    assert_int_equal(it()->state, NOTIFICATION_ACTIVE);
    sys_wait(notification);
    assert_int_equal(badge(&root), 0);
    assert_true(running(&root));
}

static void waiters_are_woken_by_priority_then_arrival(UNUSED void **test) {
    static const u8 priorities[] = {10, 30, 20, 30};
    static const unsigned expected[] = {1, 3, 2, 0};
    struct thread t[4];

    for (unsigned i = 0; i < 4; i++) {
        t[i] = thread_make(priorities[i]);
        rest();
        sys_wait(notification);
        as(&root);
    }
    u64 seven = badged(7);
    for (unsigned i = 0; i < 4; i++) {
        sys_signal(seven);
        assert_int_equal(state(&t[expected[i]]), THREAD_RUNNABLE);
        assert_int_equal(badge(&t[expected[i]]), 7);
        assert_int_equal(it()->state, i == 3 ? NOTIFICATION_IDLE : NOTIFICATION_WAITING);
    }
}

static void deleting_it_lets_everybody_go(UNUSED void **test) {
    struct thread t[3];
    u64 sc = sched_context(1000, 2000, 0);

    for (unsigned i = 0; i < 3; i++) {
        t[i] = thread_make((u8)(10 + i));
        rest();
        sys_wait(notification);
        as(&root);
    }
    assert_int_equal(invoke(sc, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(notification, 64), C()), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(state(&t[i]), THREAD_RUNNABLE);
    }
    assert_null(((struct sched_context *)object(sc))->notification);
}

static void deleting_it_unbinds_its_thread(UNUSED void **test) {
    struct thread t = thread_make(5);

    assert_int_equal(invoke(t.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(notification, 64), C()), 0);
    assert_null(t.object->bound_notification);
    /* And the other way round. */
    (void)boot(NULL);
    t = thread_make(5);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(t.tcb, 64), C()), 0);
    assert_null(it()->bound);
}

/* A passive thread runs on the notification's context from signal to the next wait. */
static void a_context_is_lent_for_one_signal(UNUSED void **test) {
    struct thread t = thread_make(20);
    u64 lent = sched_context(1000, 10000, 0);
    struct sched_context *context = object(lent);

    as(&t);
    sys_wait(notification);
    as(&root);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    for (unsigned turn = 0; turn < 2; turn++) {
        as(&root);
        sys_signal(notification);
        assert_ptr_equal(t.object->sc, context);
        as(&t);
        host_advance(200 * TICKS_PER_US);
        sys_wait(notification);
        assert_null(t.object->sc);
        assert_null(context->tcb);
    }
    assert_int_equal(context->consumed, 400 * TICKS_PER_US);
    /* A thread with time of its own does not borrow. */
    as(&root);
    struct thread rich = thread_make(30);
    u64 other = make(OBJECT_NOTIFICATION, 0);
    u64 second = sched_context(1000, 10000, 0);
    assert_int_equal(invoke(second, METHOD_SCHED_CONTEXT_BIND, W(), C(other)), 0);
    as(&rich);
    sys_wait(other);
    as(&root);
    sys_signal(other);
    assert_ptr_equal(rich.object->sc, rich.context);
    assert_null(((struct sched_context *)object(second))->tcb);
}

/* Who only looks whether there is a message keeps the lent context; who waits gives it back. */
static void polling_keeps_a_lent_context(UNUSED void **test) {
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    struct thread t = thread_make(20);
    u64 lent = sched_context(1000, 10000, 0);

    assert_int_equal(invoke(t.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    as(&t);
    sys_recv(endpoint, t.reply);
    as(&root);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    sys_signal(notification);
    as(&t);
    sys_nb_recv(endpoint, t.reply);
    assert_true(running(&t));
    assert_ptr_equal(t.object->sc, object(lent));
    sys_recv(endpoint, t.reply);
    assert_null(t.object->sc);
}

static struct thread passive_waiter(u8 priority) {
    struct thread t = thread_make(priority);

    as(&t);
    sys_wait(notification);
    as(&root);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    return t;
}

/* There is one context: who has it keeps it, the next one waits for time. Deleted, it is nobody's. */
static void a_lent_context_is_not_taken_away(UNUSED void **test) {
    struct thread first = passive_waiter(30);
    struct thread second = passive_waiter(20);
    u64 lent = sched_context(1000, 10000, 0);

    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    sys_signal(notification);
    sys_signal(notification);
    assert_ptr_equal(first.object->sc, object(lent));
    assert_null(second.object->sc);
    assert_int_equal(state(&second), THREAD_RUNNABLE);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(lent, 64), C()), 0);
    assert_null(first.object->sc);
    assert_null(it()->sc);
}

/* Suspending a waiter ends its wait; resumed, it waits again. */
static void suspended_waiters_wait_again(UNUSED void **test) {
    struct thread t = thread_make(20);

    rest();
    sys_wait(notification);
    as(&root);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    assert_int_equal(it()->state, NOTIFICATION_IDLE);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    u64 nine = badged(9);
    sys_signal(nine);
    assert_int_equal(it()->state, NOTIFICATION_ACTIVE);
    rest();
    assert_true(running(&t));
    host_syscall(SYSCALL_WAIT);
    assert_int_equal(badge(&t), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(badges_collect_until_taken, boot),
        cmocka_unit_test_setup(waiters_are_woken_by_priority_then_arrival, boot),
        cmocka_unit_test_setup(deleting_it_lets_everybody_go, boot),
        cmocka_unit_test_setup(deleting_it_unbinds_its_thread, boot),
        cmocka_unit_test_setup(a_context_is_lent_for_one_signal, boot),
        cmocka_unit_test_setup(polling_keeps_a_lent_context, boot),
        cmocka_unit_test_setup(a_lent_context_is_not_taken_away, boot),
        cmocka_unit_test_setup(suspended_waiters_wait_again, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
