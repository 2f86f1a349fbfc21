// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fast paths equal the slow path: the same random calls are made twice in the same arena, once with the fast
 * paths off, and afterwards memory and kernel state are the same, byte for byte. Only the time last read may differ
 * (fast paths that change nobody's account read no clock).
 */
#include <stdlib.h>

#include "tests/support/world.h"

#define STEPS   400
#define SEEDS   300
#define CLIENTS 3
#define SERVERS 3

static struct thread thread[CLIENTS + SERVERS];
static u64 target[12]; /* capabilities to call: endpoints, notifications, replies, an empty slot */
static u64 targets;
#define SIGNALS 5                     /* two of them, of notifications, from here on */
static u64 serves[CLIENTS + SERVERS]; /* the endpoint that a server serves */
static u64 fast_taken;

static u64 next_random(u64 *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

/* The thread waits for calls; passive: without a context of its own. */
static void serve(const struct thread *t, u64 endpoint, bool passive) {
    as(t);
    sys_recv(endpoint, t->reply);
    as(&root);
    if (passive) {
        (void)invoke(t->sc, METHOD_SCHED_CONTEXT_UNBIND, W(), C());
    }
}

static void build(u64 *random) {
    world_boot(&(struct host_options){.check_interval = 16});
    u64 endpoint[2] = {make(OBJECT_ENDPOINT, 0), make(OBJECT_ENDPOINT, 0)};
    u64 notification[2] = {make(OBJECT_NOTIFICATION, 0), make(OBJECT_NOTIFICATION, 0)};

    for (unsigned i = 0; i < CLIENTS + SERVERS; i++) {
        thread[i] = thread_make((u8)(90 + next_random(random) % 20));
        if (i >= CLIENTS) {
            serves[i] = endpoint[next_random(random) % 2];
            serve(&thread[i], serves[i], next_random(random) % 4 != 0);
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        (void)invoke(thread[i].tcb, METHOD_TCB_SET_SPACE, W(0, 0),
                     C(endpoint[i % 2], ROOT_CNODE, ROOT_VSPACE));
        (void)invoke(thread[i].tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(endpoint[i % 2]));
        (void)invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                     W(30, 100, i, 7, i % 2 ? SC_SPORADIC : 0), C(thread[i].sc));
    }
    targets = 0;
    target[targets++] = endpoint[0];
    target[targets++] = endpoint[1];
    target[targets++] = mint(endpoint[0], 15, 7);
    target[targets++] = mint(endpoint[0], 9, 8);
    target[targets++] = mint(endpoint[1], 1, 9);
    target[targets++] = notification[0];
    target[targets++] = mint(notification[1], 3, 4);
    target[targets++] = free_slot();
    for (unsigned i = 0; i < SERVERS; i++) {
        target[targets++] = thread[CLIENTS + i].reply;
    }
    if (next_random(random) % 2) {
        (void)invoke(thread[CLIENTS].tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(notification[1]));
    }
    if (next_random(random) % 2) { /* refused where the server kept its context */
        (void)invoke(thread[CLIENTS].sc, METHOD_SCHED_CONTEXT_BIND, W(), C(notification[1]));
    }
    rest();
}

/* Servers answer and wait, clients call; otherwise chance alone would seldom meet a waiting server. */
static void do_as_intended(u64 *random, u64 *syscall) {
    u64 *reg = host.running->reg;

    for (unsigned i = CLIENTS; i < CLIENTS + SERVERS; i++) {
        if (host.running == &thread[i].object->context) {
            *syscall = next_random(random) % 4 == 0   ? (u64)SYSCALL_RECV
                       : next_random(random) % 4 == 0 ? (u64)SYSCALL_NB_SEND_RECV
                                                      : (u64)SYSCALL_REPLY_RECV;
            reg[REG_CAP] = serves[i];
            reg[REG_REPLY] = thread[i].reply;
            reg[REG_DEST] = target[SIGNALS + next_random(random) % 2];
            return;
        }
    }
    if (next_random(random) % 8 == 0) {
        u64 which = next_random(random) % 2;

        *syscall = (u64)SYSCALL_NB_SEND_WAIT;
        reg[REG_CAP] = target[SIGNALS + which];
        reg[REG_REPLY] = target[SIGNALS + 1 - which];
    } else if (next_random(random) % 2) {
        *syscall = (u64)SYSCALL_CALL;
        reg[REG_CAP] = serves[CLIENTS + next_random(random) % SERVERS];
    }
}

/* A client does what it cannot; servers have no handlers. */
static bool fault_instead(u64 *random) {
    bool client = false;

    for (unsigned i = 0; i < CLIENTS; i++) {
        client = client || host.running == &thread[i].object->context;
    }
    if (!client || next_random(random) % 8 != 0) {
        return false;
    }
    if (next_random(random) % 2) {
        host_fault(&(struct arch_fault){.kind = ARCH_FAULT_VM,
                                        .address = next_random(random),
                                        .fsr = 1,
                                        .is_instruction = true});
    } else {
        host_fault(&(struct arch_fault){.kind = ARCH_FAULT_USER, .number = 3});
    }
    return true;
}

/* One random call by whoever runs. */
static void step(u64 *random) {
    static const s64 calls[] = {
        SYSCALL_CALL,    SYSCALL_REPLY_RECV,   SYSCALL_REPLY_RECV,  SYSCALL_SEND, SYSCALL_NB_SEND,
        SYSCALL_NB_WAIT, SYSCALL_RECV,         SYSCALL_YIELD,       SYSCALL_WAIT, SYSCALL_SEND,
        SYSCALL_NB_RECV, SYSCALL_NB_SEND_RECV, SYSCALL_NB_SEND_WAIT};

    if (host.running == NULL) {
        host_advance(next_random(random) % 2000);
        if (host.running == NULL) {
            root_returns();
            u64 t = thread[next_random(random) % (CLIENTS + SERVERS)].tcb;

            (void)invoke(t, METHOD_TCB_SUSPEND, W(), C());
            (void)invoke(t, METHOD_TCB_RESUME, W(), C());
            rest();
        }
        return;
    }
    if (fault_instead(random)) {
        return;
    }
    u64 *reg = host.running->reg;
    u64 syscall = (u64)calls[next_random(random) % ARRAY_LENGTH(calls)];
    u64 before = host.time;

    reg[REG_CAP] = target[next_random(random) % targets];
    reg[REG_REPLY] = thread[CLIENTS + next_random(random) % SERVERS].reply;
    reg[REG_DEST] = target[next_random(random) % targets];
    if ((s64)syscall == SYSCALL_NB_SEND_WAIT) {
        reg[REG_REPLY] = target[next_random(random) % targets];
    }
    if (next_random(random) % 4 != 0) {
        do_as_intended(random, &syscall);
    }
    reg[REG_INFO] = msginfo_make(next_random(random) % 4 ? 0 : next_random(random) % 100,
                                 next_random(random) % 8 ? 0 : next_random(random) % 8, 0,
                                 next_random(random) % 12);
    if (next_random(random) % 16 == 0) {
        reg[REG_CAP] = next_random(random); /* resolves nowhere */
    }
    for (unsigned i = 0; i < 4; i++) {
        reg[REG_MR0 + i] = next_random(random);
    }
    host_syscall((s64)syscall);
    host.time = before + next_random(random) % 50;
    host_interrupt();
}

static void live(u64 seed, bool off) {
    u64 random = seed;

    build(&random);
    memset(kernel.fast_taken, 0, sizeof kernel.fast_taken);
    kernel.fastpath_off = off;
    for (unsigned i = 0; i < STEPS; i++) {
        step(&random);
    }
    kernel.fastpath_off = false;
}

static void same_state(void **state) {
    (void)state;
    static const s64 fast[] = {SYSCALL_CALL,         SYSCALL_REPLY_RECV,   SYSCALL_SEND,
                               SYSCALL_RECV,         SYSCALL_NB_SEND,      SYSCALL_NB_RECV,
                               SYSCALL_WAIT,         SYSCALL_NB_WAIT,      SYSCALL_YIELD,
                               SYSCALL_NB_SEND_RECV, SYSCALL_NB_SEND_WAIT, -FAST_FAULTS,
                               -FAST_INTERRUPTS};
    u64 taken[FAST_CALLS] = {0};
    u8 *memory = malloc(MIB(16));
    struct kernel slow;

    for (u64 seed = 1; seed <= SEEDS; seed++) {
        live(seed, true);
        memcpy(memory, host.memory, host.memory_bytes);
        slow = kernel;
        live(seed, false);
        slow.now = kernel.now;
        for (unsigned call = 0; call < FAST_CALLS; call++) {
            assert_int_equal(slow.fast_taken[call], 0);
            taken[call] += kernel.fast_taken[call];
            kernel.fast_taken[call] = 0;
        }
        assert_memory_equal(memory, host.memory, host.memory_bytes);
        assert_memory_equal(&slow, &kernel, sizeof kernel);
    }
    free(memory);
    /* The comparison means something: each fast path is really taken. */
    for (unsigned i = 0; i < ARRAY_LENGTH(fast); i++) {
        print_message("# system call %d (0: faults, -12: timeouts): %llu fast\n", (int)fast[i],
                      (unsigned long long)taken[-fast[i]]);
        assert_true(taken[-fast[i]] > 20);
    }
}

/* A fast path that changes nobody's account leaves the clock unread. */
static void fast_paths_are_taken(void **state) {
    (void)state;
    u64 random = 1;

    build(&random);
    root_returns();
    u64 later = host.time + 1;

    host.time = ++later;
    sys_signal(target[6]);
    fast_taken += kernel.now < later;
    sys_nb_wait(target[6]);
    fast_taken += kernel.now < later;
    sys_nb_send(target[7], 0, W());
    fast_taken += kernel.now < later;
    assert_int_equal(fast_taken, 3);

    struct thread server = thread_make(200);
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    serve(&server, endpoint, true);
    (void)invoke(ROOT_TCB, METHOD_TCB_SET_PRIORITY, W(150), C(ROOT_TCB));
    host.time = ++later;
    sys_call(endpoint, 3, W(1, 2));
    assert_true(kernel.now < later);
    assert_true(running(&server));
    sys_reply_recv(endpoint, server.reply, 4, W(5));
    assert_true(kernel.now < later);
    assert_true(running(&root));
    assert_answer(4, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_state),
        cmocka_unit_test(fast_paths_are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
