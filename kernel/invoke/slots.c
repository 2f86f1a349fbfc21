// SPDX-License-Identifier: BSD-2-Clause
/*
 * What decode functions share: refusals with their details (SEL4-ABI section 8), and addressed
 * slots.
 */
#include "kernel/invoke/slots.h"

static void detail(struct invocation *inv, u64 word) {
    inv->word[inv->words] = word;
    inv->words++;
}

enum sel4_error refuse_argument(struct invocation *inv, unsigned argument) {
    detail(inv, argument);
    return SEL4_INVALID_ARGUMENT;
}

enum sel4_error refuse_capability(struct invocation *inv, unsigned cap) {
    detail(inv, cap);
    return SEL4_INVALID_CAPABILITY;
}

enum sel4_error refuse_range(struct invocation *inv, u64 min, u64 max) {
    detail(inv, min);
    detail(inv, max);
    return SEL4_RANGE_ERROR;
}

enum sel4_error refuse_memory(struct invocation *inv, u64 bytes_left) {
    detail(inv, bytes_left);
    return SEL4_NOT_ENOUGH_MEMORY;
}

enum sel4_error refuse_lookup(struct invocation *inv, bool source, struct lookup_failure failure) {
    detail(inv, source);
    detail(inv, failure.kind);
    switch (failure.kind) {
    case SEL4_LOOKUP_MISSING_CAPABILITY:
        detail(inv, failure.bits_left);
        break;
    case SEL4_LOOKUP_DEPTH_MISMATCH:
        detail(inv, failure.bits_left);
        detail(inv, failure.bits_found);
        break;
    case SEL4_LOOKUP_GUARD_MISMATCH:
        detail(inv, failure.bits_left);
        detail(inv, failure.guard_found);
        detail(inv, failure.bits_found);
        break;
    default:
        break;
    }
    return SEL4_FAILED_LOOKUP;
}

enum sel4_error decode_slot_search(struct invocation *inv, struct cap root, u64 index, u8 depth,
                                   bool source, struct cslot **slot) {
    if (!cap_is(root, CAP_CNODE)) {
        return refuse_lookup(inv, source,
                             (struct lookup_failure){.kind = SEL4_LOOKUP_INVALID_ROOT});
    }
    if (depth < 1 || depth > 64) {
        return refuse_range(inv, 1, 64);
    }
    struct slot_lookup found = cspace_lookup_exact(root, index, depth);

    if (found.slot == NULL) {
        return refuse_lookup(inv, source, found.failure);
    }
    *slot = found.slot;
    return SEL4_NO_ERROR;
}

enum sel4_error decode_slot(struct invocation *inv, struct cap root, u64 index, u8 depth,
                            bool source, struct cslot **slot) {
    return find_addressed(inv, root, index, depth, source, slot);
}

enum sel4_error decode_empty_slot(struct invocation *inv, struct cap root, u64 index, u8 depth,
                                  struct cslot **slot) {
    return find_empty(inv, root, index, depth, slot);
}
