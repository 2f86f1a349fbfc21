// SPDX-License-Identifier: BSD-2-Clause
/* Handing out untyped memory; contract and invariants in kernel/object/untyped.h. */
#include "kernel/object/untyped.h"

#include "arch/memory.h"
#include "lib/bound.h"

static void set_offsets(struct cslot *untyped, u64 free, u64 clear) {
    untyped->cap = untyped_cap_with_offsets(untyped->cap, free, clear);
}

static void clear_memory(struct cap untyped, u64 from, u64 to) {
    arch_clear(arch_ptr(paddr_of(cap_address(untyped).value + from)), to - from);
}

/*
 * Without children all memory is free again. If little was used and the rest is known to be clear,
 * the used part is cleared now, from its end down; otherwise nothing is known any more.
 */
static enum step reset(struct cslot *untyped) {
    u64 free = untyped_cap_free_offset(untyped->cap);
    u64 clear = untyped_cap_clear_offset(untyped->cap);

    if (free == 0 || !untyped_is_unused(untyped)) {
        return STEP_DONE;
    }
    if (clear < free || free > CLEAR_AHEAD_BYTES) {
        set_offsets(untyped, 0, 0);
        return STEP_DONE;
    }
    BOUND(untyped_reset, CLEAR_AHEAD_BYTES / CLEAR_CHUNK_BYTES);
    while (free > 0) {
        BOUND_STEP(untyped_reset);
        u64 from = align_down(free - 1, 8);

        clear_memory(untyped->cap, from, free);
        free = from;
        set_offsets(untyped, free, clear);
        if (preemption_point() && free > 0) {
            return STEP_AGAIN;
        }
    }
    return STEP_DONE;
}

/* Clear [from, to), at most one unit of the clear offset. True: an interrupt waits. */
static bool clear_unit(struct cap cap, u64 from, u64 to) {
    bool again = false;

    BOUND(clear_unit, BIT(UNTYPED_CLEAR_UNIT_BITS) / CLEAR_CHUNK_BYTES);
    while (from < to) {
        BOUND_STEP(clear_unit);
        u64 next = min_u64(to, align_down(from, 8) + CLEAR_CHUNK_BYTES);

        clear_memory(cap, from, next);
        again |= preemption_point();
        from = next;
    }
    return again;
}

/*
 * Have [start, end) clear; start is the free offset, aligned for the first object. What lies
 * between the two is given up now, not cleared: it may be large, and nobody may find it below the
 * clear offset.
 */
static enum step clear_range(struct cslot *untyped, u64 start, u64 end) {
    u64 size = BIT(untyped_cap_size_bits(untyped->cap));
    u64 clear = untyped_cap_clear_offset(untyped->cap);

    if (clear >= end) {
        return STEP_DONE;
    }
    end = min_u64(align_up(end, CLEAR_AHEAD_BITS), size);
    BOUND(clear_range, PREEMPTIBLE);
    while (clear < end) {
        BOUND_STEP(clear_range);
        u64 from = max_u64(start, clear);
        bool again;

        clear = align_up(from + 1, UNTYPED_CLEAR_UNIT_BITS);
        again = clear_unit(untyped->cap, from, min_u64(clear, size));
        set_offsets(untyped, start, clear);
        if (again && clear < end) {
            return STEP_AGAIN;
        }
    }
    return STEP_DONE;
}

enum step untyped_prepare(struct cslot *untyped, u64 start, u64 end, bool clear) {
    if (reset(untyped) == STEP_AGAIN) {
        return STEP_AGAIN;
    }
    return clear ? clear_range(untyped, start, end) : STEP_DONE;
}
