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
 * `depth` (1..64) bits, and the guard matches. NULL: not so, the functions above have to be asked.
 */
ALWAYS_INLINE struct cslot *cspace_one_level(struct cap node, u64 index, unsigned depth) {
    unsigned radix = cnode_cap_radix(node);
    unsigned unused = 64 - depth; /* bits of the index above the address */

    if (UNLIKELY(!cap_is(node, CAP_CNODE) || radix + cnode_cap_guard_size(node) != depth ||
                 index << unused >> unused >> radix != cnode_cap_guard(node))) {
        return NULL;
    }
    return (struct cslot *)arch_ptr(cap_address(node)) + (index & (BIT(radix) - 1));
}
