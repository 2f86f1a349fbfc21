// SPDX-License-Identifier: BSD-2-Clause
/*
 * Long operations let interrupts in, and nobody can tell afterwards: an operation that was interrupted at every
 * chance leaves, byte for byte, the memory that the same operation leaves in one go. No entry takes longer than
 * PREEMPTION_UNITS units.
 */
#include "kernel/object/object.h"
#include "tests/support/world.h"

#define CROWD        2000
#define MEMORY_BYTES MIB(16)
#define CNODE_BITS   13

static u64 endpoint;
static u64 badged[2];
static u64 crowd; /* first of CROWD thread capabilities */
static u64 memory_cap;
static u64 big_node;

static const struct host_options options = {
    .memory_bytes = MEMORY_BYTES, .cnode_bits = CNODE_BITS, .partition_flags = BOOT_WALLS};

static struct tcb *member(unsigned i) {
    return object(crowd + i);
}

static void must(u64 error) {
    assert_int_equal(error, SEL4_NO_ERROR);
}

/* One context is lent to each in turn, so that it can make its call. */
static void gather(bool receive) {
    u64 sc = sched_context(5000, 5000, 0);
    u64 replies = receive ? make_many(OBJECT_REPLY, 0, CROWD) : 0;

    crowd = make_many(OBJECT_TCB, 0, CROWD);
    for (unsigned i = 0; i < CROWD; i++) {
        must(invoke(crowd + i, METHOD_TCB_CONFIGURE, W(0, 0, 0), C(ROOT_CNODE, ROOT_VSPACE, 0)));
        must(invoke(crowd + i, METHOD_TCB_SET_SCHED_PARAMS, W(0, 1 + (i * 7919) % 200),
                    C(ROOT_TCB, sc, 0)));
        must(invoke(crowd + i, METHOD_TCB_RESUME, W(), C()));
        rest();
        assert_ptr_equal(tcb_of_context(host.running), member(i));
        if (receive) {
            sys_recv(endpoint, replies + i);
        } else {
            sys_call(badged[i % 2], i, W(i));
        }
        root_returns();
        must(invoke(sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C()));
    }
    check_world();
}

static void build(void) {
    world_boot(&options);
    endpoint = make(OBJECT_ENDPOINT, 0);
    badged[0] = mint(endpoint, SEL4_RIGHTS_ALL, 1);
    badged[1] = mint(endpoint, SEL4_RIGHTS_ALL, 2);
}

static void crowd_sends(void) {
    build();
    gather(false);
}

static void crowd_receives(void) {
    build();
    gather(true);
}

/* Memory with 250 objects of several kinds in it, used and dirty. */
static void memory_full(void) {
    build();
    memory_cap = make(OBJECT_UNTYPED, 20);
    u64 at = free_slots(250);
    must(
        invoke(memory_cap, METHOD_UNTYPED_RETYPE, W(OBJECT_CNODE, 5, 0, 0, at, 50), C(ROOT_CNODE)));
    must(invoke(memory_cap, METHOD_UNTYPED_RETYPE, W(OBJECT_4K_PAGE, 0, 0, 0, at + 50, 100),
                C(ROOT_CNODE)));
    must(invoke(memory_cap, METHOD_UNTYPED_RETYPE, W(OBJECT_TCB, 0, 0, 0, at + 150, 100),
                C(ROOT_CNODE)));
    memset(object(at + 50), 0x5a, 100 * PAGE_SIZE);
}

static void memory_dirty(void) {
    memory_full();
    must(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(memory_cap, 64), C()));
}

/* A CNode of 2^11 slots, each with a copy of something. */
static void node_full(void) {
    build();
    big_node = make(OBJECT_CNODE, 11);
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    for (u64 i = 0; i < BIT(11); i++) {
        must(invoke(big_node, METHOD_CNODE_COPY, W(i, 11, notification, 64, SEL4_RIGHTS_ALL),
                    C(ROOT_CNODE)));
    }
    must(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(notification, 64), C()));
}

/* Each child takes one unit, so every unit ends one. */
static void many_children(void) {
    build();
    big_node = make(OBJECT_CNODE, 11);
    for (u64 i = 0; i < BIT(11); i++) {
        must(invoke(big_node, METHOD_CNODE_MINT, W(i, 11, endpoint, 64, SEL4_RIGHTS_ALL, i + 1),
                    C(ROOT_CNODE)));
    }
}

static u64 delete_endpoint(void) {
    must(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(endpoint, 64), C()));
    return METHOD_CNODE_DELETE;
}

/* ---- In one go, or interrupted at every chance ---- */

struct operation_case {
    const char *name;
    void (*prepare)(void);
    u64 (*more)(void); /* preparation that leaves the same choice open; NULL: none */
    u64 label;
    u64 *target; /* word 0; NULL: Retype of memory_cap */
    unsigned least_interruptions;
};

static const struct operation_case cases[] = {
    {"delete an endpoint with senders", crowd_sends, delete_endpoint, METHOD_CNODE_DELETE,
     &endpoint, 19},
    {"delete an endpoint with receivers", crowd_receives, delete_endpoint, METHOD_CNODE_DELETE,
     &endpoint, 19},
    {"cancel badged sends", crowd_sends, NULL, METHOD_CNODE_CANCEL_BADGED_SENDS, &badged[1], 19},
    {"revoke memory in use", memory_full, NULL, METHOD_CNODE_REVOKE, &memory_cap, 4},
    {"revoke many", many_children, NULL, METHOD_CNODE_REVOKE, &endpoint, 20},
    {"delete a full CNode", node_full, NULL, METHOD_CNODE_DELETE, &big_node, 20},
    {"retype dirty memory", memory_dirty, NULL, METHOD_UNTYPED_RETYPE, NULL, 4},
};

static unsigned runnable_members(void) {
    unsigned count = 0;

    for (unsigned i = 0; i < CROWD; i++) {
        count += member(i)->state == THREAD_RUNNABLE;
    }
    return count;
}

/* Make the call; with `interrupt`, at every preemption point. Returns how often it was interrupted. */
static unsigned perform(const struct operation_case *c, bool interrupt) {
    bool has_crowd = c->prepare == crowd_sends || c->prepare == crowd_receives;
    u64 pc = root.reg[REG_PC];
    unsigned interruptions = 0;

    if (c->target != NULL) {
        message(c->label, W(*c->target, 64), C());
        root.reg[REG_CAP] = ROOT_CNODE;
    } else {
        message(c->label, W(OBJECT_4K_PAGE, 0, 0, 0, info->empty.end - 250, 200), C(ROOT_CNODE));
        root.reg[REG_CAP] = memory_cap;
    }
    for (;;) {
        unsigned before = has_crowd ? runnable_members() : 0;

        host.interrupts_hidden = interrupt ? 1 : 0;
        host_syscall(SYSCALL_CALL);
        assert_true(running(&root));
        assert_true(!has_crowd || !interrupt || runnable_members() - before <= PREEMPTION_UNITS);
        if (root.reg[REG_PC] != pc) {
            break;
        }
        interruptions++;
        assert_true(interruptions < 100000);
        if (interruptions % 64 == 1) {
            check_world(); /* half done is a state like any other */
        }
    }
    host.interrupts_hidden = 0;
    assert_int_equal(label(&root), SEL4_NO_ERROR);
    return interruptions;
}

static void run_case(const struct operation_case *c) {
    static u8 at_once[MEMORY_BYTES];
    static struct kernel kernel_at_once;

    for (unsigned way = 0; way < 2; way++) {
        if (host.memory != NULL) {
            memset(host.memory, 0, MEMORY_BYTES); /* both ways begin with the same */
        }
        c->prepare();
        if (c->more != NULL) {
            (void)c->more();
        }
        kernel.work_units = 0;
        unsigned interruptions = perform(c, way == 1);

        check_world();
        if (way == 0) {
            assert_int_equal(interruptions, 0);
            memcpy(at_once, host.memory, MEMORY_BYTES);
            kernel_at_once = kernel;
        } else if (interruptions < c->least_interruptions) {
            fail_msg("%s: interrupted only %u times", c->name, interruptions);
        }
    }
    for (u64 i = 0; i < MEMORY_BYTES; i++) {
        if (at_once[i] != host.memory[i]) {
            fail_msg("%s: byte %#lx differs", c->name, i);
        }
    }
    memcpy(kernel_at_once.entries, kernel.entries, sizeof kernel.entries);
    kernel_at_once.work_units = kernel.work_units;
    kernel_at_once.now = kernel.now;
    assert_memory_equal(&kernel_at_once, &kernel, sizeof kernel);
}

static void interruptions_leave_no_trace(UNUSED void **test) {
    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        run_case(&cases[i]);
    }
}

/* The interruption is used: a driver runs in the middle of the deletion, and the deletion goes on. */
static void others_run_in_the_middle(UNUSED void **test) {
    node_full();
    u64 notification = make(OBJECT_NOTIFICATION, 0);
    u64 irq = free_slot();
    struct thread worker = thread_make(10);
    struct thread driver = thread_make(20);

    must(invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(9, irq, 64), C(ROOT_CNODE)));
    must(invoke(irq, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification)));
    rest();
    sys_wait(notification);
    assert_true(running(&worker));
    message(METHOD_CNODE_DELETE, W(big_node, 64), C());
    worker.reg[REG_CAP] = ROOT_CNODE;
    u64 pc = worker.reg[REG_PC];
    unsigned times = 0;

    while (worker.reg[REG_PC] == pc) {
        host_raise(9);
        host_syscall(SYSCALL_CALL);
        if (worker.reg[REG_PC] != pc) {
            break;
        }
        host_interrupt();
        assert_true(running(&driver));
        /* What is being deleted cannot be looked up any more. */
        assert_int_equal(invoke(big_node, METHOD_CNODE_DELETE, W(1, 11), C()),
                         SEL4_INVALID_CAPABILITY);
        must(invoke(irq, METHOD_IRQ_HANDLER_ACK, W(), C()));
        sys_wait(notification);
        assert_true(running(&worker));
        times++;
    }
    assert_true(times > 5);
    assert_true(slot_is_empty(slot(big_node)));
    assert_int_equal(label(&worker), SEL4_NO_ERROR);
}

/* Who deletes is stopped for good in the middle: somebody else finishes. */
static void somebody_else_finishes(UNUSED void **test) {
    node_full();
    struct thread worker = thread_make(10);

    rest();
    assert_true(running(&worker));
    message(METHOD_CNODE_DELETE, W(big_node, 64), C());
    worker.reg[REG_CAP] = ROOT_CNODE;
    host.interrupts_hidden = 1;
    host_syscall(SYSCALL_CALL);
    assert_true(cap_is(cap(big_node), CAP_ZOMBIE));
    as(&root);
    must(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(worker.tcb, 64), C()));
    check_world();
    must(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(big_node, 64), C()));
    assert_true(slot_is_empty(slot(big_node)));
    check_world();
}

/* The CNode that the caller's own CSpace is: it deletes what it stands on, slot by slot. */
static void a_cspace_may_delete_itself(UNUSED void **test) {
    build();
    u64 node = make(OBJECT_CNODE, 6);
    struct thread worker = thread_make(10);

    /* Slot 1: the node itself; no other capability to it remains but the thread's own. */
    must(invoke(node, METHOD_CNODE_COPY, W(1, 6, node, 64, SEL4_RIGHTS_ALL), C(ROOT_CNODE)));
    must(invoke(worker.tcb, METHOD_TCB_SET_SPACE, W(58, 0), C(0, node, ROOT_VSPACE)));
    must(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(node, 64), C()));
    rest();
    assert_true(running(&worker));
    message(METHOD_CNODE_DELETE, W(1, 6), C());
    worker.reg[REG_CAP] = 1;
    host_syscall(SYSCALL_CALL);
    check_world();
    as(&root);
    must(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(worker.tcb, 64), C()));
    check_world();
}

/* Interrupted in the middle, the caller is made to cancel another badge's sends: from their first one on. */
static void another_badge_is_another_operation(UNUSED void **test) {
    struct thread sender[4];

    build();
    for (unsigned i = 0; i < ARRAY_LENGTH(sender); i++) {
        sender[i] = thread_make(10);
        as(&sender[i]);
        sys_send(badged[i % 2], i, W());
        as(&root);
    }
    message(METHOD_CNODE_CANCEL_BADGED_SENDS, W(badged[1], 64), C());
    root.reg[REG_CAP] = ROOT_CNODE;
    u64 pc = root.reg[REG_PC];
    while (state(&sender[1]) == THREAD_BLOCKED_SEND && state(&sender[3]) == THREAD_BLOCKED_SEND) {
        host.interrupts_hidden = 1;
        host_syscall(SYSCALL_CALL);
        assert_int_equal(root.reg[REG_PC], pc);
    }
    must(invoke(ROOT_CNODE, METHOD_CNODE_CANCEL_BADGED_SENDS, W(badged[0], 64), C()));
    assert_int_equal(state(&sender[0]), THREAD_RUNNABLE);
    assert_int_equal(state(&sender[2]), THREAD_RUNNABLE);
    assert_true(state(&sender[1]) != state(&sender[3])); /* one of them waits still */
    check_world();
}

/* NBSendRecv: what its first half began is finished before it receives. */
static void a_first_half_may_be_interrupted(UNUSED void **test) {
    memory_dirty();
    struct thread sender = thread_make(10);
    unsigned interruptions = 0;

    as(&sender);
    sys_send(badged[0], 5, W(6));
    as(&root);
    message(METHOD_UNTYPED_RETYPE, W(OBJECT_4K_PAGE, 0, 0, 0, free_slots(200), 200), C(ROOT_CNODE));
    root.reg[REG_CAP] = endpoint;
    root.reg[REG_REPLY] = root.reply;
    root.reg[REG_DEST] = memory_cap;
    u64 pc = root.reg[REG_PC];
    for (;;) {
        host.interrupts_hidden = 1;
        host_syscall(SYSCALL_NB_SEND_RECV);
        if (root.reg[REG_PC] != pc) {
            break;
        }
        assert_int_equal(state(&sender), THREAD_BLOCKED_SEND);
        assert_true(++interruptions < 1000);
    }
    assert_true(interruptions > 0);
    assert_message(&root, 1, 5, 6);
    host.interrupts_hidden = 0;
    check_world();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interruptions_leave_no_trace),
        cmocka_unit_test(others_run_in_the_middle),
        cmocka_unit_test(somebody_else_finishes),
        cmocka_unit_test(a_cspace_may_delete_itself),
        cmocka_unit_test(another_badge_is_another_operation),
        cmocka_unit_test(a_first_half_may_be_interrupted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
