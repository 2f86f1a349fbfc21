// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fast paths of doorbells and interrupts equal the slow path: the same random events twice, once with the fast paths
 * off. Afterwards memory, the pair page (the other kernel's view), timer and kernel state are the same, byte for byte;
 * only the time last read may differ (a send reads no clock).
 *
 * Workers wait, each on a notification of its own, for devices and doorbell lines; one waits for messages and has its
 * notification bound. Whoever runs signals, acknowledges, yields or waits. The test plays the devices and the other kernel.
 */
#include <stdlib.h>

#include "kernel/object/irq.h"
#include "tests/support/machine.h"
#include "tests/support/world.h"

#define PEER    2
#define LINES   150
#define ENDS    4
#define WORKERS 3
#define STEPS   1000
#define SEEDS   100
#define IRQ     10 /* … and the following */
#define CONTROL SEL4_INIT_SLOT_IRQ_CONTROL

static struct thread worker[WORKERS];
static u64 bell[WORKERS];
static u64 endpoint;
static u64 device[WORKERS];
static u64 send_end[ENDS];
static u64 receive_end[ENDS];
static u32 line_of_end[ENDS];

static u64 next_random(u64 *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

static void must(u64 label) {
    assert_int_equal(label, 0);
}

static void boot(void) {
    struct host_options options = {.check_interval = 16};

    machine_add_peer(&options, PEER, LINES);
    world_boot(&options);
}

static u64 handler(u64 irq, u64 notification, u64 badge_given) {
    u64 it = free_slot();
    u64 badged = mint(notification, SEL4_RIGHTS_ALL, badge_given);

    must(invoke(CONTROL, METHOD_IRQ_CONTROL_GET, W(irq, it, 64), C(ROOT_CNODE)));
    must(invoke(it, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged)));
    return it;
}

static void make_worker(unsigned i, u64 *random) {
    worker[i] = thread_make((u8)(90 + next_random(random) % 4));
    bell[i] = make(OBJECT_NOTIFICATION, 0);
    device[i] = handler(IRQ + i, bell[i], 0x100);
    if (next_random(random) % 2) { /* budgets that end, and come back in pieces */
        must(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                    W(200, 1000, 2, 0, next_random(random) % 2), C(worker[i].sc)));
    }
}

static void build(u64 *random) {
    boot();
    endpoint = make(OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        make_worker(i, random);
    }
    must(invoke(worker[0].tcb, METHOD_TCB_BIND_NOTIFICATION, W(), C(bell[0])));
    for (unsigned i = 0; i < ENDS; i++) {
        line_of_end[i] = (u32)((next_random(random) % (LINES / ENDS)) * ENDS + i);
        send_end[i] = free_slot();
        must(invoke(CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                    W(PEER, line_of_end[i], send_end[i], 64), C(ROOT_CNODE)));
        receive_end[i] =
            handler(DOORBELL_IRQ + PEER * 1024 + line_of_end[i], bell[i % WORKERS], BIT(i));
    }
    rest();
}

/* ---- What the running thread does ------------------------------------------------------------ */

static void call(u64 cptr, u64 label_sent) {
    host.running->reg[REG_INFO] = msginfo_make(label_sent, 0, 0, 0);
    syscall_with(SYSCALL_CALL, cptr);
}

static void send(u64 *random) {
    static const s64 calls[] = {SYSCALL_SEND, SYSCALL_SEND, SYSCALL_NB_SEND, SYSCALL_CALL};
    u64 extra_caps = next_random(random) % 8 == 0;

    host.running->reg[REG_INFO] =
        msginfo_make(next_random(random) % 100, 0, extra_caps, next_random(random) % 6);
    syscall_with(calls[next_random(random) % ARRAY_LENGTH(calls)],
                 send_end[next_random(random) % ENDS]);
}

/* Acknowledge some of what there is, then wait. */
static void wait(u64 *random) {
    struct arch_context *waiting = host.running;

    for (unsigned i = 0; i < WORKERS + ENDS && host.running == waiting; i++) {
        if (next_random(random) % 2) {
            call(i < WORKERS ? device[i] : receive_end[i - WORKERS], METHOD_IRQ_HANDLER_ACK);
        }
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        if (host.running == waiting && waiting == &worker[i].object->context) {
            waiting->reg[REG_REPLY] = worker[i].reply;
            syscall_with(i == 0 ? SYSCALL_RECV : SYSCALL_WAIT, i == 0 ? endpoint : bell[i]);
            return;
        }
    }
}

static void running_acts(u64 *random) {
    switch (next_random(random) % 8) {
    case 0:
    case 1:
        send(random);
        break;
    case 2:
        syscall_with(SYSCALL_YIELD, 0);
        break;
    case 3:
        syscall_with(SYSCALL_SEND, bell[next_random(random) % WORKERS]);
        break;
    default:
        wait(random);
        break;
    }
}

/* ---- What the world does --------------------------------------------------------------------- */

/* The other kernel takes what was sent, or rings, now and then for several lines at once. */
static void peer_acts(u64 *random) {
    if (next_random(random) % 4 == 0) {
        memset(&peer.pair->way[0], 0, sizeof peer.pair->way[0]);
        return;
    }
    do {
        u32 line = line_of_end[next_random(random) % ENDS];

        machine_peer_sets(line);
    } while (next_random(random) % 4 == 0);
    *peer.mailbox = 1;
}

static void step(u64 *random) {
    u64 before = host.time;

    if (next_random(random) % 3 == 0) {
        host_raise((u32)(IRQ + next_random(random) % WORKERS));
    }
    if (next_random(random) % 3 == 0) {
        peer_acts(random);
    }
    host_interrupt();
    if (host.running != NULL) {
        running_acts(random);
    }
    host.time = before;
    host_advance(next_random(random) % 4 ? 0 : next_random(random) % 300);
}

/* Links that a thread keeps from a queue it has left mean nothing: a yield alone does without leaving it. */
static void forget_links(struct tcb *tcb) {
    if (tcb->queue != QUEUE_READY) {
        tcb->ready_next = NULL;
        tcb->ready_prev = NULL;
    }
}

static void live(u64 seed, bool off) {
    u64 random = seed;

    build(&random);
    kernel.fastpath_off = off;
    for (unsigned i = 0; i < STEPS; i++) {
        step(&random);
    }
    kernel.fastpath_off = false;
    for (unsigned i = 0; i < WORKERS; i++) {
        forget_links(worker[i].object);
    }
}

static void same_state(void **state) {
    (void)state;
    u8 *memory = malloc(MIB(16));
    struct pair_page shared;
    struct kernel slow;
    u64 interrupts = 0;
    u64 sends = 0;

    for (u64 seed = 1; seed <= SEEDS; seed++) {
        live(seed, true);
        memcpy(memory, host.memory, host.memory_bytes);
        shared = *peer.pair;
        slow = kernel;
        u64 rung = *peer.peer_mailbox;
        ticks_t alarm = host.alarm;
        live(seed, false);
        slow.now = kernel.now;
        interrupts += kernel.fast_taken[FAST_INTERRUPTS];
        sends += kernel.fast_taken[-SYSCALL_SEND];
        assert_int_equal(slow.fast_taken[FAST_INTERRUPTS], 0);
        memcpy(slow.fast_taken, kernel.fast_taken, sizeof slow.fast_taken);
        assert_memory_equal(memory, host.memory, host.memory_bytes);
        assert_memory_equal(&shared, peer.pair, sizeof shared);
        assert_memory_equal(&slow, &kernel, sizeof kernel);
        assert_int_equal(*peer.peer_mailbox, rung);
        assert_int_equal(host.alarm, alarm);
    }
    free(memory);
    /* The comparison means something. */
    print_message("# %llu interrupts fast\n", (unsigned long long)interrupts);
    assert_true(interrupts > 1000);
    assert_true(sends > 1000);
}

/* A send to the other kernel reads no clock, and the signal is in the page. */
static void a_send_is_fast(void **state) {
    (void)state;
    u64 random = 1;

    build(&random);
    root_returns();
    *peer.peer_mailbox = 0;
    memset(&peer.pair->way[0], 0, sizeof peer.pair->way[0]);
    ticks_t read = kernel.now;
    host.time++;
    sys_signal(send_end[1]);
    assert_int_equal(kernel.now, read);
    assert_int_equal(peer.pair->way[0].word[line_of_end[1] / 64], BIT(line_of_end[1] % 64));
    assert_int_equal(*peer.peer_mailbox, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_state),
        cmocka_unit_test(a_send_is_fast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
