// SPDX-License-Identifier: BSD-2-Clause
/* CNode methods by system call: what they do, and every refusal with its words and in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/cspace/derive.h"
#include "kernel/ipc/thread.h"
#include "kernel/object/object.h"
#include "tests/unit/kernel/invoke/calls.h"

/* Slots used by the tests, behind those the kernel filled. */
static u64 untyped;
static u64 endpoint;
static u64 spare; /* and all after it: empty */

#define ROOT SEL4_INIT_SLOT_CNODE

static int boot(void **state) {
    (void)state;
    host_boot(&(struct host_options){.check_interval = 1});
    untyped = largest_untyped();
    endpoint = empty_slots();
    spare = endpoint + 1;
    assert_int_equal(retype(untyped, OBJECT_ENDPOINT, 0, endpoint, 1).error, SEL4_NO_ERROR);
    return 0;
}

static void expect(struct answer answer, u64 error, u64 length, const u64 *words) {
    assert_int_equal(answer.error, error);
    assert_int_equal(answer.length, length);
    for (u64 i = 0; i < length; i++) {
        assert_int_equal(answer.word[i], words[i]);
    }
}

#define WORDS(...)                                                                                 \
    (u64[]) {                                                                                      \
        __VA_ARGS__                                                                                \
    }
#define expect_done(answer) expect(answer, SEL4_NO_ERROR, 0, NULL)

static struct answer on_slot(u64 label, u64 slot, u64 depth) {
    return call((struct invocation_message){
        .cptr = ROOT, .label = label, .length = 2, .word = {slot, depth}});
}

static struct answer copy(u64 dest, u64 src, u64 rights) {
    return call((struct invocation_message){.cptr = ROOT,
                                            .label = METHOD_CNODE_COPY,
                                            .length = 5,
                                            .word = {dest, FULL_DEPTH, src, FULL_DEPTH, rights},
                                            .caps = 1,
                                            .cap = {ROOT}});
}

static struct answer mint(u64 dest, u64 src, u64 rights, u64 data) {
    return call(
        (struct invocation_message){.cptr = ROOT,
                                    .label = METHOD_CNODE_MINT,
                                    .length = 6,
                                    .word = {dest, FULL_DEPTH, src, FULL_DEPTH, rights, data},
                                    .caps = 1,
                                    .cap = {ROOT}});
}

static struct answer move(u64 dest, u64 src) {
    return call((struct invocation_message){.cptr = ROOT,
                                            .label = METHOD_CNODE_MOVE,
                                            .length = 4,
                                            .word = {dest, FULL_DEPTH, src, FULL_DEPTH},
                                            .caps = 1,
                                            .cap = {ROOT}});
}

static struct answer mutate(u64 dest, u64 src, u64 data) {
    return call((struct invocation_message){.cptr = ROOT,
                                            .label = METHOD_CNODE_MUTATE,
                                            .length = 5,
                                            .word = {dest, FULL_DEPTH, src, FULL_DEPTH, data},
                                            .caps = 1,
                                            .cap = {ROOT}});
}

static struct answer rotate(u64 dest, u64 dest_data, u64 pivot, u64 pivot_data, u64 src) {
    return call((struct invocation_message){
        .cptr = ROOT,
        .label = METHOD_CNODE_ROTATE,
        .length = 8,
        .word = {dest, FULL_DEPTH, dest_data, pivot, FULL_DEPTH, pivot_data, src, FULL_DEPTH},
        .caps = 2,
        .cap = {ROOT, ROOT}});
}

/* ---- Copy, Mint, Move, Mutate ---------------------------------------------------------------- */

static void test_addresses_are_refused_in_order(void **state) {
    (void)state;
    struct invocation_message message = {.cptr = ROOT,
                                         .label = METHOD_CNODE_COPY,
                                         .length = 5,
                                         .word = {ROOT, 0, BIT(40), 65, RIGHTS_ALL},
                                         .caps = 1,
                                         .cap = {SEL4_INIT_SLOT_TCB}};
    unsigned guard = cnode_cap_guard_size(slot_of(ROOT)->cap);

    expect(call(message), SEL4_RANGE_ERROR, 2, WORDS(1, 64));
    message.word[1] = 65;
    expect(call(message), SEL4_RANGE_ERROR, 2, WORDS(1, 64));
    message.word[1] = 15;
    expect(call(message), SEL4_FAILED_LOOKUP, 5, WORDS(0, 4, 15, 0, guard));
    message.word[1] = FULL_DEPTH;
    expect(call(message), SEL4_DELETE_FIRST, 0, NULL);
    message.word[0] = spare;
    expect(call(message), SEL4_FAILED_LOOKUP, 2, WORDS(1, 1));
    message.cap[0] = ROOT;
    expect(call(message), SEL4_RANGE_ERROR, 2, WORDS(1, 64));
    message.word[3] = FULL_DEPTH;
    expect(call(message), SEL4_FAILED_LOOKUP, 5, WORDS(1, 4, 64, 0, guard));
    message.word[2] = spare + 1;
    expect(call(message), SEL4_FAILED_LOOKUP, 3, WORDS(1, 2, 64));
    message.word[2] = endpoint;
    expect_done(call(message));
}

static void test_copies_lose_rights_and_never_gain(void **state) {
    (void)state;
    expect_done(copy(spare, endpoint, RIGHT_READ | RIGHT_GRANT));
    assert_int_equal(cap_rights(slot_of(spare)->cap), RIGHT_READ | RIGHT_GRANT);
    expect_done(copy(spare + 1, spare, RIGHT_READ | RIGHT_WRITE));
    assert_int_equal(cap_rights(slot_of(spare + 1)->cap), RIGHT_READ);
    expect_done(retype(untyped, OBJECT_4K_PAGE, 0, spare + 2, 1));
    expect_done(copy(spare + 3, spare + 2, RIGHT_READ));
    assert_int_equal(frame_cap_rights(slot_of(spare + 3)->cap), FRAME_READ_ONLY);
    expect_done(copy(spare + 4, spare + 2, RIGHT_WRITE));
    assert_int_equal(frame_cap_rights(slot_of(spare + 4)->cap), FRAME_KERNEL_ONLY);
    expect_done(copy(spare + 5, spare + 3, RIGHTS_ALL));
    assert_int_equal(frame_cap_rights(slot_of(spare + 5)->cap), FRAME_READ_ONLY);
}

static void test_badges_are_given_once(void **state) {
    (void)state;
    expect_done(mint(spare, endpoint, RIGHTS_ALL, 42));
    assert_int_equal(cap_badge(slot_of(spare)->cap), 42);
    expect(mint(spare + 1, spare, RIGHTS_ALL, 43), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect_done(copy(spare + 1, spare, RIGHTS_ALL));
    assert_int_equal(cap_badge(slot_of(spare + 1)->cap), 42);
    expect(mutate(spare + 2, endpoint, 44), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect(mutate(spare + 2, endpoint, 0), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect(mutate(spare + 2, spare, 42), SEL4_ILLEGAL_OPERATION, 0, NULL);
    assert_false(slot_is_empty(slot_of(endpoint)));
}

static void test_guards_fit_the_word(void **state) {
    (void)state;
    u64 guard = 0x2a;

    expect_done(retype(untyped, OBJECT_CNODE, 4, spare, 1));
    expect(mint(spare + 1, spare, RIGHTS_ALL, 61), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect_done(mint(spare + 1, spare, RIGHTS_ALL, guard << 6 | 60));
    assert_int_equal(cnode_cap_guard(slot_of(spare + 1)->cap), guard);
    assert_int_equal(cnode_cap_guard_size(slot_of(spare + 1)->cap), 60);
    expect_done(mutate(spare + 2, spare + 1, guard << 6 | 4));
    assert_int_equal(cnode_cap_guard(slot_of(spare + 2)->cap), guard & 15);
    assert_true(slot_is_empty(slot_of(spare + 1)));
}

static void test_what_cannot_be_copied(void **state) {
    (void)state;
    expect(copy(spare, SEL4_INIT_SLOT_IRQ_CONTROL, RIGHTS_ALL), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect(copy(spare, untyped, RIGHTS_ALL), SEL4_REVOKE_FIRST, 0, NULL);
    expect_done(retype(untyped, OBJECT_PAGE_TABLE, 0, spare, 1));
    expect(copy(spare + 1, spare, RIGHTS_ALL), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect_done(copy(spare + 1, SEL4_INIT_SLOT_VSPACE, RIGHTS_ALL));
    expect_done(move(spare + 2, spare));
}

/* Memory must have one owner: the copy, until it is deleted. */
static void test_copied_untyped_hands_out_alone(void **state) {
    (void)state;
    expect_done(retype(untyped, OBJECT_UNTYPED, 12, spare, 1));
    expect_done(copy(spare + 1, spare, RIGHTS_ALL));
    expect(retype(spare, OBJECT_ENDPOINT, 0, spare + 2, 1), SEL4_NOT_ENOUGH_MEMORY, 1, WORDS(0));
    expect_done(retype(spare + 1, OBJECT_ENDPOINT, 0, spare + 2, 1));
    expect_done(on_slot(METHOD_CNODE_REVOKE, spare, FULL_DEPTH));
    assert_true(slot_is_empty(slot_of(spare + 1)) && slot_is_empty(slot_of(spare + 2)));
    expect_done(retype(spare, OBJECT_ENDPOINT, 0, spare + 2, 1));
}

/* ---- Rotate ---------------------------------------------------------------------------------- */

static void test_rotate(void **state) {
    (void)state;
    u64 a = spare;
    u64 b = spare + 1;
    u64 c = spare + 2;

    expect(rotate(a, 0, a, 0, a), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect(rotate(ROOT, 0, a, 0, a), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect(rotate(ROOT, 0, a, 0, b), SEL4_DELETE_FIRST, 0, NULL);
    expect(rotate(c, 0, a, 0, b), SEL4_FAILED_LOOKUP, 3, WORDS(1, 2, 64));
    expect_done(mint(b, endpoint, RIGHTS_ALL, 2));
    expect(rotate(c, 0, a, 0, b), SEL4_FAILED_LOOKUP, 3, WORDS(0, 2, 64));
    expect_done(retype(untyped, OBJECT_CNODE, 4, a, 1));
    expect(rotate(c, 0, a, 0, b), SEL4_ILLEGAL_OPERATION, 0, NULL); /* an endpoint: see Mutate */
    expect_done(on_slot(METHOD_CNODE_DELETE, b, FULL_DEPTH));
    expect_done(retype(untyped, OBJECT_TCB, 0, b, 1));
    expect(rotate(c, 61, a, 0, b), SEL4_ILLEGAL_OPERATION, 0, NULL);
    expect_done(rotate(c, 5, a, 7, b));
    assert_int_equal(cnode_cap_guard_size(slot_of(c)->cap), 5);
    assert_true(cap_is(slot_of(a)->cap, CAP_THREAD));
    assert_true(slot_is_empty(slot_of(b)));
    expect_done(rotate(c, 0, a, 3, c));
    assert_int_equal(cnode_cap_guard_size(slot_of(a)->cap), 3);
    assert_true(cap_is(slot_of(c)->cap, CAP_THREAD));
    assert_true(derive_is_parent(slot_of(untyped), slot_of(a)));
}

/* ---- Revoke, Delete -------------------------------------------------------------------------- */

static void test_revoke_finds_what_was_made_from_a_cap(void **state) {
    (void)state;
    expect_done(mint(spare, endpoint, RIGHTS_ALL, 1));
    expect_done(copy(spare + 1, spare, RIGHTS_ALL));
    expect_done(mint(spare + 2, endpoint, RIGHTS_ALL, 1));
    expect_done(copy(spare + 3, endpoint, RIGHT_READ));
    expect_done(on_slot(METHOD_CNODE_REVOKE, spare + 1, FULL_DEPTH));
    assert_false(slot_is_empty(slot_of(spare)));
    expect_done(on_slot(METHOD_CNODE_REVOKE, spare, FULL_DEPTH));
    assert_true(slot_is_empty(slot_of(spare + 1)));
    assert_false(slot_is_empty(slot_of(spare + 2)) || slot_is_empty(slot_of(spare + 3)));
    expect_done(on_slot(METHOD_CNODE_REVOKE, endpoint, FULL_DEPTH));
    assert_true(slot_is_empty(slot_of(spare + 2)) && slot_is_empty(slot_of(spare + 3)));
    assert_false(slot_is_empty(slot_of(endpoint)));
    expect_done(on_slot(METHOD_CNODE_REVOKE, spare, FULL_DEPTH)); /* empty: nothing to do */
    expect_done(on_slot(METHOD_CNODE_DELETE, spare, FULL_DEPTH));
}

/* A thread that waits on the endpoint, as far as the queue is concerned. */
static struct tcb *make_waiter(u64 slot, u64 badge) {
    assert_int_equal(retype(untyped, OBJECT_TCB, 0, slot, 1).error, SEL4_NO_ERROR);
    struct tcb *tcb = arch_ptr(cap_address(slot_of(slot)->cap));
    struct endpoint *ep = arch_ptr(cap_address(slot_of(endpoint)->cap));

    tcb->state = THREAD_BLOCKED_SEND;
    tcb->queue = QUEUE_OBJECT;
    tcb->blocked_on = ep;
    tcb->send_badge = badge;
    ep->state = ENDPOINT_SENDING;
    pqueue_push(&ep->queue, &tcb->wait, 255, next_seq());
    return tcb;
}

#define WAITERS 250

/*
 * However many wait, interrupts are let in every PREEMPTION_UNITS of them; nobody finds the dying
 * endpoint.
 */
static void test_deleted_endpoint_restarts_its_waiters(void **state) {
    (void)state;
    struct tcb *waiter[WAITERS];
    unsigned restarts = 0;
    struct invocation_message message = {
        .cptr = ROOT, .label = METHOD_CNODE_DELETE, .length = 2, .word = {endpoint, FULL_DEPTH}};

    for (unsigned i = 0; i < WAITERS; i++) {
        waiter[i] = make_waiter(spare + i, 0);
    }
    u64 pc = host.running->reg[REG_PC];

    write_message(&message);
    do {
        host.interrupts_hidden = 1;
        host_syscall(SYSCALL_CALL);
        restarts++;
        if (host.running->reg[REG_PC] == pc) {
            assert_true(cap_is(slot_of(endpoint)->cap, CAP_ZOMBIE));
        }
    } while (host.running->reg[REG_PC] == pc);
    assert_int_equal(read_answer().error, SEL4_NO_ERROR);
    assert_true(restarts > WAITERS / PREEMPTION_UNITS);
    assert_true(slot_is_empty(slot_of(endpoint)));
    for (unsigned i = 0; i < WAITERS; i++) {
        assert_int_equal(waiter[i]->state, THREAD_RUNNABLE);
        assert_int_equal(waiter[i]->queue, QUEUE_NONE);
    }
}

static void test_cancel_badged_sends(void **state) {
    (void)state;
    struct tcb *waiter[WAITERS];
    unsigned restarts = 0;

    for (unsigned i = 0; i < WAITERS; i++) {
        waiter[i] = make_waiter(spare + i, 1 + i % 2);
    }
    u64 badged = spare + WAITERS;
    u64 pc;

    expect(on_slot(METHOD_CNODE_CANCEL_BADGED_SENDS, untyped, FULL_DEPTH), SEL4_ILLEGAL_OPERATION,
           0, NULL);
    expect_done(mint(badged, endpoint, RIGHT_WRITE, 1));
    expect(on_slot(METHOD_CNODE_CANCEL_BADGED_SENDS, badged, FULL_DEPTH), SEL4_ILLEGAL_OPERATION, 0,
           NULL);
    expect_done(on_slot(METHOD_CNODE_CANCEL_BADGED_SENDS, endpoint, FULL_DEPTH));
    assert_int_equal(waiter[0]->state, THREAD_BLOCKED_SEND);
    expect_done(mint(badged + 1, endpoint, RIGHTS_ALL, 1));
    struct invocation_message message = {.cptr = ROOT,
                                         .label = METHOD_CNODE_CANCEL_BADGED_SENDS,
                                         .length = 2,
                                         .word = {badged + 1, FULL_DEPTH}};

    write_message(&message);
    pc = host.running->reg[REG_PC];
    do {
        host.interrupts_hidden = 1;
        host_syscall(SYSCALL_CALL);
        restarts++;
    } while (host.running->reg[REG_PC] == pc);
    assert_int_equal(read_answer().error, SEL4_NO_ERROR);
    assert_true(restarts > WAITERS / PREEMPTION_UNITS);
    for (unsigned i = 0; i < WAITERS; i++) {
        assert_int_equal(waiter[i]->state, i % 2 == 0 ? THREAD_RUNNABLE : THREAD_BLOCKED_SEND);
    }
}

/* The last capability of a thread: nothing points to it any more, and what it held is gone. */
static void test_deleted_thread_leaves_no_trace(void **state) {
    (void)state;
    u64 notification = spare + 1;
    u64 sc = spare + 2;

    expect_done(retype(untyped, OBJECT_TCB, 0, spare, 1));
    expect_done(retype(untyped, OBJECT_NOTIFICATION, 0, notification, 1));
    expect_done(retype(untyped, OBJECT_SCHED_CONTEXT, 8, sc, 1));
    expect_done(call((struct invocation_message){
        .cptr = spare, .label = METHOD_TCB_BIND_NOTIFICATION, .caps = 1, .cap = {notification}}));
    expect_done(call((struct invocation_message){
        .cptr = sc, .label = METHOD_SCHED_CONTEXT_BIND, .caps = 1, .cap = {spare}}));
    expect_done(call((struct invocation_message){.cptr = spare,
                                                 .label = METHOD_TCB_SET_SPACE,
                                                 .length = 2,
                                                 .caps = 3,
                                                 .cap = {endpoint, ROOT, SEL4_INIT_SLOT_VSPACE}}));
    struct tcb *tcb = arch_ptr(cap_address(slot_of(spare)->cap));
    struct notification *nt = arch_ptr(cap_address(slot_of(notification)->cap));
    struct sched_context *context = arch_ptr(cap_address(slot_of(sc)->cap));

    assert_ptr_equal(nt->bound, tcb);
    assert_ptr_equal(context->tcb, tcb);
    assert_false(slot_is_empty(&tcb->slot[TCB_CSPACE]));
    expect_done(on_slot(METHOD_CNODE_DELETE, spare, FULL_DEPTH));
    assert_null(nt->bound);
    assert_null(context->tcb);
    for (unsigned i = 0; i < TCB_SLOTS; i++) {
        assert_true(slot_is_empty(&tcb->slot[i]));
    }
}

/*
 * The line's own capability to the notification goes with the last handler, and may be the last
 * one, too.
 */
static void test_deleted_handler_frees_its_line(void **state) {
    (void)state;
    u64 handler = spare;
    u64 notification = spare + 2;
    struct invocation_message get = {.cptr = SEL4_INIT_SLOT_IRQ_CONTROL,
                                     .label = METHOD_IRQ_CONTROL_GET,
                                     .length = 3,
                                     .word = {5, handler, FULL_DEPTH},
                                     .caps = 1,
                                     .cap = {ROOT}};

    expect_done(call(get));
    expect_done(copy(handler + 1, handler, RIGHTS_ALL));
    expect_done(retype(untyped, OBJECT_NOTIFICATION, 0, notification, 1));
    expect_done(call((struct invocation_message){.cptr = handler,
                                                 .label = METHOD_IRQ_HANDLER_SET_NOTIFICATION,
                                                 .caps = 1,
                                                 .cap = {notification}}));
    expect_done(on_slot(METHOD_CNODE_DELETE, notification, FULL_DEPTH));
    expect_done(on_slot(METHOD_CNODE_DELETE, handler, FULL_DEPTH));
    assert_int_equal(kernel.irq[5].state, IRQ_ACTIVE);
    assert_false(slot_is_empty(&kernel.irq[5].notification));
    expect_done(on_slot(METHOD_CNODE_REVOKE, SEL4_INIT_SLOT_IRQ_CONTROL, FULL_DEPTH));
    assert_true(slot_is_empty(slot_of(handler + 1)));
    assert_int_equal(kernel.irq[5].state, IRQ_INACTIVE);
    assert_true(slot_is_empty(&kernel.irq[5].notification));
    expect_done(call(get));
}

/* A slot behind two CNodes: the first uses up 4 bits, the second 2 of guard and 3 of slots. */
static void test_slots_are_found_through_several_levels(void **state) {
    (void)state;
    u64 outer = spare;
    u64 inner = spare + 1;
    struct invocation_message give = {.cptr = outer,
                                      .label = METHOD_CNODE_MINT,
                                      .length = 6,
                                      .word = {3, 4, inner, FULL_DEPTH, RIGHTS_ALL, 2 << 6 | 2},
                                      .caps = 1,
                                      .cap = {ROOT}};
    struct invocation_message copy_in = {
        .cptr = outer,
        .label = METHOD_CNODE_COPY,
        .length = 5,
        .word = {3 << 5 | 2 << 3 | 5, 9, endpoint, FULL_DEPTH, RIGHTS_ALL},
        .caps = 1,
        .cap = {ROOT}};

    expect_done(retype(untyped, OBJECT_CNODE, 4, outer, 1));
    expect_done(retype(untyped, OBJECT_CNODE, 3, inner, 1));
    expect_done(call(give));
    expect_done(call(copy_in));
    struct cslot *found = (struct cslot *)arch_ptr(cap_address(slot_of(inner)->cap)) + 5;
    assert_true(cap_is(found->cap, CAP_ENDPOINT));
    /* The slot where the way begins is at fewer bits, and another guard leads nowhere. */
    copy_in.word[0] = 3 << 5 | 1 << 3 | 5;
    expect(call(copy_in), SEL4_FAILED_LOOKUP, 5, WORDS(0, SEL4_LOOKUP_GUARD_MISMATCH, 5, 2, 2));
    expect_done(call((struct invocation_message){.cptr = outer,
                                                 .label = METHOD_CNODE_DELETE,
                                                 .length = 2,
                                                 .word = {3 << 5 | 2 << 3 | 5, 9}}));
    assert_true(slot_is_empty(found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_addresses_are_refused_in_order, boot),
        cmocka_unit_test_setup(test_copies_lose_rights_and_never_gain, boot),
        cmocka_unit_test_setup(test_badges_are_given_once, boot),
        cmocka_unit_test_setup(test_guards_fit_the_word, boot),
        cmocka_unit_test_setup(test_what_cannot_be_copied, boot),
        cmocka_unit_test_setup(test_copied_untyped_hands_out_alone, boot),
        cmocka_unit_test_setup(test_rotate, boot),
        cmocka_unit_test_setup(test_revoke_finds_what_was_made_from_a_cap, boot),
        cmocka_unit_test_setup(test_deleted_endpoint_restarts_its_waiters, boot),
        cmocka_unit_test_setup(test_cancel_badged_sends, boot),
        cmocka_unit_test_setup(test_deleted_thread_leaves_no_trace, boot),
        cmocka_unit_test_setup(test_deleted_handler_frees_its_line, boot),
        cmocka_unit_test_setup(test_slots_are_found_through_several_levels, boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
