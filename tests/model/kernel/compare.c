// SPDX-License-Identifier: BSD-2-Clause
/* See tests/model/kernel/compare.h. */
#include "tests/model/kernel/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/memory.h"
#include "arch/vspace.h"
#include "tests/model/kernel/step.h"
#include "tests/support/machine.h"

#define LONG_EACH   8              /* steps from one comparison of CNodes and buffers to the next */
#define DEVICE_BASE 0x100000000ull /* memory from here on is not there to be read */

char difference[400];

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
    const struct peer *it_peer = &kernel.peer[PEER];

    for (int line = 0; line < LINES; line++) {
        const struct irq_line *it =
            line < DEVICES ? &kernel.irq[line + 1] : &it_peer->line[bell_of(line)];

        if (!same_slot(&it->notification, line_slot(line))) {
            return false;
        }
        SAME("line is active", line, it->state == IRQ_ACTIVE, lines[line].active);
        SAME("line is masked", line, it->masked, lines[line].masked);
        if (line >= DEVICES) {
            SAME("line is held", line,
                 (it_peer->held[bell_of(line) / 64] >> (bell_of(line) % 64)) & 1,
                 lines[line].pending);
        }
    }
    return true;
}

/* What the peer could see. */
static bool same_bells(void) {
    const u64 *word = m.bell_sent;

    SAME("word sent to the peer", 0, peer.pair->way[0].word[0], word[0]);
    SAME("word sent to the peer", 1, peer.pair->way[0].word[1], word[1]);
    SAME("summary sent to the peer", 0, peer.pair->way[0].summary,
         (word[0] != 0) | (u64)(word[1] != 0) << 1);
    SAME("ring of the peer", 0, *peer.peer_mailbox, m.bell_rung);
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
bool compare_thorough;
static u64 changes_seen;
static u64 map_changes_seen;

bool compare(int number) {
    bool all = compare_thorough || number % LONG_EACH == 0;
    bool tree = all || m.changes != changes_seen;
    bool spaces = compare_thorough || number % CHECK_EACH == 0 || m.map_changes != map_changes_seen;

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
