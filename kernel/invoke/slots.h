// SPDX-License-Identifier: BSD-2-Clause
/*
 * decode_slot() and decode_empty_slot() (invocation.h) in line, for methods that are called often:
 * the usual address has one level, and is found without a call.
 */
#pragma once

#include "kernel/cspace/lookup.h"
#include "kernel/invoke/invocation.h"

/* Several levels, or a refusal. */
enum sel4_error decode_slot_search(struct invocation *inv, struct cap root, u64 index, u8 depth,
                                   bool source, struct cslot **slot);

ALWAYS_INLINE enum sel4_error find_addressed(struct invocation *inv, struct cap root, u64 index,
                                             u8 depth, bool source, struct cslot **slot) {
    /* No CNode uses up 0 bits or more than 64, so what this finds needs no look at the range. */
    struct cslot *found = cspace_one_level(root, index, depth);

    if (UNLIKELY(found == NULL)) {
        return decode_slot_search(inv, root, index, depth, source, slot);
    }
    *slot = found;
    return SEL4_NO_ERROR;
}

ALWAYS_INLINE enum sel4_error find_empty(struct invocation *inv, struct cap root, u64 index,
                                         u8 depth, struct cslot **slot) {
    enum sel4_error error = find_addressed(inv, root, index, depth, false, slot);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return slot_is_empty(*slot) ? SEL4_NO_ERROR : SEL4_DELETE_FIRST;
}
