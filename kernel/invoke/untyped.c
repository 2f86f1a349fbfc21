// SPDX-License-Identifier: BSD-2-Clause
/*
 * Untyped.Retype: checks in the order of SEL4-ABI section 7, then clear memory, then the objects.
 */
#include "abi/gen/methods.h"
#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/invoke/invocation.h"
#include "kernel/object/object.h"
#include "kernel/object/untyped.h"
#include "lib/bound.h"

/* Numbers of arguments as InvalidArgument tells them. */
enum { ARGUMENT_TYPE = 0, ARGUMENT_SIZE_BITS = 1 };

/* Kinds of objects whose size is given have a smallest one. */
static bool size_is_too_small(enum sel4_object_type type, u64 size_bits) {
    switch (type) {
    case OBJECT_CNODE:
        return size_bits == 0;
    case OBJECT_UNTYPED:
        return size_bits < SEL4_MIN_UNTYPED_BITS;
    case OBJECT_SCHED_CONTEXT:
        return size_bits < SEL4_MIN_SCHED_CONTEXT_BITS;
    default:
        return false;
    }
}

static enum sel4_error decode_type(struct invocation *inv, u64 type, u64 size_bits) {
    if (type >= OBJECT_COUNT) {
        return refuse_argument(inv, ARGUMENT_TYPE);
    }
    if (size_bits >= 64 ||
        object_size_bits((enum sel4_object_type)type, size_bits) > SEL4_MAX_UNTYPED_BITS) {
        return refuse_range(inv, 0, SEL4_MAX_UNTYPED_BITS);
    }
    if (size_is_too_small((enum sel4_object_type)type, size_bits)) {
        return refuse_argument(inv, ARGUMENT_SIZE_BITS);
    }
    return SEL4_NO_ERROR;
}

/* The CNode that the new capabilities go to: the root itself (depth 0), or what its slot holds. */
static enum sel4_error decode_node(struct invocation *inv, const struct untyped_retype_args *args,
                                   struct cap *node) {
    struct cap root = inv->extra[0]->cap;

    *node = root;
    if (args->node_depth != 0) {
        struct cslot *slot;
        enum sel4_error error =
            decode_slot(inv, root, args->node_index, args->node_depth, false, &slot);

        if (error != SEL4_NO_ERROR) {
            return error;
        }
        *node = slot->cap;
    }
    if (!cap_is(*node, CAP_CNODE)) {
        return refuse_lookup(inv, false,
                             (struct lookup_failure){.kind = SEL4_LOOKUP_MISSING_CAPABILITY,
                                                     .bits_left = args->node_depth});
    }
    return SEL4_NO_ERROR;
}

static bool slots_are_empty(const struct cslot *slots, u64 count) {
    BOUND(slots_are_empty, SEL4_RETYPE_FAN_OUT_LIMIT);
    for (u64 i = 0; i < count; i++) {
        BOUND_STEP(slots_are_empty);
        if (!slot_is_empty(&slots[i])) {
            return false;
        }
    }
    return true;
}

static enum sel4_error decode_window(struct invocation *inv, struct cap node, u64 offset, u64 count,
                                     struct cslot **dest) {
    u64 size = BIT(cnode_cap_radix(node));

    if (offset > size - 1) {
        return refuse_range(inv, 0, size - 1);
    }
    if (count < 1 || count > SEL4_RETYPE_FAN_OUT_LIMIT) {
        return refuse_range(inv, 1, SEL4_RETYPE_FAN_OUT_LIMIT);
    }
    if (count > size - offset) {
        return refuse_range(inv, 1, size - offset);
    }
    *dest = (struct cslot *)arch_ptr(cap_address(node)) + offset;
    return slots_are_empty(*dest, count) ? SEL4_NO_ERROR : SEL4_DELETE_FIRST;
}

static bool type_fits_device(enum sel4_object_type type) {
    return type == OBJECT_UNTYPED || type == OBJECT_4K_PAGE || type == OBJECT_MEGA_PAGE ||
           type == OBJECT_GIGA_PAGE;
}

/*
 * Comparing whole objects is exact although the first one has yet to be aligned: the untyped's size
 * is a multiple of the object's, or no object fits at all.
 */
static enum sel4_error decode_room(struct invocation *inv, const struct untyped_retype_op *op) {
    u64 left = BIT(untyped_cap_size_bits(inv->cap)) - untyped_free_offset(inv->slot);

    if (left >> object_size_bits(op->type, op->size_bits) < op->count) {
        return refuse_memory(inv, left);
    }
    if (untyped_cap_is_device(inv->cap) && !type_fits_device(op->type)) {
        return refuse_argument(inv, ARGUMENT_SIZE_BITS);
    }
    return SEL4_NO_ERROR;
}

enum sel4_error decode_untyped_retype(struct invocation *inv,
                                      const struct untyped_retype_args *args,
                                      struct untyped_retype_op *op) {
    struct cap node;
    enum sel4_error error = decode_type(inv, args->type, args->size_bits);

    if (error == SEL4_NO_ERROR) {
        error = decode_node(inv, args, &node);
    }
    if (error == SEL4_NO_ERROR) {
        error = decode_window(inv, node, args->node_offset, args->num_objects, &op->dest);
    }
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    op->type = (enum sel4_object_type)args->type;
    op->size_bits = (unsigned)args->size_bits;
    op->count = args->num_objects;
    return decode_room(inv, op);
}

/*
 * Clearing is what takes long, and it can be interrupted; making the objects is a few words each.
 */
enum act_result act_untyped_retype(struct invocation *inv, const struct untyped_retype_op *op) {
    unsigned bits = object_size_bits(op->type, op->size_bits);

    if (untyped_prepare(inv->slot, bits, op->count, op->type != OBJECT_UNTYPED) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    struct cap cap = object_cap(op->type, untyped_take(inv->slot, bits, op->count), op->size_bits,
                                untyped_cap_is_device(inv->cap));

    BOUND(retype, SEL4_RETYPE_FAN_OUT_LIMIT);
    for (u64 i = 0; i < op->count; i++) {
        BOUND_STEP(retype);
        if (op->type == OBJECT_TCB) {
            object_init(cap);
        }
        derive_insert_child(inv->slot, &op->dest[i], cap);
        cap.word1 += BIT(bits) << CAP_ADDRESS_SHIFT; /* the next one lies right behind */
    }
    return ACT_DONE;
}
