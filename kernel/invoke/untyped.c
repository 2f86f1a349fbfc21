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

static enum sel4_error decode_type(struct invocation *inv, u64 type, u64 size_bits) {
    if (type >= OBJECT_COUNT) {
        return refuse_argument(inv, ARGUMENT_TYPE);
    }
    const struct object_shape *shape = &object_shapes[type];

    if (size_bits >= 64 ||
        object_size_bits((enum sel4_object_type)type, size_bits) > SEL4_MAX_UNTYPED_BITS) {
        return refuse_range(inv, 0, SEL4_MAX_UNTYPED_BITS);
    }
    if (shape->is_sized && size_bits < shape->least) {
        return refuse_argument(inv, ARGUMENT_SIZE_BITS);
    }
    return SEL4_NO_ERROR;
}

/* The CNode that the new capabilities go to: the root itself (depth 0), or what its slot holds. */
static enum sel4_error decode_node(struct invocation *inv, const struct untyped_retype_args *args,
                                   struct cap *node) {
    struct cap root = inv->extra[0]->cap;
    u8 depth = (u8)min_u64(args->node_depth, 65); /* refused, like all that is above 64 */

    *node = root;
    if (depth != 0) {
        struct cslot *slot;
        enum sel4_error error = decode_slot(inv, root, args->node_index, depth, false, &slot);

        if (error != SEL4_NO_ERROR) {
            return error;
        }
        *node = slot->cap;
    }
    if (!cap_is(*node, CAP_CNODE)) {
        return refuse_lookup(
            inv, false,
            (struct lookup_failure){.kind = SEL4_LOOKUP_MISSING_CAPABILITY, .bits_left = depth});
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

/*
 * Comparing whole objects is exact although the first one has yet to be aligned: the untyped's size
 * is a multiple of the object's, or no object fits at all.
 */
static enum sel4_error decode_room(struct invocation *inv, struct untyped_retype_op *op) {
    u64 free = untyped_is_unused(inv->slot) ? 0 : untyped_cap_free_offset(inv->cap);
    u64 left = BIT(untyped_cap_size_bits(inv->cap)) - free;
    bool device = untyped_cap_is_device(inv->cap);

    op->bits = (unsigned)object_size_bits(op->type, op->size_bits);
    if (left >> op->bits < op->count) {
        return refuse_memory(inv, left);
    }
    if (device && object_shapes[op->type].device_field == 0) {
        return refuse_argument(inv, ARGUMENT_SIZE_BITS);
    }
    op->start = align_up(free, op->bits);
    op->end = op->start + (op->count << op->bits);
    op->clear = !device && op->type != OBJECT_UNTYPED;
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
    struct cslot *untyped = inv->slot;

    if (!untyped_is_ready(untyped, op->start, op->end, op->clear) &&
        untyped_prepare(untyped, op->start, op->end, op->clear) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    paddr_t base = paddr_of(cap_address(untyped->cap).value + op->start);
    struct cap cap = object_cap(op->type, base, op->size_bits, untyped_cap_is_device(untyped->cap));

    untyped_take(untyped, op->end);
    BOUND(retype, SEL4_RETYPE_FAN_OUT_LIMIT);
    for (u64 i = 0; i < op->count; i++) {
        BOUND_STEP(retype);
        if (op->type == OBJECT_TCB) {
            object_init(cap);
        }
        derive_insert_child(untyped, &op->dest[i], cap);
        cap.word1 += BIT(op->bits) << CAP_ADDRESS_SHIFT; /* the next one lies right behind */
    }
    return ACT_DONE;
}
