// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who runs when: the whole kernel under a clock that the test moves. Priorities, slices, budgets, domains.
 */
#include "mcs/refill.h"
#include "plat/irq.h"
#include "tests/support/world.h"

#define SLICE (5 * TICKS_PER_MS)

static int boot(UNUSED void **test) {
    world_boot(NULL);
    return 0;
}

static void configure(const struct thread *t, u64 budget_us, u64 period_us, u64 flags) {
    as(&root);
    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(budget_us, period_us, 4, 0, flags), C(t->sc)),
                     0);
}

static void set_domain(const struct thread *t, u64 domain) {
    as(&root);
    assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SET, W(domain), C(t->tcb)), 0);
}

static void equals_take_turns(UNUSED void **test) {
    struct thread t[3];

    for (unsigned i = 0; i < 3; i++) {
        t[i] = thread_make(10);
    }
    rest();
    for (unsigned turn = 0; turn < 9; turn++) {
        assert_true(running(&t[turn % 3]));
        host_advance(SLICE - 1);
        assert_true(running(&t[turn % 3]));
        host_advance(1);
    }
    /* Yield gives the rest of the slice away, and the next turn is a whole one. */
    host_advance(SLICE / 2);
    sys_yield();
    assert_true(running(&t[1]));
    sys_yield();
    sys_yield();
    assert_true(running(&t[0]));
    host_advance(SLICE - 1);
    assert_true(running(&t[0]));
    host_advance(1);
    assert_true(running(&t[1]));
}

static void yielding_alone_changes_nothing(UNUSED void **test) {
    struct thread alone = thread_make(10);

    as(&root);
    rest();
    for (unsigned i = 0; i < 5; i++) {
        sys_yield();
        assert_true(running(&alone));
    }
    host_advance(3 * SLICE);
    assert_true(running(&alone));
}

/* A thread that was interrupted goes on before its equals, with the rest of its slice. */
static void preemption_keeps_the_turn(UNUSED void **test) {
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    struct thread first = thread_make(10);
    struct thread second = thread_make(10);
    struct thread high = thread_make(20);
    u64 irq = free_slot();

    assert_int_equal(
        invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(9, irq, 64), C(ROOT_CNODE)),
        0);
    assert_int_equal(invoke(irq, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification)), 0);
    rest();
    sys_wait(notification); /* high */
    assert_true(running(&first));
    host_advance(SLICE / 2);
    host_raise(9);
    host_interrupt();
    assert_true(running(&high));
    host_advance(TICKS_PER_MS);
    sys_wait(notification);
    assert_true(running(&first));
    host_advance(SLICE / 2 - 1);
    assert_true(running(&first));
    host_advance(1);
    assert_true(running(&second));
}

/* Waking an equal is no reason to stop. */
static void equals_do_not_preempt(UNUSED void **test) {
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    struct thread first = thread_make(10);
    struct thread second = thread_make(10);

    rest();
    sys_wait(notification); /* first */
    assert_true(running(&second));
    sys_signal(notification);
    assert_true(running(&second));
    sys_yield();
    assert_true(running(&first));
}

static void a_budget_is_spent_once_per_period(UNUSED void **test) {
    struct thread t = thread_make(20);
    struct thread background = thread_make(10);

    configure(&t, 1000, 4000, 0);
    rest();
    for (unsigned period = 0; period < 5; period++) {
        assert_true(running(&t));
        host_advance(TICKS_PER_MS - 1);
        assert_true(running(&t));
        host_advance(1);
        assert_true(running(&background));
        host_advance(3 * TICKS_PER_MS - 1);
        assert_true(running(&background));
        host_advance(1);
    }
}

/* Many threads released by one tick all become ready, highest first. */
static void many_are_released_at_once(UNUSED void **test) {
    enum { MANY = 40 };
    struct thread t[MANY];

    for (unsigned i = 0; i < MANY; i++) {
        t[i] = thread_make((u8)(10 + i));
        configure(&t[i], 20, 100000, 0);
    }
    rest();
    for (unsigned i = MANY; i-- > 0;) {
        assert_true(running(&t[i]));
        host_advance(20 * TICKS_PER_US);
    }
    assert_null(host.running);
    as(&root);
    for (unsigned i = 0; i < MANY; i++) {
        configure(&t[i], 20, 100000, 0); /* all have time from now on */
    }
    rest();
    host_advance(MANY * 20 * TICKS_PER_US);
    assert_null(host.running);
    host_advance(200 * TICKS_PER_MS);
    assert_null(host.running);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(t[i].object->queue, QUEUE_RELEASE);
        assert_in_range(t[i].context->exhaustions, 3, 10);
    }
}

/* ---- Bounds ---- */

#define SAMPLES 4096

struct use {
    ticks_t from;
    ticks_t to;
};

/* Ticks of use inside [start, start + length). */
static ticks_t used_within(const struct use *use, unsigned count, ticks_t start, ticks_t span) {
    ticks_t sum = 0;

    for (unsigned i = 0; i < count; i++) {
        ticks_t from = max_u64(use[i].from, start);
        ticks_t to = min_u64(use[i].to, start + span);

        sum += from < to ? to - from : 0;
    }
    return sum;
}

/*
 * A thread that works, waits, is woken at random times and yields, beside one above it. Records when it ran.
 */
static unsigned live_at_random(u64 seed, u64 flags, struct use *use, struct thread *t) {
    u64 notification;
    u64 random = seed;
    unsigned count = 0;

    world_boot(NULL);
    notification = make(OBJECT_NOTIFICATION, 0);
    *t = thread_make(20);
    struct thread high = thread_make(30);
    configure(t, 1000, 4000, flags);
    configure(&high, 700, 3000, 0);
    u64 irq = free_slot();
    (void)invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(9, irq, 64), C(ROOT_CNODE));
    (void)invoke(irq, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification));
    rest();
    while (count < SAMPLES && host.time < 2000 * TICKS_PER_MS) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        ticks_t span = 1 + (random >> 40) % 9000;
        ticks_t from = host.time;
        bool ran = running(t);

        if (host.alarm > host.time && host.alarm - host.time < span) {
            span = host.alarm - host.time;
        }
        host_advance(span);
        if (ran) {
            use[count++] = (struct use){from, from + span};
        }
        switch ((random >> 33) % 6) {
        case 0:
        case 1:
            if (running(t)) {
                sys_wait(notification);
            }
            break;
        case 2:
            if (running(t)) {
                sys_yield();
            }
            break;
        default:
            host_raise(9);
            host_interrupt();
            plat_irq_unmask(9); /* as an acknowledgement would */
            kernel.irq[9].masked = false;
            break;
        }
    }
    return count;
}

static void a_sporadic_budget_holds_in_every_window(UNUSED void **test) {
    static struct use use[SAMPLES];
    struct thread t;
    ticks_t most = 0;

    for (u64 seed = 1; seed <= 6; seed++) {
        unsigned count = live_at_random(seed, SEL4_SCHED_CONTEXT_FLAG_SPORADIC, use, &t);

        assert_true(count > 50);
        for (unsigned i = 0; i < count; i++) {
            ticks_t sum = used_within(use, count, use[i].from, 4000 * TICKS_PER_US);

            most = max_u64(most, sum);
            assert_true(sum <= 1000 * TICKS_PER_US);
            sum = used_within(use, count, use[i].to - min_u64(use[i].to, 4000 * TICKS_PER_US),
                              4000 * TICKS_PER_US);
            assert_true(sum <= 1000 * TICKS_PER_US);
        }
    }
    assert_true(most > 900 * TICKS_PER_US); /* it gets what it may */
}

static void a_constant_bandwidth_holds_since_the_beginning(UNUSED void **test) {
    static struct use use[SAMPLES];
    struct thread t;

    for (u64 seed = 11; seed <= 16; seed++) {
        unsigned count = live_at_random(seed, 0, use, &t);
        ticks_t sum = 0;

        assert_true(count > 50);
        for (unsigned i = 0; i < count; i++) {
            u64 periods = use[i].to / (4000 * TICKS_PER_US) + 1;

            sum += use[i].to - use[i].from;
            assert_true(sum <= periods * 1000 * TICKS_PER_US);
        }
    }
}

/* A refill that becomes due while another one is used is no end of anything. */
static void refills_that_become_due_join_in(UNUSED void **test) {
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    struct thread handler = thread_make(50);
    struct thread t = thread_make(20);
    ticks_t start = host.time;

    configure(&t, 1000, 4000, SEL4_SCHED_CONTEXT_FLAG_SPORADIC);
    thread_set_timeout_handler(&t, endpoint);
    rest();
    sys_recv(endpoint, handler.reply);
    host_advance(100 * TICKS_PER_US); /* comes back at 4000 */
    sys_wait(notification);
    host_advance(400 * TICKS_PER_US);
    as(&root);
    sys_signal(notification);
    rest();
    host_advance(850 * TICKS_PER_US); /* from 500 on: comes back at 4500 */
    sys_wait(notification);
    host_advance(start + 4450 * TICKS_PER_US - host.time);
    as(&root);
    sys_signal(notification);
    rest();
    assert_true(running(&t));
    host_advance(900 * TICKS_PER_US);
    assert_true(running(&t));
    assert_int_equal(state(&handler), THREAD_BLOCKED_RECEIVE);
}

/* ---- Ends of budgets that something else hides ---- */

/* The budget ends at the very tick at which a device interrupts: the timeout is still told. */
static void a_timeout_is_told_although_something_happens_at_the_same_time(UNUSED void **test) {
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    u64 irq = free_slot();
    struct thread handler = thread_make(50);
    struct thread driver = thread_make(60);
    struct thread t = thread_make(20);

    assert_int_equal(
        invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(9, irq, 64), C(ROOT_CNODE)),
        0);
    assert_int_equal(invoke(irq, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification)), 0);
    configure(&t, 1000, 4000, 0);
    thread_set_timeout_handler(&t, endpoint);
    rest();
    sys_wait(notification); /* driver */
    sys_recv(endpoint, handler.reply);
    assert_true(running(&t));
    host_raise(9);
    host.time += 1000 * TICKS_PER_US; /* both are due now; the device comes first */
    host_interrupt();
    assert_true(running(&driver));
    sys_wait(notification);
    assert_int_equal(label(&handler), SEL4_FAULT_TIMEOUT);
    assert_int_equal(state(&t), THREAD_BLOCKED_REPLY);
}

/* A system call made at the last tick is done, then the thread waits (here without a handler). */
static void a_call_at_the_last_tick(UNUSED void **test) {
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    struct thread t = thread_make(20);

    configure(&t, 1000, 4000, 0);
    rest();
    host.time += 1000 * TICKS_PER_US;
    sys_signal(notification);
    host_interrupt();
    assert_null(host.running);
    assert_int_equal(t.object->queue, QUEUE_RELEASE);
    as(&root);
    sys_nb_wait(notification);
    assert_int_equal(((struct notification *)object(notification))->state, NOTIFICATION_IDLE);
}

/* ---- Contexts that change while they are used ---- */

/* The running thread changes its own parameters: what it used of this period stays used. */
static void reconfiguring_gives_no_time_away(UNUSED void **test) {
    struct thread t = thread_make(20);

    configure(&t, 1000, 4000, 0);
    rest();
    ticks_t start = host.time;
    host_advance(600 * TICKS_PER_US);
    assert_true(running(&t));
    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(1000, 8000, 2, 7, 0), C(t.sc)),
                     0);
    assert_true(running(&t));
    assert_int_equal(t.context->badge, 7);
    assert_int_equal(refill_sum(t.context), 1000 * TICKS_PER_US);
    host_advance(400 * TICKS_PER_US - 1);
    assert_true(running(&t));
    host_advance(1);
    assert_null(host.running);
    host_advance(start + 8000 * TICKS_PER_US - host.time - 1);
    assert_null(host.running);
    /* Over and over: never more than the budget in a period. */
    (void)boot(NULL);
    t = thread_make(20);
    configure(&t, 1000, 4000, 0);
    rest();
    start = host.time;
    ticks_t used = 0;
    while (host.time < start + 4000 * TICKS_PER_US) {
        if (host.running == NULL) {
            host_advance(10 * TICKS_PER_US);
            continue;
        }
        (void)invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                     W(1000, 4000, 2, 0, 0), C(t.sc));
        if (running(&t)) {
            host_advance(50 * TICKS_PER_US);
            used += 50 * TICKS_PER_US;
        }
    }
    assert_true(used <= 1000 * TICKS_PER_US);
}

/* A thread in the queue is reconfigured by the root task: it competes with what it has now. */
static void a_queued_thread_is_reconfigured(UNUSED void **test) {
    struct thread t = thread_make(20);

    configure(&t, 1000, 4000, 0);
    rest();
    host_advance(1000 * TICKS_PER_US);
    assert_int_equal(t.object->queue, QUEUE_RELEASE);
    configure(&t, 500, 500, 0); /* round robin: always ready, from when its refill was due */
    assert_true(t.object->queue == QUEUE_READY || t.object->queue == QUEUE_RELEASE);
    assert_int_equal(refill_sum(t.context), 500 * TICKS_PER_US);
    check_world();
}

static void a_thread_may_delete_its_own_time(UNUSED void **test) {
    struct thread t = thread_make(20);
    struct thread other = thread_make(10);

    rest();
    host_advance(100 * TICKS_PER_US);
    assert_true(running(&t));
    message(METHOD_CNODE_DELETE, W(t.sc, 64), C());
    syscall_with(SYSCALL_CALL, ROOT_CNODE);
    assert_true(running(&other));
    assert_null(t.object->sc);
    assert_int_equal(state(&t), THREAD_RUNNABLE);
    assert_int_equal(label(&t),
                     SEL4_NO_ERROR); /* it was answered, and goes on when it has time again */
    as(&root);
    u64 sc = sched_context(5000, 5000, 0);
    assert_int_equal(invoke(sc, METHOD_SCHED_CONTEXT_BIND, W(), C(t.tcb)), 0);
    rest();
    assert_true(running(&t));
}

static void a_thread_may_delete_itself(UNUSED void **test) {
    struct thread t = thread_make(20);
    struct thread other = thread_make(10);

    rest();
    assert_true(running(&t));
    message(METHOD_CNODE_DELETE, W(t.tcb, 64), C());
    syscall_with(SYSCALL_CALL, ROOT_CNODE);
    assert_true(running(&other));
    assert_null(t.context->tcb);
    check_world();
}

/* ---- YieldTo ---- */

static void may_yield_to(const struct thread *t) {
    as(&root);
    assert_int_equal(invoke(t->tcb, METHOD_TCB_SET_MC_PRIORITY, W(50), C(ROOT_TCB)), 0);
}

static void yield_to(u64 sc) {
    message(METHOD_SCHED_CONTEXT_YIELD_TO, W(), C());
    syscall_with(SYSCALL_CALL, sc);
}

/* The caller stands behind the target, and learns what it used. */
static void yield_to_waits_for_the_other(UNUSED void **test) {
    struct thread a = thread_make(20);
    struct thread b = thread_make(20);
    struct thread c = thread_make(20);

    may_yield_to(&a);
    b.context->consumed = 0;
    rest();
    assert_true(running(&a));
    yield_to(b.sc);
    assert_true(running(&b));
    host_advance(2 * TICKS_PER_MS);
    assert_int_equal(invoke(b.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    assert_true(running(&a)); /* before c, which has waited longer */
    assert_int_equal(answer(0), 2000);
    assert_answer(SEL4_NO_ERROR, 2000);
    assert_int_equal(c.object->queue, QUEUE_READY);
}

/* The context it waits for is deleted: it learns what was used until then. */
static void yield_to_ends_with_the_context(UNUSED void **test) {
    struct thread a = thread_make(20);
    struct thread b = thread_make(20);

    may_yield_to(&a);
    b.context->consumed = 0;
    rest();
    yield_to(b.sc);
    assert_true(running(&b));
    host_advance(TICKS_PER_MS);
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(b.sc, 64), C()), 0);
    assert_null(a.object->yield_to);
    rest();
    assert_true(running(&a));
    assert_answer(SEL4_NO_ERROR, 1000);
}

/* Another one yields to the same context: the first has its answer, and no longer waits. */
static void yield_to_waits_alone(UNUSED void **test) {
    struct thread a = thread_make(20);
    struct thread b = thread_make(20);
    struct thread high = thread_make(30);
    u64 notification = make(OBJECT_NOTIFICATION, 0);

    may_yield_to(&a);
    may_yield_to(&high);
    rest();
    sys_wait(notification); /* high */
    assert_true(running(&a));
    yield_to(b.sc);
    assert_true(running(&b));
    host_advance(500);
    as(&root);
    sys_signal(notification);
    rest();
    assert_true(running(&high));
    yield_to(b.sc); /* below the caller: it is moved to the front, and the caller goes on */
    assert_true(running(&high));
    assert_answer(SEL4_NO_ERROR, 0); /* … whose time was told to the first one just before */
    assert_message(&a, 0, SEL4_NO_ERROR, 50);
    assert_null(b.context->yield_from);
    assert_null(a.object->yield_to);
}

/* Suspended, it waits no longer. */
static void yield_to_ends_with_its_caller(UNUSED void **test) {
    struct thread a = thread_make(20);
    struct thread b = thread_make(20);

    may_yield_to(&a);
    rest();
    assert_true(running(&a));
    yield_to(b.sc);
    assert_true(running(&b));
    as(&root);
    assert_int_equal(invoke(a.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    assert_null(b.context->yield_from);
    assert_null(a.object->yield_to);
}

/* ---- Domains ---- */

static void domains_share_time_by_their_schedule(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .domains = 3, .partition_flags = BOOT_WALLS};

    world_boot(&options);
    struct thread zero = thread_make(20);
    struct thread one = thread_make(10);
    struct thread also_one = thread_make(30);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);

    set_domain(&one, 1);
    set_domain(&also_one, 1);
    const u64 schedule[][2] = {{0, 2 * TICKS_PER_MS}, {1, 3 * TICKS_PER_MS}, {2, TICKS_PER_MS}};
    for (unsigned i = 3; i-- > 0;) {
        assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                                W(i, schedule[i][0], schedule[i][1]), C()),
                         0);
    }
    rest();
    assert_true(running(&zero));
    /* The new durations count from the next turn; begin it. */
    as(&root);
    assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(0), C()),
                     0);
    rest();
    for (unsigned turn = 0; turn < 4; turn++) {
        assert_true(running(&zero));
        host_advance(2 * TICKS_PER_MS - 1);
        assert_true(running(&zero));
        host_advance(1);
        assert_true(running(&also_one)); /* above the other one of its domain */
        host_advance(3 * TICKS_PER_MS - 1);
        assert_true(running(&also_one));
        host_advance(1);
        assert_null(host.running); /* nobody lives in domain 2 */
        host_advance(TICKS_PER_MS);
    }
    /* Time in another domain is not charged. */
    as(&root);
    assert_int_equal(zero.context->consumed, 4 * 2 * TICKS_PER_MS);
    rest();
    /* A message to another domain arrives at once, and is dealt with when that domain's time comes. */
    host_advance(2 * TICKS_PER_MS);
    assert_true(running(&also_one));
    sys_recv(endpoint, also_one.reply);
    assert_true(running(&one));
    host_advance(4 * TICKS_PER_MS);
    assert_true(running(&zero));
    sys_send(endpoint, 5, W(6));
    assert_message(&also_one, 0, 5, 6);
    assert_true(running(&zero));
    host_advance(2 * TICKS_PER_MS);
    assert_true(running(&also_one));
}

/* The schedule goes round from its start to its end, not through what lies before the start. */
static void a_schedule_goes_round_from_its_start(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .domains = 3, .partition_flags = BOOT_WALLS};

    world_boot(&options);
    for (u64 i = 3; i-- > 0;) {
        assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                                W(i, i, TICKS_PER_MS), C()),
                         0);
    }
    assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(1), C()),
                     0);
    for (unsigned turn = 0; turn < 4; turn++) {
        assert_int_equal(kernel.domain, 1);
        host_advance(TICKS_PER_MS);
        assert_int_equal(kernel.domain, 2);
        host_advance(TICKS_PER_MS);
    }
}

/* YieldTo a thread of another domain cannot give it the core. */
static void yield_to_another_domain(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .domains = 2, .partition_flags = BOOT_WALLS};

    world_boot(&options);
    struct thread a = thread_make(20);
    struct thread b = thread_make(30);

    set_domain(&b, 1);
    assert_int_equal(invoke(a.tcb, METHOD_TCB_SET_MC_PRIORITY, W(40), C(ROOT_TCB)), 0);
    rest();
    assert_true(running(&a));
    assert_int_equal(invoke(b.sc, METHOD_SCHED_CONTEXT_YIELD_TO, W(), C()), 0);
    assert_true(running(&a));
    sys_yield();
    assert_true(running(&a));
    check_world();
}

/* A thread moved to another domain while it runs loses the core. */
static void who_moves_itself_leaves(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .domains = 2, .partition_flags = BOOT_WALLS};

    world_boot(&options);
    struct thread a = thread_make(20);
    struct thread b = thread_make(10);

    as(&root);
    rest();
    assert_true(running(&a));
    assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SET, W(1), C(a.tcb)), 0);
    assert_true(running(&b));
    assert_int_equal(a.object->queue, QUEUE_READY);
}

/* All eight slots are used, which only a configuration can do: after the last comes the first. */
static void a_full_schedule_begins_anew(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .domains = 2, .partition_flags = BOOT_WALLS};

    world_boot(&options);
    struct thread zero = thread_make(20);
    struct thread one = thread_make(10);

    set_domain(&one, 1);
    for (unsigned i = 0; i < kernel.config->schedule_length; i++) {
        kernel.schedule[i] = (struct domain_slot){.domain = i == 7, .duration_ticks = TICKS_PER_MS};
    }
    assert_int_equal(invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(0), C()),
                     0);
    rest();
    for (unsigned turn = 0; turn < 3; turn++) {
        assert_true(running(&zero));
        host_advance(7 * TICKS_PER_MS);
        assert_true(running(&one));
        host_advance(TICKS_PER_MS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equals_take_turns, boot),
        cmocka_unit_test_setup(yielding_alone_changes_nothing, boot),
        cmocka_unit_test_setup(preemption_keeps_the_turn, boot),
        cmocka_unit_test_setup(equals_do_not_preempt, boot),
        cmocka_unit_test_setup(a_budget_is_spent_once_per_period, boot),
        cmocka_unit_test_setup(many_are_released_at_once, boot),
        cmocka_unit_test(a_sporadic_budget_holds_in_every_window),
        cmocka_unit_test(a_constant_bandwidth_holds_since_the_beginning),
        cmocka_unit_test_setup(a_timeout_is_told_although_something_happens_at_the_same_time, boot),
        cmocka_unit_test_setup(a_call_at_the_last_tick, boot),
        cmocka_unit_test_setup(reconfiguring_gives_no_time_away, boot),
        cmocka_unit_test_setup(a_queued_thread_is_reconfigured, boot),
        cmocka_unit_test_setup(a_thread_may_delete_its_own_time, boot),
        cmocka_unit_test_setup(a_thread_may_delete_itself, boot),
        cmocka_unit_test_setup(yield_to_waits_for_the_other, boot),
        cmocka_unit_test_setup(yield_to_ends_with_the_context, boot),
        cmocka_unit_test_setup(yield_to_waits_alone, boot),
        cmocka_unit_test_setup(yield_to_ends_with_its_caller, boot),
        cmocka_unit_test(domains_share_time_by_their_schedule),
        cmocka_unit_test_setup(refills_that_become_due_join_in, boot),
        cmocka_unit_test(a_schedule_goes_round_from_its_start),
        cmocka_unit_test(yield_to_another_domain),
        cmocka_unit_test(who_moves_itself_leaves),
        cmocka_unit_test(a_full_schedule_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
