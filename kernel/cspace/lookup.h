// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding capabilities: decoding a capability address level by level (seL4 manual, "Capability
 * space addressing"). Every level consumes a guard and a radix, at least one bit, so 64 levels
 * bound the search.
 */
#pragma once

#include "arch/memory.h"
#include "kernel/model/fault.h"
#include "kernel/model/slot.h"
#include "kernel/model/tcb.h"

struct slot_lookup {
    struct cslot *slot; /* NULL: not found, see failure */
    unsigned bits_left; /* bits of the address not consumed (0 for an exact hit) */
    struct lookup_failure failure;
};

/*
 * Resolve `depth` (1..64) low bits of `cptr` starting at `root`. Stops at the first slot that is no
 * CNode, or when all bits are used up. A root that is no CNode: InvalidRoot.
 */
struct slot_lookup cspace_resolve(struct cap root, u64 cptr, unsigned depth);

/* Full-depth search in a thread's CSpace; bits left over are ignored (as for invocations). */
struct slot_lookup cspace_lookup(const struct tcb *tcb, u64 cptr);

/* Exact search: all `depth` bits must be consumed, otherwise DepthMismatch {bits left}. */
struct slot_lookup cspace_lookup_exact(struct cap root, u64 index, unsigned depth);

/*
 * The usual search in a few instructions: `node` is a CNode whose guard and radix use up exactly
 * `depth` bits, and the guard matches. NULL: not so (also for depths outside 1..64), the functions
 * above have to be asked.
 *
 * Less the guard, the address is the index of the slot; if the guard differs, or the address has
 * bits above it, what is left is larger than any index. Bits above `depth` do not count.
 */
ALWAYS_INLINE struct cslot *cspace_one_level(struct cap node, u64 address, unsigned depth) {
    unsigned radix = cnode_cap_radix(node);
    unsigned unused = (0 - depth) & 63;
    u64 index = (address - (cnode_cap_guard(node) << radix)) << unused >> unused;

    if (UNLIKELY(!cap_is_cnode_of_depth(node, depth) || index >> radix != 0)) {
        return NULL;
    }
    struct cslot *slot = (struct cslot *)cap_object(node) + index;

    ASSUME(slot != NULL);
    return slot;
}
