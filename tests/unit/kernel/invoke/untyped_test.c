// SPDX-License-Identifier: BSD-2-Clause
/*
 * Untyped.Retype by system call: every refusal with its words and in its order, memory clear, room
 * used up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/cspace/derive.h"
#include "kernel/object/object.h"
#include "kernel/object/untyped.h"
#include "tests/unit/kernel/invoke/calls.h"

static u64 untyped; /* slot of an untyped of RAM */
static u64 empty;   /* first of many empty slots */

static int boot(void **state) {
    (void)state;
    host_boot(&(struct host_options){.check_interval = 1, .memory_bytes = MIB(64)});
    untyped = largest_untyped();
    empty = empty_slots();
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

static void test_types_and_sizes_are_refused_in_order(void **state) {
    (void)state;
    u64 nodes = BIT(cnode_cap_radix(slot_of(SEL4_INIT_SLOT_CNODE)->cap));

    /* Each line has all the faults of those below it. */
    expect(retype(untyped, 99, 99, nodes, 0), SEL4_INVALID_ARGUMENT, 1, WORDS(0));
    expect(retype(untyped, OBJECT_CNODE, 64, nodes, 0), SEL4_RANGE_ERROR, 2, WORDS(0, 38));
    expect(retype(untyped, OBJECT_CNODE, 34, nodes, 0), SEL4_RANGE_ERROR, 2, WORDS(0, 38));
    expect(retype(untyped, OBJECT_ENDPOINT, 64, nodes, 0), SEL4_RANGE_ERROR, 2, WORDS(0, 38));
    expect(retype(untyped, OBJECT_CNODE, 0, nodes, 0), SEL4_INVALID_ARGUMENT, 1, WORDS(1));
    expect(retype(untyped, OBJECT_UNTYPED, 3, nodes, 0), SEL4_INVALID_ARGUMENT, 1, WORDS(1));
    expect(retype(untyped, OBJECT_SCHED_CONTEXT, 6, nodes, 0), SEL4_INVALID_ARGUMENT, 1, WORDS(1));
    expect(retype(untyped, OBJECT_UNTYPED, 38, nodes, 0), SEL4_RANGE_ERROR, 2, WORDS(0, nodes - 1));
    expect(retype(untyped, OBJECT_UNTYPED, 38, nodes - 1, 0), SEL4_RANGE_ERROR, 2, WORDS(1, 256));
    expect(retype(untyped, OBJECT_UNTYPED, 38, nodes - 1, 257), SEL4_RANGE_ERROR, 2, WORDS(1, 256));
    expect(retype(untyped, OBJECT_UNTYPED, 38, nodes - 1, 2), SEL4_RANGE_ERROR, 2, WORDS(1, 1));
    expect(retype(untyped, OBJECT_UNTYPED, 38, 1, 1), SEL4_DELETE_FIRST, 0, NULL);
    expect(retype(untyped, OBJECT_UNTYPED, 38, empty, 1), SEL4_NOT_ENOUGH_MEMORY, 1,
           WORDS(BIT(untyped_cap_size_bits(slot_of(untyped)->cap))));
}

static struct answer retype_at(u64 root, u64 index, u64 depth) {
    return call((struct invocation_message){
        .cptr = untyped,
        .label = METHOD_UNTYPED_RETYPE,
        .length = 6,
        .word = {OBJECT_ENDPOINT, 0, index, depth, empty, 1},
        .caps = 1,
        .cap = {root},
    });
}

static void test_destination_is_looked_up(void **state) {
    (void)state;
    for (unsigned bits = 6; bits < 64; bits++) { /* the depth is a whole word */
        expect(retype_at(SEL4_INIT_SLOT_CNODE, SEL4_INIT_SLOT_CNODE, BIT(bits) + 1),
               SEL4_RANGE_ERROR, 2, WORDS(1, 64));
    }
    expect(retype_at(SEL4_INIT_SLOT_CNODE, SEL4_INIT_SLOT_CNODE, 256 + 64), SEL4_RANGE_ERROR, 2,
           WORDS(1, 64));
    /*
     * Depth 0 means the root itself, which has to be a CNode; otherwise what its slot holds has to.
     */
    expect(retype_at(SEL4_INIT_SLOT_TCB, 0, 0), SEL4_FAILED_LOOKUP, 3, WORDS(0, 2, 0));
    expect(retype_at(SEL4_INIT_SLOT_TCB, 0, 64), SEL4_FAILED_LOOKUP, 2, WORDS(0, 1));
    expect(retype_at(SEL4_INIT_SLOT_CNODE, SEL4_INIT_SLOT_TCB, 64), SEL4_FAILED_LOOKUP, 3,
           WORDS(0, 2, 64));
    expect(retype_at(SEL4_INIT_SLOT_CNODE, SEL4_INIT_SLOT_CNODE, 64), SEL4_NO_ERROR, 0, NULL);
    assert_true(cap_is(slot_of(empty)->cap, CAP_ENDPOINT));
    assert_int_equal(cap_rights(slot_of(empty)->cap), RIGHTS_ALL);
}

static void test_message_must_be_complete(void **state) {
    (void)state;
    struct invocation_message message = {
        .cptr = untyped,
        .label = METHOD_UNTYPED_RETYPE,
        .length = 5,
        .word = {99, 0, 0, 0, 0},
        .caps = 1,
        .cap = {SEL4_INIT_SLOT_CNODE},
    };

    expect(call(message), SEL4_TRUNCATED_MESSAGE, 0, NULL);
    message.length = 6;
    message.caps = 0;
    expect(call(message), SEL4_TRUNCATED_MESSAGE, 0, NULL);
    message.label = METHOD_TCB_SUSPEND;
    expect(call(message), SEL4_ILLEGAL_OPERATION, 0, NULL);
    message.label = 12345;
    expect(call(message), SEL4_ILLEGAL_OPERATION, 0, NULL);
    message.cptr = empty;
    expect(call(message), SEL4_INVALID_CAPABILITY, 1, WORDS(0));
}

static void test_devices_give_frames_and_untypeds_only(void **state) {
    (void)state;
    u64 device = untyped;

    while (!cap_is(slot_of(device)->cap, CAP_UNTYPED) ||
           !untyped_cap_is_device(slot_of(device)->cap)) {
        device--;
    }
    expect(retype(device, OBJECT_ENDPOINT, 0, empty, 1), SEL4_INVALID_ARGUMENT, 1, WORDS(1));
    expect(retype(device, OBJECT_4K_PAGE, 0, empty, 1), SEL4_NO_ERROR, 0, NULL);
    assert_true(frame_cap_is_device(slot_of(empty)->cap));
    expect(retype(device, OBJECT_UNTYPED, 12, empty + 1, 1), SEL4_NO_ERROR, 0, NULL);
    assert_true(untyped_cap_is_device(slot_of(empty + 1)->cap));
}

/* 256 objects at once, then one that has to be aligned, then the room that is left. */
static void test_memory_is_handed_out_in_order(void **state) {
    (void)state;
    u64 size = BIT(untyped_cap_size_bits(slot_of(untyped)->cap));
    u64 base = cap_address(slot_of(untyped)->cap).value;

    expect(retype(untyped, OBJECT_REPLY, 0, empty, 255), SEL4_NO_ERROR, 0, NULL);
    for (u64 i = 0; i < 255; i++) {
        assert_int_equal(cap_address(slot_of(empty + i)->cap).value, base + 32 * i);
        assert_true(derive_is_parent(slot_of(untyped), slot_of(empty + i)));
    }
    expect(retype(untyped, OBJECT_TCB, 0, empty + 256, 1), SEL4_NO_ERROR, 0, NULL);
    assert_int_equal(cap_address(slot_of(empty + 256)->cap).value, base + 8192);
    expect(retype(untyped, OBJECT_UNTYPED, untyped_cap_size_bits(slot_of(untyped)->cap),
                  empty + 300, 1),
           SEL4_NOT_ENOUGH_MEMORY, 1, WORDS(size - 8192 - 2048));
}

/*
 * What the last owner wrote is gone when memory is used again, also if clearing is interrupted
 * again and again.
 */
static void test_clearing_can_be_interrupted(void **state) {
    (void)state;
    u64 bytes = MIB(1);
    unsigned restarts = 0;

    expect(retype(untyped, OBJECT_UNTYPED, 20, empty, 1), SEL4_NO_ERROR, 0, NULL);
    expect(retype(empty, OBJECT_4K_PAGE, 0, empty + 1, 256), SEL4_NO_ERROR, 0, NULL);
    u8 *memory = arch_ptr(cap_address(slot_of(empty)->cap));
    memset(memory, 0x5a, bytes);
    struct invocation_message revoke = {.cptr = SEL4_INIT_SLOT_CNODE,
                                        .label = METHOD_CNODE_REVOKE,
                                        .length = 2,
                                        .word = {empty, FULL_DEPTH}};
    expect(call(revoke), SEL4_NO_ERROR, 0, NULL);
    struct invocation_message message = {
        .cptr = empty,
        .label = METHOD_UNTYPED_RETYPE,
        .length = 6,
        .word = {OBJECT_4K_PAGE, 0, 0, 0, empty + 1, 256},
        .caps = 1,
        .cap = {SEL4_INIT_SLOT_CNODE},
    };

    write_message(&message);
    u64 pc = host.running->reg[REG_PC];
    do {
        /* An interrupt at every look. */
        host.interrupts_hidden = 1;
        host_syscall(SYSCALL_CALL);
        restarts++;
        assert_true(host.running->reg[REG_PC] == pc || slot_of(empty + 1)->cap.word1 != 0);
    } while (host.running->reg[REG_PC] == pc);
    assert_true(restarts >= bytes / (256 * PREEMPTION_UNITS));
    assert_int_equal(read_answer().error, SEL4_NO_ERROR);
    for (u64 i = 0; i < bytes; i++) {
        assert_int_equal(memory[i], 0);
    }
}

#define MARK 0x5a

/*
 * Clearing goes ahead by CLEAR_AHEAD_BYTES, not further; what becomes untyped again is not cleared;
 * what is known to be clear is not cleared again, and after a short life only what was used is.
 */
static void test_clearing_goes_ahead_and_not_twice(void **state) {
    (void)state;
    u64 child = empty;

    expect(retype(untyped, OBJECT_UNTYPED, CLEAR_AHEAD_BITS + 1, child, 1), SEL4_NO_ERROR, 0, NULL);
    u8 *memory = arch_ptr(cap_address(slot_of(child)->cap));

    memset(memory, MARK, 2 * CLEAR_AHEAD_BYTES);
    expect(retype(child, OBJECT_UNTYPED, 13, empty + 1, 1), SEL4_NO_ERROR, 0, NULL);
    assert_int_equal(memory[8192], MARK);
    expect(retype(child, OBJECT_ENDPOINT, 0, empty + 2, 1), SEL4_NO_ERROR, 0, NULL);
    assert_int_equal(memory[8191], MARK);
    assert_int_equal(memory[8192], 0);
    assert_int_equal(memory[CLEAR_AHEAD_BYTES - 1], 0);
    assert_int_equal(memory[CLEAR_AHEAD_BYTES], MARK);
    memory[CLEAR_AHEAD_BYTES - 1] = MARK;
    expect(retype(child, OBJECT_4K_PAGE, 0, empty + 3, 1), SEL4_NO_ERROR, 0, NULL);
    struct invocation_message revoke = {.cptr = SEL4_INIT_SLOT_CNODE,
                                        .label = METHOD_CNODE_REVOKE,
                                        .length = 2,
                                        .word = {child, FULL_DEPTH}};
    expect(call(revoke), SEL4_NO_ERROR, 0, NULL);
    expect(retype(child, OBJECT_4K_PAGE, 0, empty + 1, 4), SEL4_NO_ERROR, 0, NULL);
    for (u64 i = 0; i < 4 * PAGE_SIZE; i++) {
        assert_int_equal(memory[i], 0);
    }
    assert_int_equal(memory[CLEAR_AHEAD_BYTES - 1], MARK);
}

/* After more was used than is cleared at once, nothing is cleared until somebody wants it. */
static void test_much_used_memory_is_not_cleared_at_once(void **state) {
    (void)state;
    u64 child = empty;
    struct invocation_message revoke = {.cptr = SEL4_INIT_SLOT_CNODE,
                                        .label = METHOD_CNODE_REVOKE,
                                        .length = 2,
                                        .word = {child, FULL_DEPTH}};

    expect(retype(untyped, OBJECT_UNTYPED, CLEAR_AHEAD_BITS + 1, child, 1), SEL4_NO_ERROR, 0, NULL);
    u8 *memory = arch_ptr(cap_address(slot_of(child)->cap));

    expect(retype(child, OBJECT_MEGA_PAGE, 0, empty + 1, 3), SEL4_NO_ERROR, 0, NULL);
    memset(memory, MARK, 3 * MIB(2));
    expect(call(revoke), SEL4_NO_ERROR, 0, NULL);
    expect(retype(child, OBJECT_4K_PAGE, 0, empty + 1, 1), SEL4_NO_ERROR, 0, NULL);
    assert_int_equal(memory[0], 0);
    assert_int_equal(memory[PAGE_SIZE - 1], 0);
    assert_int_equal(memory[CLEAR_AHEAD_BYTES], MARK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_types_and_sizes_are_refused_in_order, boot),
        cmocka_unit_test_setup(test_destination_is_looked_up, boot),
        cmocka_unit_test_setup(test_message_must_be_complete, boot),
        cmocka_unit_test_setup(test_devices_give_frames_and_untypeds_only, boot),
        cmocka_unit_test_setup(test_memory_is_handed_out_in_order, boot),
        cmocka_unit_test_setup(test_clearing_can_be_interrupted, boot),
        cmocka_unit_test_setup(test_clearing_goes_ahead_and_not_twice, boot),
        cmocka_unit_test_setup(test_much_used_memory_is_not_cleared_at_once, boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
