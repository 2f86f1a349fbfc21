// SPDX-License-Identifier: BSD-2-Clause
/*
 * Deleting capabilities, in units of constant work that may be interrupted after each.
 *
 * A node is an object made of slots: a CNode, or a thread's five. When its last capability is
 * deleted, that capability becomes a zombie: it stays in its slot, can no longer be looked up, and
 * says how much of the node is left. Slots are emptied from the top down; one of them may hold the
 * last capability of another node, whose slots may hold that of a third, …, to any depth, in
 * circles too. So the zombies that are waiting are kept in a list, and its links are slots of the
 * dying nodes themselves:
 *
 *     anchor           node X of the anchor's zombie               node V                  node W
 *     ┌────┐   ┌───┬───┬───┬───┬──────┬──────┐    ┌───┬───┬──────┬──────┐    ┌───┬──────┬──────┐
 *     │ ZX │   │ a │ b │ - │ - │ home │ link │    │ c │ - │ home │ link │    │ … │ home │ link │
 *     └────┘   └───┴───┴───┴───┴──────┴──┬───┘    └───┴───┴──────┴──┬───┘    └───┴──────┴──────┘
 *                      ▲ left            └── ZV ───────▲            └─── ZW ──────▲
 *
 * INV-ZB-1: all slots of a dying node from `left` on are empty, except the last two: `home` and
 *           `link`.
 * INV-ZB-2: a zombie leaves the derivation tree only when all slots of its node are empty. So
 *           whoever revokes the untyped memory of a node finds it until then, and memory in use is
 *           never handed out again.
 *
 * The anchor is the slot that is being deleted. It keeps its zombie to the end; all others of its
 * deletion hang on the list that begins in its link. One unit works on the first of the list, or on
 * the anchor's own node if the list is empty, and does one of these:
 *
 *   pass     the top slots of what is left are empty: left gets smaller
 *   dispose  of what a slot holds, or a part of it (finalise.c); a node's last capability becomes a
 *            zombie
 *   push     a slot holds a node's zombie: it becomes the first of the list
 *   release  all is empty: the zombie goes, the list (if it hung on this node) moves up
 *
 * Why this ends: release makes zombies fewer, dispose makes living capabilities (or waiters of one)
 * fewer, pass makes the sum of all `left` smaller, and none of them makes more of what came before
 * in this list, except that dispose makes one living capability one zombie. Push takes a zombie
 * from a slot that is no link of the list, so it cannot meet one that is in the list already: at
 * most as many pushes as there are zombies, then something else must happen. Nobody adds anything
 * meanwhile: a zombie can be neither copied nor looked up.
 *
 * What was done so far is in the slots alone, so an interrupted deletion can be taken up by anybody
 * who comes to any of these slots: the caller who restarts, another deletion that meets the anchor
 * in a node of its own, or a revocation that finds a zombie in the middle of the list (for it, this
 * is an anchor, and the rest of the list its own). All of them move zombies by exchanging slots, so
 * none is ever lost.
 *
 * Circles: the anchor may itself lie in a dying node, which must not be released while a slot of it
 * is in use. Nobody can reach that slot any more, so nobody cares what it holds: the anchor moves
 * to the home of its own node, exchanging contents, before any work is done on the node it was in
 * (`leave`). From then on it lies in the node that is released last.
 */
#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/object/finalise.h"
#include "kernel/object/irq.h"
#include "kernel/object/object.h"
#include "lib/bound.h"

/* ---- Zombies of nodes ------------------------------------------------------------------------ */

static bool is_node_zombie(struct cap cap) {
    return cap_is(cap, CAP_ZOMBIE) &&
           (zombie_cap_was(cap) == CAP_CNODE || zombie_cap_was(cap) == CAP_THREAD);
}

static struct cslot *node_slots(struct cap zombie) {
    void *object = arch_ptr(cap_address(zombie));

    return zombie_cap_was(zombie) == CAP_THREAD ? ((struct tcb *)object)->slot : object;
}

static u64 node_count(struct cap zombie) {
    return zombie_cap_was(zombie) == CAP_THREAD ? TCB_SLOTS : BIT(zombie_cap_radix(zombie));
}

static struct cslot *node_home(struct cap zombie) {
    return node_slots(zombie) + node_count(zombie) - 2;
}

static struct cslot *node_link(struct cap zombie) {
    return node_slots(zombie) + node_count(zombie) - 1;
}

static bool node_contains(struct cap zombie, const struct cslot *slot) {
    const struct cslot *slots = node_slots(zombie);

    return slot >= slots && slot < slots + node_count(zombie);
}

/* Slots passed in one unit, since most slots of most nodes are empty. */
#define PASS_SLOTS 16

/* Make `left` smaller by the empty slots at the end of what is left. */
static void node_pass(struct cslot *at) {
    struct cap zombie = at->cap;
    const struct cslot *slots = node_slots(zombie);
    u64 left = zombie_cap_left(zombie);
    unsigned passed = 0;

    BOUND(node_pass, PASS_SLOTS);
    while (passed < PASS_SLOTS && left > 0 && slot_is_empty(&slots[left - 1])) {
        BOUND_STEP(node_pass);
        left--;
        passed++;
    }
    at->cap.word0 = left;
}

/* ---- Units of work --------------------------------------------------------------------------- */

static void exchange(struct cslot *a, struct cslot *b) {
    derive_swap(a, a->cap, b, b->cap);
}

/*
 * Finalise what the slot holds, or a part of it. The last handler of an interrupt waits until the
 * notification that its line holds is deleted, which may take many units of its own. False: a
 * zombie is left.
 */
NOINLINE static bool dispose_of_object(struct cslot *slot, bool final) {
    if (final && cap_is(slot->cap, CAP_IRQ_HANDLER)) {
        struct cslot *held = irq_notification_slot(irq_handler_cap_irq(slot->cap));

        if (!slot_is_empty(held)) {
            slot = held;
            final = derive_is_final(slot);
        }
    }
    struct cap rest =
        cap_is(slot->cap, CAP_ZOMBIE) ? finalise_step(slot->cap) : finalise_cap(slot->cap, final);
    if (cap_is(rest, CAP_NULL)) {
        derive_remove(slot);
        return true;
    }
    slot->cap = rest;
    return false;
}

/* Delete what the slot holds, or a part of it: not empty, no zombie of a node. False: as above. */
ALWAYS_INLINE bool dispose(struct cslot *slot) {
    bool final = derive_is_final(slot);

    if (LIKELY(finalise_is_nothing(slot->cap) || (!final && !finalise_is_for_each(slot->cap)))) {
        derive_remove(slot);
        return true;
    }
    return dispose_of_object(slot, final);
}

/* Take the anchor out of the node it lies in. Returns where it is now. */
static struct cslot *leave(struct cslot *anchor) {
    struct cslot *home = node_home(anchor->cap);

    if (anchor != home) {
        exchange(anchor, home);
    }
    return home;
}

/*
 * A slot that has to be dealt with before the node whose zombie is at `at` can be released: the
 * next to pass (perhaps empty), then its home, and for the anchor's node its link (for others that
 * is where the list goes on). NULL: none.
 */
static struct cslot *node_next(const struct cslot *at, const struct cslot *anchor) {
    struct cslot *home = node_home(at->cap);
    struct cslot *link = node_link(at->cap);

    if (zombie_cap_left(at->cap) > 0) {
        return node_slots(at->cap) + zombie_cap_left(at->cap) - 1;
    }
    if (home != anchor && !slot_is_empty(home)) {
        return home;
    }
    return at == anchor && !slot_is_empty(link) ? link : NULL;
}

/* All slots of the node are empty, but for the link if the list goes on there. */
static void node_release(struct cslot *at, const struct cslot *anchor) {
    struct cslot *link = node_link(at->cap);

    derive_remove(at);
    if (at != anchor && !slot_is_empty(link)) {
        derive_move(link, at, link->cap);
    }
}

/*
 * The node's zombie in `slot` becomes the first of the list at `link`. An old first goes behind it;
 * what the new one had in its link goes into `slot` in exchange, since it may be anything. Returns
 * the anchor.
 */
static struct cslot *list_push(struct cslot *anchor, struct cslot *link, struct cslot *slot) {
    struct cap zombie = slot->cap;
    bool is_first = !is_node_zombie(link->cap);

    if (!is_first && node_contains(zombie, anchor)) {
        anchor = leave(anchor); /* it may be the very link that is needed now */
    }
    exchange(link, slot);
    if (!is_first) {
        exchange(slot, node_link(zombie));
    }
    return anchor;
}

/* One unit on the deletion anchored here, at a node's zombie. Returns the anchor. */
static struct cslot *reap(struct cslot *anchor) {
    if (node_contains(anchor->cap, anchor)) {
        anchor = leave(anchor);
    }
    struct cslot *link = node_link(anchor->cap);
    bool listed = is_node_zombie(link->cap);

    if (listed && node_contains(link->cap, anchor)) {
        anchor = leave(anchor);
    }
    struct cslot *at = listed ? link : anchor;
    struct cslot *slot = node_next(at, anchor);

    if (slot == NULL) {
        node_release(at, anchor);
    } else if (slot_is_empty(slot)) {
        node_pass(at);
    } else if (is_node_zombie(slot->cap)) {
        anchor = list_push(anchor, link, slot);
    } else {
        (void)dispose(slot);
    }
    return anchor;
}

/* One unit towards an empty slot (it is not yet). Returns the slot to go on with. */
static struct cslot *delete_unit(struct cslot *slot) {
    if (is_node_zombie(slot->cap)) {
        return reap(slot);
    }
    (void)dispose(slot);
    return slot;
}

/* How far the units of one deletion came. Late: all done, but at the last one an interrupt was seen. */
enum deletion { DELETION_DONE, DELETION_DONE_LATE, DELETION_STOPPED };

static enum deletion delete_units(struct cslot *slot) {
    enum deletion deletion = DELETION_DONE;

    BOUND(slot_delete, PREEMPTIBLE);
    while (!slot_is_empty(slot)) {
        BOUND_STEP(slot_delete);
        if (deletion == DELETION_DONE_LATE) {
            return DELETION_STOPPED;
        }
        slot = delete_unit(slot);
        deletion = preemption_point() ? DELETION_DONE_LATE : DELETION_DONE;
    }
    return deletion;
}

enum step slot_delete(struct cslot *slot) {
    return delete_units(slot) == DELETION_STOPPED ? STEP_AGAIN : STEP_DONE;
}

/*
 * Most children take one unit. One that becomes a node's zombie stays where it is in the tree, so
 * after an interruption it is still the first child.
 */
enum step slot_revoke(struct cslot *slot) {
    BOUND(slot_revoke, PREEMPTIBLE);
    while (derive_has_children(slot)) {
        BOUND_STEP(slot_revoke);
        struct cslot *child = slot_next(slot);

        if (!is_node_zombie(child->cap)) {
            bool gone = dispose(child);

            if (preemption_point() && derive_has_children(slot)) {
                return STEP_AGAIN;
            }
            if (LIKELY(gone)) {
                continue;
            }
        }
        enum deletion deletion = delete_units(child);

        if (deletion == DELETION_STOPPED ||
            (deletion == DELETION_DONE_LATE && derive_has_children(slot))) {
            return STEP_AGAIN;
        }
    }
    return STEP_DONE;
}
