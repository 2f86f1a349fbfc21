// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of CNodes. The invoked capability is the root of the search for the destination; sources
 * and pivots are searched from the extra capabilities. Order of checks: destination found,
 * destination empty, source found, source not empty, then what may be made of the source.
 */
#include "abi/gen/methods.h"
#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"
#include "kernel/invoke/slots.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/object/object.h"
#include "lib/bound.h"

static enum act_result result_of(enum step step) {
    return step == STEP_AGAIN ? ACT_PREEMPTED : ACT_DONE;
}

/* ---- Revoke, Delete -------------------------------------------------------------------------- */

enum sel4_error decode_cnode_revoke(struct invocation *inv, const struct cnode_revoke_args *args,
                                    struct cnode_revoke_op *op) {
    return find_addressed(inv, inv->cap, args->index, args->depth, false, &op->slot);
}

enum act_result act_cnode_revoke(UNUSED struct invocation *inv, const struct cnode_revoke_op *op) {
    return result_of(slot_revoke(op->slot));
}

enum sel4_error decode_cnode_delete(struct invocation *inv, const struct cnode_delete_args *args,
                                    struct cnode_delete_op *op) {
    return find_addressed(inv, inv->cap, args->index, args->depth, false, &op->slot);
}

enum act_result act_cnode_delete(UNUSED struct invocation *inv, const struct cnode_delete_op *op) {
    return result_of(slot_delete(op->slot));
}

/* ---- CancelBadgedSends ----------------------------------------------------------------------- */

enum sel4_error decode_cnode_cancel_badged_sends(struct invocation *inv,
                                                 const struct cnode_cancel_badged_sends_args *args,
                                                 struct cnode_cancel_badged_sends_op *op) {
    struct cslot *slot;
    enum sel4_error error = decode_slot(inv, inv->cap, args->index, args->depth, false, &slot);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (!cap_is(slot->cap, CAP_ENDPOINT) || cap_rights(slot->cap) != RIGHTS_ALL) {
        return SEL4_ILLEGAL_OPERATION;
    }
    op->cap = slot->cap;
    return SEL4_NO_ERROR;
}

/*
 * Walk over the waiting senders by place, which is by address: those who come and go during an
 * interruption do not disturb it. A sender that is restarted and queues up again is behind the
 * cursor, so the walk ends.
 */
static enum step cancel_badged(struct endpoint *endpoint, struct resume_point *resume) {
    BOUND(cancel_badged, PREEMPTIBLE);
    while (endpoint_cancel_badged_step(endpoint, resume->badge, &resume->cursor)) {
        BOUND_STEP(cancel_badged);
        if (preemption_look()) { /* each time: finding the next one is some thousand instructions at worst */
            return STEP_AGAIN;
        }
    }
    resume->object = NULL;
    return STEP_DONE;
}

enum act_result act_cnode_cancel_badged_sends(struct invocation *inv,
                                              const struct cnode_cancel_badged_sends_op *op) {
    struct endpoint *endpoint = arch_ptr(cap_address(op->cap));
    struct resume_point *resume = &inv->caller->resume;
    u64 badge = cap_badge(op->cap);

    if (badge == 0) {
        return ACT_DONE; /* unbadged senders cannot be told apart from the owner's */
    }
    if (resume->object != endpoint || resume->badge != badge) {
        *resume = (struct resume_point){.object = endpoint, .badge = badge, .cursor = 0};
    }
    return result_of(cancel_badged(endpoint, resume));
}

/* ---- Copy, Mint, Move, Mutate ---------------------------------------------------------------- */

static enum sel4_error refuse_empty(struct invocation *inv, bool source, u8 depth) {
    return refuse_lookup(
        inv, source,
        (struct lookup_failure){.kind = SEL4_LOOKUP_MISSING_CAPABILITY, .bits_left = depth});
}

/* The addresses that these four methods begin with. In line: they are called often. */
ALWAYS_INLINE enum sel4_error decode_transfer(struct invocation *inv, u64 dest_index, u8 dest_depth,
                                              u64 src_index, u8 src_depth, struct cslot **dest,
                                              struct cslot **src) {
    enum sel4_error error = find_empty(inv, inv->cap, dest_index, dest_depth, dest);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    error = find_addressed(inv, inv->extra[0]->cap, src_index, src_depth, true, src);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return slot_is_empty(*src) ? refuse_empty(inv, true, src_depth) : SEL4_NO_ERROR;
}

/* Of any of the four methods' arguments. */
#define ADDRESSES(args) (args)->dest_index, (args)->dest_depth, (args)->src_index, (args)->src_depth

/*
 * What the copy of `cap` (the source's, with fewer rights or new data) holds; null data was
 * refused.
 */
static enum sel4_error decode_derived(const struct cslot *src, struct cap cap,
                                      struct cap *derived) {
    if (cap_is(cap, CAP_NULL)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    return cap_derive(src, cap, derived);
}

enum sel4_error decode_cnode_copy(struct invocation *inv, const struct cnode_copy_args *args,
                                  struct cnode_copy_op *op) {
    enum sel4_error error = decode_transfer(inv, ADDRESSES(args), &op->dest, &op->src);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return decode_derived(op->src, cap_mask_rights(op->src->cap, args->rights), &op->cap);
}

enum act_result act_cnode_copy(UNUSED struct invocation *inv, const struct cnode_copy_op *op) {
    derive_insert(op->src, op->dest, op->cap);
    return ACT_DONE;
}

enum sel4_error decode_cnode_mint(struct invocation *inv, const struct cnode_mint_args *args,
                                  struct cnode_mint_op *op) {
    struct cnode_copy_op *copy = &op->copy;
    enum sel4_error error = decode_transfer(inv, ADDRESSES(args), &copy->dest, &copy->src);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct cap masked = cap_mask_rights(copy->src->cap, args->rights);

    return decode_derived(copy->src, cap_set_data(masked, args->badge, false), &copy->cap);
}

enum act_result act_cnode_mint(struct invocation *inv, const struct cnode_mint_op *op) {
    return act_cnode_copy(inv, &op->copy);
}

enum sel4_error decode_cnode_move(struct invocation *inv, const struct cnode_move_args *args,
                                  struct cnode_move_op *op) {
    enum sel4_error error = decode_transfer(inv, ADDRESSES(args), &op->dest, &op->src);

    if (error == SEL4_NO_ERROR) {
        op->cap = op->src->cap;
    }
    return error;
}

enum act_result act_cnode_move(UNUSED struct invocation *inv, const struct cnode_move_op *op) {
    derive_move(op->src, op->dest, op->cap);
    return ACT_DONE;
}

enum sel4_error decode_cnode_mutate(struct invocation *inv, const struct cnode_mutate_args *args,
                                    struct cnode_mutate_op *op) {
    struct cnode_move_op *move = &op->move;
    enum sel4_error error = decode_transfer(inv, ADDRESSES(args), &move->dest, &move->src);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    move->cap = cap_set_data(move->src->cap, args->badge, true);
    return cap_is(move->cap, CAP_NULL) ? SEL4_ILLEGAL_OPERATION : SEL4_NO_ERROR;
}

enum act_result act_cnode_mutate(struct invocation *inv, const struct cnode_mutate_op *op) {
    return act_cnode_move(inv, &op->move);
}

/* ---- Rotate ---------------------------------------------------------------------------------- */

static enum sel4_error decode_rotate_slots(struct invocation *inv,
                                           const struct cnode_rotate_args *args,
                                           struct cnode_rotate_op *op) {
    enum sel4_error error =
        decode_slot(inv, inv->cap, args->dest_index, args->dest_depth, false, &op->dest);

    if (error == SEL4_NO_ERROR) {
        error = decode_slot(inv, inv->extra[0]->cap, args->pivot_index, args->pivot_depth, false,
                            &op->pivot);
    }
    if (error == SEL4_NO_ERROR) {
        error =
            decode_slot(inv, inv->extra[1]->cap, args->src_index, args->src_depth, true, &op->src);
    }
    return error;
}

enum sel4_error decode_cnode_rotate(struct invocation *inv, const struct cnode_rotate_args *args,
                                    struct cnode_rotate_op *op) {
    enum sel4_error error = decode_rotate_slots(inv, args, op);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (op->src == op->pivot || op->pivot == op->dest) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (op->src != op->dest && !slot_is_empty(op->dest)) {
        return SEL4_DELETE_FIRST;
    }
    if (slot_is_empty(op->src)) {
        return refuse_empty(inv, true, args->src_depth);
    }
    if (slot_is_empty(op->pivot)) {
        return refuse_empty(inv, false, args->pivot_depth);
    }
    op->for_pivot = cap_set_data(op->src->cap, args->pivot_badge, true);
    op->for_dest = cap_set_data(op->pivot->cap, args->dest_badge, true);
    if (cap_is(op->for_pivot, CAP_NULL) || cap_is(op->for_dest, CAP_NULL)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    return SEL4_NO_ERROR;
}

enum act_result act_cnode_rotate(UNUSED struct invocation *inv, const struct cnode_rotate_op *op) {
    if (op->src == op->dest) {
        derive_swap(op->src, op->for_pivot, op->pivot, op->for_dest);
    } else {
        derive_move(op->pivot, op->dest, op->for_dest);
        derive_move(op->src, op->pivot, op->for_pivot);
    }
    return ACT_DONE;
}
