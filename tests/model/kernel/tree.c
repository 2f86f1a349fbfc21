// SPDX-License-Identifier: BSD-2-Clause
/*
 * Capabilities: where they are found, what derives from what, and what becomes of an object when its
 * last capability goes (seL4 manual, "Capability Spaces", "Deletion, Revocation, and Recycling").
 *
 * `listing` has every slot with a capability, parents before their descendants. A new capability comes
 * right behind the one it was made from. The order says only in which order things are deleted; who
 * descends from whom is what the parents say.
 */
#include "tests/model/kernel/model.h"

#include <string.h>

struct m_slot slots[SLOTS];
struct m_node nodes[NODES];
struct m_thread threads[THREADS];
struct m_endpoint endpoints[ENDPOINTS];
struct m_notification notifications[NOTIFICATIONS];
struct m_context contexts[CONTEXTS];
struct m_reply replies[REPLIES];
struct m_frame frames[FRAMES];
struct m_table tables[TABLES];
struct m_pool pools[POOLS];
struct m_line lines[LINES];
struct m_state m;

static int listing[SLOTS];
static int listed;

void tree_reset(void) {
    memset(slots, 0, sizeof slots);
    listed = 0;
}

bool cap_same(struct m_cap a, struct m_cap b) {
    return a.kind == b.kind && a.object == b.object && a.rights == b.rights && a.badge == b.badge &&
           a.guard == b.guard && a.guard_bits == b.guard_bits && a.address == b.address &&
           a.size_bits == b.size_bits && a.used == b.used && a.device == b.device &&
           a.asid == b.asid && a.vaddr == b.vaddr;
}

/* ---- The tree ----------------------------------------------------------------------------------------------- */

static int place_of(int slot) {
    int place = 0;

    while (listing[place] != slot) {
        place++;
    }
    return place;
}

static void list_behind(int place, int slot) {
    memmove(&listing[place + 2], &listing[place + 1],
            (size_t)(listed - place - 1) * sizeof listing[0]);
    listing[place + 1] = slot;
    listed++;
    m.changes++;
}

void tree_add(int parent, int slot, struct m_cap cap, bool original) {
    list_behind(parent == NOBODY ? listed - 1 : place_of(parent), slot);
    slots[slot] = (struct m_slot){cap, parent, original};
}

/* Does a copy with these contents become an original of its own? */
static bool copy_is_original(struct m_cap from, struct m_cap copy) {
    bool badged = copy.kind == SEL4_CAP_ENDPOINT || copy.kind == SEL4_CAP_NOTIFICATION;

    return (badged && copy.badge != from.badge) || copy.kind == SEL4_CAP_UNTYPED;
}

void tree_copy(int source, int slot, struct m_cap cap) {
    struct m_slot *from = &slots[source];

    list_behind(place_of(source), slot);
    slots[slot] = (struct m_slot){cap, from->original ? source : from->parent,
                                  copy_is_original(from->cap, cap)};
    if (cap.kind == SEL4_CAP_UNTYPED) {
        from->cap.used =
            BIT(from->cap.size_bits); /* the copy hands the memory out, not the original */
    }
}

/* What belongs to slot `from` belongs to slot `to` from now on. */
static void rename_slot(int from, int to) {
    m.changes++;
    for (int i = 0; i < listed; i++) {
        if (listing[i] == from) {
            listing[i] = to;
        }
        if (slots[listing[i]].parent == from) {
            slots[listing[i]].parent = to;
        }
    }
}

void tree_move(int source, int dest, struct m_cap cap) {
    rename_slot(source, dest);
    slots[dest] = slots[source];
    slots[dest].cap = cap;
    slots[source] = (struct m_slot){0};
}

static int swapped(int slot, int a, int b) {
    return slot == a ? b : slot == b ? a : slot;
}

/* What the tree says of a, it says of b from now on, and the other way round. */
void tree_swap(int a, struct m_cap for_b, int b, struct m_cap for_a) {
    struct m_slot was_a = slots[a];

    m.changes++;
    slots[a] = slots[b];
    slots[b] = was_a;
    slots[a].cap = for_a;
    slots[b].cap = for_b;
    for (int i = 0; i < listed; i++) {
        listing[i] = swapped(listing[i], a, b);
        slots[listing[i]].parent = swapped(slots[listing[i]].parent, a, b);
    }
}

bool tree_has_children(int slot) {
    for (int i = 0; i < listed; i++) {
        if (slots[listing[i]].parent == slot) {
            return true;
        }
    }
    return false;
}

/* The capability is gone; what was derived from it now derives from its parent. */
static void tree_remove(int slot) {
    int place = place_of(slot);
    int parent = slots[slot].parent;

    m.changes++;
    memmove(&listing[place], &listing[place + 1], (size_t)(listed - place - 1) * sizeof listing[0]);
    listed--;
    for (int i = 0; i < listed; i++) {
        if (slots[listing[i]].parent == slot) {
            slots[listing[i]].parent = parent;
        }
    }
    slots[slot] = (struct m_slot){0};
}

/* ---- The end of objects ------------------------------------------------------------------------------------- */

bool tree_is_last(int slot) {
    struct m_cap cap = slots[slot].cap;

    for (int i = 0; i < listed; i++) {
        struct m_cap other = slots[listing[i]].cap;

        if (listing[i] != slot && other.kind == cap.kind && other.object == cap.object &&
            (cap.kind != SEL4_CAP_DOORBELL || other.badge == cap.badge)) {
            return false;
        }
    }
    return true;
}

static void thread_destroyed(int thread) {
    thread_suspended(thread);
    if (threads[thread].notification != NOBODY) {
        notifications[threads[thread].notification].bound = NOBODY;
        threads[thread].notification = NOBODY;
    }
    if (threads[thread].context != NOBODY) {
        context_unbind(threads[thread].context);
    }
    /* From the top down, the two last ones at the end: order does not matter to anybody. */
    tree_delete(held_slot(thread, HELD_BUFFER));
    tree_delete(held_slot(thread, HELD_VSPACE));
    tree_delete(held_slot(thread, HELD_CSPACE));
    tree_delete(held_slot(thread, HELD_FAULT_HANDLER));
    tree_delete(held_slot(thread, HELD_TIMEOUT_HANDLER));
    threads[thread].alive = false;
}

static void node_destroyed(int node) {
    int size = 1 << nodes[node].radix;

    m.order_open = true; /* who is woken first by what is deleted here, no rule says */
    for (int i = size - 1; i >= 0; i--) {
        tree_delete(node_slot(node, (u64)i));
    }
    nodes[node].alive = false;
}

static void notification_destroyed(int notification) {
    struct m_notification *it = &notifications[notification];

    if (it->bound != NOBODY) {
        threads[it->bound].notification = NOBODY;
        it->bound = NOBODY;
    }
    if (it->context != NOBODY) {
        contexts[it->context].notification = NOBODY;
        it->context = NOBODY;
    }
    notification_flush(notification);
    it->alive = false;
}

static void context_destroyed(int context) {
    struct m_context *it = &contexts[context];

    if (it->yielder != NOBODY) {
        context_yield_done(context);
    }
    context_unbind(context);
    if (it->notification != NOBODY) {
        notifications[it->notification].context = NOBODY;
        it->notification = NOBODY;
    }
    context_leave_stack(context);
    it->alive = false;
}

static void line_released(int line) {
    tree_delete(line_slot(line));
    lines[line].active = false;
    lines[line].masked = true;
    lines[line].pending = lines[line].pending && line < DEVICES; /* what a peer sent is forgotten */
}

static void object_destroyed(struct m_cap cap) {
    switch (cap.kind) {
    case SEL4_CAP_ENDPOINT:
        endpoint_flush(cap.object);
        endpoints[cap.object].alive = false;
        break;
    case SEL4_CAP_NOTIFICATION:
        notification_destroyed(cap.object);
        break;
    case SEL4_CAP_REPLY:
        reply_destroyed(cap.object);
        replies[cap.object].alive = false;
        break;
    case SEL4_CAP_CNODE:
        node_destroyed(cap.object);
        break;
    case SEL4_CAP_THREAD:
        thread_destroyed(cap.object);
        break;
    case SEL4_CAP_SCHED_CONTEXT:
        context_destroyed(cap.object);
        break;
    case SEL4_CAP_FRAME:
        frames[cap.object].alive = false;
        break;
    case SEL4_CAP_PAGE_TABLE:
        table_destroyed(cap);
        break;
    case SEL4_CAP_ASID_POOL:
        pool_destroyed(cap.object);
        break;
    case SEL4_CAP_IRQ_HANDLER:
        line_released(cap.object);
        break;
    case SEL4_CAP_DOORBELL:
        m.bell_issued[cap.badge] = false;
        break;
    default:
        break;
    }
}

void tree_delete(int slot) {
    if (slot_empty(slot)) {
        return;
    }
    struct m_cap cap = slots[slot].cap;
    bool last = tree_is_last(slot);

    tree_remove(slot);
    if (cap.kind == SEL4_CAP_FRAME) {
        frame_unmap(cap); /* each capability stands for its own mapping */
    }
    if (last) {
        object_destroyed(cap);
    }
}

/* The first descendant of a slot: the first child, as listed. */
static int first_child(int slot) {
    for (int i = 0; i < listed; i++) {
        if (slots[listing[i]].parent == slot) {
            return listing[i];
        }
    }
    return NOBODY;
}

void tree_revoke(int slot) {
    int child;

    while (!slot_empty(slot) && (child = first_child(slot)) != NOBODY) {
        tree_delete(child);
    }
}

/* ---- Addresses ---------------------------------------------------------------------------------------------- */

static struct m_lookup not_found(unsigned words, u64 w0, u64 w1, u64 w2, u64 w3) {
    return (struct m_lookup){.slot = NOBODY, .words = words, .word = {w0, w1, w2, w3}};
}

/* The `count` bits of an address below its `left` lowest ones. */
static u64 take_bits(u64 address, unsigned left, unsigned count) {
    u64 bits = 0;

    for (unsigned i = 0; i < count; i++) {
        bits = bits << 1 | ((address >> (left - 1 - i)) & 1);
    }
    return bits;
}

struct m_lookup tree_resolve(struct m_cap root, u64 address, unsigned bits) {
    unsigned left = bits;

    if (root.kind != SEL4_CAP_CNODE) {
        return not_found(1, SEL4_LOOKUP_INVALID_ROOT, 0, 0, 0);
    }
    for (;;) {
        unsigned radix = nodes[root.object].radix;

        if (root.guard_bits > left || take_bits(address, left, root.guard_bits) != root.guard) {
            return not_found(4, SEL4_LOOKUP_GUARD_MISMATCH, left, root.guard, root.guard_bits);
        }
        if (root.guard_bits + radix > left) {
            return not_found(3, SEL4_LOOKUP_DEPTH_MISMATCH, left, root.guard_bits + radix, 0);
        }
        left -= root.guard_bits;
        int slot = node_slot(root.object, take_bits(address, left, radix));
        left -= radix;
        if (left == 0 || slots[slot].cap.kind != SEL4_CAP_CNODE) {
            return (struct m_lookup){.slot = slot, .left = left};
        }
        root = slots[slot].cap;
    }
}

struct m_lookup tree_lookup(int thread, u64 cptr) {
    return tree_resolve(slots[held_slot(thread, HELD_CSPACE)].cap, cptr, 64);
}

struct m_lookup tree_lookup_exact(struct m_cap root, u64 index, unsigned depth) {
    struct m_lookup found = tree_resolve(root, index, depth);

    if (found.slot != NOBODY && found.left != 0) {
        return not_found(3, SEL4_LOOKUP_DEPTH_MISMATCH, found.left, 0, 0);
    }
    return found;
}

/* ---- What a copy holds -------------------------------------------------------------------------------------- */

struct m_cap cap_masked(struct m_cap cap, u64 rights) {
    switch (cap.kind) {
    case SEL4_CAP_ENDPOINT:
    case SEL4_CAP_NOTIFICATION:
    case SEL4_CAP_REPLY:
        cap.rights &= rights;
        break;
    case SEL4_CAP_FRAME:
        cap.rights &= rights;
        if ((cap.rights & SEL4_RIGHT_READ) == 0) {
            cap.rights = 0; /* not readable: nothing the program could use */
        }
        break;
    default:
        break;
    }
    return cap;
}

struct m_cap cap_with_data(struct m_cap cap, u64 data, bool moving) {
    struct m_cap none = {0};
    unsigned guard_bits = (unsigned)(data & 63);

    switch (cap.kind) {
    case SEL4_CAP_ENDPOINT:
    case SEL4_CAP_NOTIFICATION:
        if (moving || cap.badge != 0) {
            return none; /* a badge is set once, and by copying only */
        }
        cap.badge = data;
        return cap;
    case SEL4_CAP_CNODE:
        if (guard_bits + nodes[cap.object].radix > 64) {
            return none;
        }
        cap.guard_bits = guard_bits;
        cap.guard = (data >> 6) & (guard_bits == 0 ? 0 : ~0ull >> (64 - guard_bits));
        return cap;
    default:
        return cap;
    }
}

enum sel4_error cap_derived(int slot, struct m_cap cap, struct m_cap *out) {
    *out = (struct m_cap){0};
    if (cap.kind == SEL4_CAP_UNTYPED && tree_has_children(slot)) {
        return SEL4_REVOKE_FIRST;
    }
    if (cap.kind == SEL4_CAP_IRQ_CONTROL || (cap.kind == SEL4_CAP_PAGE_TABLE && cap.asid == 0)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (cap.kind == SEL4_CAP_FRAME) {
        cap.asid = 0; /* the copy is mapped nowhere */
        cap.vaddr = 0;
    }
    *out = cap;
    return SEL4_NO_ERROR;
}

/* ---- New objects -------------------------------------------------------------------------------------------- */

unsigned type_bits(u64 type, u64 size_bits) {
    switch (type) {
    case OBJECT_UNTYPED:
    case OBJECT_SCHED_CONTEXT:
        return (unsigned)size_bits;
    case OBJECT_TCB:
        return 11;
    case OBJECT_ENDPOINT:
        return 4;
    case OBJECT_NOTIFICATION:
        return 6;
    case OBJECT_CNODE:
        return (unsigned)size_bits + 5;
    case OBJECT_REPLY:
        return 5;
    case OBJECT_GIGA_PAGE:
        return 30;
    case OBJECT_MEGA_PAGE:
        return 21;
    default:
        return 12;
    }
}

/* A free row of a table whose rows begin with `bool alive`; m.full if there is none. */
#define NEW_ROW(table, rows, ...)                                                                  \
    do {                                                                                           \
        cap.object = 0;                                                                            \
        while (cap.object < (rows) && (table)[cap.object].alive) {                                 \
            cap.object++;                                                                          \
        }                                                                                          \
        if (cap.object == (rows)) {                                                                \
            m.full = true;                                                                         \
            return cap;                                                                            \
        }                                                                                          \
        (table)[cap.object] = __VA_ARGS__;                                                         \
        (table)[cap.object].alive = true;                                                          \
        (table)[cap.object].address = address;                                                     \
    } while (0)

struct m_cap object_new(u64 type, u64 size_bits, u64 address, bool device) {
    struct m_cap cap = {.rights = SEL4_RIGHTS_ALL};

    switch (type) {
    case OBJECT_UNTYPED:
        return (struct m_cap){.kind = SEL4_CAP_UNTYPED,
                              .object = NOBODY,
                              .address = address,
                              .size_bits = (unsigned)size_bits,
                              .device = device};
    case OBJECT_TCB:
        cap = (struct m_cap){.kind = SEL4_CAP_THREAD};
        NEW_ROW(threads, THREADS,
                (struct m_thread){.domain = m.domain,
                                  .waits_on = NOBODY,
                                  .reply = NOBODY,
                                  .context = NOBODY,
                                  .notification = NOBODY,
                                  .yielded_to = NOBODY});
        break;
    case OBJECT_ENDPOINT:
        cap.kind = SEL4_CAP_ENDPOINT;
        NEW_ROW(endpoints, ENDPOINTS, (struct m_endpoint){0});
        break;
    case OBJECT_NOTIFICATION:
        cap.kind = SEL4_CAP_NOTIFICATION;
        NEW_ROW(notifications, NOTIFICATIONS,
                (struct m_notification){.bound = NOBODY, .context = NOBODY});
        break;
    case OBJECT_CNODE:
        cap = (struct m_cap){.kind = SEL4_CAP_CNODE};
        NEW_ROW(nodes, NODES, (struct m_node){.radix = (unsigned)size_bits});
        if (size_bits > 8) {
            m.full = true;
        }
        break;
    case OBJECT_SCHED_CONTEXT:
        cap = (struct m_cap){.kind = SEL4_CAP_SCHED_CONTEXT, .size_bits = (unsigned)size_bits};
        NEW_ROW(contexts, CONTEXTS,
                (struct m_context){.size_bits = (unsigned)size_bits,
                                   .thread = NOBODY,
                                   .notification = NOBODY,
                                   .yielder = NOBODY});
        break;
    case OBJECT_REPLY:
        cap.kind = SEL4_CAP_REPLY;
        NEW_ROW(replies, REPLIES, (struct m_reply){.caller = NOBODY, .context = NOBODY});
        break;
    case OBJECT_PAGE_TABLE:
        cap = (struct m_cap){.kind = SEL4_CAP_PAGE_TABLE};
        NEW_ROW(tables, TABLES, (struct m_table){0});
        m.map_changes++;
        break;
    default: /* pages */
        cap = (struct m_cap){.kind = SEL4_CAP_FRAME,
                             .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
                             .size_bits = type_bits(type, 0),
                             .device = device};
        NEW_ROW(frames, FRAMES, (struct m_frame){0});
        break;
    }
    return cap;
}
