// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole-state checker finds what it is there for: in a world with threads in every state, each invariant of
 * docs/invariants.md that it checks is broken on purpose, and check_all() must say which one. Each case starts
 * with the same world, in which all of them hold.
 */
#include "kernel/object/object.h"
#include "mcs/refill.h"
#include "tests/support/world.h"

static u64 endpoint;     /* receivers[] wait here */
static u64 busy;         /* senders[] wait here */
static u64 notification; /* waiter waits here; has a context */
static u64 service;
static u64 dying; /* a CNode; its zombie has something left */
static u64 handler;
static u64 table;
static u64 pool;
static struct thread receivers[2];
static struct thread senders[3];
static struct thread waiter;
static struct thread ready[2];
static struct thread unreleased[2];
static struct thread server; /* passive, in a call of … */
static struct thread client;
static struct thread bound;
static struct thread follower; /* yielded to ready[0] */

static struct thread passive_server(u8 priority, u64 from) {
    struct thread t = thread_make(priority);

    as(&t);
    sys_recv(from, t.reply);
    as(&root);
    assert_int_equal(invoke(t.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    return t;
}

static struct thread exhausted(u8 priority, u64 period_us) {
    struct thread t = thread_make(priority);

    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(1000, period_us, 0, 0, 0), C(t.sc)),
                     0);
    as(&t);
    host_advance(1000 * TICKS_PER_US);
    as(&root);
    assert_int_equal(t.object->queue, QUEUE_RELEASE);
    return t;
}

/* The deletion of a CNode stands still, interrupted. */
static void make_dying(void) {
    dying = make(OBJECT_CNODE, 8);
    message(METHOD_CNODE_DELETE, W(dying, 64), C());
    host.interrupts_hidden = 1;
    kernel.work_units = PREEMPTION_UNITS - 2; /* stop after two units */
    syscall_with(SYSCALL_CALL, ROOT_CNODE);
    root.reg[REG_PC] += ARCH_SYSCALL_BYTES; /* it is left like that */
    assert_true(cap_is(cap(dying), CAP_ZOMBIE));
    assert_true(zombie_cap_left(cap(dying)) > 0 && zombie_cap_left(cap(dying)) < 250);
}

static int populate(void **test) {
    (void)test;
    world_boot(NULL);
    endpoint = make(OBJECT_ENDPOINT, 0);
    busy = make(OBJECT_ENDPOINT, 0);
    service = make(OBJECT_ENDPOINT, 0);
    notification = make(OBJECT_NOTIFICATION, 0);
    for (unsigned i = 0; i < 2; i++) {
        receivers[i] = thread_make((u8)(60 + i));
        as(&receivers[i]);
        sys_recv(endpoint, receivers[i].reply);
        unreleased[i] = exhausted(100, 900000 + i);
    }
    for (unsigned i = 0; i < 3; i++) {
        senders[i] = thread_make(50);
        as(&senders[i]);
        sys_send(busy, i, W());
    }
    waiter = thread_make(55);
    as(&waiter);
    sys_wait(notification);
    server = passive_server(70, service);
    client = thread_make(30);
    as(&client);
    sys_call(service, 1, W());
    as(&root);
    u64 lent = sched_context(1000, 2000, 0);
    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    bound = thread_make(10);
    assert_int_equal(
        invoke(bound.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(make(OBJECT_NOTIFICATION, 0))), 0);
    for (unsigned i = 0; i < 2; i++) {
        ready[i] = thread_make(20);
    }
    follower = thread_make(20);
    as(&follower);
    assert_int_equal(invoke(ready[0].tcb, METHOD_TCB_SET_PRIORITY, W(254), C(ROOT_TCB)), 0);
    as(&follower);
    message(METHOD_SCHED_CONTEXT_YIELD_TO, W(), C());
    follower.object->mcp = 255;
    syscall_with(SYSCALL_CALL, ready[0].sc);
    as(&root);
    assert_ptr_equal(follower.object->yield_to, ready[0].context);
    handler = free_slot();
    assert_int_equal(invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(7, handler, 64),
                            C(ROOT_CNODE)),
                     0);
    table = make(OBJECT_PAGE_TABLE, 0);
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(table)), 0);
    pool = free_slot();
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
                            C(make(OBJECT_UNTYPED, 12), ROOT_CNODE)),
                     0);
    make_dying();
    check_world();
    return 0;
}

/* ---- How each is broken ---- */

static struct reply *top_reply(void) {
    return client.context->top_reply;
}

static struct endpoint *endpoint_of(u64 cptr) {
    return object(cptr);
}

static struct notification *notification_of(u64 cptr) {
    return object(cptr);
}

static void break_slot_1(void) {
    slot(free_slot())->prev = 1;
}

static void break_dt_1(void) {
    slot(endpoint)->prev = (u64)(uintptr_t)slot(ROOT_TCB);
}

static void break_ut_1(void) {
    for (u64 i = info->untyped.start; i < info->untyped.end; i++) {
        if (slot_next(slot(i)) != NULL) {
            struct cap was = slot(i)->cap;

            /* Of the parent all was handed out; on paper now nothing was. */
            slot(i)->cap = untyped_cap_make(cap_address(was), untyped_cap_size_bits(was),
                                            untyped_cap_is_device(was), 0);
        }
    }
}

static void break_cap_1(void) {
    struct cap was = slot(notification)->cap;

    /* Now it names the middle of a thread. */
    slot(notification)->cap =
        cap_make(CAP_NOTIFICATION, cap_address(cap(bound.tcb)).value + 1024, RIGHTS_ALL, was.word0);
}

static void break_zb_1(void) {
    struct cslot *node = object(dying);

    node[250].cap = cap(ROOT_TCB);
}

static void break_irq_1(void) {
    kernel.irq[7].state = IRQ_INACTIVE;
}

static void break_as_1(void) {
    kernel.asid_pool[0]->root[0] = object(table);
}

static void break_as_1_by_address(void) {
    slot(table)->cap =
        page_table_cap_make(cap_address(cap(table)), true, 0x40000000, cap_mapped_asid(cap(table)));
}

static void break_as_3(void) {
    kernel.asid_pool[1] = kernel.asid_pool[0];
}

static void break_pq_1(void) {
    struct pqueue_node *top = endpoint_of(busy)->queue.top;

    top->seq += 100;
}

static void break_pq_2(void) {
    receivers[1].object->priority = 3;
}

static void break_pq_2_by_time(void) {
    refill_head(unreleased[0].context)->time += 1;
}

static void break_pq_3(void) {
    struct pqueue_node *top = endpoint_of(busy)->queue.top;
    struct pqueue_node *left = top->child[0];

    top->child[0] = top->child[1];
    top->child[1] = left;
}

static void break_ep_1(void) {
    endpoint_of(busy)->state = ENDPOINT_IDLE;
}

static void break_ep_1_by_one(void) {
    endpoint_of(endpoint)->state ^= 1; /* one receiver, or several */
}

static void break_nt_1(void) {
    notification_of(notification)->state = NOTIFICATION_IDLE;
}

static void break_nt_1_by_word(void) {
    notification_of(notification)->word = 4;
}

static void break_rp_1(void) {
    top_reply()->sc->top_reply = NULL;
}

static void break_rp_2(void) {
    client.object->reply = NULL;
    client.object->state = THREAD_INACTIVE;
    top_reply()->sc = NULL;
    client.context->top_reply = NULL;
}

static void break_rp_3(void) {
    struct reply *reply = top_reply();

    client.object->reply = NULL;
    client.object->state = THREAD_INACTIVE;
    reply->caller = NULL;
}

/* The same time and budget in two refills. */
static void split(struct sched_context *sc, ticks_t first_amount, ticks_t second_time) {
    ticks_t time = refill_head(sc)->time;

    sc->refill_head = 0;
    sc->refill_count = 2;
    sc->refill[0] = (struct refill){time, first_amount};
    sc->refill[1] = (struct refill){second_time, sc->budget - first_amount};
}

static void break_sc_1(void) {
    split(unreleased[0].context, kernel.min_budget, 0);
}

static void break_sc_1_by_count(void) {
    unreleased[0].context->refill_count = 0;
}

static void break_sc_2(void) {
    refill_head(ready[1].context)->amount++;
}

static void break_sc_3(void) {
    split(unreleased[0].context, 1, ~0ull);
}

static void break_sc_4(void) {
    notification_of(notification)->sc->notification = NULL;
}

static void break_sc_5(void) {
    ready[0].context->yield_from = NULL;
}

static void break_tcb_1(void) {
    root.object->queue = QUEUE_READY;
}

static void break_tcb_1_by_domain(void) {
    ready[1].object->domain = 1;
}

static void break_vs_3(void) {
    bound.object->space_mark = kernel.space_mark;
    bound.object->space++;
}

static void break_tcb_6(void) {
    bound.object->buffer++;
}

static void break_sc_5_by_state(void) {
    waiter.object->yield_to = bound.context;
    bound.context->yield_from = waiter.object;
}

static void break_tcb_2(void) {
    bound.object->bound_notification = NULL;
}

static void break_tcb_2_by_context(void) {
    waiter.context->tcb = bound.object;
}

static void break_tcb_3(void) {
    waiter.object->blocked_on = endpoint_of(endpoint);
}

static void break_tcb_3_by_reply(void) {
    top_reply()->caller = NULL;
    top_reply()->sc = NULL;
    client.context->top_reply = NULL;
    client.object->reply = NULL;
}

static void break_tcb_4(void) {
    unreleased[1].context->refill_max = 0;
}

static void break_tcb_5(void) {
    bound.object->queue = QUEUE_NONE; /* it is in the ready queue all the same … */
    kernel.ready[0].head[10] = NULL;  /* … until now */
    kernel.ready[0].bitmap[0] &= ~BIT(10);
}

static void break_rq_1(void) {
    kernel.ready[0].bitmap[1] |= BIT(3);
}

static void break_rq_1_by_summary(void) {
    kernel.ready[0].summary = 0;
}

static void break_rq_1_by_top(void) {
    kernel.ready[0].top++;
}

static void break_rq_2(void) {
    ready[0].object->ready_prev = ready[0].object->ready_prev->ready_prev;
    ready[0].object->ready_prev = bound.object;
}

static void break_rq_3(void) {
    refill_head(ready[1].context)->time = host.time + 1000;
}

static void break_core_1(void) {
    kernel.reschedule = true;
}

static void break_core_2(void) {
    kernel.current_sc = NULL;
}

static void break_core_3(void) {
    root.object->state = THREAD_INACTIVE;
}

static void break_core_3_by_domain(void) {
    root.object->domain = 1;
}

static void break_core_4(void) {
    refill_head(root.context)->time = host.time + 1;
}

static void break_core_5(void) {
    kernel.timer_deadline += 1;
}

/* ---- Doorbell lines need a peer ---- */

static void break_irq_2(void) {
    kernel.peer[1].unmasked[0] |= BIT(3);
}

struct breakage {
    const char *id;
    void (*how)(void);
};

static const struct breakage breakages[] = {
    {"INV-SLOT-1", break_slot_1},
    {"INV-DT-1", break_dt_1},
    {"INV-UT-1", break_ut_1},
    {"INV-CAP-1", break_cap_1},
    {"INV-ZB-1", break_zb_1},
    {"INV-IRQ-1", break_irq_1},
    {"INV-AS-1", break_as_1},
    {"INV-AS-1", break_as_1_by_address},
    {"INV-AS-3", break_as_3},
    {"INV-PQ-1", break_pq_1},
    {"INV-PQ-2", break_pq_2},
    {"INV-PQ-2", break_pq_2_by_time},
    {"INV-PQ-3", break_pq_3},
    {"INV-EP-1", break_ep_1},
    {"INV-EP-1", break_ep_1_by_one},
    {"INV-NT-1", break_nt_1},
    {"INV-NT-1", break_nt_1_by_word},
    {"INV-RP-1", break_rp_1},
    {"INV-RP-2", break_rp_2},
    {"INV-RP-3", break_rp_3},
    {"INV-SC-1", break_sc_1},
    {"INV-SC-1", break_sc_1_by_count},
    {"INV-SC-2", break_sc_2},
    {"INV-SC-3", break_sc_3},
    {"INV-SC-4", break_sc_4},
    {"INV-SC-5", break_sc_5},
    {"INV-SC-5", break_sc_5_by_state},
    {"INV-VS-3", break_vs_3},
    {"INV-TCB-1", break_tcb_1},
    {"INV-TCB-1", break_tcb_1_by_domain},
    {"INV-TCB-2", break_tcb_2},
    {"INV-TCB-2", break_tcb_2_by_context},
    {"INV-TCB-3", break_tcb_3},
    {"INV-TCB-3", break_tcb_3_by_reply},
    {"INV-TCB-4", break_tcb_4},
    {"INV-TCB-5", break_tcb_5},
    {"INV-TCB-6", break_tcb_6},
    {"INV-RQ-1", break_rq_1},
    {"INV-RQ-1", break_rq_1_by_summary},
    {"INV-RQ-1", break_rq_1_by_top},
    {"INV-RQ-2", break_rq_2},
    {"INV-RQ-3", break_rq_3},
    {"INV-CORE-1", break_core_1},
    {"INV-CORE-2", break_core_2},
    {"INV-CORE-3", break_core_3},
    {"INV-CORE-3", break_core_3_by_domain},
    {"INV-CORE-4", break_core_4},
    {"INV-CORE-5", break_core_5},
};

static void assert_says(const char *id) {
    const char *problem = check_all();
    size_t length_of_id = strlen(id);

    if (problem == NULL || strncmp(problem, id, length_of_id) != 0 ||
        problem[length_of_id] != ':') {
        fail_msg("broke %s, the checker says: %s", id, problem != NULL ? problem : "all is well");
    }
}

static void every_broken_invariant_is_found(UNUSED void **test) {
    for (unsigned i = 0; i < ARRAY_LENGTH(breakages); i++) {
        (void)populate(NULL);
        breakages[i].how();
        assert_says(breakages[i].id);
    }
}

/* The list of line states belongs to a peer: such a world has two kernels' memory. */
static void doorbell_lines(UNUSED void **test) {
    struct host_options options = {.check_interval = 1, .peers = 1, .mailbox = host_map(PAGE_SIZE)};

    options.peer[0] = (struct host_peer){.core = 1,
                                         .pair = host_map(2 * PAGE_SIZE),
                                         .pair_bytes = 2 * PAGE_SIZE,
                                         .doorbell = host_map(PAGE_SIZE),
                                         .send_lines = 8,
                                         .receive_lines = 8};
    world_boot(&options);
    check_world();
    break_irq_2();
    assert_says("INV-IRQ-2");
}

static void break_silently(void *nothing) {
    (void)nothing;
    kernel.reschedule = false;
    root.context->badge = 0;
    refill_head(root.context)->amount--;
    sys_yield();
    sys_yield();
}

/* A broken state ends the kernel at its next entry, with the sentence. */
static void a_broken_state_panics(UNUSED void **test) {
    (void)populate(NULL);
    ready[1].context->budget++;
    const char *sentence = host_expect_panic(break_silently, NULL);

    assert_non_null(sentence);
    assert_non_null(strstr(sentence, "INV-SC-2"));
}

/* More objects than the checker's list has room for are not passed over in silence. */
static void what_is_not_looked_at_is_said(UNUSED void **test) {
    world_boot(&(struct host_options){.check_interval = 1, .cnode_bits = 13});
    assert_null(check_all());
    assert_true(check_saw_all());
    host.console_bytes = 0;
    (void)make_many(OBJECT_ENDPOINT, 0, 2100);
    assert_null(check_all());
    assert_false(check_saw_all());
    assert_string_equal(host.console, "invariants are checked of the first 2048 objects only\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_invariant_is_found),
        cmocka_unit_test(doorbell_lines),
        cmocka_unit_test(a_broken_state_panics),
        cmocka_unit_test(what_is_not_looked_at_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
