// SPDX-License-Identifier: BSD-2-Clause
/*
 * New objects. Their memory is clear, and the shapes in kernel/model are chosen so that all words
 * zero is a valid initial state of nearly everything: idle endpoints and notifications, free reply
 * objects, empty slots and page tables, contexts never configured. So making an object is making
 * its capability.
 */
#include "arch/memory.h"
#include "kernel/object/object.h"

unsigned object_size_bits(enum sel4_object_type type, u64 size_bits) {
    switch (type) {
    case OBJECT_UNTYPED:
    case OBJECT_SCHED_CONTEXT:
        return (unsigned)size_bits;
    case OBJECT_CNODE:
        return (unsigned)size_bits + SLOT_BITS;
    case OBJECT_TCB:
        return SEL4_TCB_BITS;
    case OBJECT_ENDPOINT:
        return SEL4_ENDPOINT_BITS;
    case OBJECT_NOTIFICATION:
        return SEL4_NOTIFICATION_BITS;
    case OBJECT_REPLY:
        return SEL4_REPLY_BITS;
    case OBJECT_GIGA_PAGE:
        return SEL4_GIGA_PAGE_BITS;
    case OBJECT_MEGA_PAGE:
        return SEL4_MEGA_PAGE_BITS;
    case OBJECT_4K_PAGE:
    case OBJECT_PAGE_TABLE:
    case OBJECT_COUNT:
        break;
    }
    return SEL4_PAGE_BITS;
}

static struct cap create_frame(paddr_t base, unsigned size_class, bool device) {
    return frame_cap_make(base, size_class, FRAME_READ_WRITE, device);
}

/* One line per type. */
struct cap object_cap(enum sel4_object_type type, paddr_t base, unsigned size_bits, bool device) {
    switch (type) {
    case OBJECT_UNTYPED:
        return untyped_cap_make(base, size_bits, device, 0);
    case OBJECT_TCB:
        return cap_make(CAP_THREAD, base.value, 0, 0);
    case OBJECT_ENDPOINT:
        return cap_make(CAP_ENDPOINT, base.value, RIGHTS_ALL, 0);
    case OBJECT_NOTIFICATION:
        return cap_make(CAP_NOTIFICATION, base.value, RIGHTS_ALL, 0);
    case OBJECT_CNODE:
        return cnode_cap_make(base, size_bits, 0, 0);
    case OBJECT_SCHED_CONTEXT:
        return cap_make(CAP_SCHED_CONTEXT, base.value, size_bits, 0);
    case OBJECT_REPLY:
        return cap_make(CAP_REPLY, base.value, RIGHTS_ALL, 0);
    case OBJECT_GIGA_PAGE:
        return create_frame(base, 2, device);
    case OBJECT_MEGA_PAGE:
        return create_frame(base, 1, device);
    case OBJECT_4K_PAGE:
        return create_frame(base, 0, device);
    case OBJECT_PAGE_TABLE:
        return page_table_cap_make(base, false, 0, 0);
    case OBJECT_COUNT:
        break;
    }
    return CAP_NONE;
}

void object_init(struct cap cap) {
    if (cap_is(cap, CAP_THREAD)) {
        struct tcb *tcb = arch_ptr(cap_address(cap));

        arch_context_init(&tcb->context);
    }
}
