// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of threads by system call: every refusal with its words, registers, installed
 * capabilities, priorities.
 */
#include "kernel/cspace/derive.h"
#include "tests/support/world.h"

#define BUFFER_AT 0x40000400ull

static struct thread t;
static u64 endpoint;
static u64 notification;

static int boot(UNUSED void **test) {
    world_boot(NULL);
    t = thread_new(20);
    endpoint = make(OBJECT_ENDPOINT, 0);
    notification = make(OBJECT_NOTIFICATION, 0);
    return 0;
}

static const struct cslot *held(enum tcb_slot which) {
    return &t.object->slot[which];
}

/* ---- Registers ------------------------------------------------------------------------------- */

static void registers_are_read_in_order(UNUSED void **test) {
    fill_registers(&t);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(0, 32), C()), 0);
    assert_int_equal(length(&root), 32);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(answer(i), t.reg[i]);
    }
    for (unsigned count = 1; count <= 5; count++) {
        assert_int_equal(invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(0, count), C()), 0);
        assert_int_equal(length(&root), count);
        assert_int_equal(answer(count - 1), t.reg[count - 1]);
    }
}

static void reading_without_asking_changes_nothing(UNUSED void **test) {
    fill_registers(&root);
    sys_send(t.tcb, METHOD_TCB_READ_REGISTERS, W(0, 32));
    u64 written = REGISTER(REG_CAP) | REGISTER(REG_INFO) | REGISTER(REG_MR0) |
                  REGISTER(REG_MR0 + 1) | REGISTER(REG_SYSCALL) | REGISTER(REG_PC);
    assert_registers(&root, written);
    assert_int_equal(root.reg[REG_MR0], 0);
    assert_int_equal(root.reg[REG_MR0 + 1], 32);
}

static void read_registers_refuses(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(0, 0), C());
    assert_answer(SEL4_RANGE_ERROR, 1, 32);
    invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(0, 33), C());
    assert_answer(SEL4_RANGE_ERROR, 1, 32);
    invoke(ROOT_TCB, METHOD_TCB_READ_REGISTERS, W(0, 1), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(0), C());
    assert_answer(SEL4_TRUNCATED_MESSAGE);
}

static void reading_can_suspend(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_RESUME, W(), C());
    assert_int_equal(state(&t), THREAD_RUNNABLE);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_READ_REGISTERS, W(1, 1), C()), 0);
    assert_int_equal(state(&t), THREAD_INACTIVE);
}

static void missing_registers_keep_their_value(UNUSED void **test) {
    fill_registers(&t);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_WRITE_REGISTERS, W(0, 3, 11, 12, 13), C()), 0);
    assert_int_equal(t.reg[REG_PC], 11);
    assert_int_equal(t.reg[REG_RA], 12);
    assert_int_equal(t.reg[REG_SP], 13);
    assert_registers(&t, REGISTER(REG_PC) | REGISTER(REG_RA) | REGISTER(REG_SP));
    assert_int_equal(state(&t), THREAD_INACTIVE);
}

static void all_registers_can_be_written_and_more_are_ignored(UNUSED void **test) {
    u64 words[2 + 40] = {1, 40};

    for (u64 i = 0; i < 40; i++) {
        words[2 + i] = 1000 + i;
    }
    assert_int_equal(invoke(t.tcb, METHOD_TCB_WRITE_REGISTERS, (struct words){words, 42}, C()), 0);
    for (u64 i = 0; i < 32; i++) {
        assert_int_equal(t.reg[i], 1000 + i);
    }
    assert_int_equal(state(&t), THREAD_RUNNABLE); /* bit 0: resume */
}

static void write_registers_refuses(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_WRITE_REGISTERS, W(0), C());
    assert_answer(SEL4_TRUNCATED_MESSAGE);
    invoke(t.tcb, METHOD_TCB_WRITE_REGISTERS, W(0, 2, 1), C());
    assert_answer(SEL4_TRUNCATED_MESSAGE);
    invoke(ROOT_TCB, METHOD_TCB_WRITE_REGISTERS, W(0, 1, 1), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
}

static void sets_of_registers_are_copied(UNUSED void **test) {
    struct thread other = thread_new(10);

    invoke(t.tcb, METHOD_TCB_COPY_REGISTERS, W(0), C(endpoint));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    fill_registers(&other);
    memset(t.reg, 0, REG_COUNT * sizeof *t.reg);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_COPY_REGISTERS, W(4), C(other.tcb)), 0);
    assert_registers(&t, 0xffff0000);
    assert_int_equal(t.reg[REG_A0], 0);
    memset(t.reg, 0, REG_COUNT * sizeof *t.reg);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_COPY_REGISTERS, W(8), C(other.tcb)), 0);
    assert_registers(&t, 0xffff);
    assert_int_equal(t.reg[REG_PC], 0);
    invoke(other.tcb, METHOD_TCB_RESUME, W(), C());
    assert_int_equal(invoke(t.tcb, METHOD_TCB_COPY_REGISTERS, W(3), C(other.tcb)), 0);
    assert_int_equal(state(&t), THREAD_RUNNABLE);
    assert_int_equal(state(&other), THREAD_INACTIVE);
}

static void a_thread_that_copies_into_itself_goes_on_there(UNUSED void **test) {
    fill_registers(&t);
    t.reg[REG_PC] = 0x5000;
    message(METHOD_TCB_COPY_REGISTERS, W(4), C(t.tcb));
    syscall_with(SYSCALL_CALL, ROOT_TCB);
    assert_true(running(&root));
    assert_int_equal(root.reg[REG_PC], 0x5000);
    assert_int_equal(root.reg[REG_S0], t.reg[REG_S0]);
}

static void tls_base_and_flags(UNUSED void **test) {
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_TLS_BASE, W(0x1234), C()), 0);
    assert_int_equal(t.reg[REG_TP], 0x1234);
    assert_int_equal(invoke(ROOT_TCB, METHOD_TCB_SET_TLS_BASE, W(0x77), C()), 0);
    assert_int_equal(root.reg[REG_TP], 0x77);
    invoke(t.tcb, METHOD_TCB_SET_FLAGS, W(0, ~0ull), C());
    assert_answer(0, 1);
    assert_int_equal(t.object->context.fpu_disabled, 1);
    invoke(t.tcb, METHOD_TCB_SET_FLAGS, W(0, 0), C());
    assert_answer(0, 1);
    invoke(t.tcb, METHOD_TCB_SET_FLAGS, W(1, 0), C());
    assert_answer(0, 0);
    assert_int_equal(t.object->context.fpu_disabled, 0);
    invoke(t.tcb, METHOD_TCB_SET_FLAGS, W(1, 1), C());
    assert_answer(0, 1);
}

/* ---- Capabilities a thread holds ------------------------------------------------------------- */

static u64 configure(u64 data, u64 buffer, u64 cnode, u64 vspace, u64 frame) {
    return invoke(t.tcb, METHOD_TCB_CONFIGURE, W(data, 0, buffer), C(cnode, vspace, frame));
}

static void configure_installs_children_of_what_it_is_given(UNUSED void **test) {
    u64 frame = make(OBJECT_4K_PAGE, 0);

    assert_int_equal(configure(0, BUFFER_AT, ROOT_CNODE, ROOT_VSPACE, frame), 0);
    assert_true(cap_equal(held(TCB_CSPACE)->cap, cap(ROOT_CNODE)));
    assert_true(cap_equal(held(TCB_VSPACE)->cap, cap(ROOT_VSPACE)));
    assert_int_equal(cap_address(held(TCB_BUFFER)->cap).value, cap_address(cap(frame)).value);
    assert_ptr_equal(tcb_buffer(t.object, true), (u8 *)object(frame) + 0x400);
    assert_false(derive_is_final(slot(frame)));
    /* Who revokes the frame takes the buffer away. */
    u64 parent = make(OBJECT_UNTYPED, 12);
    u64 child = free_slot();
    invoke(parent, METHOD_UNTYPED_RETYPE, W(OBJECT_4K_PAGE, 0, 0, 0, child, 1), C(ROOT_CNODE));
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_IPC_BUFFER, W(BUFFER_AT), C(child)), 0);
    assert_true(derive_is_final(slot(frame)));
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(parent, 64), C()), 0);
    assert_true(slot_is_empty(held(TCB_BUFFER)));
    assert_null(tcb_buffer(t.object, true));
}

static void configure_refuses(UNUSED void **test) {
    u64 frame = make(OBJECT_4K_PAGE, 0);
    u64 device = free_slot();
    u64 loose = make(OBJECT_PAGE_TABLE, 0);

    invoke(device_untyped(), METHOD_UNTYPED_RETYPE, W(OBJECT_4K_PAGE, 0, 0, 0, device, 1),
           C(ROOT_CNODE));
    configure(0, BUFFER_AT, ROOT_CNODE, ROOT_VSPACE, endpoint);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(0, BUFFER_AT, ROOT_CNODE, ROOT_VSPACE, device);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(0, BUFFER_AT + 8, ROOT_CNODE, ROOT_VSPACE, frame);
    assert_answer(SEL4_ALIGNMENT_ERROR);
    configure(0, BUFFER_AT, endpoint, ROOT_VSPACE, frame);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(0, BUFFER_AT, 0, ROOT_VSPACE, frame);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(0, BUFFER_AT, ROOT_CNODE, frame, frame);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(0, BUFFER_AT, ROOT_CNODE, loose, frame); /* has no ASID */
    assert_answer(SEL4_ILLEGAL_OPERATION);
    configure(63, BUFFER_AT, ROOT_CNODE, ROOT_VSPACE, frame); /* guard + radix > 64 */
    assert_answer(SEL4_ILLEGAL_OPERATION);
    invoke(t.tcb, METHOD_TCB_CONFIGURE, W(0, 0, BUFFER_AT), C(ROOT_CNODE, ROOT_VSPACE));
    assert_answer(SEL4_TRUNCATED_MESSAGE);
    assert_int_equal(cap_address(held(TCB_BUFFER)->cap).value, cap_address(cap(t.frame)).value);
}

static void guard_data_is_taken_and_zero_leaves_the_guard(UNUSED void **test) {
    u64 node = make(OBJECT_CNODE, 4);

    assert_int_equal(configure(60 | 5ull << 6, 0, node, ROOT_VSPACE, 0), 0);
    assert_int_equal(cnode_cap_guard_size(held(TCB_CSPACE)->cap), 60);
    assert_int_equal(cnode_cap_guard(held(TCB_CSPACE)->cap), 5);
    assert_int_equal(configure(0, 0, node, ROOT_VSPACE, 0), 0);
    assert_int_equal(cnode_cap_guard_size(held(TCB_CSPACE)->cap), 0);
    assert_true(slot_is_empty(held(TCB_BUFFER))); /* address 0: none */
}

static void the_handlers_need_write_and_a_grant(UNUSED void **test) {
    static const u64 good[] = {5, 9, 15};
    static const u64 bad[] = {1, 4, 8, 2, 14, 3};

    for (unsigned i = 0; i < ARRAY_LENGTH(good); i++) {
        u64 it = mint(endpoint, good[i], 7);
        assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(it)), 0);
        assert_true(cap_equal(held(TCB_TIMEOUT_HANDLER)->cap, cap(it)));
        assert_int_equal(
            invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(it, ROOT_CNODE, ROOT_VSPACE)), 0);
        assert_true(cap_equal(held(TCB_FAULT_HANDLER)->cap, cap(it)));
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++) {
        u64 it = mint(endpoint, bad[i], 7);
        invoke(t.tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(it));
        assert_answer(SEL4_INVALID_CAPABILITY, 1);
        invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(it, ROOT_CNODE, ROOT_VSPACE));
        assert_answer(SEL4_INVALID_CAPABILITY, 1);
        invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(1, 1), C(ROOT_TCB, t.sc, it));
        assert_answer(SEL4_INVALID_CAPABILITY, 3);
    }
    invoke(t.tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(notification));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(0)), 0);
    assert_true(slot_is_empty(held(TCB_TIMEOUT_HANDLER)));
}

/* The old CSpace's last capability is the thread's own, and the new one's source lies in it. */
static void a_source_that_dies_with_the_old_cspace_is_not_copied(UNUSED void **test) {
    u64 node = make(OBJECT_CNODE, 4);
    u64 only = make(OBJECT_ENDPOINT, 0);
    u64 guard = 60; /* with radix 4: addresses 0..15 */

    assert_int_equal(invoke(node, METHOD_CNODE_COPY, W(1, 4, ROOT_CNODE, 64, 15), C(ROOT_CNODE)),
                     0);
    assert_int_equal(invoke(node, METHOD_CNODE_COPY, W(2, 4, ROOT_VSPACE, 64, 15), C(ROOT_CNODE)),
                     0);
    assert_int_equal(invoke(node, METHOD_CNODE_COPY, W(3, 4, t.tcb, 64, 15), C(ROOT_CNODE)), 0);
    assert_int_equal(invoke(node, METHOD_CNODE_MOVE, W(4, 4, only, 64), C(ROOT_CNODE)), 0);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SPACE, W(guard, 0), C(0, node, ROOT_VSPACE)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(node, 64), C()), 0);
    invoke(t.tcb, METHOD_TCB_RESUME, W(), C());
    as(&t);
    /*
     * It wants the root's CNode as its own, named by a slot of the one that goes with the exchange.
     */
    message(METHOD_TCB_SET_SPACE, W(0, 0), C(4, 1, 2));
    syscall_with(SYSCALL_CALL, 3);
    check_world();
    assert_true(slot_is_empty(held(TCB_CSPACE)));
    assert_true(slot_is_empty(held(TCB_FAULT_HANDLER)));
}

static void replacing_takes_several_entries_if_it_must(UNUSED void **test) {
    u64 node = make(OBJECT_CNODE, 8);

    for (u64 i = 0; i < 200; i++) {
        invoke(node, METHOD_CNODE_COPY, W(i, 8, endpoint, 64, 15), C(ROOT_CNODE));
    }
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, node, ROOT_VSPACE)), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(node, 64), C()), 0);
    u64 entries = kernel.entries[ENTRY_SYSCALL];
    host.interrupts_hidden = 1;
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, ROOT_VSPACE)),
                     0);
    assert_true(kernel.entries[ENTRY_SYSCALL] > entries + 1);
    assert_true(cap_equal(held(TCB_CSPACE)->cap, cap(ROOT_CNODE)));
}

/* ---- Priorities ------------------------------------------------------------------------------ */

static void priorities_are_limited_by_the_authority(UNUSED void **test) {
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_MC_PRIORITY, W(99), C(ROOT_TCB)), 0);
    invoke(t.tcb, METHOD_TCB_SET_PRIORITY, W(100), C(t.tcb));
    assert_answer(SEL4_RANGE_ERROR, 0, 99);
    invoke(t.tcb, METHOD_TCB_SET_PRIORITY, W(256), C(ROOT_TCB));
    assert_answer(SEL4_RANGE_ERROR, 0, 255);
    invoke(t.tcb, METHOD_TCB_SET_PRIORITY, W(1ull << 32), C(ROOT_TCB));
    assert_answer(SEL4_RANGE_ERROR, 0, 255);
    invoke(t.tcb, METHOD_TCB_SET_MC_PRIORITY, W(100), C(t.tcb));
    assert_answer(SEL4_RANGE_ERROR, 0, 99);
    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(100, 0), C(t.tcb, t.sc, 0));
    assert_answer(SEL4_RANGE_ERROR, 0, 99);
    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(0, 100), C(t.tcb, t.sc, 0));
    assert_answer(SEL4_RANGE_ERROR, 0, 99);
    invoke(t.tcb, METHOD_TCB_SET_PRIORITY, W(1), C(endpoint));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    invoke(t.tcb, METHOD_TCB_SET_MC_PRIORITY, W(1), C(0));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_PRIORITY, W(99), C(t.tcb)), 0);
    assert_int_equal(t.object->priority, 99);
    assert_int_equal(t.object->mcp, 99);
}

static void who_lowers_itself_below_another_makes_room(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_RESUME, W(), C());
    message(METHOD_TCB_SET_PRIORITY, W(19), C(ROOT_TCB));
    syscall_with(SYSCALL_CALL, ROOT_TCB);
    assert_true(running(&t));
    assert_int_equal(root.object->priority, 19);
    assert_int_equal(label(&root), 0);
}

static void sched_params_bind_and_unbind_contexts(UNUSED void **test) {
    u64 other = sched_context(1000, 2000, 0);

    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, endpoint, 0));
    assert_answer(SEL4_INVALID_CAPABILITY, 2);
    invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, other, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION); /* it has one */
    assert_int_equal(t.object->mcp, 20);
    assert_int_equal(
        invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, t.sc, endpoint)), 0);
    assert_int_equal(t.object->mcp, 7);
    assert_int_equal(t.object->priority, 8);
    assert_true(cap_equal(held(TCB_FAULT_HANDLER)->cap, cap(endpoint)));
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, 0, 0)), 0);
    assert_null(t.object->sc);
    assert_true(slot_is_empty(held(TCB_FAULT_HANDLER)));
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, other, 0)), 0);
    assert_ptr_equal(t.object->sc, object(other));
    struct thread second = thread_passive(5);
    invoke(second.tcb, METHOD_TCB_SET_SCHED_PARAMS, W(7, 8), C(ROOT_TCB, other, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION); /* somebody else's */
    invoke(ROOT_TCB, METHOD_TCB_SET_SCHED_PARAMS, W(255, 255), C(ROOT_TCB, 0, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION); /* the caller's own time */
}

/* ---- Running, stopping, bound notification --------------------------------------------------- */

static void who_suspends_itself_goes_on_behind_the_call(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_RESUME, W(), C());
    as(&t);
    u64 pc = t.reg[REG_PC];
    message(METHOD_TCB_SUSPEND, W(), C());
    syscall_with(SYSCALL_CALL, t.tcb);
    assert_int_equal(state(&t), THREAD_INACTIVE);
    as(&root);
    assert_int_equal(t.reg[REG_PC], pc + 4);
    assert_int_equal(label(&t), 0);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    as(&t);
    assert_int_equal(t.reg[REG_PC], pc + 4);
}

static void a_suspended_call_starts_again(UNUSED void **test) {
    invoke(t.tcb, METHOD_TCB_RESUME, W(), C());
    as(&t);
    u64 pc = t.reg[REG_PC];
    sys_send(endpoint, 5, W());
    as(&root);
    assert_int_equal(state(&t), THREAD_BLOCKED_SEND);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SUSPEND, W(), C()), 0);
    assert_int_equal(state(&t), THREAD_INACTIVE);
    assert_int_equal(t.reg[REG_PC], pc);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_RESUME, W(), C()), 0);
    assert_int_equal(state(&t), THREAD_RUNNABLE);
    assert_int_equal(invoke(ROOT_TCB, METHOD_TCB_RESUME, W(), C()),
                     0); /* the running thread: nothing */
}

static u64 bind(u64 tcb, u64 it) {
    return invoke(tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(it));
}

static void notifications_are_bound_once(UNUSED void **test) {
    struct thread other = thread_make(30);
    u64 second = make(OBJECT_NOTIFICATION, 0);

    bind(t.tcb, endpoint);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    bind(t.tcb, mint(notification, SEL4_RIGHT_WRITE, 0));
    assert_answer(SEL4_ILLEGAL_OPERATION);
    assert_int_equal(bind(t.tcb, mint(notification, SEL4_RIGHT_READ, 0)), 0);
    bind(t.tcb, second);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    bind(other.tcb, notification);
    assert_answer(SEL4_ILLEGAL_OPERATION);
    as(&other);
    sys_wait(second);
    as(&root);
    invoke(t.tcb, METHOD_TCB_UNBIND_NOTIFICATION, W(), C());
    assert_answer(0);
    invoke(t.tcb, METHOD_TCB_UNBIND_NOTIFICATION, W(), C());
    assert_answer(SEL4_ILLEGAL_OPERATION);
    bind(t.tcb, second); /* somebody waits there */
    assert_answer(SEL4_ILLEGAL_OPERATION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registers_are_read_in_order, boot),
        cmocka_unit_test_setup(reading_without_asking_changes_nothing, boot),
        cmocka_unit_test_setup(read_registers_refuses, boot),
        cmocka_unit_test_setup(reading_can_suspend, boot),
        cmocka_unit_test_setup(missing_registers_keep_their_value, boot),
        cmocka_unit_test_setup(all_registers_can_be_written_and_more_are_ignored, boot),
        cmocka_unit_test_setup(write_registers_refuses, boot),
        cmocka_unit_test_setup(sets_of_registers_are_copied, boot),
        cmocka_unit_test_setup(a_thread_that_copies_into_itself_goes_on_there, boot),
        cmocka_unit_test_setup(tls_base_and_flags, boot),
        cmocka_unit_test_setup(configure_installs_children_of_what_it_is_given, boot),
        cmocka_unit_test_setup(configure_refuses, boot),
        cmocka_unit_test_setup(guard_data_is_taken_and_zero_leaves_the_guard, boot),
        cmocka_unit_test_setup(the_handlers_need_write_and_a_grant, boot),
        cmocka_unit_test_setup(a_source_that_dies_with_the_old_cspace_is_not_copied, boot),
        cmocka_unit_test_setup(replacing_takes_several_entries_if_it_must, boot),
        cmocka_unit_test_setup(priorities_are_limited_by_the_authority, boot),
        cmocka_unit_test_setup(who_lowers_itself_below_another_makes_room, boot),
        cmocka_unit_test_setup(sched_params_bind_and_unbind_contexts, boot),
        cmocka_unit_test_setup(who_suspends_itself_goes_on_behind_the_call, boot),
        cmocka_unit_test_setup(a_suspended_call_starts_again, boot),
        cmocka_unit_test_setup(notifications_are_bound_once, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
