// SPDX-License-Identifier: BSD-2-Clause
/* Building the world: see tests/model/kernel/world.h. */
#include "tests/model/kernel/world.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/model/kernel/compare.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/step.h"

struct world w;

static bool world_good;
static u64 next_slot;

static void do_invoke(u64 cptr, u64 label, struct words words, struct words caps) {
    struct step_record step = {.kind = STEP_SYSCALL, .number = SYSCALL_CALL, .cap = cptr};

    step_message(&step, label, words, caps);
    world_good = world_good && step_run(&step, 1);
    if (world_good && label != METHOD_TCB_SUSPEND && threads[0].reg[SEL4_REG_A1] >> 12 != 0) {
        (void)snprintf(difference, sizeof difference,
                       "building the world: method %" PRIu64 " refuses, %#" PRIx64, label,
                       threads[0].reg[SEL4_REG_A1]);
        world_good = false;
    }
}

static u64 make_from(u64 untyped, u64 type, u64 size_bits, u64 count) {
    u64 first = next_slot;

    next_slot += count;
    do_invoke(untyped, METHOD_UNTYPED_RETYPE, W(type, size_bits, 0, 0, first, count), W(ROOT));
    return first;
}

static u64 make(u64 type, u64 size_bits, u64 count) {
    return make_from(w.memory, type, size_bits, count);
}

static void configure_contexts(void) {
    static const u64 parameters[][2] = {{1000, 1000}, {500, 2000},  {20, 100},
                                        {300, 700},   {5000, 5000}, {50, 51}};

    for (u64 i = 0; i < WORLD_CONTEXTS; i++) {
        const u64 *p = parameters[below(6)];

        do_invoke(w.control, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                  W(p[0], p[1], below(9), 70 + i, below(2)), W(w.contexts + i));
    }
}

static void configure_threads(void) {
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        bool deep = i == WORLD_THREADS - 1;
        u64 cspace = deep ? w.middle : w.large;
        u64 data = deep ? 56 : LARGE_DATA; /* the deep one has 3 bits left for a next level */

        do_invoke(w.threads + i, METHOD_TCB_CONFIGURE, W(data, 0, 0x14000),
                  W(cspace, below(2) ? w.tables : SEL4_INIT_SLOT_VSPACE, w.frames + i));
        do_invoke(w.threads + i, METHOD_TCB_SET_SCHED_PARAMS,
                  W(100 + below(4), i % 2 ? some_priority() : 102),
                  W(SEL4_INIT_SLOT_TCB,
                    i < WORLD_CONTEXTS - 1 ? w.contexts + i : SEL4_INIT_SLOT_NULL,
                    below(2) ? w.endpoints : SEL4_INIT_SLOT_NULL));
        if (below(2)) {
            do_invoke(w.threads + i, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(0), W(w.endpoints + 1));
        }
    }
}

/* A second address space, with a table for 1 GiB and one for 2 MiB; two more
 * tables are spare. */
static void build_space(void) {
    w.tables = make(OBJECT_PAGE_TABLE, 0, WORLD_TABLES);
    w.pages = make_from(w.device_memory, OBJECT_GIGA_PAGE, 0, 1);
    (void)make_from(w.device_memory, OBJECT_MEGA_PAGE, 0, 1);
    (void)make_from(w.device_memory, OBJECT_4K_PAGE, 0, 1);
    do_invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(0), W(w.tables));
    do_invoke(w.tables + 1, METHOD_PAGE_TABLE_MAP, W(GIB(1), 0), W(w.tables));
    do_invoke(w.tables + 2, METHOD_PAGE_TABLE_MAP, W(GIB(1), 0), W(w.tables));
}

static void build_device(void) {
    w.device = next_slot++;
    do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(line_irq(0), w.device, 64),
              W(ROOT));
    do_invoke(w.device, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0),
              W(w.notifications + below(WORLD_NOTIFICATIONS)));
}

static void build_doorbells(void) {
    w.bells = next_slot;
    w.ears = next_slot + WORLD_BELLS;
    next_slot += 2 * WORLD_BELLS;
    for (u64 i = 0; i < WORLD_BELLS; i++) {
        u64 irq = line_irq(DEVICES + (int)i);

        do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                  W(PEER, irq - BELL_IRQ, w.bells + i, 64), W(ROOT));
        do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(irq, w.ears + i, 64),
                  W(ROOT));
        do_invoke(w.ears + i, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0),
                  W(w.notifications + below(WORLD_NOTIFICATIONS)));
    }
}

/* In half of the runs there is more than one domain, and threads in them. */
static void build_domains(void) {
    if (below(2)) {
        return;
    }
    for (u64 i = 0; i < 3; i++) {
        do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                  W(i, i == 0 ? 0 : below(DOMAINS), 100 + below(5000)), W(ROOT));
    }
    do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(0), W(ROOT));
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SET, W(below(3) ? 0 : below(DOMAINS)),
                  W(w.threads + i));
    }
}

/* Into the large CNode: the capability itself, or a copy. */
static void give(u64 at, u64 slot, bool move) {
    if (move) {
        do_invoke(w.large, METHOD_CNODE_MOVE, W(at, LARGE_BITS, slot, 64), W(ROOT));
    } else {
        do_invoke(w.large, METHOD_CNODE_COPY, W(at, LARGE_BITS, slot, 64, 15), W(ROOT));
    }
}

/* Pages, tables, doorbells, perhaps the domain set. */
static void hand_out_more(u64 at) {
    give(at++, SEL4_INIT_SLOT_ASID_CONTROL, false);
    give(at++, SEL4_INIT_SLOT_ASID_POOL, false);
    give(at++, w.device_memory, true);
    if (below(3) == 0) {
        give(at++, SEL4_INIT_SLOT_DOMAIN, false);
    }
    for (u64 i = 0; i < WORLD_TABLES; i++) {
        give(at++, w.tables + i, i > 0);
    }
    for (u64 i = 0; i < WORLD_PAGES; i++) {
        give(at++, w.pages + i, below(2));
    }
    give(at++, w.device, below(2));
    for (u64 i = 0; i < WORLD_BELLS; i++) {
        give(at++, w.bells + i, below(2));
        give(at++, w.ears + i, below(2));
    }
}

/*
 * Everything goes where the threads find it: the capability itself, or a copy
 * that leaves the root task a way to set things right again.
 */
static void hand_out(void) {
    u64 at_large = 1;
    u64 at_middle = 1;

    do_invoke(w.middle, METHOD_CNODE_COPY, W(at_middle++, 5, SEL4_INIT_SLOT_VSPACE, 64, 15),
              W(ROOT));
    give(at_large++, SEL4_INIT_SLOT_VSPACE, false);
    give(at_large++, w.control, false);
    give(at_large++, SEL4_INIT_SLOT_IRQ_CONTROL, true);
    for (u64 i = 0; i < WORLD_ENDPOINTS + WORLD_NOTIFICATIONS; i++) {
        u64 rights = below(3) ? 15 : below(16);

        do_invoke(w.large, METHOD_CNODE_MINT,
                  W(at_large++, LARGE_BITS, w.endpoints + i, 64, rights, below(4)), W(ROOT));
        do_invoke(w.middle, METHOD_CNODE_MINT,
                  W(at_middle++, 5, w.endpoints + i, 64, 15, 1 + below(4)), W(ROOT));
    }
    do_invoke(w.middle, METHOD_CNODE_MINT, W(at_middle++, 5, w.small, 64, 15, 0), W(ROOT));
    /* Buffers that can only be read, or not even that. */
    do_invoke(w.large, METHOD_CNODE_MINT,
              W(at_large++, LARGE_BITS, w.frames, 64, SEL4_RIGHT_READ, 0), W(ROOT));
    do_invoke(w.large, METHOD_CNODE_MINT, W(at_large++, LARGE_BITS, w.frames, 64, below(4), 0),
              W(ROOT));
    do_invoke(w.middle, METHOD_CNODE_COPY, W(at_middle++, 5, w.replies, 64, 15), W(ROOT));
    do_invoke(w.middle, METHOD_CNODE_COPY, W(at_middle++, 5, w.replies + 1, 64, 15), W(ROOT));
    for (u64 slot = w.threads; slot < w.end; slot++) {
        give(at_large++, slot, below(2));
    }
    do_invoke(w.large, METHOD_CNODE_MINT, W(at_large++, LARGE_BITS, w.large, 64, 15, 0), W(ROOT));
    do_invoke(w.large, METHOD_CNODE_MINT, W(at_large++, LARGE_BITS, w.large, 64, 15, LARGE_DATA),
              W(ROOT));
    hand_out_more(at_large);
    do_invoke(w.middle, METHOD_CNODE_COPY, W(at_middle++, 5, w.middle, 64, 15), W(ROOT));
}

/* A rich beginning. False: kernel and model differ already. */
bool world_build(void) {
    const struct sel4_bootinfo *info = world_begin();

    world_good = true;
    next_slot = info->empty.start;
    w.control = info->sched_control.start;
    w.line = next_slot++;
    w.bell = make(OBJECT_NOTIFICATION, 0, 1);
    w.large = make(OBJECT_CNODE, LARGE_BITS, 1);
    w.middle = make(OBJECT_CNODE, 5, 1);
    w.small = make(OBJECT_CNODE, 3, 1);
    w.threads = make(OBJECT_TCB, 0, WORLD_THREADS);
    w.endpoints = make(OBJECT_ENDPOINT, 0, WORLD_ENDPOINTS);
    w.notifications = make(OBJECT_NOTIFICATION, 0, WORLD_NOTIFICATIONS);
    w.contexts = make(OBJECT_SCHED_CONTEXT, 8, WORLD_CONTEXTS);
    w.replies = make(OBJECT_REPLY, 0, WORLD_REPLIES);
    w.frames = make(OBJECT_4K_PAGE, 0, WORLD_THREADS);
    w.untyped = make(OBJECT_UNTYPED, 14, 1);
    (void)make(OBJECT_UNTYPED, 12, 2);
    w.end = next_slot;
    do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(KEEPER_LINE + 1, w.line, 64),
              W(ROOT));
    do_invoke(w.line, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0), W(w.bell));
    build_space();
    build_device();
    build_doorbells();
    configure_contexts();
    configure_threads();
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        do_invoke(w.threads + i, METHOD_TCB_RESUME, W(0), W(ROOT));
    }
    build_domains();
    hand_out();
    return world_good;
}
