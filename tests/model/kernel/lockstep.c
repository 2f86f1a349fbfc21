// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel and model in lockstep: random system calls, invocations, faults,
 * interrupts and passing time, compared after each step in everything a program
 * could see, and in some things behind it so that a difference shows early.
 *
 *     lockstep [--calls N] [--seed S] [--episode E] [--paths 1]
 *
 * A run is a row of episodes. Each boots, builds a world by system calls of the
 * root task (compared, too), and goes on until it has made its steps or nobody
 * runs any more. The steps are recorded; when kernel and model differ, the
 * record is cut down to the steps that matter and printed, with the seed. With
 * --paths 1 it is a failure, too, if one of the kernel's fast paths was never
 * taken.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch/host/host.h"
#include "arch/memory.h"
#include "arch/vspace.h"
#include "kernel/entry/check.h"
#include "kernel/model/kernel.h"
#include "kernel/object/object.h"
#include "tests/model/kernel/model.h"
#include "tests/model/kernel/paths.h"

#define STEPS     1500 /* of an episode */
#define WORDS     16   /* that a step writes into the IPC buffer */
#define LONG_EACH 8    /* steps from one comparison of CNodes and buffers to the next */
#define CHECK_EACH                                                                                 \
    64 /* steps from one look at the kernel's invariants (and all page tables)   \
        to the next */

#define DEVICE_BASE 0x100000000ull /* memory from here on is not there to be read */

/* ---- Random numbers: small, and the same everywhere
 * --------------------------------------------------------- */

static u64 random_state;

static u64 rnd(void) {
    random_state += 0x9e3779b97f4a7c15ull;
    u64 z = random_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static u64 below(u64 n) {
    return rnd() % n;
}

static bool chance(unsigned percent) {
    return below(100) < percent;
}

/* ---- Steps
 * --------------------------------------------------------------------------------------------------
 */

enum step_kind {
    STEP_SYSCALL,
    STEP_VM_FAULT,
    STEP_EXCEPTION,
    STEP_TIME,
    STEP_IRQ,
    STEP_RING, /* the peer sends on doorbell lines … */
    STEP_TAKE  /* … and takes what was sent to it */
};

struct step_record {
    enum step_kind kind;
    int who;          /* the thread that does it; nothing happens while another one runs */
    s64 number;       /* system call */
    u64 value;        /* ticks, line, address, cause; doorbell lines as bits */
    u64 cap;          /* a0 */
    u64 info;         /* a1 */
    u64 mr[4];        /* a2..a5 */
    u64 reply;        /* a6 */
    u64 dest;         /* t0 */
    bool interrupted; /* long work stops at every look for interrupts, and starts
                       again */
    unsigned words;
    struct {
        unsigned at;
        u64 value;
    } word[WORDS]; /* written into the buffer */
};

static struct step_record record[STEPS];
static char difference[400];
static u64 calls_made;

static void *pointer(u64 address) {
    return (void *)(uintptr_t)address;
}

static struct tcb *kernel_thread(int thread) {
    return pointer(threads[thread].address);
}

static void set_register(int reg, u64 value) {
    threads[m.current].reg[reg] = value;
    host.running->reg[reg] = value;
}

static void write_buffer(unsigned at, u64 value) {
    u64 *buffer = thread_buffer(m.current, false);

    if (buffer != NULL) {
        struct m_cap cap = slots[held_slot(m.current, HELD_BUFFER)].cap;

        buffer[at] = value;
        at += (unsigned)(buffer - frames[cap.object].word);
        ((u64 *)pointer(frames[cap.object].address))[at] = value;
    }
}

static void load_registers(const struct step_record *step) {
    set_register(SEL4_REG_A0, step->cap);
    set_register(SEL4_REG_A1, step->info);
    for (int i = 0; i < 4; i++) {
        set_register(SEL4_REG_A2 + i, step->mr[i]);
    }
    set_register(SEL4_REG_A6, step->reply);
    set_register(SEL4_REG_T0, step->dest);
    for (unsigned i = 0; i < step->words; i++) {
        write_buffer(step->word[i].at, step->word[i].value);
    }
}

/* What was done, and how often well: a run that is refused everything shows
 * nothing. */
static u64 method_count[METHOD_TABLE_LENGTH];
static u64 method_good[METHOD_TABLE_LENGTH];
static u64 syscall_count[12];
static u64 syscall_waits[12];
static u64 keeper_calls;

static void count_call(const struct step_record *step, int kind, int caller) {
    unsigned method = method_index(step->info >> 12);

    keeper_calls += caller == 0;
    if (step->number < 0 && step->number >= -11) {
        syscall_count[-step->number]++;
        syscall_waits[-step->number] += threads[caller].state != RUNNABLE;
    }
    if (step->number == SYSCALL_CALL && method != METHOD_INVALID && kind != SEL4_CAP_ENDPOINT &&
        kind != SEL4_CAP_NOTIFICATION && kind != SEL4_CAP_REPLY && kind != SEL4_CAP_DOORBELL) {
        method_count[method]++;
        method_good[method] += threads[caller].reg[SEL4_REG_A1] >> 12 == 0;
    }
}

static u64 restarts;

/* Was the system call stopped in the middle of long work, so that the caller
 * makes it again? */
static bool was_stopped(int caller, u64 pc) {
    return host.running == &kernel_thread(caller)->context && host.running->reg[REG_PC] == pc;
}

static void perform_in_kernel(const struct step_record *step) {
    if (step->interrupted) {
        kernel.work_units =
            PREEMPTION_UNITS - 1; /* the first unit of long work is followed by a look */
        host.interrupts_hidden = 1;
    }
    host_syscall(step->number);
}

static void perform_syscall(const struct step_record *step) {
    int caller = m.current;
    u64 pc = threads[caller].reg[SEL4_REG_PC];
    struct m_lookup found = tree_lookup(caller, step->cap);
    int kind = found.slot == NOBODY ? 0 : slots[found.slot].cap.kind;

    calls_made++;
    load_registers(step);
    model_syscall(step->number);
    count_call(step, kind, caller);
    if (m.full) {
        return;
    }
    perform_in_kernel(step);
    while (step->interrupted && host.interrupts_hidden == 0 && was_stopped(caller, pc)) {
        restarts++;
        perform_in_kernel(step);
    }
    host.interrupts_hidden = 0;
}

static void perform_fault(const struct step_record *step) {
    struct arch_fault fault = {.kind = ARCH_FAULT_USER, .number = step->value};

    if (step->kind == STEP_VM_FAULT) {
        fault = (struct arch_fault){.kind = ARCH_FAULT_VM, .address = step->value, .fsr = 5};
        model_fault_vm(step->value, false, 5);
    } else {
        model_fault_exception(step->value);
    }
    host_fault(&fault);
}

/* From alarm to alarm, so that a difference shows where it arises. */
static void pass_time(u64 ticks) {
    while (ticks > 0 && host.alarm == m.alarm) {
        u64 piece = m.alarm > m.now ? min_u64(ticks, m.alarm - m.now) : 1;

        model_advance(piece);
        host_advance(piece);
        ticks -= piece;
    }
}

/* ---- The other core, whose part the test plays
 * --------------------------------------------------------------- */

static struct pair_page *pair; /* this core's side is 0 */
static u64 *mailbox;           /* where the peer rings this core … */
static u64 *peer_mailbox;      /* … and this core the peer */

static void peer_forgets(void) {
    memset(&pair->way[0], 0, sizeof pair->way[0]);
    *peer_mailbox = 0;
}

static u32 bell_of(int line) {
    return (u32)(line_irq(line) - BELL_IRQ);
}

static void peer_rings(u64 bells) {
    for (int line = DEVICES; line < LINES; line++) {
        if ((bells >> (line - DEVICES)) & 1) {
            pair->way[1].word[bell_of(line) / 64] |= BIT(bell_of(line) % 64);
            pair->way[1].summary |= BIT(bell_of(line) / 64);
        }
    }
    *mailbox = 1;
    host_interrupt();
}

/* One step on both sides. */
static void perform(void *argument) {
    const struct step_record *step = argument;

    if (step->who != m.current && step->kind < STEP_TIME) {
        return;
    }
    switch (step->kind) {
    case STEP_TIME:
        pass_time(step->value);
        break;
    case STEP_IRQ:
        model_interrupt((int)step->value);
        host_raise((u32)step->value + 1);
        host_interrupt();
        break;
    case STEP_RING:
        model_ring((unsigned)step->value);
        peer_rings(step->value);
        break;
    case STEP_TAKE:
        model_peer_takes();
        peer_forgets();
        break;
    case STEP_SYSCALL:
        perform_syscall(step);
        break;
    default:
        perform_fault(step);
        break;
    }
    model_settle();
    host_interrupt();
}

/* ---- Comparison
 * ---------------------------------------------------------------------------------------------
 */

static bool differ(const char *what, int object, u64 kernel_has, u64 model_has) {
    (void)snprintf(difference, sizeof difference, "%s %d: kernel %#" PRIx64 ", model %#" PRIx64,
                   what, object, kernel_has, model_has);
    return false;
}

#define SAME(what, object, kernel_value, model_value)                                              \
    do {                                                                                           \
        u64 kernel_has = (u64)(kernel_value);                                                      \
        u64 model_has = (u64)(model_value);                                                        \
        if (kernel_has != model_has) {                                                             \
            return differ(what, object, kernel_has, model_has);                                    \
        }                                                                                          \
    } while (0)

static enum frame_rights frame_rights_of(u64 rights) {
    return rights == 3 ? FRAME_READ_WRITE : rights == 2 ? FRAME_READ_ONLY : FRAME_KERNEL_ONLY;
}

static struct cap expected(struct m_cap cap) {
    switch (cap.kind) {
    case SEL4_CAP_ENDPOINT:
        return cap_make(CAP_ENDPOINT, endpoints[cap.object].address, cap.rights, cap.badge);
    case SEL4_CAP_NOTIFICATION:
        return cap_make(CAP_NOTIFICATION, notifications[cap.object].address, cap.rights, cap.badge);
    case SEL4_CAP_REPLY:
        return cap_make(CAP_REPLY, replies[cap.object].address, cap.rights, 0);
    case SEL4_CAP_CNODE:
        return cnode_cap_make(paddr_of(nodes[cap.object].address), nodes[cap.object].radix,
                              cap.guard_bits, cap.guard);
    case SEL4_CAP_THREAD:
        return cap_make(CAP_THREAD, threads[cap.object].address, 0, 0);
    case SEL4_CAP_SCHED_CONTEXT:
        return cap_make(CAP_SCHED_CONTEXT, contexts[cap.object].address, cap.size_bits, 0);
    case SEL4_CAP_FRAME: {
        struct cap frame =
            frame_cap_make(paddr_of(frames[cap.object].address), (cap.size_bits - PAGE_BITS) / 9,
                           frame_rights_of(cap.rights), cap.device);
        frame.word0 = mapping_word(cap.vaddr, (u16)cap.asid);
        return frame;
    }
    case SEL4_CAP_PAGE_TABLE:
        return page_table_cap_make(paddr_of(tables[cap.object].address), cap.asid != 0, cap.vaddr,
                                   (u16)cap.asid);
    case SEL4_CAP_ASID_POOL:
        return cap_make(CAP_ASID_POOL, pools[cap.object].address, 0, pools[cap.object].first);
    case SEL4_CAP_UNTYPED:
        return untyped_cap_make(paddr_of(cap.address), cap.size_bits, cap.device, 0);
    case SEL4_CAP_IRQ_HANDLER:
        return cap_make(CAP_IRQ_HANDLER, 0, 0, line_irq(cap.object));
    case SEL4_CAP_DOORBELL:
        return cap_make(CAP_DOORBELL, 0, RIGHTS_ALL, (u64)PEER << 16 | cap.badge);
    default:
        return cap_make((enum cap_kind)cap.kind, 0, 0, 0);
    }
}

static bool same_slot(const struct cslot *slot, int number) {
    struct m_cap cap = slots[number].cap;
    struct cap want = expected(cap);

    SAME("cap in slot", number, slot->cap.word1, want.word1);
    if (cap.kind != SEL4_CAP_UNTYPED) {
        SAME("badge, guard, number or mapping in slot", number, slot->cap.word0, want.word0);
    }
    return true;
}

static bool same_nodes(void) {
    for (int node = 1; node < NODES; node++) {
        const struct cslot *slot = pointer(nodes[node].address);

        for (u64 i = 0; nodes[node].alive && i < BIT(nodes[node].radix); i++) {
            if ((slot[i].cap.word1 != 0 || !slot_empty(node_slot(node, i))) &&
                !same_slot(&slot[i], node_slot(node, i))) {
                return false;
            }
        }
    }
    return true;
}

static bool same_lines(void) {
    const struct peer *peer = &kernel.peer[PEER];

    for (int line = 0; line < LINES; line++) {
        const struct irq_line *it =
            line < DEVICES ? &kernel.irq[line + 1] : &peer->line[bell_of(line)];

        if (!same_slot(&it->notification, line_slot(line))) {
            return false;
        }
        SAME("line is active", line, it->state == IRQ_ACTIVE, lines[line].active);
        SAME("line is masked", line, it->masked, lines[line].masked);
        if (line >= DEVICES) {
            SAME("line is held", line, (peer->held[bell_of(line) / 64] >> (bell_of(line) % 64)) & 1,
                 lines[line].pending);
        }
    }
    return true;
}

/* What the peer could see. */
static bool same_bells(void) {
    u64 word[2] = {0};

    for (int bell = 0; bell < BELLS; bell++) {
        word[bell / 64] |= (u64)m.bell_sent[bell] << (bell % 64);
    }
    SAME("word sent to the peer", 0, pair->way[0].word[0], word[0]);
    SAME("word sent to the peer", 1, pair->way[0].word[1], word[1]);
    SAME("summary sent to the peer", 0, pair->way[0].summary,
         (word[0] != 0) | (u64)(word[1] != 0) << 1);
    SAME("ring of the peer", 0, *peer_mailbox, m.bell_rung);
    return true;
}

static bool same_schedule(void) {
    SAME("domain", 0, kernel.domain, m.domain);
    SAME("end of the domain's slot", 0, kernel.domain_end, m.domain_end);
    for (int i = 0; i < SCHEDULE; i++) {
        SAME("domain of slot", i, kernel.schedule[i].domain, m.schedule[i].domain);
        SAME("duration of slot", i, kernel.schedule[i].duration_ticks, m.schedule[i].duration);
    }
    return true;
}

static u64 expected_entry(const struct m_entry *it) {
    switch (it->kind) {
    case ENTRY_TO_TABLE:
        return arch_pte_make_table(paddr_of(it->address)).bits;
    case ENTRY_TO_FRAME:
        return arch_pte_make_frame(paddr_of(it->address), it->read, it->write, it->execute,
                                   it->read)
            .bits;
    default:
        return 0;
    }
}

static bool same_table(int table) {
    const struct page_table *have = pointer(tables[table].address);

    for (int i = 0; i < TABLE_ENTRIES; i++) {
        if ((have->entry[i].bits | (u64)tables[table].entry[i].kind) != 0) {
            SAME("entry of page table", table, have->entry[i].bits,
                 expected_entry(&tables[table].entry[i]));
        }
    }
    return true;
}

static bool same_spaces(void) {
    for (int i = 0; i < TABLES; i++) {
        if (tables[i].alive && !same_table(i)) {
            return false;
        }
    }
    for (int i = 0; i < POOLS; i++) {
        const struct asid_pool *pool = pointer(pools[i].address);

        for (int at = 0; pools[i].alive && at < POOL_ENTRIES; at++) {
            int root = pools[i].root[at];

            SAME("owner of ASID", at, (uintptr_t)pool->root[at],
                 root == NOBODY ? 0 : tables[root].address);
        }
    }
    return true;
}

/*
 * Whose tables the hardware walks: the running thread's. Without any of its own
 * it may be left those of another one as long as that address space exists.
 */
static bool same_loaded(void) {
    struct m_cap space =
        m.current == NOBODY ? (struct m_cap){0} : slots[held_slot(m.current, HELD_VSPACE)].cap;

    if (is_root(space)) {
        SAME("loaded address space of thread", m.current, host.root, tables[space.object].address);
        SAME("loaded ASID of thread", m.current, host.asid, space.asid);
    } else if (host.root != 0) {
        int root = space_root(host.asid);

        SAME("loaded address space", 0, host.root, root == NOBODY ? 0 : tables[root].address);
    }
    return true;
}

static u64 address_of_context(int context) {
    return context == NOBODY ? 0 : contexts[context].address;
}

static bool same_words(const u64 *a, const u64 *b, unsigned count) {
    u64 difference_bits = 0;

    for (unsigned i = 0; i < count; i++) {
        difference_bits |= a[i] ^ b[i];
    }
    return difference_bits == 0;
}

static bool same_thread(int i) {
    const struct m_thread *it = &threads[i];
    const struct tcb *tcb = kernel_thread(i);

    if (!same_words(tcb->context.reg, it->reg, 32)) {
        for (int reg = 0; reg < 32; reg++) {
            char what[40];

            (void)snprintf(what, sizeof what, "register %d of thread", reg);
            SAME(what, i, tcb->context.reg[reg], it->reg[reg]);
        }
    }
    SAME("state of thread", i, tcb->state, it->state);
    SAME("priority of thread", i, tcb->priority, it->priority);
    SAME("mcp of thread", i, tcb->mcp, it->mcp);
    SAME("flags of thread", i, tcb->flags, it->flags);
    SAME("domain of thread", i, tcb->domain, it->domain);
    SAME("name of thread", i, strcmp(tcb->name, it->name), 0);
    SAME("buffer address of thread", i, tcb->buffer_address, it->buffer_address);
    SAME("context of thread", i, (uintptr_t)tcb->sc, address_of_context(it->context));
    SAME("context that was yielded to by thread", i, (uintptr_t)tcb->yield_to,
         address_of_context(it->yielded_to));
    SAME("bound notification of thread", i, (uintptr_t)tcb->bound_notification,
         it->notification == NOBODY ? 0 : notifications[it->notification].address);
    SAME("reply object of thread", i, (uintptr_t)tcb->reply,
         it->reply == NOBODY ? 0 : replies[it->reply].address);
    for (int which = 0; which < HELD; which++) {
        if (!same_slot(&tcb->slot[which], held_slot(i, which))) {
            return false;
        }
    }
    return true;
}

static bool same_context(int i) {
    const struct m_context *it = &contexts[i];
    const struct sched_context *sc = pointer(it->address);

    SAME("maximum of refills of context", i, sc->refill_max, it->max);
    if (it->max > 0) {
        SAME("refills of context", i, sc->refill_count, it->count);
        for (int r = 0; r < it->count; r++) {
            const struct refill *refill = &sc->refill[(sc->refill_head + r) % sc->refill_max];

            SAME("time of a refill of context", i, refill->time, it->refill[r].time);
            SAME("amount of a refill of context", i, refill->amount, it->refill[r].amount);
        }
    }
    SAME("consumed time of context", i, sc->consumed, it->consumed);
    SAME("thread of context", i, (uintptr_t)sc->tcb,
         it->thread == NOBODY ? 0 : threads[it->thread].address);
    SAME("top reply of context", i, (uintptr_t)sc->top_reply,
         it->depth == 0 ? 0 : replies[it->stack[it->depth - 1]].address);
    return true;
}

static bool same_notification(int i) {
    const struct m_notification *it = &notifications[i];
    const struct notification *have = pointer(it->address);

    SAME("word of notification", i, have->word, it->word);
    SAME("active notification", i, have->state == NOTIFICATION_ACTIVE, it->active);
    SAME("context of notification", i, (uintptr_t)have->sc, address_of_context(it->context));
    return true;
}

static bool same_objects(void) {
    for (int i = 0; i < THREADS; i++) {
        if (threads[i].alive && !same_thread(i)) {
            return false;
        }
    }
    for (int i = 0; i < CONTEXTS; i++) {
        if (contexts[i].alive && !same_context(i)) {
            return false;
        }
    }
    for (int i = 0; i < NOTIFICATIONS; i++) {
        if (notifications[i].alive && !same_notification(i)) {
            return false;
        }
    }
    return true;
}

static bool same_frames(void) {
    for (int i = 0; i < FRAMES; i++) {
        if (frames[i].alive && frames[i].address < DEVICE_BASE &&
            !same_words(pointer(frames[i].address), frames[i].word, FRAME_WORDS)) {
            return differ("IPC buffer in frame", i, 0, 0);
        }
    }
    return true;
}

/* What takes long to compare is compared when it may have changed, and now and
 * then; while cutting, always. */
static bool thorough;
static u64 changes_seen;
static u64 map_changes_seen;

static bool same(int number) {
    bool all = thorough || number % LONG_EACH == 0;
    bool tree = all || m.changes != changes_seen;
    bool spaces = thorough || number % CHECK_EACH == 0 || m.map_changes != map_changes_seen;

    changes_seen = m.changes;
    map_changes_seen = m.map_changes;
    SAME("running thread", 0, (uintptr_t)host.running,
         m.current == NOBODY ? 0 : (uintptr_t)&kernel_thread(m.current)->context);
    SAME("time", 0, host.time, m.now);
    if (!same_objects() || (tree && !same_nodes()) || (all && !same_frames()) ||
        (spaces && !same_spaces()) || !same_lines() || !same_bells() || !same_schedule() ||
        !same_loaded()) {
        return false;
    }
    SAME("alarm", 0, host.alarm, m.alarm);
    return true;
}

/* One step, compared. False: kernel and model differ, see `difference`. */
static bool run_step(const struct step_record *step, int number) {
    const char *panic = host_expect_panic(perform, (void *)(uintptr_t)step);

    if (panic != NULL) {
        (void)snprintf(difference, sizeof difference, "the kernel panics: %s", panic);
        return false;
    }
    if (m.full || m.ambiguous) {
        return true;
    }
    if (number % CHECK_EACH == 0) {
        const char *broken = check_all();

        if (broken != NULL) {
            (void)snprintf(difference, sizeof difference, "invariant: %s", broken);
            return false;
        }
    }
    return same(number);
}

/* ---- The beginning: what boot leaves, as far as the model knows it
 * ------------------------------------------ */

static struct m_cap model_cap(int kind, int object) {
    return (struct m_cap){.kind = kind, .object = object, .rights = SEL4_RIGHTS_ALL};
}

static void know(u64 slot, struct m_cap cap) {
    tree_add(NOBODY, node_slot(0, slot), cap, true);
}

static u64 root_slot_address(u64 slot) {
    return cap_address(kernel.root_cnode[slot].cap).value;
}

static void know_thread(void) {
    struct tcb *root = kernel.root_task;

    threads[0] = (struct m_thread){.alive = true,
                                   .address = (uintptr_t)root,
                                   .priority = 255,
                                   .mcp = 255,
                                   .state = RUNNABLE,
                                   .waits_on = NOBODY,
                                   .reply = NOBODY,
                                   .notification = NOBODY,
                                   .yielded_to = NOBODY,
                                   .buffer_address = root->buffer_address,
                                   .name = "rootserver"};
    memcpy(threads[0].reg, root->context.reg, sizeof threads[0].reg);
    contexts[0] = (struct m_context){.alive = true,
                                     .address = (uintptr_t)root->sc,
                                     .size_bits = 7,
                                     .budget = root->sc->budget,
                                     .max = root->sc->refill_max,
                                     .count = 1,
                                     .thread = 0,
                                     .notification = NOBODY,
                                     .yielder = NOBODY};
    contexts[0].refill[0] =
        (struct m_refill){root->sc->refill[root->sc->refill_head].time, root->sc->budget};
}

static u64 memory;        /* slot of the untyped that everything comes from */
static u64 device_memory; /* … and of one that only pages can come from */

/* The largest untyped of ordinary or of device memory. */
static u64 know_memory(const struct sel4_bootinfo *info, bool device) {
    unsigned best = 0;
    u64 slot = 0;

    for (u64 i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untyped_list[i].is_device == device && info->untyped_list[i].size_bits > best) {
            best = info->untyped_list[i].size_bits;
            slot = info->untyped.start + i;
        }
    }
    know(slot, (struct m_cap){.kind = SEL4_CAP_UNTYPED,
                              .object = NOBODY,
                              .address = root_slot_address(slot),
                              .size_bits = best,
                              .device = device});
    return slot;
}

/* The root task's page tables and what boot mapped there. */
static void know_table(int table, u64 address) {
    const struct page_table *have = pointer(address);

    tables[table] = (struct m_table){.alive = true, .address = address};
    for (int i = 0; i < TABLE_ENTRIES; i++) {
        pte_t pte = have->entry[i];
        struct m_entry *entry = &tables[table].entry[i];

        if (arch_pte_is_table(pte)) {
            *entry = (struct m_entry){.kind = ENTRY_TO_TABLE, .address = arch_pte_table(pte).value};
        } else if (arch_pte_is_frame(pte)) {
            *entry = (struct m_entry){.kind = ENTRY_TO_FRAME,
                                      .address = arch_pte_frame(pte).value,
                                      .read = true,
                                      .write = true,
                                      .execute = true};
        }
    }
}

#define ROOT_ASID 1

static void know_space(const struct sel4_bootinfo *info) {
    int table = 1;

    know_table(0, root_slot_address(SEL4_INIT_SLOT_VSPACE));
    for (u64 slot = info->user_image_paging.start; slot < info->user_image_paging.end; slot++) {
        know_table(table, root_slot_address(slot));
        table++;
    }
    pools[0] =
        (struct m_pool){.alive = true, .address = root_slot_address(SEL4_INIT_SLOT_ASID_POOL)};
    for (int i = 0; i < POOL_ENTRIES; i++) {
        pools[0].root[i] = i == ROOT_ASID ? 0 : NOBODY;
    }
    know(SEL4_INIT_SLOT_VSPACE, (struct m_cap){.kind = SEL4_CAP_PAGE_TABLE, .asid = ROOT_ASID});
    know(SEL4_INIT_SLOT_ASID_CONTROL, model_cap(SEL4_CAP_ASID_CONTROL, 0));
    know(SEL4_INIT_SLOT_ASID_POOL, model_cap(SEL4_CAP_ASID_POOL, 0));
    know(SEL4_INIT_SLOT_IPC_BUFFER_FRAME, (struct m_cap){.kind = SEL4_CAP_FRAME,
                                                         .rights = 3,
                                                         .size_bits = PAGE_BITS,
                                                         .asid = ROOT_ASID,
                                                         .vaddr = info->ipc_buffer});
}

/* A copy for the thread itself. */
static void know_held(int which, u64 slot) {
    struct m_cap copy = slots[node_slot(0, slot)].cap;

    (void)cap_derived(node_slot(0, slot), copy, &copy);
    tree_copy(node_slot(0, slot), held_slot(0, which), copy);
}

static void reset_model(void) {
    memset(&m, 0, sizeof m);
    memset(nodes, 0, sizeof nodes);
    memset(threads, 0, sizeof threads);
    memset(endpoints, 0, sizeof endpoints);
    memset(notifications, 0, sizeof notifications);
    memset(contexts, 0, sizeof contexts);
    memset(replies, 0, sizeof replies);
    memset(frames, 0, sizeof frames);
    memset(tables, 0, sizeof tables);
    memset(pools, 0, sizeof pools);
    memset(lines, 0, sizeof lines);
    tree_reset();
    time_reset();
}

/* The machine of the run: a peer, a device, more than one domain. */
static void boot(void) {
    if (pair == NULL) {
        pair = host_map(sizeof *pair);
        mailbox = host_map(PAGE_SIZE);
        peer_mailbox = host_map(PAGE_SIZE);
    }
    memset(pair, 0, sizeof *pair);
    *mailbox = 0;
    host_boot(&(struct host_options){.cnode_bits = 8,
                                     .memory_bytes = MIB(4),
                                     .device_bytes = GIB(2),
                                     .domains = DOMAINS,
                                     .partition_flags = BOOT_WALLS,
                                     .peers = 1,
                                     .peer = {{.core = PEER,
                                               .pair = pair,
                                               .pair_bytes = sizeof *pair,
                                               .doorbell = peer_mailbox,
                                               .send_lines = BELLS,
                                               .receive_lines = BELLS}},
                                     .mailbox = mailbox});
    peer_forgets();
}

static const struct sel4_bootinfo *begin(void) {
    boot();
    const struct sel4_bootinfo *info = pointer(root_slot_address(SEL4_INIT_SLOT_BOOTINFO_FRAME));

    reset_model();
    nodes[0] = (struct m_node){.alive = true, .address = (uintptr_t)kernel.root_cnode, .radix = 8};
    frames[0] = (struct m_frame){.alive = true,
                                 .address = root_slot_address(SEL4_INIT_SLOT_IPC_BUFFER_FRAME)};
    memcpy(frames[0].word, pointer(frames[0].address), sizeof frames[0].word);
    know_thread();
    know(SEL4_INIT_SLOT_TCB, model_cap(SEL4_CAP_THREAD, 0));
    know(SEL4_INIT_SLOT_CNODE, (struct m_cap){.kind = SEL4_CAP_CNODE, .guard_bits = 56});
    know(SEL4_INIT_SLOT_IRQ_CONTROL, model_cap(SEL4_CAP_IRQ_CONTROL, 0));
    know(SEL4_INIT_SLOT_DOMAIN, model_cap(SEL4_CAP_DOMAIN, 0));
    know(SEL4_INIT_SLOT_SCHED_CONTEXT,
         (struct m_cap){.kind = SEL4_CAP_SCHED_CONTEXT, .size_bits = 7});
    know_space(info);
    know(info->sched_control.start, model_cap(SEL4_CAP_SCHED_CONTROL, 0));
    memory = know_memory(info, false);
    device_memory = know_memory(info, true);
    know_held(HELD_CSPACE, SEL4_INIT_SLOT_CNODE);
    know_held(HELD_VSPACE, SEL4_INIT_SLOT_VSPACE);
    know_held(HELD_BUFFER, SEL4_INIT_SLOT_IPC_BUFFER_FRAME);
    m.now = host.time;
    m.stint_start = kernel.stint_start;
    m.alarm = host.alarm;
    m.woken = NOBODY;
    m.schedule[0] = (struct m_domain_slot){0, FOREVER};
    m.domain_end = ~0ull;
    return info;
}

/* ---- Building the world
 * --------------------------------------------------------------------------------------
 */

struct list {
    const u64 *at;
    unsigned count;
};
#define L(...) ((struct list){(const u64[]){__VA_ARGS__}, sizeof((const u64[]){__VA_ARGS__}) / 8})

static void add_word(struct step_record *step, unsigned at, u64 value) {
    if (step->words < WORDS) {
        step->word[step->words].at = at;
        step->word[step->words].value = value;
        step->words++;
    }
}

static void set_message(struct step_record *step, u64 label, struct list words, struct list caps) {
    step->info = label << 12 | (u64)caps.count << 7 | words.count;
    for (unsigned i = 0; i < words.count; i++) {
        if (i < 4) {
            step->mr[i] = words.at[i];
        } else {
            add_word(step, AT_MSG + i, words.at[i]);
        }
    }
    for (unsigned i = 0; i < caps.count; i++) {
        add_word(step, AT_CAPS + i, caps.at[i]);
    }
}

static bool world_good;
static u64 next_slot;

static void do_invoke(u64 cptr, u64 label, struct list words, struct list caps) {
    struct step_record step = {.kind = STEP_SYSCALL, .number = SYSCALL_CALL, .cap = cptr};

    set_message(&step, label, words, caps);
    world_good = world_good && run_step(&step, 1);
    if (world_good && label != METHOD_TCB_SUSPEND && threads[0].reg[SEL4_REG_A1] >> 12 != 0) {
        (void)snprintf(difference, sizeof difference,
                       "building the world: method %" PRIu64 " refuses, %#" PRIx64, label,
                       threads[0].reg[SEL4_REG_A1]);
        world_good = false;
    }
}

#define ROOT SEL4_INIT_SLOT_CNODE

static u64 make_from(u64 untyped, u64 type, u64 size_bits, u64 count) {
    u64 first = next_slot;

    next_slot += count;
    do_invoke(untyped, METHOD_UNTYPED_RETYPE, L(type, size_bits, 0, 0, first, count), L(ROOT));
    return first;
}

static u64 make(u64 type, u64 size_bits, u64 count) {
    return make_from(memory, type, size_bits, count);
}

#define KEEPER_LINE 1
#define LARGE_BITS  7
#define LARGE_DATA  (64 - LARGE_BITS) /* guard bits, guard 0 */

enum {
    WORLD_THREADS = 5,
    WORLD_ENDPOINTS = 3,
    WORLD_NOTIFICATIONS = 3,
    WORLD_CONTEXTS = 5,
    WORLD_REPLIES = 5,
    WORLD_TABLES = 5,
    WORLD_PAGES = 3,
    WORLD_BELLS = LINES - DEVICES
};

static u64 some_priority(void) {
    return 100 + below(3);
}

/* Slots of the root task's CNode. */
static struct world {
    u64 control; /* SchedControl */
    u64 line;    /* handler of the interrupt that calls the keeper, and the
                  notification it waits for */
    u64 bell;
    u64 large;
    u64 middle;
    u64 small;
    u64 threads;
    u64 endpoints;
    u64 notifications;
    u64 contexts;
    u64 replies;
    u64 frames;
    u64 untyped;
    u64 end;
    u64 tables;
    u64 pages; /* of the device */
    u64 bells; /* send ends … */
    u64 ears;  /* … and receive ends of doorbell lines */
} w;

static void configure_contexts(void) {
    static const u64 parameters[][2] = {{1000, 1000}, {500, 2000},  {20, 100},
                                        {300, 700},   {5000, 5000}, {50, 51}};

    for (u64 i = 0; i < WORLD_CONTEXTS; i++) {
        const u64 *p = parameters[below(6)];

        do_invoke(w.control, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                  L(p[0], p[1], below(9), 70 + i, below(2)), L(w.contexts + i));
    }
}

static void configure_threads(void) {
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        bool deep = i == WORLD_THREADS - 1;
        u64 cspace = deep ? w.middle : w.large;
        u64 data = deep ? 56 : LARGE_DATA; /* the deep one has 3 bits left for a next level */

        do_invoke(w.threads + i, METHOD_TCB_CONFIGURE, L(data, 0, 0x14000),
                  L(cspace, below(2) ? w.tables : SEL4_INIT_SLOT_VSPACE, w.frames + i));
        do_invoke(w.threads + i, METHOD_TCB_SET_SCHED_PARAMS,
                  L(100 + below(4), i % 2 ? some_priority() : 102),
                  L(SEL4_INIT_SLOT_TCB,
                    i < WORLD_CONTEXTS - 1 ? w.contexts + i : SEL4_INIT_SLOT_NULL,
                    below(2) ? w.endpoints : SEL4_INIT_SLOT_NULL));
        if (below(2)) {
            do_invoke(w.threads + i, METHOD_TCB_SET_TIMEOUT_ENDPOINT, L(0), L(w.endpoints + 1));
        }
    }
}

/* A second address space, with a table for 1 GiB and one for 2 MiB; two more
 * tables are spare. */
static void build_space(void) {
    w.tables = make(OBJECT_PAGE_TABLE, 0, WORLD_TABLES);
    w.pages = make_from(device_memory, OBJECT_GIGA_PAGE, 0, 1);
    (void)make_from(device_memory, OBJECT_MEGA_PAGE, 0, 1);
    (void)make_from(device_memory, OBJECT_4K_PAGE, 0, 1);
    do_invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, L(0), L(w.tables));
    do_invoke(w.tables + 1, METHOD_PAGE_TABLE_MAP, L(GIB(1), 0), L(w.tables));
    do_invoke(w.tables + 2, METHOD_PAGE_TABLE_MAP, L(GIB(1), 0), L(w.tables));
}

static void build_doorbells(void) {
    w.bells = next_slot;
    w.ears = next_slot + WORLD_BELLS;
    next_slot += 2 * WORLD_BELLS;
    for (u64 i = 0; i < WORLD_BELLS; i++) {
        u64 irq = line_irq(DEVICES + (int)i);

        do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                  L(PEER, irq - BELL_IRQ, w.bells + i, 64), L(ROOT));
        do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, L(irq, w.ears + i, 64),
                  L(ROOT));
        do_invoke(w.ears + i, METHOD_IRQ_HANDLER_SET_NOTIFICATION, L(0),
                  L(w.notifications + below(WORLD_NOTIFICATIONS)));
    }
}

/* In half of the runs there is more than one domain, and threads in them. */
static void build_domains(void) {
    if (below(2)) {
        return;
    }
    for (u64 i = 0; i < 3; i++) {
        do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                  L(i, i == 0 ? 0 : below(DOMAINS), 100 + below(5000)), L(ROOT));
    }
    do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SCHEDULE_SET_START, L(0), L(ROOT));
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        do_invoke(SEL4_INIT_SLOT_DOMAIN, METHOD_DOMAIN_SET_SET, L(below(3) ? 0 : below(DOMAINS)),
                  L(w.threads + i));
    }
}

/* Into the large CNode: the capability itself, or a copy. */
static void give(u64 at, u64 slot, bool move) {
    if (move) {
        do_invoke(w.large, METHOD_CNODE_MOVE, L(at, LARGE_BITS, slot, 64), L(ROOT));
    } else {
        do_invoke(w.large, METHOD_CNODE_COPY, L(at, LARGE_BITS, slot, 64, 15), L(ROOT));
    }
}

/* Pages, tables, doorbells, perhaps the domain set. */
static void hand_out_more(u64 at) {
    give(at++, SEL4_INIT_SLOT_ASID_CONTROL, false);
    give(at++, SEL4_INIT_SLOT_ASID_POOL, false);
    give(at++, device_memory, true);
    if (below(3) == 0) {
        give(at++, SEL4_INIT_SLOT_DOMAIN, false);
    }
    for (u64 i = 0; i < WORLD_TABLES; i++) {
        give(at++, w.tables + i, i > 0);
    }
    for (u64 i = 0; i < WORLD_PAGES; i++) {
        give(at++, w.pages + i, below(2));
    }
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

    do_invoke(w.middle, METHOD_CNODE_COPY, L(at_middle++, 5, SEL4_INIT_SLOT_VSPACE, 64, 15),
              L(ROOT));
    give(at_large++, SEL4_INIT_SLOT_VSPACE, false);
    give(at_large++, w.control, false);
    give(at_large++, SEL4_INIT_SLOT_IRQ_CONTROL, true);
    for (u64 i = 0; i < WORLD_ENDPOINTS + WORLD_NOTIFICATIONS; i++) {
        u64 rights = below(3) ? 15 : below(16);

        do_invoke(w.large, METHOD_CNODE_MINT,
                  L(at_large++, LARGE_BITS, w.endpoints + i, 64, rights, below(4)), L(ROOT));
        do_invoke(w.middle, METHOD_CNODE_MINT,
                  L(at_middle++, 5, w.endpoints + i, 64, 15, 1 + below(4)), L(ROOT));
    }
    do_invoke(w.middle, METHOD_CNODE_MINT, L(at_middle++, 5, w.small, 64, 15, 0), L(ROOT));
    /* Buffers that can only be read, or not even that. */
    do_invoke(w.large, METHOD_CNODE_MINT,
              L(at_large++, LARGE_BITS, w.frames, 64, SEL4_RIGHT_READ, 0), L(ROOT));
    do_invoke(w.large, METHOD_CNODE_MINT, L(at_large++, LARGE_BITS, w.frames, 64, below(4), 0),
              L(ROOT));
    do_invoke(w.middle, METHOD_CNODE_COPY, L(at_middle++, 5, w.replies, 64, 15), L(ROOT));
    do_invoke(w.middle, METHOD_CNODE_COPY, L(at_middle++, 5, w.replies + 1, 64, 15), L(ROOT));
    for (u64 slot = w.threads; slot < w.end; slot++) {
        give(at_large++, slot, below(2));
    }
    do_invoke(w.large, METHOD_CNODE_MINT, L(at_large++, LARGE_BITS, w.large, 64, 15, 0), L(ROOT));
    do_invoke(w.large, METHOD_CNODE_MINT, L(at_large++, LARGE_BITS, w.large, 64, 15, LARGE_DATA),
              L(ROOT));
    hand_out_more(at_large);
    do_invoke(w.middle, METHOD_CNODE_COPY, L(at_middle++, 5, w.middle, 64, 15), L(ROOT));
}

/* A rich beginning. False: kernel and model differ already. */
static bool build_world(void) {
    const struct sel4_bootinfo *info = begin();

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
    do_invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, L(KEEPER_LINE + 1, w.line, 64),
              L(ROOT));
    do_invoke(w.line, METHOD_IRQ_HANDLER_SET_NOTIFICATION, L(0), L(w.bell));
    build_space();
    build_doorbells();
    configure_contexts();
    configure_threads();
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        do_invoke(w.threads + i, METHOD_TCB_RESUME, L(0), L(ROOT));
    }
    build_domains();
    hand_out();
    return world_good;
}

/* ---- Random steps
 * -------------------------------------------------------------------------------------------
 */

/* What the running thread can name. */
static struct {
    u64 cptr;
    int slot;
} reach[NODE_SLOTS * 2];
static unsigned reached;

static void reach_node(struct m_cap root, u64 prefix, unsigned left, bool nested) {
    if (root.kind != SEL4_CAP_CNODE || root.guard_bits + nodes[root.object].radix > left) {
        return;
    }
    unsigned radix = nodes[root.object].radix;
    unsigned rest = left - root.guard_bits - radix;

    for (u64 i = 0; i < BIT(radix); i++) {
        int slot = node_slot(root.object, i);
        u64 cptr = prefix | (root.guard << radix | i) << rest;

        if (slot_empty(slot) || reached == ARRAY_LENGTH(reach)) {
            continue;
        }
        if (slots[slot].cap.kind == SEL4_CAP_CNODE && rest > 0 && !nested) {
            reach_node(slots[slot].cap, cptr, rest, true);
        } else {
            reach[reached].cptr = cptr;
            reach[reached].slot = slot;
            reached++;
        }
    }
}

static void look_around(void) {
    reached = 0;
    if (m.current != NOBODY) {
        reach_node(slots[held_slot(m.current, HELD_CSPACE)].cap, 0, 64, false);
    }
}

/* A capability address: nearly always one of that kind, if there is one; `slot`
 * is where it leads (or NOBODY). */
static u64 pick(int kind, int *slot) {
    unsigned start = (unsigned)below(reached + 1);

    *slot = NOBODY;
    if (chance(1)) {
        return chance(70) ? below(80) : rnd();
    }
    for (unsigned i = 0; i < reached; i++) {
        unsigned at = (start + i) % reached;

        if (kind == NOBODY || slots[reach[at].slot].cap.kind == kind) {
            *slot = reach[at].slot;
            return reach[at].cptr;
        }
    }
    return below(64);
}

/* One of that kind for which `wanted` holds, if there is one. */
static u64 pick_such(int kind, bool (*wanted)(struct m_cap)) {
    unsigned start = (unsigned)below(reached + 1);

    for (unsigned i = 0; i < reached && chance(99); i++) {
        unsigned at = (start + i) % reached;
        struct m_cap cap = slots[reach[at].slot].cap;

        if (cap.kind == kind && wanted(cap)) {
            return reach[at].cptr;
        }
    }
    int slot;
    return pick(kind, &slot);
}

static u64 pick_any(int kind) {
    int slot;

    return pick(kind, &slot);
}

/* Would a message, a signal or an answer to it wake somebody? */
static bool somebody_waits(struct m_cap cap) {
    switch (cap.kind) {
    case SEL4_CAP_ENDPOINT:
        return endpoints[cap.object].queue.count > 0 &&
               threads[endpoints[cap.object].queue.thread[0]].state == RECEIVING;
    case SEL4_CAP_NOTIFICATION:
        return notifications[cap.object].queue.count > 0;
    case SEL4_CAP_REPLY:
        return replies[cap.object].caller != NOBODY &&
               threads[replies[cap.object].caller].state == AWAITING_REPLY;
    default:
        return false;
    }
}

static u64 pick_communication(void) {
    static const int kinds[] = {SEL4_CAP_ENDPOINT, SEL4_CAP_ENDPOINT,     SEL4_CAP_ENDPOINT,
                                SEL4_CAP_ENDPOINT, SEL4_CAP_NOTIFICATION, SEL4_CAP_REPLY,
                                SEL4_CAP_DOORBELL};
    unsigned start = (unsigned)below(reached + 1);

    for (unsigned i = 0; i < reached && chance(99); i++) {
        unsigned at = (start + i) % reached;

        if (somebody_waits(slots[reach[at].slot].cap)) {
            return reach[at].cptr;
        }
    }
    return pick_any(kinds[below(ARRAY_LENGTH(kinds))]);
}

/* Somewhere to receive from: rather where something is to be had. */
static u64 pick_source(void) {
    unsigned start = (unsigned)below(reached + 1);

    for (unsigned i = 0; i < reached && chance(99); i++) {
        unsigned at = (start + i) % reached;
        struct m_cap cap = slots[reach[at].slot].cap;

        if ((cap.kind == SEL4_CAP_ENDPOINT && (cap.rights & SEL4_RIGHT_READ) &&
             endpoints[cap.object].queue.count > 0 &&
             threads[endpoints[cap.object].queue.thread[0]].state == SENDING) ||
            (cap.kind == SEL4_CAP_NOTIFICATION && notifications[cap.object].active)) {
            return reach[at].cptr;
        }
    }
    return pick_any(chance(70) ? SEL4_CAP_ENDPOINT : SEL4_CAP_NOTIFICATION);
}

/* Where to put or find something: a CNode, and index and depth in it. */
struct place {
    u64 root;
    u64 index;
    u64 depth;
};

static struct place pick_place(bool want_empty) {
    struct place place;
    int slot;

    place.root = pick(SEL4_CAP_CNODE, &slot);
    place.index = below(BIT(LARGE_BITS));
    place.depth = chance(90) ? LARGE_BITS : below(70);
    if (slot != NOBODY && slots[slot].cap.kind == SEL4_CAP_CNODE && chance(96)) {
        struct m_cap cap = slots[slot].cap;
        u64 size = BIT(nodes[cap.object].radix);
        u64 at = below(size);

        for (u64 i = 0; i < size && slot_empty(node_slot(cap.object, at)) != want_empty; i++) {
            at = (at + 1) % size;
        }
        place.index = cap.guard << nodes[cap.object].radix | at;
        place.depth = cap.guard_bits + nodes[cap.object].radix;
    }
    return place;
}

/* A place that holds a capability of a kind that is deleted. Capabilities that
 * keep the world going, rarely. */
static struct place pick_victim(void) {
    struct place place = {0};

    for (int tries = 0; tries < 8; tries++) {
        place = pick_place(false);
        struct m_lookup root = tree_lookup(m.current, place.root);
        if (root.slot == NOBODY || place.depth > 64) {
            return place;
        }
        struct m_lookup at =
            tree_lookup_exact(slots[root.slot].cap, place.index, (unsigned)place.depth);
        if (at.slot == NOBODY || !slots[at.slot].original || chance(12)) {
            return place;
        }
    }
    return place;
}

static void random_message(struct step_record *step) {
    u64 length = chance(80) ? below(7) : below(128);
    u64 caps = chance(75) ? 0 : below(4);

    step->info = below(8) << 12 | caps << 7 | length;
    if (chance(10)) {
        step->info = rnd();
    }
    for (int i = 0; i < 4; i++) {
        step->mr[i] = rnd() & 0xffff;
    }
    for (u64 i = 0; i < caps; i++) {
        add_word(step, AT_CAPS + (unsigned)i, pick_any(NOBODY));
    }
    if (chance(30)) {
        add_word(step, AT_MSG + 4 + (unsigned)below(8), rnd() & 0xff);
    }
    if (chance(25)) {
        struct place place = pick_place(true);

        add_word(step, AT_RECEIVE_CNODE, place.root);
        add_word(step, AT_RECEIVE_INDEX, place.index);
        add_word(step, AT_RECEIVE_DEPTH, place.depth);
    }
}

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
    set_message(step, METHOD_UNTYPED_RETYPE,
                L(type, bits, place.index, chance(90) ? 0 : place.depth,
                  chance(95) ? place.index : below(70), chance(98) ? count : below(300)),
                L(place.root));
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
        set_message(step, METHOD_CNODE_COPY,
                    L(dest.index, dest.depth, source.index, source.depth, rights), L(source.root));
        break;
    case 2:
    case 3:
    case 4:
        set_message(step, METHOD_CNODE_MINT,
                    L(dest.index, dest.depth, source.index, source.depth, rights, data),
                    L(source.root));
        break;
    case 5:
        set_message(step, METHOD_CNODE_MOVE, L(dest.index, dest.depth, source.index, source.depth),
                    L(source.root));
        break;
    case 6:
        set_message(step, METHOD_CNODE_MUTATE,
                    L(dest.index, dest.depth, source.index, source.depth, chance(50) ? 0 : data),
                    L(source.root));
        break;
    case 7: {
        struct place pivot = pick_place(false);

        if (chance(40)) {
            dest = source;
            step->cap = dest.root;
        }
        set_message(step, METHOD_CNODE_ROTATE,
                    L(dest.index, dest.depth, chance(70) ? 0 : data, pivot.index, pivot.depth,
                      chance(70) ? 0 : data, source.index, source.depth),
                    L(pivot.root, source.root));
        break;
    }
    default: {
        struct place victim = pick_victim();
        u64 method = chance(70)   ? METHOD_CNODE_DELETE
                     : chance(70) ? METHOD_CNODE_REVOKE
                                  : METHOD_CNODE_CANCEL_BADGED_SENDS;

        step->cap = victim.root;
        set_message(step, method, L(victim.index, victim.depth), L(0));
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
        set_message(step, METHOD_TCB_SET_PRIORITY, L(chance(95) ? some_priority() : below(300)),
                    L(pick_any(SEL4_CAP_THREAD)));
        break;
    case 2:
        set_message(step, METHOD_TCB_SET_MC_PRIORITY, L(100 + below(5)),
                    L(pick_any(SEL4_CAP_THREAD)));
        break;
    case 3:
    case 4:
        set_message(step, METHOD_TCB_SET_SCHED_PARAMS, L(100 + below(4), some_priority()),
                    L(pick_any(SEL4_CAP_THREAD),
                      chance(80) ? pick_any(SEL4_CAP_SCHED_CONTEXT) : below(64),
                      chance(70) ? pick_any(SEL4_CAP_ENDPOINT) : below(64)));
        break;
    case 5:
        set_message(step, METHOD_TCB_SET_TIMEOUT_ENDPOINT, L(0),
                    L(chance(80) ? pick_any(SEL4_CAP_ENDPOINT) : below(64)));
        break;
    case 6:
        set_message(
            step, METHOD_TCB_CONFIGURE,
            L(chance(70) ? LARGE_DATA : below(128), 0, chance(80) ? 0x14000 : below(3) * 512),
            L(pick_any(SEL4_CAP_CNODE), pick_any(SEL4_CAP_PAGE_TABLE), pick_any(SEL4_CAP_FRAME)));
        break;
    case 7:
        set_message(step, METHOD_TCB_SET_SPACE, L(chance(70) ? LARGE_DATA : below(128), 0),
                    L(chance(80) ? pick_any(SEL4_CAP_ENDPOINT) : below(64),
                      pick_any(SEL4_CAP_CNODE), pick_any(SEL4_CAP_PAGE_TABLE)));
        break;
    case 8:
        set_message(step, METHOD_TCB_SET_IPC_BUFFER, L(chance(90) ? 0x14000 : below(3) * 512),
                    L(pick_any(SEL4_CAP_FRAME)));
        break;
    case 9:
        set_message(step, METHOD_TCB_SUSPEND, L(0), L(0));
        break;
    case 10:
    case 11:
    case 12:
        set_message(step, METHOD_TCB_RESUME, L(0), L(0));
        break;
    case 13:
        set_message(step, METHOD_TCB_BIND_NOTIFICATION, L(0), L(pick_any(SEL4_CAP_NOTIFICATION)));
        break;
    case 14:
        set_message(step, METHOD_TCB_UNBIND_NOTIFICATION, L(0), L(0));
        break;
    case 15:
        set_message(step, METHOD_TCB_READ_REGISTERS, L(chance(10), below(40)), L(0));
        break;
    case 16:
        set_message(step, METHOD_TCB_WRITE_REGISTERS,
                    L(below(2), below(8), rnd(), rnd(), rnd(), rnd()), L(0));
        break;
    default:
        if (chance(50)) {
            set_message(step, METHOD_TCB_COPY_REGISTERS, L(below(16)),
                        L(pick_any(SEL4_CAP_THREAD)));
        } else if (chance(50)) {
            set_message(step, METHOD_TCB_SET_FLAGS, L(below(4), below(4)), L(0));
        } else {
            set_message(step, METHOD_TCB_SET_TLS_BASE, L(rnd()), L(0));
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
        set_message(step, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                    L(budget, chance(30) ? budget : some_us() + chance(80) * budget, below(10),
                      below(100), below(4)),
                    L(pick_any(SEL4_CAP_SCHED_CONTEXT)));
        break;
    case 2:
    case 3:
        set_message(step, METHOD_SCHED_CONTEXT_BIND, L(0),
                    L(pick_any(chance(60) ? SEL4_CAP_THREAD : SEL4_CAP_NOTIFICATION)));
        break;
    case 4:
        set_message(step, METHOD_SCHED_CONTEXT_UNBIND, L(0), L(0));
        break;
    case 5:
        set_message(step, METHOD_SCHED_CONTEXT_UNBIND_OBJECT, L(0),
                    L(pick_any(chance(60) ? SEL4_CAP_THREAD : SEL4_CAP_NOTIFICATION)));
        break;
    case 6:
        set_message(step, METHOD_SCHED_CONTEXT_CONSUMED, L(0), L(0));
        break;
    default:
        set_message(step, METHOD_SCHED_CONTEXT_YIELD_TO, L(0), L(0));
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
            set_message(step, METHOD_IRQ_CONTROL_GET, L(some_irq(), place.index, place.depth),
                        L(place.root));
        } else {
            set_message(step, METHOD_IRQ_CONTROL_GET_TRIGGER,
                        L(some_irq(), below(2), place.index, place.depth), L(place.root));
        }
        break;
    case 1:
        step->cap = pick_any(SEL4_CAP_IRQ_CONTROL);
        set_message(step, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                    L(chance(90) ? PEER : below(70), chance(90) ? below(3) * 33 : below(70),
                      place.index, place.depth),
                    L(place.root));
        break;
    case 2:
    case 3:
        set_message(step, METHOD_IRQ_HANDLER_SET_NOTIFICATION, L(0),
                    L(pick_any(SEL4_CAP_NOTIFICATION)));
        break;
    case 4:
        set_message(step, METHOD_IRQ_HANDLER_CLEAR, L(0), L(0));
        break;
    default:
        set_message(step, METHOD_IRQ_HANDLER_ACK, L(0), L(0));
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

        set_message(step, METHOD_PAGE_MAP, L(vaddr, below(16), below(2)), L(pick_space()));
    } else {
        set_message(step, chance(70) ? METHOD_PAGE_UNMAP : METHOD_PAGE_GET_ADDRESS, L(0), L(0));
    }
}

static void random_space(struct step_record *step) {
    struct place place = pick_place(true);

    switch (below(10)) {
    case 0:
    case 1:
    case 2:
        step->cap = pick_such(SEL4_CAP_PAGE_TABLE, is_free_table);
        set_message(step, METHOD_PAGE_TABLE_MAP, L(some_vaddr(0), 0), L(pick_space()));
        break;
    case 3:
        step->cap = pick_any(SEL4_CAP_PAGE_TABLE);
        set_message(step, METHOD_PAGE_TABLE_UNMAP, L(0), L(0));
        break;
    case 4:
        step->cap = pick_any(SEL4_CAP_ASID_POOL);
        set_message(step, METHOD_ASID_POOL_ASSIGN, L(0),
                    L(pick_such(SEL4_CAP_PAGE_TABLE, is_free_table)));
        break;
    case 5:
        step->cap = pick_any(SEL4_CAP_ASID_CONTROL);
        set_message(step, METHOD_ASID_CONTROL_MAKE_POOL, L(place.index, place.depth),
                    L(pick_such(SEL4_CAP_UNTYPED, is_small_untyped), place.root));
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
        set_message(step, METHOD_DOMAIN_SET_SET, L(chance(60) ? 0 : below(4)),
                    L(pick_any(SEL4_CAP_THREAD)));
        break;
    case 1:
        set_message(step, METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE,
                    L(below(9), chance(60) ? 0 : below(4), some_duration()), L(0));
        break;
    default:
        set_message(step, METHOD_DOMAIN_SET_SCHEDULE_SET_START, L(below(9)), L(0));
        break;
    }
}

static void random_invocation(struct step_record *step) {
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

static void random_communication(struct step_record *step) {
    static const s64 numbers[] = {SYSCALL_CALL,        SYSCALL_CALL,         SYSCALL_REPLY_RECV,
                                  SYSCALL_REPLY_RECV,  SYSCALL_NB_SEND_RECV, SYSCALL_SEND,
                                  SYSCALL_NB_SEND,     SYSCALL_RECV,         SYSCALL_RECV,
                                  SYSCALL_WAIT,        SYSCALL_NB_WAIT,      SYSCALL_NB_RECV,
                                  SYSCALL_NB_SEND_WAIT};

    step->number = numbers[below(ARRAY_LENGTH(numbers))];
    step->cap = pick_communication();
    if (step->number <= SYSCALL_RECV || step->number == SYSCALL_REPLY_RECV) {
        step->cap = chance(75) ? pick_source()
                               : pick_any(chance(70) ? SEL4_CAP_ENDPOINT : SEL4_CAP_NOTIFICATION);
    }
    random_message(step);
    step->reply = pick_any(SEL4_CAP_REPLY);
    step->dest = pick_communication();
    if (step->number == SYSCALL_NB_SEND_WAIT) {
        step->reply = pick_communication();
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
    if (chance(3)) {
        step->dest = pick_any(NOBODY);
        step->reply = pick_any(NOBODY);
    }
}

/* ---- Habits: what real threads do all day, and what fast paths are for
 * --------------------------------------- */

/* A capability to that object (NOBODY: to any) with these rights. False: none
 * is in reach. */
static bool find_object(int kind, int object, u64 rights, u64 *cptr) {
    unsigned start = (unsigned)below(reached + 1);

    for (unsigned i = 0; i < reached; i++) {
        unsigned at = (start + i) % reached;
        struct m_cap cap = slots[reach[at].slot].cap;

        if (cap.kind == kind && (object == NOBODY || cap.object == object) &&
            (cap.rights & rights) == rights) {
            *cptr = reach[at].cptr;
            return true;
        }
    }
    return false;
}

static u64 find_or_pick(int kind, int object, u64 rights) {
    u64 cptr;

    return find_object(kind, object, rights, &cptr)   ? cptr
           : find_object(kind, NOBODY, rights, &cptr) ? cptr
                                                      : pick_any(kind);
}

/* An endpoint where threads wait in that state; rather that than any. */
static u64 find_queue(int state, u64 rights) {
    unsigned start = (unsigned)below(reached + 1);

    for (unsigned i = 0; i < reached; i++) {
        unsigned at = (start + i) % reached;
        struct m_cap cap = slots[reach[at].slot].cap;

        if (cap.kind == SEL4_CAP_ENDPOINT && (cap.rights & rights) == rights &&
            endpoints[cap.object].queue.count > 0 &&
            threads[endpoints[cap.object].queue.thread[0]].state == state) {
            return reach[at].cptr;
        }
    }
    return find_or_pick(SEL4_CAP_ENDPOINT, NOBODY, rights);
}

/* Words only; usually few. The label of an answer to a fault is mostly 0: go
 * on. */
static void plain_message(struct step_record *step) {
    u64 length = chance(70) ? below(5) : chance(90) ? below(20) : below(128);

    step->info = (chance(70) ? 0 : below(8)) << 12 | length;
    for (int i = 0; i < 4; i++) {
        step->mr[i] = rnd() & 0xffff;
    }
    if (length > 4) {
        add_word(step, AT_MSG + 4, rnd() & 0xff);
    }
}

/* The call that this thread has to answer: it runs on its caller's time, or
 * handles its fault. */
static int owed_answer(void) {
    int context = threads[m.current].context;

    if (contexts[context].depth > 0 && chance(80)) {
        return contexts[context].stack[contexts[context].depth - 1];
    }
    for (int i = 0; i < REPLIES; i++) {
        u64 ignored;

        if (replies[i].alive && replies[i].caller != NOBODY &&
            threads[replies[i].caller].state == AWAITING_REPLY &&
            find_object(SEL4_CAP_REPLY, i, 0, &ignored)) {
            return i;
        }
    }
    return NOBODY;
}

/* A server answers and waits for the next call, in one of the ways there are.
 */
static void serve(struct step_record *step) {
    int owed = owed_answer();
    u64 reply = find_or_pick(SEL4_CAP_REPLY, owed, 0);
    u64 source =
        chance(30) ? find_queue(SENDING, SEL4_RIGHT_READ)
                   : find_or_pick(SEL4_CAP_ENDPOINT, m.current % WORLD_ENDPOINTS, SEL4_RIGHT_READ);

    plain_message(step);
    step->number = owed == NOBODY && chance(70) ? SYSCALL_RECV : SYSCALL_REPLY_RECV;
    step->cap = source;
    step->reply = reply;
    if (chance(20)) {
        step->number = SYSCALL_NB_SEND_RECV;
        step->dest = chance(50) ? reply : pick_communication();
        step->reply = chance(50) ? reply : pick_any(SEL4_CAP_REPLY);
    } else if (chance(10)) {
        step->number = SYSCALL_NB_SEND_WAIT;
        step->reply = chance(50) ? reply : pick_communication();
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
}

static void be_client(struct step_record *step) {
    plain_message(step);
    step->number = SYSCALL_CALL;
    step->cap = find_queue(RECEIVING, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT);
    if (chance(20)) {
        step->number = chance(60) ? SYSCALL_SEND : SYSCALL_NB_SEND;
        step->cap = pick_any(chance(70) ? SEL4_CAP_NOTIFICATION : SEL4_CAP_DOORBELL);
    } else if (chance(20)) {
        step->number = chance(70) ? SYSCALL_WAIT : SYSCALL_NB_WAIT;
        step->cap = pick_any(SEL4_CAP_NOTIFICATION);
    }
}

/* Two of five threads serve. */
static bool is_server(int thread) {
    return thread % WORLD_THREADS < 2;
}

static void follow_habit(struct step_record *step) {
    if (is_server(m.current)) {
        serve(step);
    } else {
        be_client(step);
    }
}

static void random_passing(struct step_record *step) {
    if (chance(15)) {
        *step = (struct step_record){.kind = STEP_IRQ, .value = below(DEVICES)};
    } else if (chance(15)) {
        *step = (struct step_record){.kind = STEP_RING, .value = below(1 << (LINES - DEVICES))};
    } else if (chance(5)) {
        *step = (struct step_record){.kind = STEP_TAKE};
    } else {
        *step = (struct step_record){.kind = STEP_TIME,
                                     .value = 1 + (chance(90) ? below(3000) : below(60000))};
    }
}

static struct m_cap keeper_cap(u64 slot) {
    return slots[node_slot(0, slot)].cap;
}

/* An object that went with its last capability is made anew. */
static bool keeper_remakes(struct step_record *step) {
    const struct {
        u64 first;
        u64 count;
        u64 type;
        u64 bits;
    } all[] = {{w.threads, WORLD_THREADS, OBJECT_TCB, 0},
               {w.endpoints, WORLD_ENDPOINTS, OBJECT_ENDPOINT, 0},
               {w.notifications, WORLD_NOTIFICATIONS, OBJECT_NOTIFICATION, 0},
               {w.contexts, WORLD_CONTEXTS, OBJECT_SCHED_CONTEXT, 8},
               {w.replies, WORLD_REPLIES, OBJECT_REPLY, 0},
               {w.frames, WORLD_THREADS, OBJECT_4K_PAGE, 0},
               {w.untyped, 3, OBJECT_UNTYPED, 12}};

    for (unsigned kind = 0; kind < ARRAY_LENGTH(all); kind++) {
        for (u64 i = 0; i < all[kind].count; i++) {
            if (keeper_cap(all[kind].first + i).kind == SEL4_CAP_NULL) {
                step->cap = memory;
                set_message(step, METHOD_UNTYPED_RETYPE,
                            L(all[kind].type, all[kind].bits, 0, 0, all[kind].first + i, 1),
                            L(ROOT));
                return true;
            }
        }
    }
    return false;
}

static bool keeper_gives_time(struct step_record *step, u64 thread) {
    for (u64 i = 0; i < WORLD_CONTEXTS; i++) {
        struct m_cap cap = keeper_cap(w.contexts + i);

        if (cap.kind != SEL4_CAP_SCHED_CONTEXT) {
            continue;
        }
        const struct m_context *context = &contexts[cap.object];
        if (context->max == 0) {
            const u64 *p =
                (const u64[][2]){{1000, 1000}, {500, 2000}, {20, 100}, {300, 700}}[below(4)];

            step->cap = w.control;
            set_message(step, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                        L(p[0], p[1], below(9), below(100), below(2)), L(w.contexts + i));
            return true;
        }
        if (context->thread == NOBODY && context->notification == NOBODY) {
            step->cap = w.threads + thread;
            set_message(step, METHOD_TCB_SET_SCHED_PARAMS, L(100 + below(4), some_priority()),
                        L(SEL4_INIT_SLOT_TCB, w.contexts + i,
                          chance(60) ? w.endpoints + below(WORLD_ENDPOINTS) : SEL4_INIT_SLOT_NULL));
            return true;
        }
    }
    return false;
}

static bool waits(int thread) {
    return threads[thread].state == RECEIVING;
}

/* A server that is to be passive loses its time while it waits. */
static bool keeper_takes_time(struct step_record *step, int thread) {
    int context = threads[thread].context;

    for (u64 i = 0; i < WORLD_CONTEXTS && context != NOBODY; i++) {
        struct m_cap cap = keeper_cap(w.contexts + i);

        if (cap.kind == SEL4_CAP_SCHED_CONTEXT && cap.object == context) {
            step->cap = w.contexts + i;
            set_message(step, METHOD_SCHED_CONTEXT_UNBIND, L(0), L(ROOT));
            return true;
        }
    }
    return false;
}

/* What keeps a thread from running is set right. False: nothing does, or
 * nothing can be done. */
static bool keeper_mends(struct step_record *step, u64 thread) {
    struct m_cap cap = keeper_cap(w.threads + thread);

    if (cap.kind != SEL4_CAP_THREAD) {
        return false;
    }
    step->cap = w.threads + thread;
    if (slot_empty(held_slot(cap.object, HELD_CSPACE))) {
        set_message(step, METHOD_TCB_CONFIGURE, L(LARGE_DATA, 0, chance(90) ? 0x14000 : 0),
                    L(w.large, SEL4_INIT_SLOT_VSPACE, w.frames + below(WORLD_THREADS)));
        return true;
    }
    if (waits(cap.object) && chance(is_server(cap.object) ? 60 : 20) &&
        keeper_takes_time(step, cap.object)) {
        return true;
    }
    if (threads[cap.object].state != RUNNABLE && chance(waits(cap.object) ? 10 : 40)) {
        set_message(step, METHOD_TCB_RESUME, L(0), L(ROOT));
        return true;
    }
    return threads[cap.object].context == NOBODY && chance(waits(cap.object) ? 5 : 80) &&
           keeper_gives_time(step, thread);
}

static void keeper_upsets(struct step_record *step) {
    u64 anything = w.threads + below(w.end - w.threads);
    u64 context = w.contexts + below(WORLD_CONTEXTS);

    step->cap = w.large;
    switch (below(8)) {
    case 0:
        step->cap = chance(80) ? w.large : w.middle;
        set_message(step, METHOD_CNODE_DELETE, L(below(32), step->cap == w.large ? LARGE_BITS : 5),
                    L(ROOT));
        break;
    case 1:
        step->cap = ROOT;
        set_message(step, METHOD_CNODE_REVOKE, L(chance(50) ? w.untyped + below(3) : anything, 64),
                    L(ROOT));
        break;
    case 2:
        step->cap = context;
        set_message(step, METHOD_SCHED_CONTEXT_UNBIND, L(0), L(ROOT));
        break;
    case 3:
        step->cap = w.threads + below(WORLD_THREADS);
        set_message(step, METHOD_TCB_SET_TIMEOUT_ENDPOINT, L(0),
                    L(w.endpoints + below(WORLD_ENDPOINTS)));
        break;
    default:
        set_message(step, METHOD_CNODE_COPY, L(below(64), LARGE_BITS, anything, 64, 15), L(ROOT));
        break;
    }
}

/*
 * The root task is the keeper: of highest priority, waiting for its interrupt.
 * It comes when nobody else can run, sets things right or upsets them, and
 * waits again.
 */
static void keeper_step(struct step_record *step) {
    u64 first = below(WORLD_THREADS);

    step->number = SYSCALL_CALL;
    step->interrupted = chance(50); /* nobody is above the keeper, so it goes on by itself */
    if (chance(15)) {
        keeper_upsets(step);
        return;
    }
    if (keeper_remakes(step)) {
        return;
    }
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        if (keeper_mends(step, (first + i) % WORLD_THREADS)) {
            return;
        }
    }
    if (lines[KEEPER_LINE].masked) {
        step->cap = w.line;
        set_message(step, METHOD_IRQ_HANDLER_ACK, L(0), L(ROOT));
    } else {
        step->number = SYSCALL_WAIT;
        step->cap = w.bell;
    }
}

/* Calls for people, and numbers that mean nothing (-18 and below are not of this build). */
static void random_rest(struct step_record *step) {
    static const s64 debug[] = {SYSCALL_DEBUG_PUT_CHAR, SYSCALL_DEBUG_DUMP_SCHEDULER,
                                SYSCALL_DEBUG_CAP_IDENTIFY, SYSCALL_DEBUG_SNAPSHOT};
    int slot;

    step->number = chance(50) ? debug[below(ARRAY_LENGTH(debug))] : -18 - (s64)below(40);
    step->cap = pick(NOBODY, &slot);
    if (chance(5)) {
        step->number = (s64)(rnd() >> 1); /* not negative */
    }
    if (slot != NOBODY && slots[slot].cap.kind == SEL4_CAP_THREAD) {
        step->number = SYSCALL_DEBUG_NAME_THREAD;
        add_word(step, AT_MSG, 0x6161616161616161 >> (8 * below(8)));
        add_word(step, AT_MSG + 1, rnd());
        add_word(step, AT_MSG + 2, rnd());
    }
}

static void random_step(struct step_record *step) {
    u64 choice = below(100);

    *step = (struct step_record){.kind = STEP_SYSCALL};
    if (m.current == 0) {
        keeper_step(step);
    } else if (m.current == NOBODY && chance(40)) {
        *step = (struct step_record){.kind = STEP_IRQ, .value = KEEPER_LINE};
    } else if (m.current == NOBODY || choice < 12) {
        random_passing(step);
    } else if (choice < 52) {
        follow_habit(step);
    } else if (choice < 66) {
        random_communication(step);
    } else if (choice < 94) {
        random_invocation(step);
    } else if (choice < 96) {
        step->number = SYSCALL_YIELD;
    } else if (choice < 97) {
        random_rest(step);
    } else {
        *step = (struct step_record){.kind = choice == 97 ? STEP_VM_FAULT : STEP_EXCEPTION,
                                     .value = below(16)};
    }
}

/* ---- Episodes
 * -----------------------------------------------------------------------------------------------
 */

enum outcome { EPISODE_GOOD, EPISODE_DIFFERS };

static int failed_at; /* step; -1: while the world was built */
static u64 ended_early[3];

/* `steps` of them: recorded ones, or (record == NULL) new random ones, which
 * are recorded. */
static enum outcome run_episode(u64 seed, bool replay, int steps) {
    int idle = 0;

    random_state = seed;
    failed_at = -1;
    if (!build_world()) {
        return EPISODE_DIFFERS;
    }
    for (int i = 0; i < steps; i++) {
        if (!replay) {
            look_around();
            random_step(&record[i]);
            record[i].who = m.current;
        }
        failed_at = i;
        if (!run_step(&record[i], i)) {
            return EPISODE_DIFFERS;
        }
        idle = m.current == NOBODY ? idle + 1 : 0;
        if (m.full || m.ambiguous || idle > 30) {
            ended_early[m.full ? 0 : m.ambiguous ? 1 : 2]++;
            return EPISODE_GOOD;
        }
    }
    const char *broken = check_all();
    if (broken != NULL) {
        (void)snprintf(difference, sizeof difference, "invariant at the end: %s", broken);
        return EPISODE_DIFFERS;
    }
    return EPISODE_GOOD;
}

/* ---- A difference
 * --------------------------------------------------------------------------------------------
 */

static int cut(u64 seed, int steps) {
    static struct step_record kept[STEPS];

    for (int piece = steps / 2; piece > 0; piece /= 2) {
        for (int at = 0; at + piece <= steps;) {
            memcpy(kept, record, sizeof record);
            memmove(&record[at], &record[at + piece],
                    (size_t)(steps - at - piece) * sizeof record[0]);
            if (run_episode(seed, true, steps - piece) == EPISODE_DIFFERS) {
                steps = failed_at + 1;
            } else {
                memcpy(record, kept, sizeof record);
                at += piece;
            }
        }
    }
    return steps;
}

static void print_step(int number, const struct step_record *step) {
    static const char *const kinds[] = {"system call", "VM fault",   "exception", "time",
                                        "interrupt",   "peer rings", "peer takes"};

    printf("# %3d %s", number, kinds[step->kind]);
    if (step->kind != STEP_SYSCALL) {
        printf(" %" PRIu64 "\n", step->value);
        return;
    }
    printf(" %" PRId64 " cap %#" PRIx64 " label %" PRIu64 " caps %" PRIu64 " length %" PRIu64
           " mr %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " a6 %#" PRIx64 " t0 %#" PRIx64,
           step->number, step->cap, step->info >> 12, (step->info >> 7) & 3, step->info & 127,
           step->mr[0], step->mr[1], step->mr[2], step->mr[3], step->reply, step->dest);
    for (unsigned i = 0; i < step->words; i++) {
        printf(" [%u]=%#" PRIx64, step->word[i].at, step->word[i].value);
    }
    printf("\n");
}

/* Who makes each step shows only while it is made. */
static void print_trace(u64 seed, int steps) {
    random_state = seed;
    bool good = build_world();

    for (int i = 0; good && i < steps; i++) {
        int who = m.current;

        print_step(i, &record[i]);
        good = run_step(&record[i], i);
        printf("#       by thread %d; then thread %d runs", who, m.current);
        if (who != NOBODY && record[i].kind == STEP_SYSCALL) {
            printf("; its info %#" PRIx64, threads[who].reg[SEL4_REG_A1]);
        }
        printf("\n");
    }
}

static void explain(u64 seed, u64 episode, u64 episode_seed) {
    int steps = failed_at + 1;

    thorough = true;
    printf("# seed %" PRIu64 ", episode %" PRIu64 ", step %d: %s\n", seed, episode, failed_at,
           difference);
    if (steps > 0) {
        steps = cut(episode_seed, steps);
    }
    print_trace(episode_seed, steps);
    printf("# %s\n", difference);
    printf("not ok 1 - kernel and model differ\n1..1\n");
}

static u64 option(int argc, char **argv, const char *name, u64 otherwise) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoull(argv[i + 1], NULL, 0);
        }
    }
    return otherwise;
}

static double seconds(void) {
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_statistics(void) {
    for (int i = 1; i < 12; i++) {
        printf("# system call -%d: %" PRIu64 ", left the caller waiting or down: %" PRIu64 "\n", i,
               syscall_count[i], syscall_waits[i]);
    }
    for (int i = 0; i < METHOD_TABLE_LENGTH; i++) {
        if (method_count[i] > 0) {
            printf("# method %d: %" PRIu64 ", not refused: %" PRIu64 "\n", i, method_count[i],
                   method_good[i]);
        }
    }
    printf("# by the keeper: %" PRIu64 "; restarts of interrupted calls: %" PRIu64 "\n",
           keeper_calls, restarts);
}

/* Every method was done, every system call made, every fast path taken. */
static bool saw_everything(void) {
    for (int i = 1; i < 12; i++) {
        if (syscall_count[i] == 0) {
            printf("not ok 1 - system call -%d was never made\n1..1\n", i);
            return false;
        }
    }
    for (int i = METHOD_INVALID + 1; i < METHOD_TABLE_LENGTH; i++) {
        if (method_good[i] == 0) {
            printf("not ok 1 - method %d was never done\n1..1\n", i);
            return false;
        }
    }
    if (paths_missing() != NULL) {
        printf("not ok 1 - a fast path was never taken: %s\n1..1\n", paths_missing());
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    u64 calls = option(argc, argv, "--calls", 100000);
    u64 seed = option(argc, argv, "--seed", 1);
    u64 episode = option(argc, argv, "--episode", 0);
    double start = seconds();

    for (; calls_made < calls; episode++) {
        u64 episode_seed = (seed << 32) + episode * 7919;

        if (run_episode(episode_seed, false, STEPS) == EPISODE_DIFFERS) {
            explain(seed, episode, episode_seed);
            return 1;
        }
    }
    printf("# seed %" PRIu64 ": %" PRIu64 " system calls in %" PRIu64
           " episodes, %.0f per second\n",
           seed, calls_made, episode, (double)calls_made / (seconds() - start));
    printf("# ended early: %" PRIu64 " tables full, %" PRIu64 " order open, %" PRIu64
           " nobody left\n",
           ended_early[0], ended_early[1], ended_early[2]);
    print_statistics();
    paths_print();
    if (option(argc, argv, "--paths", 0) != 0 && !saw_everything()) {
        return 1;
    }
    printf("ok 1 - kernel and model agree\n1..1\n");
    return 0;
}
