// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of SchedControl, scheduling contexts and the domain set by system call: refusals and
 * effects.
 */
#include "mcs/refill.h"
#include "tests/support/world.h"

#define MAX_US 0x0333333333333333ull /* SEL4-ABI section 15 */
#define DOMAIN SEL4_INIT_SLOT_DOMAIN

static u64 sc;
static struct sched_context *context;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    sc = make(OBJECT_SCHED_CONTEXT, 8);
    context = object(sc);
    return 0;
}

static int boot_with_domains(UNUSED void **test) {
    world_boot(
        &(struct host_options){.check_interval = 1, .partition_flags = BOOT_WALLS, .domains = 3});
    return 0;
}

static u64 configure(u64 it, u64 budget, u64 period, u64 refills, u64 flags) {
    return invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                  W(budget, period, refills, 0xbad9e, flags), C(it));
}

/* ---- SchedControl ---------------------------------------------------------------------------- */

static void configure_refuses(UNUSED void **test) {
    u64 small = make(OBJECT_SCHED_CONTEXT, 7);

    configure(ROOT_TCB, 100, 200, 0, 0);
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    configure(sc, 19, 200, 0, 0);
    assert_answer(SEL4_RANGE_ERROR, 20, kernel.max_us);
    configure(sc, kernel.max_us + 1, 200, 0, 0);
    assert_answer(SEL4_RANGE_ERROR, 20, kernel.max_us);
    configure(sc, 100, 19, 0, 0);
    assert_answer(SEL4_RANGE_ERROR, 20, kernel.max_us);
    configure(sc, 100, kernel.max_us + 1, 0, 0);
    assert_answer(SEL4_RANGE_ERROR, 20, kernel.max_us);
    configure(sc, 201, 200, 0, 0);
    assert_answer(SEL4_RANGE_ERROR, 20, 200);
    configure(sc, 100, 200, 9, 0);
    assert_answer(SEL4_RANGE_ERROR, 0, 8);
    configure(sc, 100, 200, ~0ull, 0);
    assert_answer(SEL4_RANGE_ERROR, 0, 8);
    configure(small, 100, 200, 1, 0);
    assert_answer(SEL4_RANGE_ERROR, 0, 0);
    assert_int_equal(configure(small, 100, 200, 0, 0), 0);
    assert_int_equal(context->refill_max, 0);
}

static void what_is_configured_is_in_ticks(UNUSED void **test) {
    assert_int_equal(configure(sc, 100, 200, 8, ~0ull), 0);
    assert_int_equal(context->budget, 1000);
    assert_int_equal(context->period, 2000);
    assert_int_equal(context->refill_max, 10);
    assert_int_equal(context->badge, 0xbad9e);
    assert_int_equal(context->flags, SC_SPORADIC);
    assert_int_equal(refill_sum(context), 1000);
    assert_int_equal(configure(sc, 200, 200, 8, 0), 0);
    assert_int_equal(context->period, 0); /* round robin */
    assert_int_equal(context->refill_max, 2);
    assert_int_equal(context->flags, 0);
    assert_int_equal(configure(sc, 20, 20, 0, 0), 0);
    assert_int_equal(configure(sc, kernel.max_us, kernel.max_us, 0, 0), 0);
}

static void the_limit_is_that_of_the_interface(UNUSED void **test) {
    assert_int_equal(kernel.max_us, MAX_US);
}

/* ---- Bind, Unbind ---------------------------------------------------------------------------- */

static u64 bind(u64 it, u64 to) {
    return invoke(it, METHOD_SCHED_CONTEXT_BIND, W(), C(to));
}

static void bind_wants_both_sides_free(UNUSED void **test) {
    struct thread t = thread_passive(10);
    struct thread busy = thread_make(10);
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    u64 other = sched_context(1000, 1000, 0);

    bind(sc, ROOT_CNODE);
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    bind(sc, busy.tcb);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    bind(busy.sc, t.tcb);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    assert_int_equal(bind(sc, notification), 0);
    assert_ptr_equal(context->notification, object(notification));
    bind(other, notification);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    bind(sc, make(OBJECT_NOTIFICATION, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    assert_int_equal(bind(other, t.tcb), 0);
    assert_ptr_equal(t.object->sc, object(other));
    bind(sc, t.tcb);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    /* A thread and a notification: these do not exclude each other, in whichever order. */
    assert_int_equal(bind(other, make(OBJECT_NOTIFICATION, 0)), 0);
    assert_int_equal(invoke(other, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(t.tcb)), 0);
    assert_int_equal(configure(sc, 100, 100, 0, 0), 0);
    assert_int_equal(bind(sc, t.tcb), 0);
    assert_ptr_equal(t.object->sc, context);
}

/* A passive server is launched with the context of its notification, and gives it back when it waits there. */
static void a_context_of_both_is_given_back_by_the_thread(UNUSED void **test) {
    struct thread t = thread_passive(10);
    u64 notification = make(OBJECT_NOTIFICATION, 0);

    assert_int_equal(configure(sc, 1000, 1000, 0, 0), 0);
    assert_int_equal(bind(sc, notification), 0);
    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(10, 10), C(ROOT_TCB, sc, 0));
    assert_answer(0);
    rest();
    assert_true(running(&t));
    sys_wait(notification);
    assert_null(t.object->sc);
    assert_null(context->tcb);
    as(&root);
    sys_signal(notification);
    assert_ptr_equal(t.object->sc, context);
    rest();
    assert_true(running(&t));
}

static void a_blocked_thread_is_not_bound_to_a_context_without_time(UNUSED void **test) {
    struct thread t = thread_make(10);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);

    as(&t);
    sys_recv(endpoint, t.reply);
    as(&root);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    bind(sc, t.tcb); /* never configured */
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(1, 1), C(ROOT_TCB, sc, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    assert_int_equal(configure(sc, 100, 200, 0, 0), 0);
    assert_int_equal(bind(sc, t.tcb), 0);
}

static void unbind_frees_both_and_never_the_caller(UNUSED void **test) {
    struct thread t = thread_make(10);
    u64 notification = make(OBJECT_NOTIFICATION, 0);

    invoke(SEL4_INIT_SLOT_SCHED_CONTEXT, METHOD_SCHED_CONTEXT_UNBIND, W(), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(SEL4_INIT_SLOT_SCHED_CONTEXT, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(ROOT_TCB));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    assert_null(t.object->sc);
    assert_int_equal(t.object->queue, QUEUE_NONE);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()),
                     0); /* nothing left to do */
    assert_int_equal(bind(t.sc, t.tcb), 0);
    invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(notification));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(ROOT_TCB));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(t.sc));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(t.tcb)), 0);
    assert_int_equal(bind(t.sc, notification), 0);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(), C(notification)), 0);
    assert_null(((struct notification *)object(notification))->sc);
}

/* ---- Consumed, YieldTo ----------------------------------------------------------------------- */

static void consumed_counts_since_last_asked(UNUSED void **test) {
    struct thread t = thread_make(10);

    invoke(SEL4_INIT_SLOT_SCHED_CONTEXT, METHOD_SCHED_CONTEXT_CONSUMED, W(), C());
    host_advance(1234);
    invoke(SEL4_INIT_SLOT_SCHED_CONTEXT, METHOD_SCHED_CONTEXT_CONSUMED, W(), C());
    assert_answer(0, 123);
    invoke(SEL4_INIT_SLOT_SCHED_CONTEXT, METHOD_SCHED_CONTEXT_CONSUMED, W(), C());
    assert_answer(0, 0);
    rest();
    assert_true(running(&t));
    host_advance(500);
    root_returns();
    invoke(t.sc, METHOD_SCHED_CONTEXT_CONSUMED, W(), C());
    assert_answer(0, 50);
}

static u64 yield_to(u64 it) {
    return invoke(it, METHOD_SCHED_CONTEXT_YIELD_TO, W(), C());
}

static void yield_to_refuses(UNUSED void **test) {
    struct thread t = thread_make(10);
    struct thread above = thread_make(30);

    yield_to(sc); /* nobody's */
    assert_answer(SEL4_ILLEGAL_OPERATION);
    yield_to(SEL4_INIT_SLOT_SCHED_CONTEXT); /* the caller's own */
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.tcb, METHOD_TCB_SET_MC_PRIORITY, W(29), C(ROOT_TCB));
    as(&t);
    yield_to(above.sc); /* above the caller's maximum */
    assert_answer(SEL4_ILLEGAL_OPERATION);
}

static void yield_to_a_lower_thread_tells_what_it_used(UNUSED void **test) {
    struct thread t = thread_make(10);

    rest();
    assert_true(running(&t));
    host_advance(700);
    root_returns();
    yield_to(t.sc);
    assert_answer(0, 70);
    assert_true(running(&root));
}

static void yield_to_an_equal_lets_it_run_first(UNUSED void **test) {
    struct thread t = thread_make(255);

    message(METHOD_SCHED_CONTEXT_YIELD_TO, W(), C());
    syscall_with(SYSCALL_CALL, t.sc);
    assert_true(running(&t));
    host_advance(300);
    sys_yield();
    assert_true(running(&root));
    assert_answer(0, 30);
}

/* ---- Domains --------------------------------------------------------------------------------- */

static void domains_are_set(UNUSED void **test) {
    struct thread t = thread_make(10);

    invoke(DOMAIN, METHOD_DOMAIN_SET_SET, W(3), C(t.tcb));
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    invoke(DOMAIN, METHOD_DOMAIN_SET_SET, W(1), C(t.sc));
    assert_answer(SEL4_INVALID_ARGUMENT, 1);
    assert_int_equal(invoke(DOMAIN, METHOD_DOMAIN_SET_SET, W(2), C(t.tcb)), 0);
    assert_int_equal(t.object->domain, 2);
    check_world();
}

static u64 entry(u64 index, u64 domain, u64 duration) {
    return invoke(DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE, W(index, domain, duration), C());
}

static void schedule_configure_refuses(UNUSED void **test) {
    u64 length = kernel.config->schedule_length;

    entry(length - 1, 0, 1);
    assert_answer(SEL4_RANGE_ERROR, 0, length - 2);
    entry(1, 3, 1);
    assert_answer(SEL4_RANGE_ERROR, 0, 2);
    entry(1, 1, 1ull << 56);
    assert_answer(SEL4_INVALID_ARGUMENT, 2);
    entry(1, 1, 0);
    assert_answer(SEL4_INVALID_ARGUMENT, 1);
    entry(0, 0, 0); /* where the schedule starts */
    assert_answer(SEL4_INVALID_ARGUMENT, 2);
    assert_int_equal(entry(1, 0, 0), 0);
    assert_int_equal(entry(1, 2, 1000), 0);
    assert_int_equal(kernel.schedule[1].domain, 2);
    assert_int_equal(kernel.schedule[1].duration_ticks, 1000);
}

static u64 start(u64 index) {
    return invoke(DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(index), C());
}

static void the_start_is_an_entry_that_runs(UNUSED void **test) {
    struct thread t = thread_make(10);
    u64 length = kernel.config->schedule_length;

    start(length);
    assert_answer(SEL4_RANGE_ERROR, 0, length - 1);
    start(3);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    assert_int_equal(entry(2, 1, 5000), 0);
    assert_int_equal(entry(3, 0, 5000), 0);
    assert_int_equal(invoke(DOMAIN, METHOD_DOMAIN_SET_SET, W(1), C(t.tcb)), 0);
    message(METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(2), C());
    syscall_with(SYSCALL_CALL, DOMAIN);
    assert_int_equal(kernel.domain, 1); /* at once */
    assert_true(running(&t));
    host_advance(5001);
    assert_int_equal(kernel.domain, 0);
    assert_true(running(&root));
    assert_answer(0);
}

static void a_new_thread_is_in_the_domain_of_its_maker(UNUSED void **test) {
    assert_int_equal(((struct tcb *)object(make(OBJECT_TCB, 0)))->domain, 0);
    assert_int_equal(entry(1, 1, 1000), 0);
    assert_int_equal(entry(0, 0, 1000), 0);
    assert_int_equal(start(0), 0);
    message(METHOD_DOMAIN_SET_SET, W(1), C(ROOT_TCB));
    syscall_with(SYSCALL_CALL, DOMAIN);
    assert_null(host.running); /* until the time of domain 1 comes */
    host_advance(1000);
    assert_true(running(&root));
    assert_int_equal(((struct tcb *)object(make(OBJECT_TCB, 0)))->domain, 1);
    check_world();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(configure_refuses, boot),
        cmocka_unit_test_setup(what_is_configured_is_in_ticks, boot),
        cmocka_unit_test_setup(the_limit_is_that_of_the_interface, boot),
        cmocka_unit_test_setup(bind_wants_both_sides_free, boot),
        cmocka_unit_test_setup(a_context_of_both_is_given_back_by_the_thread, boot),
        cmocka_unit_test_setup(a_blocked_thread_is_not_bound_to_a_context_without_time, boot),
        cmocka_unit_test_setup(unbind_frees_both_and_never_the_caller, boot),
        cmocka_unit_test_setup(consumed_counts_since_last_asked, boot),
        cmocka_unit_test_setup(yield_to_refuses, boot),
        cmocka_unit_test_setup(yield_to_a_lower_thread_tells_what_it_used, boot),
        cmocka_unit_test_setup(yield_to_an_equal_lets_it_run_first, boot),
        cmocka_unit_test_setup(domains_are_set, boot_with_domains),
        cmocka_unit_test_setup(schedule_configure_refuses, boot_with_domains),
        cmocka_unit_test_setup(the_start_is_an_entry_that_runs, boot_with_domains),
        cmocka_unit_test_setup(a_new_thread_is_in_the_domain_of_its_maker, boot_with_domains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
