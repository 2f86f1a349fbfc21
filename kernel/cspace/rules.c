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
    /* A cap that moves keeps its children, and who they are was decided by its badge. */
    return !preserve && cap_badge(cap) == 0 ? cap_with_badge(cap, badge) : CAP_NONE;
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

enum sel4_error cap_derive_by_rule(const struct cslot *slot, struct cap cap, struct cap *out) {
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

const u8 cap_kind_bits[CAP_KINDS] = {
    [CAP_FRAME] = CAP_BITS_VARY,
    [CAP_UNTYPED] = CAP_BITS_VARY,
    [CAP_PAGE_TABLE] = SEL4_PAGE_TABLE_BITS,
    [CAP_ENDPOINT] = SEL4_ENDPOINT_BITS,
    [CAP_NOTIFICATION] = SEL4_NOTIFICATION_BITS,
    [CAP_REPLY] = SEL4_REPLY_BITS,
    [CAP_CNODE] = CAP_BITS_VARY,
    [CAP_THREAD] = SEL4_TCB_BITS,
    [CAP_ASID_POOL] = SEL4_ASID_POOL_BITS,
    [CAP_ZOMBIE] = CAP_BITS_VARY,
    [CAP_SCHED_CONTEXT] = CAP_BITS_VARY,
};

/* Of kinds with a size field in the usual place, living or dying. */
static unsigned sized_bits(enum cap_kind kind, unsigned size_field) {
    switch (kind) {
    case CAP_CNODE:
        return size_field + SLOT_BITS;
    case CAP_UNTYPED:
    case CAP_SCHED_CONTEXT:
        return size_field;
    default:
        return cap_kind_bits[kind];
    }
}

unsigned cap_varying_bits(struct cap cap) {
    if (cap_is(cap, CAP_FRAME)) {
        return frame_cap_bits(cap);
    }
    if (cap_is(cap, CAP_ZOMBIE)) {
        return sized_bits(zombie_cap_was(cap), zombie_cap_radix(cap));
    }
    if (cap_is(cap, CAP_CNODE)) {
        return cnode_cap_radix(cap) + SLOT_BITS;
    }
    return sized_bits(cap_kind(cap), (unsigned)cap_field(cap, 0, 6));
}
