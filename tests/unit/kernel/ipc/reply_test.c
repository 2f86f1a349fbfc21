// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls and replies: who holds the scheduling context at each step, and what becomes of it when anybody on the
 * way disappears. Passive servers have none of their own; they run on their callers' time.
 */
#include "mcs/refill.h"
#include "tests/support/world.h"

static u64 endpoint;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    endpoint = make(OBJECT_ENDPOINT, 0);
    return 0;
}

/* Without a context of its own, waiting at `from`. */
static struct thread passive_server(u8 priority, u64 from) {
    struct thread t = thread_passive(priority);
    u64 sc = sched_context(5000, 5000, 0);

    assert_int_equal(invoke(sc, METHOD_SCHED_CONTEXT_BIND, W(), C(t.tcb)), 0);
    as(&t);
    sys_recv(from, t.reply);
    as(&root);
    assert_int_equal(invoke(sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
    assert_null(t.object->sc);
    return t;
}

static struct reply *reply_of(const struct thread *t) {
    return object(t->reply);
}

static void delete (u64 cptr) {
    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(cptr, 64), C()), 0);
    assert_true(slot_is_empty(slot(cptr)));
}

static void calls_and_answers(UNUSED void **test) {
    struct thread server = thread_make(50);
    struct thread client = thread_make(40);
    u64 badged = mint(endpoint, SEL4_RIGHTS_ALL, 3);

    as(&server);
    sys_recv(endpoint, server.reply);
    as(&client);
    fill_registers(&client);
    sys_call(badged, 6, W(1, 2));
    assert_int_equal(state(&client), THREAD_BLOCKED_REPLY);
    assert_ptr_equal(client.object->sc, client.context);
    assert_ptr_equal(server.object->sc, server.context);
    as(&server);
    assert_message(&server, 3, 6, 1, 2);
    /* ReplyRecv: the answer, and the next request. */
    sys_reply_recv(endpoint, server.reply, 8, W(5));
    assert_message(&client, 0, 8, 5);
    assert_registers(&client, REGISTER(REG_PC) | REGISTER(REG_A0) | REGISTER(REG_A1) |
                                  REGISTER(REG_A2) | REGISTER(REG_A3) | REGISTER(REG_A7));
    assert_int_equal(state(&server), THREAD_BLOCKED_RECEIVE);
    as(&client);
    sys_call(badged, 7, W(9));
    as(&server);
    assert_message(&server, 3, 7, 9);
    /* Answering by invoking the reply object, with and without a receiver behind it. */
    sys_send(server.reply, 2, W(4, 3));
    assert_message(&client, 0, 2, 4, 3);
    sys_send(server.reply, 2, W(4, 3)); /* nobody waits any more: nothing */
    assert_true(running(&server));
}

static void a_passive_server_runs_on_its_callers_time(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);

    as(&client);
    sys_call(endpoint, 1, W());
    assert_true(running(&server));
    assert_ptr_equal(server.object->sc, client.context);
    assert_null(client.object->sc);
    assert_ptr_equal(client.context->top_reply, reply_of(&server));
    u64 before = client.context->consumed;
    host_advance(100 * TICKS_PER_US);
    sys_reply_recv(endpoint, server.reply, 0, W());
    assert_ptr_equal(client.object->sc, client.context);
    assert_null(server.object->sc);
    assert_null(client.context->top_reply);
    as(&root);
    assert_int_equal(client.context->consumed - before, 100 * TICKS_PER_US);
}

/* Without grant and grant-reply the receiver cannot answer: the caller stops. */
static void calls_need_the_right_to_be_answered(UNUSED void **test) {
    struct thread server = thread_make(50);
    struct thread client = thread_make(40);
    u64 weak = mint(endpoint, SEL4_RIGHT_WRITE, 1);

    as(&server);
    sys_recv(endpoint, server.reply);
    as(&client);
    sys_call(weak, 1, W());
    assert_int_equal(state(&client), THREAD_INACTIVE);
    assert_null(reply_of(&server)->caller);
    as(&server);
    sys_send(server.reply, 0, W());
    assert_int_equal(state(&client), THREAD_INACTIVE);
    /* Grant-reply alone is enough. */
    struct thread other = thread_make(30);
    u64 enough = mint(endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY, 1);
    as(&server);
    sys_recv(endpoint, server.reply);
    as(&other);
    sys_call(enough, 1, W());
    assert_int_equal(state(&other), THREAD_BLOCKED_REPLY);
}

/* A server without a reply object cannot answer either; Resume makes the caller try again. */
static void wait_on_an_endpoint_takes_calls_without_reply(UNUSED void **test) {
    struct thread server = thread_make(50);
    struct thread client = thread_make(40);

    as(&server);
    sys_wait(endpoint);
    as(&client);
    sys_call(endpoint, 4, W(2));
    assert_message(&server, 0, 4, 2);
    assert_int_equal(state(&client), THREAD_INACTIVE);
}

/* ---- Chains ---- */

#define DEPTH 6

struct chain {
    u64 endpoint[DEPTH];
    struct thread server[DEPTH];
    struct thread client;
};

/* client -> server 0 -> … -> server DEPTH-1, which runs on the client's time. */
static void build_chain(struct chain *c) {
    for (unsigned i = 0; i < DEPTH; i++) {
        c->endpoint[i] = make(OBJECT_ENDPOINT, 0);
        c->server[i] = passive_server((u8)(50 + i), c->endpoint[i]);
    }
    c->client = thread_make(40);
    as(&c->client);
    sys_call(c->endpoint[0], 1, W());
    for (unsigned i = 0; i + 1 < DEPTH; i++) {
        assert_true(running(&c->server[i]));
        sys_call(c->endpoint[i + 1], 1, W());
    }
    assert_true(running(&c->server[DEPTH - 1]));
    assert_ptr_equal(c->server[DEPTH - 1].object->sc, c->client.context);
}

static void a_chain_unwinds(UNUSED void **test) {
    struct chain c;

    build_chain(&c);
    for (unsigned i = DEPTH; i-- > 0;) {
        assert_true(running(&c.server[i]));
        assert_ptr_equal(c.server[i].object->sc, c.client.context);
        sys_reply_recv(c.endpoint[i], c.server[i].reply, 0, W(i));
    }
    as(&c.client);
    assert_ptr_equal(c.client.object->sc, c.client.context);
    assert_message(&c.client, 0, 0, 0);
    assert_null(c.client.context->top_reply);
}

/* Server `gone` is deleted: its caller is never answered, the context stays with whoever has it. */
static void lose_server(unsigned gone) {
    struct chain c;

    boot(NULL);
    build_chain(&c);
    delete (c.server[gone].tcb);
    check_world();
    if (gone == DEPTH - 1) {
        /* It had the context: that is nobody's now. */
        assert_null(c.client.context->tcb);
        return;
    }
    assert_ptr_equal(c.client.context->tcb, c.server[DEPTH - 1].object);
    as(&c.server[DEPTH - 1]);
    for (unsigned i = DEPTH - 1; i > gone + 1; i--) {
        assert_true(running(&c.server[i]));
        sys_reply_recv(c.endpoint[i], c.server[i].reply, 0, W());
    }
    /* The next answer would go to the deleted one: it goes nowhere, and the context stays. */
    assert_true(running(&c.server[gone + 1]));
    sys_send(c.server[gone + 1].reply, 0, W());
    assert_true(running(&c.server[gone + 1]));
    assert_ptr_equal(c.client.context->tcb, c.server[gone + 1].object);
    assert_int_equal(state(&c.client), THREAD_BLOCKED_REPLY);
}

static void servers_may_be_deleted_in_the_middle(UNUSED void **test) {
    for (unsigned i = 0; i < DEPTH; i++) {
        lose_server(i);
    }
}

/* A reply object is deleted: as if it had been answered, its caller gets the context (the top one only). */
static void lose_reply(unsigned gone) {
    struct chain c;

    boot(NULL);
    build_chain(&c);
    const struct thread *caller = gone == 0 ? &c.client : &c.server[gone - 1];
    delete (c.server[gone].reply);
    check_world();
    assert_int_equal(state(caller), THREAD_INACTIVE);
    assert_null(caller->object->reply);
    if (gone == DEPTH - 1) {
        assert_ptr_equal(c.client.context->tcb, caller->object);
        assert_ptr_equal(c.client.context->top_reply, reply_of(&c.server[DEPTH - 2]));
    } else {
        assert_ptr_equal(c.client.context->tcb, c.server[DEPTH - 1].object);
    }
}

static void replies_may_be_deleted_in_the_middle(UNUSED void **test) {
    for (unsigned i = 0; i < DEPTH; i++) {
        lose_reply(i);
    }
}

static void the_context_may_be_deleted_in_the_middle(UNUSED void **test) {
    struct chain c;

    build_chain(&c);
    delete (c.client.sc);
    check_world();
    assert_null(c.server[DEPTH - 1].object->sc);
    assert_int_equal(state(&c.server[DEPTH - 1]), THREAD_RUNNABLE);
    for (unsigned i = 0; i < DEPTH; i++) {
        assert_null(reply_of(&c.server[i])->sc);
    }
    /* With time of its own, the last server can still answer; nothing is donated back. */
    u64 sc = sched_context(5000, 5000, 0);
    assert_int_equal(invoke(sc, METHOD_SCHED_CONTEXT_BIND, W(), C(c.server[DEPTH - 1].tcb)), 0);
    as(&c.server[DEPTH - 1]);
    sys_send(c.server[DEPTH - 1].reply, 0, W());
    assert_int_equal(state(&c.server[DEPTH - 2]), THREAD_RUNNABLE);
    assert_null(c.server[DEPTH - 2].object->sc);
    assert_true(running(&c.server[DEPTH - 1]));
}

/*
 * Unbind takes a lent context from everybody, the calls it was lent over included: answers come without time. Unbinding
 * the server alone leaves it on its way back.
 */
static void an_unbound_context_is_not_returned(UNUSED void **test) {
    for (unsigned all = 0; all < 2; all++) {
        struct chain c;
        struct thread other;

        boot(NULL);
        build_chain(&c);
        other = thread_passive(30);
        as(&root);
        if (all) {
            assert_int_equal(invoke(c.client.sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()), 0);
            assert_null(c.client.context->top_reply);
        } else {
            invoke(c.client.sc, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(),
                   C(c.server[DEPTH - 1].tcb));
            assert_answer(0);
        }
        assert_int_equal(invoke(c.client.sc, METHOD_SCHED_CONTEXT_BIND, W(), C(other.tcb)), 0);
        sys_send(c.server[DEPTH - 1].reply, 0, W());
        sys_send(c.server[0].reply, 7, W(8));
        assert_message(&c.client, 0, 7, 8);
        assert_int_equal(state(&c.client), THREAD_RUNNABLE);
        assert_ptr_equal(c.client.context->tcb, all ? other.object : c.server[DEPTH - 2].object);
        check_world();
    }
}

static void deleting_the_caller_keeps_the_time_with_the_server(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);

    as(&client);
    sys_call(endpoint, 1, W());
    delete (client.tcb);
    assert_ptr_equal(client.context->tcb, server.object);
    assert_null(client.context->top_reply);
    as(&server);
    sys_send(server.reply, 0, W());
    assert_ptr_equal(client.context->tcb, server.object);
}

static void suspending_the_caller_cuts_its_reply(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);

    as(&client);
    sys_call(endpoint, 1, W());
    u64 pc = client.reg[REG_PC];
    as(&root);
    assert_int_equal(invoke(client.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    assert_null(reply_of(&server)->caller);
    assert_ptr_equal(client.context->tcb, server.object);
    /* Resumed, it makes its call again (without time, until somebody gives it some). */
    assert_int_equal(invoke(client.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    assert_int_equal(client.reg[REG_PC], pc);
    assert_int_equal(state(&client), THREAD_RUNNABLE);
}

/* Offering a reply object that a caller waits on: the caller is let go, unanswered. */
static void a_reply_object_is_reused(UNUSED void **test) {
    struct thread server = thread_make(50);
    struct thread client = thread_make(40);

    as(&server);
    sys_recv(endpoint, server.reply);
    as(&client);
    sys_call(endpoint, 1, W());
    assert_int_equal(state(&client), THREAD_BLOCKED_REPLY);
    as(&server);
    sys_nb_recv(endpoint, server.reply);
    assert_int_equal(state(&client), THREAD_INACTIVE);
    assert_null(reply_of(&server)->caller);
    /* One that another receiver offers: that receiver stops waiting. */
    struct thread second = thread_make(45);
    as(&second);
    sys_recv(endpoint, second.reply);
    as(&server);
    sys_recv(endpoint, second.reply);
    assert_int_equal(state(&second), THREAD_INACTIVE);
    assert_ptr_equal(reply_of(&second)->caller, server.object);
}

static void deleting_an_offered_reply_object_ends_the_wait(UNUSED void **test) {
    struct thread server = thread_make(50);

    as(&server);
    sys_recv(endpoint, server.reply);
    delete (server.reply);
    assert_int_equal(state(&server), THREAD_INACTIVE);
    assert_int_equal(((struct endpoint *)object(endpoint))->state, ENDPOINT_IDLE);
}

static void replies_carry_capabilities_only_with_grant(UNUSED void **test) {
    struct thread server = thread_make(50);
    struct thread client = thread_make(40);
    u64 given = make(OBJECT_NOTIFICATION, 0);
    u64 weak = mint(server.reply, SEL4_RIGHT_WRITE, 0);
    u64 dest = free_slot();

    for (unsigned grant = 0; grant < 2; grant++) {
        as(&server);
        sys_recv(endpoint, server.reply);
        as(&client);
        client.buffer[BUFFER_RECEIVE_CNODE] = ROOT_CNODE;
        client.buffer[BUFFER_RECEIVE_INDEX] = dest;
        client.buffer[BUFFER_RECEIVE_DEPTH] = 64;
        sys_call(endpoint, 1, W());
        as(&server);
        message(7, W(1), C(given));
        syscall_with(SYSCALL_SEND, grant != 0 ? server.reply : weak);
        assert_int_equal(client.reg[REG_INFO], msginfo_make(7, 0, grant, 1));
        assert_int_equal(slot_is_empty(slot(dest)), grant == 0);
    }
}

/* ---- Time that changes hands ---- */

/* NBSendRecv lends its context to a passive receiver, for good. */
static void nonblocking_sends_donate(UNUSED void **test) {
    u64 second = make(OBJECT_ENDPOINT, 0);
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);

    as(&client);
    message(3, W(4), C());
    client.reg[REG_A0] = second;
    client.reg[REG_REPLY] = client.reply;
    client.reg[REG_DEST] = endpoint;
    host_syscall(SYSCALL_NB_SEND_RECV);
    assert_true(running(&server));
    assert_ptr_equal(client.context->tcb, server.object);
    assert_message(&server, 0, 3, 4);
    /* Plain Send does not. */
    boot(NULL);
    server = passive_server(50, endpoint);
    client = thread_make(40);
    as(&client);
    sys_send(endpoint, 3, W(4));
    assert_true(running(&client));
    assert_int_equal(state(&server), THREAD_RUNNABLE);
    assert_null(server.object->sc);
}

static void configure(u64 sc, u64 budget_us, u64 period_us, u64 flags) {
    as(&root);
    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(budget_us, period_us, 0, 0, flags), C(sc)),
                     0);
}

/*
 * A caller whose budget is used up waits in the queue of a server. When the server takes the call it must not run
 * on time that is not there yet: it waits for the caller's next refill.
 */
static void a_call_taken_later_runs_when_its_time_comes(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread first = thread_make(40);
    struct thread second = thread_make(30);

    as(&first);
    sys_call(endpoint, 1, W());
    configure(second.sc, 1000, 10000, 0);
    as(&second);
    host_advance(999 * TICKS_PER_US);
    assert_true(running(&second));
    sys_call(endpoint, 2,
             W()); /* what is left is below the minimum: it comes with the next refill */
    assert_true(running(&server));
    ticks_t due = refill_head(second.context)->time;
    assert_true(due > host.time);
    sys_reply_recv(endpoint, server.reply, 0, W());
    assert_ptr_equal(server.object->sc, second.context);
    assert_false(running(&server));
    assert_int_equal(server.object->queue, QUEUE_RELEASE);
    as(&root);
    rest();
    host_advance(due - host.time + 1);
    while (!running(&server)) {
        sys_yield();
    }
    assert_message(&server, 0, 2);
}

/* The same when a notification lends its context to a thread that is already on the core. */
static void a_lent_context_runs_when_its_time_comes(UNUSED void **test) {
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);
    u64 lent = sched_context(1000, 10000, 0);
    struct sched_context *context = object(lent);

    assert_int_equal(invoke(server.tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification)), 0);
    assert_int_equal(invoke(lent, METHOD_SCHED_CONTEXT_BIND, W(), C(notification)), 0);
    sys_signal(notification); /* lends it: the server runs on it and uses it up */
    assert_ptr_equal(server.object->sc, context);
    as(&server);
    host_advance(995 * TICKS_PER_US);
    sys_recv(endpoint, server.reply);
    assert_null(server.object->sc);
    assert_ptr_equal(context->notification->sc, context);
    as(&client);
    sys_call(endpoint, 1, W());
    assert_true(running(&server));
    as(&root);
    sys_signal(notification); /* busy: remembered */
    as(&server);
    assert_false(refill_is_ready(context, host.time));
    sys_reply_recv(endpoint, server.reply, 0, W());
    assert_ptr_equal(server.object->sc, context);
    assert_int_equal(server.object->queue, QUEUE_RELEASE);
}

/* A caller that was given other time meanwhile keeps that; what it lent stays where it is. */
static void lent_time_stays_if_its_owner_has_other(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);
    u64 other = sched_context(5000, 5000, 0);

    as(&client);
    sys_call(endpoint, 1, W());
    as(&root);
    assert_int_equal(invoke(other, METHOD_SCHED_CONTEXT_BIND, W(), C(client.tcb)), 0);
    as(&server);
    sys_send(server.reply, 0, W());
    assert_int_equal(state(&client), THREAD_RUNNABLE);
    assert_ptr_equal(client.object->sc, object(other));
    assert_ptr_equal(server.object->sc, client.context);
    assert_null(client.context->top_reply);
    assert_true(running(&server));
}

/* The time a call takes is not forgotten, whoever runs, and comes back one period after it was used. */
static void calls_do_not_delay_refills(UNUSED void **test) {
    struct thread server = passive_server(50, endpoint);
    struct thread client = thread_make(40);

    configure(client.sc, 1000, 4000, SEL4_SCHED_CONTEXT_FLAG_SPORADIC);
    as(&client);
    ticks_t start = host.time;
    for (unsigned i = 0; i < 9; i++) {
        sys_call(endpoint, 1, W());
        assert_true(running(&server));
        host_advance(100 * TICKS_PER_US);
        sys_reply_recv(endpoint, server.reply, 0, W());
        assert_true(running(&client));
    }
    host_advance(100 * TICKS_PER_US);
    assert_false(running(&client));
    assert_int_equal(refill_sum(client.context), 1000 * TICKS_PER_US);
    assert_int_equal(refill_head(client.context)->time, start + 4000 * TICKS_PER_US);
}

/* Conservation: whatever is called, answered, suspended or signalled, budgets neither grow nor shrink. */
static void donation_conserves_time(UNUSED void **test) {
    enum { CLIENTS = 4, SERVERS = 3, STEPS = 1500 };
    struct thread client[CLIENTS];
    struct thread server[SERVERS];
    u64 at[SERVERS];
    u64 random = 12345;
    ticks_t spent = 0;
    ticks_t begin;

    for (unsigned i = 0; i < SERVERS; i++) {
        at[i] = make(OBJECT_ENDPOINT, 0);
        server[i] = passive_server((u8)(100 + i), at[i]);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        client[i] = thread_make((u8)(20 + i));
        configure(client[i].sc, 500 + 100 * i, 3000, i % 2);
        client[i].context->consumed = 0;
    }
    rest();
    begin = host.time;
    ticks_t idle = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        unsigned dice = (unsigned)(random >> 33);
        ticks_t before = host.time;
        bool nobody = host.running == NULL;
        ticks_t stop = (dice >> 8) % 700;

        /* Advance event by event, so that idle time is known exactly. */
        while (host.time < before + stop) {
            ticks_t from = host.time;
            nobody = host.running == NULL;
            ticks_t next =
                host.alarm > host.time && host.alarm < before + stop ? host.alarm : before + stop;
            host_advance(next - from);
            idle += nobody ? host.time - from : 0;
        }
        if (host.running == NULL) {
            continue;
        }
        bool is_server = false;
        for (unsigned i = 0; i < SERVERS; i++) {
            if (running(&server[i])) {
                is_server = true;
                if (i + 1 < SERVERS && dice % 3 == 0) {
                    sys_call(at[i + 1], step, W(step));
                } else {
                    sys_reply_recv(at[i], server[i].reply, step, W(step));
                }
                break;
            }
        }
        if (!is_server) {
            if (dice % 5 == 0) {
                sys_yield();
            } else {
                sys_call(at[dice % SERVERS], step, W(step));
            }
        }
        for (unsigned i = 0; i < CLIENTS; i++) {
            assert_int_equal(refill_sum(client[i].context), client[i].context->budget);
        }
    }
    as(&root);
    for (unsigned i = 0; i < CLIENTS; i++) {
        spent += client[i].context->consumed;
    }
    assert_int_equal(spent, host.time - begin - idle);
    assert_true(spent > 0 && idle > 0);
}

/* Two calls deep, the context that paid for both is deleted; the servers get others and answer. */
static void a_chain_without_its_context_is_answered(UNUSED void **test) {
    u64 inner_endpoint = make(OBJECT_ENDPOINT, 0);
    struct thread client = thread_make(40);
    struct thread outer = passive_server(50, endpoint);
    struct thread inner = passive_server(60, inner_endpoint);
    u64 sc[2] = {sched_context(5000, 5000, 0), sched_context(5000, 5000, 0)};

    as(&client);
    sys_call(endpoint, 1, W());
    sys_call(inner_endpoint, 2, W());
    assert_true(running(&inner));
    delete (client.sc);
    assert_ptr_equal(reply_of(&inner)->previous, reply_of(&outer));
    assert_null(reply_of(&inner)->sc);
    assert_int_equal(invoke(sc[0], METHOD_SCHED_CONTEXT_BIND, W(), C(inner.tcb)), 0);
    assert_int_equal(invoke(sc[1], METHOD_SCHED_CONTEXT_BIND, W(), C(outer.tcb)), 0);
    rest();
    assert_true(running(&inner));
    sys_reply_recv(inner_endpoint, inner.reply, 3, W(7));
    assert_true(running(&outer));
    assert_message(&outer, 0, 3, 7);
    sys_reply_recv(endpoint, outer.reply, 4, W(8));
    assert_message(&client, 0, 4, 8);
    assert_int_equal(state(&client), THREAD_RUNNABLE);
    assert_null(host.running);
    check_world();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(calls_and_answers, boot),
        cmocka_unit_test_setup(a_passive_server_runs_on_its_callers_time, boot),
        cmocka_unit_test_setup(calls_need_the_right_to_be_answered, boot),
        cmocka_unit_test_setup(wait_on_an_endpoint_takes_calls_without_reply, boot),
        cmocka_unit_test_setup(a_chain_unwinds, boot),
        cmocka_unit_test_setup(servers_may_be_deleted_in_the_middle, boot),
        cmocka_unit_test_setup(replies_may_be_deleted_in_the_middle, boot),
        cmocka_unit_test_setup(the_context_may_be_deleted_in_the_middle, boot),
        cmocka_unit_test_setup(an_unbound_context_is_not_returned, boot),
        cmocka_unit_test_setup(deleting_the_caller_keeps_the_time_with_the_server, boot),
        cmocka_unit_test_setup(suspending_the_caller_cuts_its_reply, boot),
        cmocka_unit_test_setup(a_reply_object_is_reused, boot),
        cmocka_unit_test_setup(deleting_an_offered_reply_object_ends_the_wait, boot),
        cmocka_unit_test_setup(replies_carry_capabilities_only_with_grant, boot),
        cmocka_unit_test_setup(nonblocking_sends_donate, boot),
        cmocka_unit_test_setup(a_call_taken_later_runs_when_its_time_comes, boot),
        cmocka_unit_test_setup(a_lent_context_runs_when_its_time_comes, boot),
        cmocka_unit_test_setup(lent_time_stays_if_its_owner_has_other, boot),
        cmocka_unit_test_setup(calls_do_not_delay_refills, boot),
        cmocka_unit_test_setup(donation_conserves_time, boot),
        cmocka_unit_test_setup(a_chain_without_its_context_is_answered, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
