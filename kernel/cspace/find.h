// SPDX-License-Identifier: BSD-2-Clause
/*
 * The usual search in a few instructions: a CSpace of one CNode whose guard and radix use up all 64 bits.
 * Answers exactly what cspace_lookup() would, or NULL: then that has to be asked.
 */
#pragma once

#include "arch/memory.h"
#include "kernel/model/tcb.h"

ALWAYS_INLINE struct cslot *cspace_find(const struct tcb *tcb, u64 cptr) {
    struct cap root = tcb->slot[TCB_CSPACE].cap;
    unsigned radix = cnode_cap_radix(root);

    if (UNLIKELY(!cap_is(root, CAP_CNODE) || radix + cnode_cap_guard_size(root) != 64 ||
                 cptr >> radix != cnode_cap_guard(root))) {
        return NULL;
    }
    return (struct cslot *)arch_ptr(cap_address(root)) + (cptr & (BIT(radix) - 1));
}
