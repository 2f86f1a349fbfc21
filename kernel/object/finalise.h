// SPDX-License-Identifier: BSD-2-Clause
/* The end of an object, kind by kind. For kernel/object/delete.c only. */
#pragma once

#include "arch/memory.h"
#include "kernel/object/object.h"

/*
 * Is there nothing to undo when this capability goes, even if it is the last? True of most that
 * Revoke finds.
 */
ALWAYS_INLINE bool finalise_is_nothing(struct cap cap) {
    switch (cap_kind(cap)) {
    case CAP_ENDPOINT: {
        struct endpoint *endpoint = arch_ptr(cap_address(cap));

        return pqueue_is_empty(&endpoint->queue);
    }
    case CAP_FRAME:
        return cap_mapped_asid(cap) == 0;
    case CAP_UNTYPED:
        return true;
    default:
        return false;
    }
}

/* Each frame capability stands for one mapping, and each one of a page table may be a thread's: the last one or not. */
ALWAYS_INLINE bool finalise_is_for_each(struct cap cap) {
    return cap_is(cap, CAP_FRAME) || cap_is(cap, CAP_PAGE_TABLE);
}

/*
 * A capability is deleted; `final`: it is the last one to its object. Does what can be done at
 * once, and returns what has to stay in its slot: null, or a zombie if the object holds
 * capabilities or may have any number of waiters.
 */
struct cap finalise_cap(struct cap cap, bool final);

/*
 * One unit of work on a zombie without slots. Returns what stays in its slot: the zombie, with less
 * to do; null when nothing is left.
 */
struct cap finalise_step(struct cap zombie);
