// SPDX-License-Identifier: BSD-2-Clause
/*
 * A token goes round through all kernels of a system, each of them a thread with a kernel of its own: whoever
 * gets it writes to the data page that it shares with the next, and rings. Meanwhile every kernel makes and
 * deletes objects of its own. What one wrote before it rang, the next must see; and with the thread sanitizer,
 * nothing else may be shared.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/kernel/invoke/calls.h"

#define CORES  4
#define ROUNDS 400
#define LINE   77
#define LINES  128

struct hop {
    struct pair_page *pair; /* between core i (side 0) and the next (side 1) */
    u64 token;              /* plain memory: the data part of the pair region */
};

static struct hop hops[CORES];
static u64 mailbox[CORES];
static unsigned connected;

static u32 next_of(u32 core) {
    return (core + 1) % CORES;
}

static u32 previous_of(u32 core) {
    return (core + CORES - 1) % CORES;
}

static struct host_peer peer_of(u32 other, struct hop *hop, u32 side) {
    return (struct host_peer){.core = other,
                              .side = side,
                              .pair = hop->pair,
                              .pair_bytes = PAGE_SIZE,
                              .doorbell = &mailbox[other],
                              .send_lines = LINES,
                              .receive_lines = LINES};
}

static void boot(u32 core) {
    struct host_options options = {
        .check_interval = 7,
        .partition_flags = BOOT_WALLS,
        .core = core,
        .peers = 2,
        .peer = {peer_of(next_of(core), &hops[core], 0),
                 peer_of(previous_of(core), &hops[previous_of(core)], 1)},
        .mailbox = &mailbox[core],
    };

    host_boot(&options);
}

/* Call until it is complete: bells of other cores preempt long operations. */
static void must(struct invocation_message message) {
    u64 pc = host.running->reg[REG_PC];

    write_message(&message);
    do {
        host_interrupt();
        host_syscall(SYSCALL_CALL);
    } while (host.running->reg[REG_PC] == pc);
    if (read_answer().error != SEL4_NO_ERROR) {
        abort(); /* cmocka's assertions are for its own thread */
    }
}

static void must_retype(u64 type, u64 dest) {
    must((struct invocation_message){.cptr = largest_untyped(),
                                     .label = METHOD_UNTYPED_RETYPE,
                                     .length = 6,
                                     .word = {type, 0, 0, 0, dest, 1},
                                     .caps = 1,
                                     .cap = {SEL4_INIT_SLOT_CNODE}});
}

/* What the root task of each core has. */
struct programs {
    u64 notification;
    u64 handler;
    u64 bell;
    u64 scratch;
};

static struct programs set_up(u32 core) {
    u64 empty = empty_slots();
    struct programs p = {empty, empty + 1, empty + 2, empty + 3};

    must_retype(OBJECT_NOTIFICATION, p.notification);
    must((struct invocation_message){
        .cptr = SEL4_INIT_SLOT_IRQ_CONTROL,
        .label = METHOD_IRQ_CONTROL_GET,
        .length = 3,
        .word = {DOORBELL_IRQ + previous_of(core) * 1024 + LINE, p.handler, FULL_DEPTH},
        .caps = 1,
        .cap = {SEL4_INIT_SLOT_CNODE}});
    must((struct invocation_message){.cptr = p.handler,
                                     .label = METHOD_IRQ_HANDLER_SET_NOTIFICATION,
                                     .caps = 1,
                                     .cap = {p.notification}});
    must((struct invocation_message){.cptr = SEL4_INIT_SLOT_IRQ_CONTROL,
                                     .label = METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                                     .length = 4,
                                     .word = {next_of(core), LINE, p.bell, FULL_DEPTH},
                                     .caps = 1,
                                     .cap = {SEL4_INIT_SLOT_CNODE}});
    return p;
}

static void work(const struct programs *p) {
    must_retype(OBJECT_ENDPOINT, p->scratch);
    must((struct invocation_message){.cptr = SEL4_INIT_SLOT_CNODE,
                                     .label = METHOD_CNODE_DELETE,
                                     .length = 2,
                                     .word = {p->scratch, FULL_DEPTH}});
}

/* Until the notification is signalled; it is unbadged, so the handler's state tells. */
static void wait_for_bell(const struct programs *p, u32 core) {
    const struct irq_line *line = &kernel.peer[previous_of(core)].line[LINE];

    while (!line->masked) {
        work(p);
        sched_yield();
        host_interrupt();
    }
    must((struct invocation_message){.cptr = p->handler, .label = METHOD_IRQ_HANDLER_ACK});
}

static void ring_next(const struct programs *p, u32 core, u64 token) {
    hops[core].token = token;
    write_message(&(struct invocation_message){.cptr = p->bell});
    host_syscall(SYSCALL_SEND);
}

static void *run_core(void *argument) {
    u32 core = (u32)(uintptr_t)argument;

    boot(core);
    struct programs p = set_up(core);
    __atomic_fetch_add(&connected, 1, __ATOMIC_ACQ_REL);
    if (core == 0) {
        ring_next(&p, core, 1); /* the others may not be up: the line waits for them */
    }
    for (u64 round = 0; round < ROUNDS; round++) {
        wait_for_bell(&p, core);
        u64 token = hops[previous_of(core)].token;

        if (token != round * CORES + (core == 0 ? CORES : core)) {
            abort();
        }
        if (core != 0 || round + 1 < ROUNDS) {
            ring_next(&p, core, token + 1);
        }
    }
    return NULL;
}

static void a_token_goes_round(void **state) {
    pthread_t thread[CORES];

    (void)state;
    for (u32 core = 0; core < CORES; core++) {
        hops[core].pair = host_map(PAGE_SIZE);
    }
    for (u32 core = 0; core < CORES; core++) {
        assert_int_equal(pthread_create(&thread[core], NULL, run_core, (void *)(uintptr_t)core), 0);
    }
    for (u32 core = 0; core < CORES; core++) {
        assert_int_equal(pthread_join(thread[core], NULL), 0);
    }
    assert_int_equal(connected, CORES);
    assert_int_equal(hops[CORES - 1].token, CORES * ROUNDS);
    for (u32 core = 0; core < CORES; core++) {
        assert_int_equal(hops[core].pair->up[0], PAIR_UP);
        assert_int_equal(hops[core].pair->up[1], PAIR_UP);
        assert_int_equal(hops[core].pair->way[0].summary, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_goes_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
