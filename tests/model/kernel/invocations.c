// SPDX-License-Identifier: BSD-2-Clause
/* Invocations of objects: see tests/model/kernel/generate.h. */
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

static bool is_device(struct m_cap cap) {
    return cap.device;
}

static void random_retype(struct step_record *step) {
    static const u64 types[] = {OBJECT_ENDPOINT,      OBJECT_NOTIFICATION, OBJECT_REPLY,
                                OBJECT_SCHED_CONTEXT, OBJECT_TCB,          OBJECT_CNODE,
                                OBJECT_4K_PAGE,       OBJECT_UNTYPED,      OBJECT_PAGE_TABLE};
    struct place place = pick_place(true);
    u64 type = chance(97) ? types[below(ARRAY_LENGTH(types))] : below(14);
    u64 bits = type == OBJECT_SCHED_CONTEXT ? 7 + below(2)
               : type == OBJECT_CNODE       ? below(5)
               : type == OBJECT_UNTYPED     ? 3 + below(10)
                                            : below(64);
    u64 count = chance(80) ? 1 : below(4);

    step->cap = pick_any(SEL4_CAP_UNTYPED);
    if (chance(10)) {
        static const u64 pages[] = {OBJECT_4K_PAGE, OBJECT_MEGA_PAGE, OBJECT_GIGA_PAGE};

        step->cap = pick_such(SEL4_CAP_UNTYPED, is_device);
        type = chance(90) ? pages[below(3)] : type;
    }
    if (chance(3)) {
        bits = below(70);
        type = bits > 8 ? OBJECT_SCHED_CONTEXT : type;
        count = bits > 8 && bits < 20 ? 0 : count;
    }
    step_message(step, METHOD_UNTYPED_RETYPE,
                 W(type, bits, place.index,
                   chance(90)   ? 0
                   : chance(90) ? place.depth
                                : place.depth << below(58),
                   chance(95) ? place.index : below(70), chance(98) ? count : below(300)),
                 W(place.root));
}

static void random_cnode(struct step_record *step) {
    struct place dest = pick_place(true);
    struct place source = pick_place(false);
    u64 rights = chance(60) ? 15 : below(16);
    u64 data = chance(50) ? below(4) : below(64) << (below(2) * 6);

    step->cap = dest.root;
    switch (below(10)) {
    case 0:
    case 1:
        step_message(step, METHOD_CNODE_COPY,
                     W(dest.index, dest.depth, source.index, source.depth, rights), W(source.root));
        break;
    case 2:
    case 3:
    case 4:
        step_message(step, METHOD_CNODE_MINT,
                     W(dest.index, dest.depth, source.index, source.depth, rights, data),
                     W(source.root));
        break;
    case 5:
        step_message(step, METHOD_CNODE_MOVE, W(dest.index, dest.depth, source.index, source.depth),
                     W(source.root));
        break;
    case 6:
        step_message(step, METHOD_CNODE_MUTATE,
                     W(dest.index, dest.depth, source.index, source.depth, chance(50) ? 0 : data),
                     W(source.root));
        break;
    case 7: {
        struct place pivot = pick_place(false);

        if (chance(40)) {
            dest = source;
            step->cap = dest.root;
        }
        step_message(step, METHOD_CNODE_ROTATE,
                     W(dest.index, dest.depth, chance(70) ? 0 : data, pivot.index, pivot.depth,
                       chance(70) ? 0 : data, source.index, source.depth),
                     W(pivot.root, source.root));
        break;
    }
    default: {
        struct place victim = pick_victim();
        u64 method = chance(70)   ? METHOD_CNODE_DELETE
                     : chance(70) ? METHOD_CNODE_REVOKE
                                  : METHOD_CNODE_CANCEL_BADGED_SENDS;

        step->cap = victim.root;
        step_message(step, method, W(victim.index, victim.depth), W(0));
        step->info &= ~(3ull << 7);
        break;
    }
    }
}

static void random_tcb(struct step_record *step) {
    int slot;

    step->cap = pick(SEL4_CAP_THREAD, &slot);
    switch (below(18)) {
    case 0:
    case 1:
        step_message(step, METHOD_TCB_SET_PRIORITY, W(chance(95) ? some_priority() : below(300)),
                     W(pick_any(SEL4_CAP_THREAD)));
        break;
    case 2:
        step_message(step, METHOD_TCB_SET_MC_PRIORITY, W(100 + below(5)),
                     W(pick_any(SEL4_CAP_THREAD)));
        break;
    case 3:
    case 4:
        step_message(step, METHOD_TCB_SET_SCHED_PARAMS, W(100 + below(4), some_priority()),
                     W(pick_any(SEL4_CAP_THREAD),
                       chance(80) ? pick_any(SEL4_CAP_SCHED_CONTEXT) : below(64),
                       chance(70) ? pick_any(SEL4_CAP_ENDPOINT) : below(64)));
        break;
    case 5:
        step_message(step, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(0),
                     W(chance(80) ? pick_any(SEL4_CAP_ENDPOINT) : below(64)));
        break;
    case 6:
        step_message(
            step, METHOD_TCB_CONFIGURE,
            W(chance(70) ? LARGE_DATA : below(128), 0, chance(80) ? 0x14000 : below(3) * 512),
            W(pick_any(SEL4_CAP_CNODE), pick_any(SEL4_CAP_PAGE_TABLE), pick_any(SEL4_CAP_FRAME)));
        break;
    case 7:
        step_message(step, METHOD_TCB_SET_SPACE, W(chance(70) ? LARGE_DATA : below(128), 0),
                     W(chance(80) ? pick_any(SEL4_CAP_ENDPOINT) : below(64),
                       pick_any(SEL4_CAP_CNODE), pick_any(SEL4_CAP_PAGE_TABLE)));
        break;
    case 8:
        step_message(step, METHOD_TCB_SET_IPC_BUFFER, W(chance(90) ? 0x14000 : below(3) * 512),
                     W(pick_any(SEL4_CAP_FRAME)));
        break;
    case 9:
        step_message(step, METHOD_TCB_SUSPEND, W(0), W(0));
        break;
    case 10:
    case 11:
    case 12:
        step_message(step, METHOD_TCB_RESUME, W(0), W(0));
        break;
    case 13:
        step_message(step, METHOD_TCB_BIND_NOTIFICATION, W(0), W(pick_any(SEL4_CAP_NOTIFICATION)));
        break;
    case 14:
        step_message(step, METHOD_TCB_UNBIND_NOTIFICATION, W(0), W(0));
        break;
    case 15:
        step_message(step, METHOD_TCB_READ_REGISTERS, W(chance(10), below(40)), W(0));
        break;
    case 16:
        step_message(step, METHOD_TCB_WRITE_REGISTERS,
                     W(below(2), below(8), rnd(), rnd(), rnd(), rnd()), W(0));
        break;
    default:
        if (chance(50)) {
            step_message(step, METHOD_TCB_COPY_REGISTERS, W(below(16)),
                         W(pick_any(SEL4_CAP_THREAD)));
        } else if (chance(50)) {
            step_message(step, METHOD_TCB_SET_FLAGS, W(below(4), below(4)), W(0));
        } else {
            step_message(step, METHOD_TCB_SET_TLS_BASE, W(rnd()), W(0));
        }
        break;
    }
}

static u64 some_us(void) {
    return chance(95) ? 20 + below(1000) : chance(50) ? below(30) : rnd();
}

static void random_time(struct step_record *step) {
    u64 budget = some_us();

    step->cap = pick_any(SEL4_CAP_SCHED_CONTEXT);
    switch (below(9)) {
    case 0:
    case 1:
        step->cap = pick_any(SEL4_CAP_SCHED_CONTROL);
        step_message(step, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                     W(budget, chance(30) ? budget : some_us() + chance(80) * budget, below(10),
                       below(100), below(4)),
                     W(pick_any(SEL4_CAP_SCHED_CONTEXT)));
        break;
    case 2:
    case 3:
        step_message(step, METHOD_SCHED_CONTEXT_BIND, W(0),
                     W(pick_any(chance(60) ? SEL4_CAP_THREAD : SEL4_CAP_NOTIFICATION)));
        break;
    case 4:
        step_message(step, METHOD_SCHED_CONTEXT_UNBIND, W(0), W(0));
        break;
    case 5:
        step_message(step, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, W(0),
                     W(pick_any(chance(60) ? SEL4_CAP_THREAD : SEL4_CAP_NOTIFICATION)));
        break;
    case 6:
        step_message(step, METHOD_SCHED_CONTEXT_CONSUMED, W(0), W(0));
        break;
    default:
        step_message(step, METHOD_SCHED_CONTEXT_YIELD_TO, W(0), W(0));
        break;
    }
}

static u64 some_irq(void) {
    static const u64 others[] = {0, 96, 97, 4096, BELL_IRQ + BELLS};

    return chance(90) ? line_irq((int)below(LINES)) : others[below(ARRAY_LENGTH(others))];
}

static void random_irq(struct step_record *step) {
    struct place place = pick_place(true);

    step->cap = pick_any(SEL4_CAP_IRQ_HANDLER);
    switch (below(8)) {
    case 0:
        step->cap = pick_any(SEL4_CAP_IRQ_CONTROL);
        if (chance(50)) {
            step_message(step, METHOD_IRQ_CONTROL_GET, W(some_irq(), place.index, place.depth),
                         W(place.root));
        } else {
            step_message(step, METHOD_IRQ_CONTROL_GET_TRIGGER,
                         W(some_irq(), below(2), place.index, place.depth), W(place.root));
        }
        break;
    case 1:
        step->cap = pick_any(SEL4_CAP_IRQ_CONTROL);
        step_message(step, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                     W(chance(90) ? PEER : below(70), chance(90) ? below(3) * 33 : below(70),
                       place.index, place.depth),
                     W(place.root));
        break;
    case 2:
    case 3:
        step_message(step, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0),
                     W(pick_any(SEL4_CAP_NOTIFICATION)));
        break;
    case 4:
        step_message(step, METHOD_IRQ_HANDLER_CLEAR, W(0), W(0));
        break;
    default:
        step_message(step, METHOD_IRQ_HANDLER_ACK, W(0), W(0));
        break;
    }
}

/* Few addresses, so that they clash. */
static u64 some_vaddr(unsigned align_bits) {
    static const u64 giga[] = {0, GIB(1), GIB(2), SEL4_USER_TOP - GIB(1) + PAGE_SIZE};
    u64 vaddr = giga[below(4)] + below(3) * MIB(2) + below(3) * PAGE_SIZE;

    return chance(3) ? rnd() : chance(4) ? vaddr + below(PAGE_SIZE) : align_down(vaddr, align_bits);
}

static bool is_free_table(struct m_cap cap) {
    return cap.asid == 0;
}

static bool is_small_untyped(struct m_cap cap) {
    return cap.size_bits == SEL4_ASID_POOL_BITS && !cap.device;
}

static u64 pick_space(void) {
    return pick_such(SEL4_CAP_PAGE_TABLE, is_root);
}

static void random_page(struct step_record *step) {
    int slot;

    step->cap = pick(SEL4_CAP_FRAME, &slot);
    struct m_cap frame = slot == NOBODY ? (struct m_cap){0} : slots[slot].cap;

    if (chance(70)) {
        u64 vaddr = frame.asid != 0 && chance(60) ? frame.vaddr : some_vaddr(frame.size_bits);

        step_message(step, METHOD_PAGE_MAP, W(vaddr, below(16), below(2)), W(pick_space()));
    } else {
        step_message(step, chance(70) ? METHOD_PAGE_UNMAP : METHOD_PAGE_GET_ADDRESS, W(0), W(0));
    }
}

static void random_space(struct step_record *step) {
    struct place place = pick_place(true);

    switch (below(10)) {
    case 0:
    case 1:
    case 2:
        step->cap = pick_such(SEL4_CAP_PAGE_TABLE, is_free_table);
        step_message(step, METHOD_PAGE_TABLE_MAP, W(some_vaddr(0), 0), W(pick_space()));
        break;
    case 3:
        step->cap = pick_any(SEL4_CAP_PAGE_TABLE);
        step_message(step, METHOD_PAGE_TABLE_UNMAP, W(0), W(0));
        break;
    case 4:
        step->cap = pick_any(SEL4_CAP_ASID_POOL);
        step_message(step, METHOD_ASID_POOL_ASSIGN, W(0),
                     W(pick_such(SEL4_CAP_PAGE_TABLE, is_free_table)));
        break;
    case 5:
        step->cap = pick_any(SEL4_CAP_ASID_CONTROL);
        step_message(step, METHOD_ASID_CONTROL_MAKE_POOL, W(place.index, place.depth),
                     W(pick_such(SEL4_CAP_UNTYPED, is_small_untyped), place.root));
        break;
    default:
        random_page(step);
        break;
    }
}

static u64 some_duration(void) {
    return chance(85) ? below(6000) : chance(50) ? 0 : chance(50) ? FOREVER : rnd();
}

/* Domain 0 is where the keeper runs: its time comes rather often. */
static void random_domain(struct step_record *step) {
    step->cap = pick_any(SEL4_CAP_DOMAIN);
    switch (below(3)) {
    case 0:
        step_message(step, METHOD_DOMAIN_SET_SET, W(chance(60) ? 0 : below(4)),
                     W(pick_any(SEL4_CAP_THREAD)));
        break;
    case 1:
        step_message(step, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                     W(below(9), chance(60) ? 0 : below(4), some_duration()), W(0));
        break;
    default:
        step_message(step, METHOD_DOMAIN_SET_SCHEDULE_SET_START, W(below(9)), W(0));
        break;
    }
}

void random_invocation(struct step_record *step) {
    step->number = chance(90) ? SYSCALL_CALL : chance(50) ? SYSCALL_SEND : SYSCALL_NB_SEND;
    switch (below(12)) {
    case 0:
        random_retype(step);
        break;
    case 1:
    case 2:
    case 3:
        random_cnode(step);
        break;
    case 4:
    case 5:
        random_tcb(step);
        break;
    case 6:
    case 7:
        random_time(step);
        break;
    case 8:
    case 9:
        random_space(step);
        break;
    case 10:
        random_irq(step);
        break;
    default:
        random_domain(step);
        break;
    }
    if (chance(2)) {
        step->info ^= BIT(below(20)); /* another length, another label */
    }
}
