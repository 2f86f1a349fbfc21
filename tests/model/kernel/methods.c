// SPDX-License-Identifier: BSD-2-Clause
/*
 * What invocations check, answer and do (SEL4-ABI sections 7 and 8; seL4 manual, "System Call Reference").
 * Where the manual does not order two checks, the order here is that of docs/reference.
 */
#include "tests/model/kernel/model.h"

/* ---- Words and refusals ------------------------------------------------------------------------------------- */

u64 call_argument(const struct m_call *call, unsigned i) {
    return i < 4 ? threads[call->caller].reg[SEL4_REG_A2 + i]
                 : thread_buffer(call->caller, true)[AT_MSG + i];
}

struct m_cap call_extra(const struct m_call *call, int i) {
    return slots[call->extra[i]].cap;
}

enum sel4_error call_refuse(struct m_call *call, enum sel4_error error, u64 word) {
    call->word[0] = word;
    call->words = 1;
    return error;
}

enum sel4_error call_refuse_range(struct m_call *call, u64 min, u64 max) {
    call->word[0] = min;
    call->word[1] = max;
    call->words = 2;
    return SEL4_RANGE_ERROR;
}

enum sel4_error call_refuse_lookup(struct m_call *call, bool source, struct m_lookup failure) {
    call->word[0] = source;
    for (unsigned i = 0; i < failure.words; i++) {
        call->word[1 + i] = failure.word[i];
    }
    call->words = 1 + failure.words;
    return SEL4_FAILED_LOOKUP;
}

static enum sel4_error refuse_empty(struct m_call *call, bool source, u64 depth) {
    return call_refuse_lookup(
        call, source,
        (struct m_lookup){.words = 2, .word = {SEL4_LOOKUP_MISSING_CAPABILITY, depth}});
}

static enum sel4_error find(struct m_call *call, struct m_cap root, u64 index, u64 depth,
                            bool source, int *slot) {
    depth &= 255;
    if (root.kind != SEL4_CAP_CNODE) {
        return call_refuse_lookup(
            call, source, (struct m_lookup){.words = 1, .word = {SEL4_LOOKUP_INVALID_ROOT}});
    }
    if (depth < 1 || depth > 64) {
        return call_refuse_range(call, 1, 64);
    }
    struct m_lookup found = tree_lookup_exact(root, index, (unsigned)depth);

    *slot = found.slot;
    return found.slot == NOBODY ? call_refuse_lookup(call, source, found) : SEL4_NO_ERROR;
}

enum sel4_error call_find_empty(struct m_call *call, struct m_cap root, u64 index, u64 depth,
                                int *slot) {
    enum sel4_error error = find(call, root, index, depth, false, slot);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return slot_empty(*slot) ? SEL4_NO_ERROR : SEL4_DELETE_FIRST;
}

/* ---- Untyped ------------------------------------------------------------------------------------------------ */

static enum sel4_error retype_where(struct m_call *call, int *node) {
    struct m_cap root = call_extra(call, 0);
    u64 depth = min_u64(call_argument(call, 3), 65); /* not cut to a byte, unlike the others */
    int slot;

    if (depth != 0) {
        enum sel4_error error = find(call, root, call_argument(call, 2), depth, false, &slot);

        if (error != SEL4_NO_ERROR) {
            return error;
        }
        root = slots[slot].cap;
    }
    if (root.kind != SEL4_CAP_CNODE) {
        return refuse_empty(call, false, depth);
    }
    *node = root.object;
    return SEL4_NO_ERROR;
}

static enum sel4_error retype(struct m_call *call) {
    u64 type = call_argument(call, 0);
    u64 size_bits = call_argument(call, 1);
    u64 offset = call_argument(call, 4);
    u64 count = call_argument(call, 5);
    int node = 0;

    if (type >= OBJECT_COUNT) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    if (size_bits >= 64 || type_bits(type, size_bits) > 38) {
        return call_refuse_range(call, 0, 38);
    }
    if ((type == OBJECT_CNODE && size_bits == 0) || (type == OBJECT_UNTYPED && size_bits < 4) ||
        (type == OBJECT_SCHED_CONTEXT && size_bits < 7)) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 1);
    }
    enum sel4_error error = retype_where(call, &node);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    u64 size = BIT(nodes[node].radix);
    if (offset > size - 1) {
        return call_refuse_range(call, 0, size - 1);
    }
    if (count < 1 || count > 256) {
        return call_refuse_range(call, 1, 256);
    }
    if (count > size - offset) {
        return call_refuse_range(call, 1, size - offset);
    }
    for (u64 i = 0; i < count; i++) {
        if (!slot_empty(node_slot(node, offset + i))) {
            return SEL4_DELETE_FIRST;
        }
    }
    struct m_cap *untyped = &slots[call->slot].cap;
    u64 used = tree_has_children(call->slot) ? untyped->used : 0;
    unsigned bits = type_bits(type, size_bits);
    u64 left = BIT(untyped->size_bits) - used;
    if (left >> bits < count) {
        return call_refuse(call, SEL4_NOT_ENOUGH_MEMORY, left);
    }
    if (untyped->device && type != OBJECT_UNTYPED && type != OBJECT_4K_PAGE &&
        type != OBJECT_MEGA_PAGE && type != OBJECT_GIGA_PAGE) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 1);
    }
    used = align_up(used, bits);
    for (u64 i = 0; i < count && !m.full; i++) {
        struct m_cap cap =
            object_new(type, size_bits, untyped->address + used + (i << bits), untyped->device);

        tree_add(call->slot, node_slot(node, offset + i), cap, true);
    }
    untyped->used = used + (count << bits);
    return SEL4_NO_ERROR;
}

/* ---- CNodes ------------------------------------------------------------------------------------------------- */

static enum sel4_error cnode_revoke(struct m_call *call) {
    int slot;
    enum sel4_error error =
        find(call, call->cap, call_argument(call, 0), call_argument(call, 1), false, &slot);

    if (error == SEL4_NO_ERROR) {
        tree_revoke(slot);
    }
    return error;
}

static enum sel4_error cnode_delete(struct m_call *call) {
    int slot;
    enum sel4_error error =
        find(call, call->cap, call_argument(call, 0), call_argument(call, 1), false, &slot);

    if (error == SEL4_NO_ERROR) {
        tree_delete(slot);
    }
    return error;
}

static enum sel4_error cancel_badged_sends(struct m_call *call) {
    int slot;
    enum sel4_error error =
        find(call, call->cap, call_argument(call, 0), call_argument(call, 1), false, &slot);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct m_cap cap = slots[slot].cap;
    if (cap.kind != SEL4_CAP_ENDPOINT || cap.rights != SEL4_RIGHTS_ALL) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (cap.badge != 0) {
        endpoint_flush_badge(cap.object, cap.badge);
    }
    return SEL4_NO_ERROR;
}

/* Destination and source as the four methods that copy or move begin. */
static enum sel4_error find_two(struct m_call *call, int *dest, int *source) {
    enum sel4_error error =
        call_find_empty(call, call->cap, call_argument(call, 0), call_argument(call, 1), dest);

    if (error == SEL4_NO_ERROR) {
        error = find(call, call_extra(call, 0), call_argument(call, 2), call_argument(call, 3),
                     true, source);
    }
    if (error == SEL4_NO_ERROR && slot_empty(*source)) {
        error = refuse_empty(call, true, call_argument(call, 3) & 255);
    }
    return error;
}

static enum sel4_error copy_or_mint(struct m_call *call, bool mint) {
    int dest;
    int source;
    struct m_cap copy;
    enum sel4_error error = find_two(call, &dest, &source);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct m_cap cap = cap_masked(slots[source].cap, call_argument(call, 4));
    if (mint) {
        cap = cap_with_data(cap, call_argument(call, 5), false);
    }
    if (cap.kind == SEL4_CAP_NULL) {
        return SEL4_ILLEGAL_OPERATION;
    }
    error = cap_derived(source, cap, &copy);
    if (error == SEL4_NO_ERROR) {
        tree_copy(source, dest, copy);
    }
    return error;
}

static enum sel4_error move_or_mutate(struct m_call *call, bool mutate) {
    int dest;
    int source;
    enum sel4_error error = find_two(call, &dest, &source);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct m_cap cap = slots[source].cap;
    if (mutate) {
        cap = cap_with_data(cap, call_argument(call, 4), true);
    }
    if (cap.kind == SEL4_CAP_NULL) {
        return SEL4_ILLEGAL_OPERATION;
    }
    tree_move(source, dest, cap);
    return SEL4_NO_ERROR;
}

static enum sel4_error rotate(struct m_call *call) {
    int dest;
    int pivot;
    int source;
    enum sel4_error error =
        find(call, call->cap, call_argument(call, 0), call_argument(call, 1), false, &dest);

    if (error == SEL4_NO_ERROR) {
        error = find(call, call_extra(call, 0), call_argument(call, 3), call_argument(call, 4),
                     false, &pivot);
    }
    if (error == SEL4_NO_ERROR) {
        error = find(call, call_extra(call, 1), call_argument(call, 6), call_argument(call, 7),
                     true, &source);
    }
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (source == pivot || pivot == dest) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (source != dest && !slot_empty(dest)) {
        return SEL4_DELETE_FIRST;
    }
    if (slot_empty(source)) {
        return refuse_empty(call, true, call_argument(call, 7) & 255);
    }
    if (slot_empty(pivot)) {
        return refuse_empty(call, false, call_argument(call, 4) & 255);
    }
    struct m_cap for_pivot = cap_with_data(slots[source].cap, call_argument(call, 5), true);
    struct m_cap for_dest = cap_with_data(slots[pivot].cap, call_argument(call, 2), true);
    if (for_pivot.kind == SEL4_CAP_NULL || for_dest.kind == SEL4_CAP_NULL) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (source == dest) {
        tree_swap(source, for_pivot, pivot, for_dest);
    } else {
        tree_move(pivot, dest, for_dest);
        tree_move(source, pivot, for_pivot);
    }
    return SEL4_NO_ERROR;
}

/* ---- Threads: registers ------------------------------------------------------------------------------------- */

static enum sel4_error read_registers(struct m_call *call) {
    u64 count = call_argument(call, 1);
    int target = call->cap.object;

    if (count < 1 || count > 32) {
        return call_refuse_range(call, 1, 32);
    }
    if (target == call->caller) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (call_argument(call, 0) & 1) {
        thread_suspended(target);
    }
    if (!call->call) {
        return SEL4_NO_ERROR;
    }
    unsigned fit = 0;
    while (fit < count && thread_set_word(call->caller, fit, threads[target].reg[fit])) {
        fit++;
    }
    threads[call->caller].reg[SEL4_REG_A0] = 0;
    threads[call->caller].reg[SEL4_REG_A1] = fit;
    call->answered = true;
    return SEL4_NO_ERROR;
}

static enum sel4_error write_registers(struct m_call *call) {
    u64 count = call_argument(call, 1);
    int target = call->cap.object;

    if (call->length - 2 < count) {
        return SEL4_TRUNCATED_MESSAGE;
    }
    if (target == call->caller) {
        return SEL4_ILLEGAL_OPERATION;
    }
    for (unsigned i = 0; i < count && i < 32; i++) {
        threads[target].reg[i] = call_argument(call, 2 + i);
    }
    if (call_argument(call, 0) & 1) {
        thread_resumed(target);
    }
    return SEL4_NO_ERROR;
}

static enum sel4_error copy_registers(struct m_call *call) {
    u64 flags = call_argument(call, 0);
    int target = call->cap.object;
    int source = call_extra(call, 0).object;

    if (call_extra(call, 0).kind != SEL4_CAP_THREAD) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (flags & 1) {
        thread_suspended(source);
    }
    if (flags & 2) {
        thread_resumed(target);
    }
    for (int i = 0; i < 32; i++) {
        if (flags & (i < 16 ? 4 : 8)) {
            threads[target].reg[i] = threads[source].reg[i];
        }
    }
    if ((flags & 4) && target == call->caller && source != target) {
        threads[target].reg[SEL4_REG_PC] -= 4; /* its call is going to be completed */
    }
    return SEL4_NO_ERROR;
}

static enum sel4_error set_flags(struct m_call *call) {
    struct m_thread *it = &threads[call->cap.object];

    it->flags = ((it->flags & ~call_argument(call, 0)) | call_argument(call, 1)) & 1;
    call->word[0] = it->flags;
    call->words = 1;
    return SEL4_NO_ERROR;
}

/* ---- Threads: capabilities they hold ------------------------------------------------------------------------ */

struct change {
    bool wanted;
    int source; /* NOBODY: the slot is only emptied */
    struct m_cap given;
    struct m_cap copy;
};

static enum sel4_error change_copy(int source, struct m_cap cap, struct change *change) {
    *change = (struct change){.wanted = true, .source = source, .given = slots[source].cap};
    return cap_derived(source, cap, &change->copy);
}

static void change_clear(struct change *change) {
    *change = (struct change){.wanted = true, .source = NOBODY};
}

static enum sel4_error change_cspace(struct m_call *call, int cap, u64 data,
                                     struct change *change) {
    struct m_cap root = call_extra(call, cap);
    enum sel4_error error =
        change_copy(call->extra[cap], data != 0 ? cap_with_data(root, data, false) : root, change);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return change->copy.kind == SEL4_CAP_CNODE ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

static enum sel4_error change_vspace(struct m_call *call, int cap, struct change *change) {
    enum sel4_error error = change_copy(call->extra[cap], call_extra(call, cap), change);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return is_root(change->copy) ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

static enum sel4_error change_buffer(struct m_call *call, int cap, u64 address,
                                     struct change *change) {
    if (address == 0) {
        change_clear(change);
        return SEL4_NO_ERROR;
    }
    if (call_extra(call, cap).kind != SEL4_CAP_FRAME || call_extra(call, cap).device) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (address % 1024 != 0) {
        return SEL4_ALIGNMENT_ERROR;
    }
    return change_copy(call->extra[cap], call_extra(call, cap), change);
}

static enum sel4_error change_handler(struct m_call *call, int cap, struct change *change) {
    struct m_cap handler = call_extra(call, cap);

    if (handler.kind == SEL4_CAP_NULL) {
        change_clear(change);
        return SEL4_NO_ERROR;
    }
    if (handler.kind != SEL4_CAP_ENDPOINT || (handler.rights & SEL4_RIGHT_WRITE) == 0 ||
        (handler.rights & (SEL4_RIGHT_GRANT | SEL4_RIGHT_GRANT_REPLY)) == 0) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, (u64)cap + 1);
    }
    return change_copy(call->extra[cap], handler, change);
}

/* First all slots are emptied, then filled; what went away in the first half is not copied in the second. */
static void change_empty(int thread, int which, const struct change *change) {
    if (change->wanted) {
        tree_delete(held_slot(thread, which));
    }
}

static void change_fill(struct m_call *call, int which, const struct change *change) {
    int slot = held_slot(call->cap.object, which);

    if (change->wanted && change->source != NOBODY &&
        cap_same(slots[change->source].cap, change->given) &&
        cap_same(slots[call->slot].cap, call->cap) && slot_empty(slot)) {
        tree_copy(change->source, slot, change->copy);
    }
}

static enum sel4_error configure(struct m_call *call) {
    struct change cspace;
    struct change vspace;
    struct change buffer;
    int target = call->cap.object;
    enum sel4_error error = change_buffer(call, 2, call_argument(call, 2), &buffer);

    if (error == SEL4_NO_ERROR) {
        error = change_cspace(call, 0, call_argument(call, 0), &cspace);
    }
    if (error == SEL4_NO_ERROR) {
        error = change_vspace(call, 1, &vspace);
    }
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    u64 address = call_argument(call, 2);
    change_empty(target, HELD_CSPACE, &cspace);
    change_empty(target, HELD_VSPACE, &vspace);
    change_empty(target, HELD_BUFFER, &buffer);
    change_fill(call, HELD_CSPACE, &cspace);
    change_fill(call, HELD_VSPACE, &vspace);
    change_fill(call, HELD_BUFFER, &buffer);
    threads[target].buffer_address = address;
    return SEL4_NO_ERROR;
}

static enum sel4_error set_space(struct m_call *call) {
    struct change cspace;
    struct change vspace;
    struct change handler;
    int target = call->cap.object;
    enum sel4_error error = change_cspace(call, 1, call_argument(call, 0), &cspace);

    if (error == SEL4_NO_ERROR) {
        error = change_vspace(call, 2, &vspace);
    }
    if (error == SEL4_NO_ERROR) {
        error = change_handler(call, 0, &handler);
    }
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    change_empty(target, HELD_FAULT_HANDLER, &handler);
    change_empty(target, HELD_CSPACE, &cspace);
    change_empty(target, HELD_VSPACE, &vspace);
    change_fill(call, HELD_FAULT_HANDLER, &handler);
    change_fill(call, HELD_CSPACE, &cspace);
    change_fill(call, HELD_VSPACE, &vspace);
    return SEL4_NO_ERROR;
}

static enum sel4_error set_ipc_buffer(struct m_call *call) {
    struct change buffer;
    u64 address = call_argument(call, 0);
    enum sel4_error error = change_buffer(call, 0, address, &buffer);

    if (error == SEL4_NO_ERROR) {
        change_empty(call->cap.object, HELD_BUFFER, &buffer);
        change_fill(call, HELD_BUFFER, &buffer);
        threads[call->cap.object].buffer_address = address;
    }
    return error;
}

static enum sel4_error set_timeout_endpoint(struct m_call *call) {
    struct change handler;
    enum sel4_error error = change_handler(call, 0, &handler);

    if (error == SEL4_NO_ERROR) {
        change_empty(call->cap.object, HELD_TIMEOUT_HANDLER, &handler);
        change_fill(call, HELD_TIMEOUT_HANDLER, &handler);
    }
    return error;
}

/* ---- Threads: priority and time ----------------------------------------------------------------------------- */

static enum sel4_error authority(struct m_call *call, u64 *limit) {
    if (call_extra(call, 0).kind != SEL4_CAP_THREAD) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    *limit = threads[call_extra(call, 0).object].mcp;
    return SEL4_NO_ERROR;
}

static enum sel4_error set_one_priority(struct m_call *call, bool maximum) {
    u64 limit = 0;
    u64 wanted = call_argument(call, 0);
    enum sel4_error error = authority(call, &limit);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (wanted > limit) {
        return call_refuse_range(call, 0, limit);
    }
    if (maximum) {
        threads[call->cap.object].mcp = wanted;
    } else {
        thread_prioritise(call->cap.object, wanted);
    }
    return SEL4_NO_ERROR;
}

/* Neither has a partner; a thread that waits gets only a context with time for it to run on. */
static bool may_bind(int context, int thread) {
    const struct m_context *it = &contexts[context];

    if (threads[thread].context != NOBODY || it->thread != NOBODY) {
        return false;
    }
    return threads[thread].state <= RUNNABLE || (it->max > 0 && time_refill_ready(context));
}

static enum sel4_error set_sched_params(struct m_call *call) {
    u64 limit = 0;
    u64 mcp = call_argument(call, 0);
    u64 priority = call_argument(call, 1);
    int target = call->cap.object;
    int context = NOBODY;
    struct change handler;
    enum sel4_error error = authority(call, &limit);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (mcp > limit || priority > limit) {
        return call_refuse_range(call, 0, limit);
    }
    if (call_extra(call, 1).kind == SEL4_CAP_NULL) {
        if (target == call->caller) {
            return SEL4_ILLEGAL_OPERATION;
        }
    } else if (call_extra(call, 1).kind != SEL4_CAP_SCHED_CONTEXT) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 2);
    } else {
        context = call_extra(call, 1).object;
        if (threads[target].context != context && !may_bind(context, target)) {
            return SEL4_ILLEGAL_OPERATION;
        }
    }
    error = change_handler(call, 2, &handler);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    change_empty(target, HELD_FAULT_HANDLER, &handler);
    change_fill(call, HELD_FAULT_HANDLER, &handler);
    threads[target].mcp = mcp;
    thread_prioritise(target, priority);
    if (context == NOBODY && threads[target].context != NOBODY) {
        context_unbind(threads[target].context);
    } else if (context != NOBODY && threads[target].context != context) {
        context_bind(context, target);
    }
    return SEL4_NO_ERROR;
}

static enum sel4_error bind_notification(struct m_call *call) {
    struct m_cap cap = call_extra(call, 0);
    struct m_thread *target = &threads[call->cap.object];

    if (target->notification != NOBODY || cap.kind != SEL4_CAP_NOTIFICATION ||
        (cap.rights & SEL4_RIGHT_READ) == 0 || notifications[cap.object].bound != NOBODY ||
        notifications[cap.object].queue.count > 0) {
        return SEL4_ILLEGAL_OPERATION;
    }
    target->notification = cap.object;
    notifications[cap.object].bound = call->cap.object;
    return SEL4_NO_ERROR;
}

static enum sel4_error unbind_notification(struct m_call *call) {
    struct m_thread *target = &threads[call->cap.object];

    if (target->notification == NOBODY) {
        return SEL4_ILLEGAL_OPERATION;
    }
    notifications[target->notification].bound = NOBODY;
    target->notification = NOBODY;
    return SEL4_NO_ERROR;
}

/* ---- Scheduling contexts ------------------------------------------------------------------------------------ */

static enum sel4_error configure_context(struct m_call *call) {
    struct m_cap cap = call_extra(call, 0);
    u64 budget = call_argument(call, 0);
    u64 period = call_argument(call, 1);
    u64 more = call_argument(call, 2);
    u64 least = MIN_BUDGET / TICKS_PER_US;

    if (cap.kind != SEL4_CAP_SCHED_CONTEXT) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (budget < least || budget > MAX_US || period < least || period > MAX_US) {
        return call_refuse_range(call, least, MAX_US);
    }
    if (budget > period) {
        return call_refuse_range(call, least, period);
    }
    u64 room = (BIT(contexts[cap.object].size_bits) - 128) / 16;
    if (more > room) {
        return call_refuse_range(call, 0, room);
    }
    bool round_robin = budget == period;
    context_configure(cap.object, 2 + (round_robin ? 0 : (int)more), budget * TICKS_PER_US,
                      round_robin ? 0 : period * TICKS_PER_US, call_argument(call, 3),
                      (call_argument(call, 4) & 1) != 0);
    return SEL4_NO_ERROR;
}

static enum sel4_error bind_context(struct m_call *call) {
    struct m_cap cap = call_extra(call, 0);
    int context = call->cap.object;

    if (cap.kind == SEL4_CAP_THREAD) {
        if (!may_bind(context, cap.object)) {
            return SEL4_ILLEGAL_OPERATION;
        }
        context_bind(context, cap.object);
        return SEL4_NO_ERROR;
    }
    if (cap.kind != SEL4_CAP_NOTIFICATION) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (notifications[cap.object].context != NOBODY || contexts[context].notification != NOBODY) {
        return SEL4_ILLEGAL_OPERATION;
    }
    notifications[cap.object].context = context;
    contexts[context].notification = cap.object;
    return SEL4_NO_ERROR;
}

static void unbind_from_notification(int context) {
    if (contexts[context].notification != NOBODY) {
        notifications[contexts[context].notification].context = NOBODY;
        contexts[context].notification = NOBODY;
    }
}

static enum sel4_error unbind_context(struct m_call *call) {
    if (contexts[call->cap.object].thread == call->caller) {
        return SEL4_ILLEGAL_OPERATION;
    }
    context_unbind(call->cap.object);
    unbind_from_notification(call->cap.object);
    context_leave_stack(call->cap.object);
    return SEL4_NO_ERROR;
}

static enum sel4_error unbind_context_object(struct m_call *call) {
    struct m_cap cap = call_extra(call, 0);
    int context = call->cap.object;

    if (cap.kind == SEL4_CAP_THREAD) {
        if (contexts[context].thread != cap.object || cap.object == call->caller) {
            return SEL4_ILLEGAL_OPERATION;
        }
        context_unbind(context);
        return SEL4_NO_ERROR;
    }
    if (cap.kind != SEL4_CAP_NOTIFICATION) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (contexts[context].notification != cap.object) {
        return SEL4_ILLEGAL_OPERATION;
    }
    unbind_from_notification(context);
    return SEL4_NO_ERROR;
}

static u64 consumed_until_now(int context) {
    if (context == m.current_context) {
        time_charge_and_end();
    }
    return context_take_consumed_us(context);
}

static enum sel4_error consumed(struct m_call *call) {
    call->word[0] = consumed_until_now(call->cap.object);
    call->words = 1;
    return SEL4_NO_ERROR;
}

static enum sel4_error yield_to(struct m_call *call) {
    const struct m_context *it = &contexts[call->cap.object];

    if (it->thread == NOBODY || it->thread == call->caller ||
        threads[it->thread].priority > threads[call->caller].mcp) {
        return SEL4_ILLEGAL_OPERATION;
    }
    bool later = context_yield_to(call->cap.object, call->caller, call->call);

    call->word[0] = later ? 0 : consumed_until_now(call->cap.object);
    call->words = 1;
    return SEL4_NO_ERROR;
}

/* ---- Domains ------------------------------------------------------------------------------------------------ */

static enum sel4_error domain_set_set(struct m_call *call) {
    u64 domain = call_argument(call, 0) & 255;

    if (domain >= DOMAINS) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    if (call_extra(call, 0).kind != SEL4_CAP_THREAD) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 1);
    }
    time_domain_set(call_extra(call, 0).object, (int)domain);
    return SEL4_NO_ERROR;
}

/* The last entry ends the schedule and stays as it is. The slot that runs now keeps its end. */
static enum sel4_error schedule_configure(struct m_call *call) {
    u64 index = call_argument(call, 0);
    u64 domain = call_argument(call, 1) & 255;
    u64 duration = call_argument(call, 2);

    if (index > SCHEDULE - 2) {
        return call_refuse_range(call, 0, SCHEDULE - 2);
    }
    if (domain >= DOMAINS) {
        return call_refuse_range(call, 0, DOMAINS - 1);
    }
    if (duration > FOREVER) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 2);
    }
    if (duration == 0 && domain != 0) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 1);
    }
    if (duration == 0 && (int)index == m.schedule_start) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 2);
    }
    m.schedule[index] = (struct m_domain_slot){(int)domain, duration};
    return SEL4_NO_ERROR;
}

static enum sel4_error schedule_set_start(struct m_call *call) {
    u64 index = call_argument(call, 0);

    if (index > SCHEDULE - 1) {
        return call_refuse_range(call, 0, SCHEDULE - 1);
    }
    if (m.schedule[index].duration == 0) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    m.schedule_start = (int)index;
    time_domain_start((int)index);
    return SEL4_NO_ERROR;
}

/* ---- Interrupts --------------------------------------------------------------------------------------------- */

/* The row of an irq number that exists; m.full if it is one the model has no row for. */
static int line_of(u64 irq) {
    for (int line = 0; line < LINES; line++) {
        if (line_irq(line) == irq) {
            return line;
        }
    }
    m.full = true;
    return 0;
}

/* 96 is the kernel's timer. */
static enum sel4_error check_irq(struct m_call *call, u64 irq) {
    if (!(irq >= 1 && irq <= 96) && !(irq >= BELL_IRQ && irq < BELL_IRQ + BELLS)) {
        return call_refuse_range(call, 1, 96);
    }
    if (irq == 96 || lines[line_of(irq)].active) {
        return SEL4_REVOKE_FIRST;
    }
    return SEL4_NO_ERROR;
}

static enum sel4_error issue_handler(struct m_call *call, u64 index, u64 depth) {
    int line = line_of(call_argument(call, 0));
    int slot;
    enum sel4_error error = call_find_empty(call, call_extra(call, 0), index, depth, &slot);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    lines[line].active = true;
    lines[line].masked = false;
    tree_add(call->slot, slot, (struct m_cap){.kind = SEL4_CAP_IRQ_HANDLER, .object = line}, true);
    return SEL4_NO_ERROR;
}

static enum sel4_error irq_get(struct m_call *call) {
    enum sel4_error error = check_irq(call, call_argument(call, 0));

    return error != SEL4_NO_ERROR
               ? error
               : issue_handler(call, call_argument(call, 1), call_argument(call, 2));
}

static enum sel4_error irq_get_trigger(struct m_call *call) {
    u64 irq = call_argument(call, 0);
    enum sel4_error error = irq > 96 ? call_refuse_range(call, 1, 96) : check_irq(call, irq);

    return error != SEL4_NO_ERROR
               ? error
               : issue_handler(call, call_argument(call, 2), call_argument(call, 3));
}

static enum sel4_error issue_doorbell(struct m_call *call) {
    u64 line = call_argument(call, 1);
    int slot;

    if (call_argument(call, 0) != PEER) {
        return call_refuse_range(call, 0, CORES - 1);
    }
    if (line >= BELLS) {
        return call_refuse_range(call, 0, BELLS - 1);
    }
    if (m.bell_issued[line]) {
        return SEL4_REVOKE_FIRST;
    }
    enum sel4_error error = call_find_empty(call, call_extra(call, 0), call_argument(call, 2),
                                            call_argument(call, 3), &slot);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    m.bell_issued[line] = true;
    tree_add(call->slot, slot, (struct m_cap){.kind = SEL4_CAP_DOORBELL, .badge = line}, true);
    return SEL4_NO_ERROR;
}

/* A doorbell that was held is delivered as soon as it can be. */
static void deliver_held(int line) {
    struct m_cap cap = slots[line_slot(line)].cap;

    if (line >= DEVICES && lines[line].pending && !lines[line].masked &&
        cap.kind == SEL4_CAP_NOTIFICATION) {
        lines[line].pending = false;
        lines[line].masked = true;
        signal_send(cap.object, cap.badge);
    }
}

static enum sel4_error irq_ack(struct m_call *call) {
    lines[call->cap.object].masked = false;
    deliver_held(call->cap.object);
    return SEL4_NO_ERROR;
}

static enum sel4_error irq_set_notification(struct m_call *call) {
    struct m_cap given = call_extra(call, 0);
    int slot = line_slot(call->cap.object);

    if (given.kind != SEL4_CAP_NOTIFICATION || (given.rights & SEL4_RIGHT_WRITE) == 0) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 0);
    }
    tree_delete(slot);
    if (cap_same(slots[call->extra[0]].cap, given) && cap_same(slots[call->slot].cap, call->cap)) {
        tree_copy(call->extra[0], slot, given);
        deliver_held(call->cap.object);
    }
    return SEL4_NO_ERROR;
}

/* ---- The table ---------------------------------------------------------------------------------------------- */

struct method {
    int kind;
    unsigned length; /* words at least */
    int caps;
};

static const struct method method_table[] = {
    [METHOD_UNTYPED_RETYPE] = {SEL4_CAP_UNTYPED, 6, 1},
    [METHOD_TCB_READ_REGISTERS] = {SEL4_CAP_THREAD, 2, 0},
    [METHOD_TCB_WRITE_REGISTERS] = {SEL4_CAP_THREAD, 2, 0},
    [METHOD_TCB_COPY_REGISTERS] = {SEL4_CAP_THREAD, 1, 1},
    [METHOD_TCB_CONFIGURE] = {SEL4_CAP_THREAD, 3, 3},
    [METHOD_TCB_SET_PRIORITY] = {SEL4_CAP_THREAD, 1, 1},
    [METHOD_TCB_SET_MC_PRIORITY] = {SEL4_CAP_THREAD, 1, 1},
    [METHOD_TCB_SET_SCHED_PARAMS] = {SEL4_CAP_THREAD, 2, 3},
    [METHOD_TCB_SET_TIMEOUT_ENDPOINT] = {SEL4_CAP_THREAD, 0, 1},
    [METHOD_TCB_SET_IPC_BUFFER] = {SEL4_CAP_THREAD, 1, 1},
    [METHOD_TCB_SET_SPACE] = {SEL4_CAP_THREAD, 2, 3},
    [METHOD_TCB_SUSPEND] = {SEL4_CAP_THREAD, 0, 0},
    [METHOD_TCB_RESUME] = {SEL4_CAP_THREAD, 0, 0},
    [METHOD_TCB_BIND_NOTIFICATION] = {SEL4_CAP_THREAD, 0, 1},
    [METHOD_TCB_UNBIND_NOTIFICATION] = {SEL4_CAP_THREAD, 0, 0},
    [METHOD_TCB_SET_TLS_BASE] = {SEL4_CAP_THREAD, 1, 0},
    [METHOD_TCB_SET_FLAGS] = {SEL4_CAP_THREAD, 2, 0},
    [METHOD_CNODE_REVOKE] = {SEL4_CAP_CNODE, 2, 0},
    [METHOD_CNODE_DELETE] = {SEL4_CAP_CNODE, 2, 0},
    [METHOD_CNODE_CANCEL_BADGED_SENDS] = {SEL4_CAP_CNODE, 2, 0},
    [METHOD_CNODE_COPY] = {SEL4_CAP_CNODE, 5, 1},
    [METHOD_CNODE_MINT] = {SEL4_CAP_CNODE, 6, 1},
    [METHOD_CNODE_MOVE] = {SEL4_CAP_CNODE, 4, 1},
    [METHOD_CNODE_MUTATE] = {SEL4_CAP_CNODE, 5, 1},
    [METHOD_CNODE_ROTATE] = {SEL4_CAP_CNODE, 8, 2},
    [METHOD_IRQ_CONTROL_GET] = {SEL4_CAP_IRQ_CONTROL, 3, 1},
    [METHOD_IRQ_HANDLER_ACK] = {SEL4_CAP_IRQ_HANDLER, 0, 0},
    [METHOD_IRQ_HANDLER_SET_NOTIFICATION] = {SEL4_CAP_IRQ_HANDLER, 0, 1},
    [METHOD_IRQ_HANDLER_CLEAR] = {SEL4_CAP_IRQ_HANDLER, 0, 0},
    [METHOD_IRQ_CONTROL_GET_TRIGGER] = {SEL4_CAP_IRQ_CONTROL, 4, 1},
    [METHOD_IRQ_CONTROL_ISSUE_DOORBELL] = {SEL4_CAP_IRQ_CONTROL, 4, 1},
    [METHOD_DOMAIN_SET_SET] = {SEL4_CAP_DOMAIN, 1, 1},
    [METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE] = {SEL4_CAP_DOMAIN, 3, 0},
    [METHOD_DOMAIN_SET_SCHEDULE_SET_START] = {SEL4_CAP_DOMAIN, 1, 0},
    [METHOD_PAGE_TABLE_MAP] = {SEL4_CAP_PAGE_TABLE, 2, 1},
    [METHOD_PAGE_TABLE_UNMAP] = {SEL4_CAP_PAGE_TABLE, 0, 0},
    [METHOD_PAGE_MAP] = {SEL4_CAP_FRAME, 3, 1},
    [METHOD_PAGE_UNMAP] = {SEL4_CAP_FRAME, 0, 0},
    [METHOD_PAGE_GET_ADDRESS] = {SEL4_CAP_FRAME, 0, 0},
    [METHOD_ASID_CONTROL_MAKE_POOL] = {SEL4_CAP_ASID_CONTROL, 2, 2},
    [METHOD_ASID_POOL_ASSIGN] = {SEL4_CAP_ASID_POOL, 0, 1},
    [METHOD_SCHED_CONTROL_CONFIGURE_FLAGS] = {SEL4_CAP_SCHED_CONTROL, 5, 1},
    [METHOD_SCHED_CONTEXT_BIND] = {SEL4_CAP_SCHED_CONTEXT, 0, 1},
    [METHOD_SCHED_CONTEXT_UNBIND] = {SEL4_CAP_SCHED_CONTEXT, 0, 0},
    [METHOD_SCHED_CONTEXT_UNBIND_OBJECT] = {SEL4_CAP_SCHED_CONTEXT, 0, 1},
    [METHOD_SCHED_CONTEXT_CONSUMED] = {SEL4_CAP_SCHED_CONTEXT, 0, 0},
    [METHOD_SCHED_CONTEXT_YIELD_TO] = {SEL4_CAP_SCHED_CONTEXT, 0, 0},
};

/* One line per method. */
static enum sel4_error perform(struct m_call *call) {
    switch (call->label) {
    case METHOD_UNTYPED_RETYPE:
        return retype(call);
    case METHOD_TCB_READ_REGISTERS:
        return read_registers(call);
    case METHOD_TCB_WRITE_REGISTERS:
        return write_registers(call);
    case METHOD_TCB_COPY_REGISTERS:
        return copy_registers(call);
    case METHOD_TCB_CONFIGURE:
        return configure(call);
    case METHOD_TCB_SET_PRIORITY:
        return set_one_priority(call, false);
    case METHOD_TCB_SET_MC_PRIORITY:
        return set_one_priority(call, true);
    case METHOD_TCB_SET_SCHED_PARAMS:
        return set_sched_params(call);
    case METHOD_TCB_SET_TIMEOUT_ENDPOINT:
        return set_timeout_endpoint(call);
    case METHOD_TCB_SET_IPC_BUFFER:
        return set_ipc_buffer(call);
    case METHOD_TCB_SET_SPACE:
        return set_space(call);
    case METHOD_TCB_SUSPEND:
        thread_suspended(call->cap.object);
        return SEL4_NO_ERROR;
    case METHOD_TCB_RESUME:
        thread_resumed(call->cap.object);
        return SEL4_NO_ERROR;
    case METHOD_TCB_BIND_NOTIFICATION:
        return bind_notification(call);
    case METHOD_TCB_UNBIND_NOTIFICATION:
        return unbind_notification(call);
    case METHOD_TCB_SET_TLS_BASE:
        threads[call->cap.object].reg[SEL4_REG_TP] = call_argument(call, 0);
        return SEL4_NO_ERROR;
    case METHOD_TCB_SET_FLAGS:
        return set_flags(call);
    case METHOD_CNODE_REVOKE:
        return cnode_revoke(call);
    case METHOD_CNODE_DELETE:
        return cnode_delete(call);
    case METHOD_CNODE_CANCEL_BADGED_SENDS:
        return cancel_badged_sends(call);
    case METHOD_CNODE_COPY:
        return copy_or_mint(call, false);
    case METHOD_CNODE_MINT:
        return copy_or_mint(call, true);
    case METHOD_CNODE_MOVE:
        return move_or_mutate(call, false);
    case METHOD_CNODE_MUTATE:
        return move_or_mutate(call, true);
    case METHOD_CNODE_ROTATE:
        return rotate(call);
    case METHOD_IRQ_CONTROL_GET:
        return irq_get(call);
    case METHOD_IRQ_CONTROL_GET_TRIGGER:
        return irq_get_trigger(call);
    case METHOD_IRQ_CONTROL_ISSUE_DOORBELL:
        return issue_doorbell(call);
    case METHOD_IRQ_HANDLER_ACK:
        return irq_ack(call);
    case METHOD_IRQ_HANDLER_SET_NOTIFICATION:
        return irq_set_notification(call);
    case METHOD_IRQ_HANDLER_CLEAR:
        tree_delete(line_slot(call->cap.object));
        return SEL4_NO_ERROR;
    case METHOD_DOMAIN_SET_SET:
        return domain_set_set(call);
    case METHOD_DOMAIN_SET_SCHEDULE_CONFIGURE:
        return schedule_configure(call);
    case METHOD_DOMAIN_SET_SCHEDULE_SET_START:
        return schedule_set_start(call);
    case METHOD_PAGE_TABLE_MAP:
        return page_table_map(call);
    case METHOD_PAGE_TABLE_UNMAP:
        return page_table_unmap(call);
    case METHOD_PAGE_MAP:
        return page_map(call);
    case METHOD_PAGE_UNMAP:
        return page_unmap(call);
    case METHOD_PAGE_GET_ADDRESS:
        return page_get_address(call);
    case METHOD_ASID_CONTROL_MAKE_POOL:
        return make_pool(call);
    case METHOD_ASID_POOL_ASSIGN:
        return assign_asid(call);
    case METHOD_SCHED_CONTROL_CONFIGURE_FLAGS:
        return configure_context(call);
    case METHOD_SCHED_CONTEXT_BIND:
        return bind_context(call);
    case METHOD_SCHED_CONTEXT_UNBIND:
        return unbind_context(call);
    case METHOD_SCHED_CONTEXT_UNBIND_OBJECT:
        return unbind_context_object(call);
    case METHOD_SCHED_CONTEXT_CONSUMED:
        return consumed(call);
    default:
        return yield_to(call);
    }
}

/* In the first half of ReplyRecv and its like, what could take the caller off the core may not be invoked. */
static bool may_be_invoked(const struct m_call *call) {
    switch (call->cap.kind) {
    case SEL4_CAP_UNTYPED:
    case SEL4_CAP_FRAME:
    case SEL4_CAP_PAGE_TABLE:
    case SEL4_CAP_ASID_CONTROL:
    case SEL4_CAP_ASID_POOL:
    case SEL4_CAP_IRQ_CONTROL:
    case SEL4_CAP_IRQ_HANDLER:
        return true;
    case SEL4_CAP_DOMAIN:
    case SEL4_CAP_THREAD:
    case SEL4_CAP_CNODE:
    case SEL4_CAP_SCHED_CONTROL:
    case SEL4_CAP_SCHED_CONTEXT:
        return !call->first_phase;
    default:
        return false;
    }
}

enum sel4_error method_invoke(struct m_call *call) {
    if (!may_be_invoked(call)) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 0);
    }
    if (call->label >= ARRAY_LENGTH(method_table) ||
        method_table[call->label].kind != call->cap.kind) {
        return SEL4_ILLEGAL_OPERATION;
    }
    const struct method *method = &method_table[call->label];

    if (call->length < method->length || call->extras < method->caps) {
        return SEL4_TRUNCATED_MESSAGE;
    }
    return perform(call);
}
