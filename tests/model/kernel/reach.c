// SPDX-License-Identifier: BSD-2-Clause
/* What the running thread can name: see tests/model/kernel/generate.h. */
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

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

void look_around(bool anew) {
    static int whose;
    static u64 changes;

    if (!anew && whose == m.current && changes == m.changes) {
        return; /* it is as it was */
    }
    whose = m.current;
    changes = m.changes;
    reached = 0;
    if (m.current != NOBODY) {
        reach_node(slots[held_slot(m.current, HELD_CSPACE)].cap, 0, 64, false);
    }
}

/* A capability address: nearly always one of that kind, if there is one; `slot`
 * is where it leads (or NOBODY). */
u64 pick(int kind, int *slot) {
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
u64 pick_such(int kind, bool (*wanted)(struct m_cap)) {
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

u64 pick_any(int kind) {
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

u64 pick_communication(void) {
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
u64 pick_source(void) {
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

struct place pick_place(bool want_empty) {
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
struct place pick_victim(void) {
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

/* A capability to that object (NOBODY: to any) with these rights. False: none
 * is in reach. */
bool find_object(int kind, int object, u64 rights, u64 *cptr) {
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

u64 find_or_pick(int kind, int object, u64 rights) {
    u64 cptr;

    return find_object(kind, object, rights, &cptr)   ? cptr
           : find_object(kind, NOBODY, rights, &cptr) ? cptr
                                                      : pick_any(kind);
}

/* An endpoint where threads wait in that state; rather that than any. */
u64 find_queue(int state, u64 rights) {
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
