// SPDX-License-Identifier: BSD-2-Clause
/* Handing out untyped memory; contract and INV-UT-1 in kernel/object/untyped.h. */
#include "kernel/object/untyped.h"

#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "lib/bound.h"

u64 untyped_free_offset(const struct cslot *untyped) {
    return derive_has_children(untyped) ? untyped_cap_free_offset(untyped->cap) : 0;
}

/* Clear up to one chunk below `end`, down to a chunk's boundary; returns where that is. */
static u64 clear_chunk(struct cap cap, u64 end) {
    u64 start = (end - 1) & ~(u64)(RESET_CHUNK_BYTES - 1);

    arch_clear(arch_ptr(paddr_of(cap_address(cap).value + start)), end - start);
    return start;
}

enum step untyped_reset(struct cslot *untyped) {
    u64 offset = untyped_cap_free_offset(untyped->cap);

    if (offset == 0 || derive_has_children(untyped)) {
        return STEP_DONE;
    }
    if (untyped_cap_is_device(untyped->cap)) {
        untyped->cap.word0 = 0;
        return STEP_DONE;
    }
    BOUND(untyped_reset, PREEMPTIBLE);
    while (offset > 0) {
        BOUND_STEP(untyped_reset);
        offset = clear_chunk(untyped->cap, offset);
        untyped->cap.word0 = offset;
        if (preemption_point() && offset > 0) {
            return STEP_AGAIN;
        }
    }
    return STEP_DONE;
}

paddr_t untyped_take(struct cslot *untyped, unsigned bits, u64 n) {
    u64 start = align_up(untyped_cap_free_offset(untyped->cap), bits);

    untyped->cap.word0 = start + (n << bits);
    return paddr_of(cap_address(untyped->cap).value + start);
}
