// SPDX-License-Identifier: BSD-2-Clause
/*
 * What may be made of a capability: rights, badges and guards, derived copies, equality of objects.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/model/slot.h"

/*
 * `cap` with its rights reduced to `rights` (a seL4_CapRights word); kinds without rights come back
 * as they are.
 */
struct cap cap_mask_rights(struct cap cap, u64 rights);

/*
 * Give a badge or guard word. Null if not allowed (already badged; guard and radix above 64 bits).
 * `preserve` (Mutate, Rotate): the capability moves, so kinds with a badge give null whatever the
 * data.
 */
struct cap cap_set_data(struct cap cap, u64 data, bool preserve);

/* Kinds that a copy is not made of as it is, and the rules for them. */
#define CAP_KINDS_DERIVED                                                                          \
    (BIT(CAP_UNTYPED) | BIT(CAP_FRAME) | BIT(CAP_PAGE_TABLE) | BIT(CAP_IRQ_CONTROL) |              \
     BIT(CAP_ZOMBIE))
enum sel4_error cap_derive_by_rule(const struct cslot *slot, struct cap cap, struct cap *out);

/*
 * The cap that a copy of slot's cap would be; SEL4_REVOKE_FIRST or SEL4_ILLEGAL_OPERATION if none.
 */
ALWAYS_INLINE enum sel4_error cap_derive(const struct cslot *slot, struct cap cap,
                                         struct cap *out) {
    if ((BIT(cap_kind(cap)) & CAP_KINDS_DERIVED) != 0) {
        return cap_derive_by_rule(slot, cap, out);
    }
    *out = cap;
    return SEL4_NO_ERROR;
}

/* Log2 of the bytes of each kind's objects; CAP_BITS_VARY where the capability has to say. */
#define CAP_BITS_VARY 64
extern const u8 cap_kind_bits[CAP_KINDS];
unsigned cap_varying_bits(struct cap cap);

/* Log2 of the bytes of memory the cap's object takes; 0: none. A zombie still takes it all. */
ALWAYS_INLINE unsigned cap_object_bits(struct cap cap) {
    unsigned bits = cap_kind_bits[cap_kind(cap)];

    return LIKELY(bits < CAP_BITS_VARY) ? bits : cap_varying_bits(cap);
}

/* Kinds of which word0 names the object, as there is none in memory. */
#define CAP_KINDS_BY_WORD0 (BIT(CAP_IRQ_HANDLER) | BIT(CAP_DOORBELL) | BIT(CAP_SCHED_CONTROL))
/* Kinds that never stand for the same object as another capability. */
#define CAP_KINDS_ALONE (BIT(CAP_NULL) | BIT(CAP_UNTYPED) | BIT(CAP_ZOMBIE))

/* Does deleting one leave the object to the other? Asked for every neighbour of what is deleted. */
ALWAYS_INLINE bool cap_same_object(struct cap a, struct cap b) {
    u64 kind_bit = BIT(cap_kind(a));

    if (((a.word1 ^ b.word1) & (CAP_KIND_MASK | ~MASK(CAP_ADDRESS_SHIFT))) != 0) {
        return false; /* another kind or another address */
    }
    return (kind_bit & CAP_KINDS_ALONE) == 0 &&
           ((kind_bit & CAP_KINDS_BY_WORD0) == 0 || a.word0 == b.word0);
}

/* Objects are powers of two, aligned to their size: two are nested or apart. */
ALWAYS_INLINE bool untyped_cap_covers(struct cap untyped, struct cap cap) {
    unsigned size_bits = untyped_cap_size_bits(untyped);
    u64 distance = (untyped.word1 ^ cap.word1) >> CAP_ADDRESS_SHIFT;

    if (distance >> size_bits != 0) {
        return false;
    }
    unsigned bits = cap_object_bits(cap);

    return bits != 0 && bits <= size_bits;
}

/* Does b's object lie in a's region? */
ALWAYS_INLINE bool cap_same_region(struct cap a, struct cap b) {
    if (cap_is(a, CAP_UNTYPED)) {
        return untyped_cap_covers(a, b);
    }
    if (cap_is(a, CAP_IRQ_CONTROL) && (cap_is(b, CAP_IRQ_HANDLER) || cap_is(b, CAP_DOORBELL))) {
        return true;
    }
    return cap_same_object(a, b);
}
