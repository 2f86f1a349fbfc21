// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rules about single capabilities, one switch over the kinds each; contract in
 * kernel/cspace/rules.h.
 */
#include "kernel/cspace/rules.h"

#include "kernel/cspace/derive.h"

static enum frame_rights mask_frame_rights(enum frame_rights have, u64 rights) {
    if ((rights & RIGHT_READ) == 0 || have == FRAME_KERNEL_ONLY) {
        return FRAME_KERNEL_ONLY;
    }
    return (rights & RIGHT_WRITE) == 0 ? FRAME_READ_ONLY : have;
}

struct cap cap_mask_rights(struct cap cap, u64 rights) {
    switch (cap_kind(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
        return cap_with_rights(cap, cap_rights(cap) & rights);
    case CAP_FRAME: {
        struct cap masked = frame_cap_make(cap_address(cap), frame_cap_class(cap),
                                           mask_frame_rights(frame_cap_rights(cap), rights),
                                           frame_cap_is_device(cap));
        masked.word0 = cap.word0;
        return masked;
    }
    default:
        return cap;
    }
}

static struct cap set_badge(struct cap cap, u64 badge, bool preserve) {
    if (preserve) {
        /* A cap that moves keeps its children, and who they are was decided by its badge. */
        return badge == 0 ? cap : CAP_NONE;
    }
    return cap_badge(cap) == 0 ? cap_with_badge(cap, badge) : CAP_NONE;
}

static struct cap set_guard(struct cap cap, u64 data) {
    unsigned size = (unsigned)(data & MASK(SEL4_GUARD_SIZE_BITS));
    u64 guard = (data >> SEL4_GUARD_SIZE_BITS) & MASK(size);

    if (size + cnode_cap_radix(cap) > 64) {
        return CAP_NONE;
    }
    return cnode_cap_make(cap_address(cap), cnode_cap_radix(cap), size, guard);
}

struct cap cap_set_data(struct cap cap, u64 data, bool preserve) {
    switch (cap_kind(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        return set_badge(cap, data, preserve);
    case CAP_CNODE:
        return set_guard(cap, data);
    default:
        return cap;
    }
}

enum sel4_error cap_derive(const struct cslot *slot, struct cap cap, struct cap *out) {
    *out = CAP_NONE;
    switch (cap_kind(cap)) {
    case CAP_UNTYPED:
        if (derive_has_children(slot)) {
            return SEL4_REVOKE_FIRST;
        }
        break;
    case CAP_IRQ_CONTROL: /* who has it can have every interrupt: there is one */
    case CAP_ZOMBIE:
        return SEL4_ILLEGAL_OPERATION;
    case CAP_PAGE_TABLE:
        if (!page_table_cap_is_mapped(cap)) {
            return SEL4_ILLEGAL_OPERATION;
        }
        break;
    case CAP_FRAME:
        cap.word0 = 0; /* each frame cap stands for one mapping: the copy has none yet */
        break;
    default:
        break;
    }
    *out = cap;
    return SEL4_NO_ERROR;
}

/* Log2 of the object's bytes, from the kind and the size field some kinds have. */
static unsigned object_bits(enum cap_kind kind, unsigned size_field) {
    switch (kind) {
    case CAP_UNTYPED:
    case CAP_SCHED_CONTEXT:
        return size_field;
    case CAP_CNODE:
        return size_field + SLOT_BITS;
    case CAP_THREAD:
        return SEL4_TCB_BITS;
    case CAP_ENDPOINT:
        return SEL4_ENDPOINT_BITS;
    case CAP_NOTIFICATION:
        return SEL4_NOTIFICATION_BITS;
    case CAP_REPLY:
        return SEL4_REPLY_BITS;
    case CAP_PAGE_TABLE:
        return SEL4_PAGE_TABLE_BITS;
    case CAP_ASID_POOL:
        return SEL4_ASID_POOL_BITS;
    default:
        return 0;
    }
}

unsigned cap_object_bits(struct cap cap) {
    switch (cap_kind(cap)) {
    case CAP_FRAME:
        return frame_cap_bits(cap);
    case CAP_ZOMBIE:
        return object_bits(zombie_cap_was(cap), zombie_cap_radix(cap));
    default:
        return object_bits(cap_kind(cap), (unsigned)cap_field(cap, 0, 6));
    }
}

/* Objects are powers of two, aligned to their size: two are nested or apart. */
static bool untyped_covers(struct cap untyped, struct cap cap) {
    unsigned bits = cap_object_bits(cap);
    u64 distance = cap_address(untyped).value ^ cap_address(cap).value;

    return bits != 0 && bits <= untyped_cap_size_bits(untyped) &&
           distance >> untyped_cap_size_bits(untyped) == 0;
}

bool cap_same_region(struct cap a, struct cap b) {
    bool same_kind = cap_kind(a) == cap_kind(b);

    switch (cap_kind(a)) {
    case CAP_UNTYPED:
        return untyped_covers(a, b);
    case CAP_IRQ_CONTROL:
        return same_kind || cap_is(b, CAP_IRQ_HANDLER) || cap_is(b, CAP_DOORBELL);
    case CAP_NULL:
    case CAP_ZOMBIE:
        return false;
    case CAP_IRQ_HANDLER:
    case CAP_DOORBELL:
    case CAP_SCHED_CONTROL:
        return same_kind && a.word0 == b.word0;
    default:
        /* One object per address and kind; kinds without an object have address 0. */
        return same_kind && cap_address(a).value == cap_address(b).value;
    }
}

bool cap_same_object(struct cap a, struct cap b) {
    return !cap_is(a, CAP_UNTYPED) && cap_kind(a) == cap_kind(b) && cap_same_region(a, b);
}
