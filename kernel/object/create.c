// SPDX-License-Identifier: BSD-2-Clause
/*
 * New objects. Their memory is clear, and the shapes in kernel/model are chosen so that all words
 * zero is a valid initial state of nearly everything: idle endpoints and notifications, free reply
 * objects, empty slots and page tables, contexts never configured. So making an object is making
 * its capability, of which one table says all.
 */
#include "arch/memory.h"
#include "kernel/model/kernel.h"
#include "kernel/object/object.h"

/*
 * Fields as kernel/model/cap.h lays them out. Size_bits is the lowest field of the kinds that have it, but for CNodes:
 * without a guard, their depth less 1 is in the lowest field, and the same number in the next.
 */
#define UNTYPED_DEVICE     (1 << 6)
#define FRAME_FIELDS(size) ((size) | FRAME_READ_WRITE << 2)
#define FRAME_DEVICE       (1 << 4)

const struct object_shape object_shapes[OBJECT_COUNT] = {
    [OBJECT_UNTYPED] = {.kind = CAP_UNTYPED,
                        .is_sized = true,
                        .size_factor = 1,
                        .least = SEL4_MIN_UNTYPED_BITS,
                        .device_field = UNTYPED_DEVICE},
    [OBJECT_TCB] = {.kind = CAP_THREAD, .bits = SEL4_TCB_BITS},
    [OBJECT_ENDPOINT] = {.kind = CAP_ENDPOINT, .bits = SEL4_ENDPOINT_BITS, .fields = RIGHTS_ALL},
    [OBJECT_NOTIFICATION] = {.kind = CAP_NOTIFICATION,
                             .bits = SEL4_NOTIFICATION_BITS,
                             .fields = RIGHTS_ALL},
    [OBJECT_CNODE] = {.kind = CAP_CNODE,
                      .bits = SLOT_BITS,
                      .is_sized = true,
                      .size_factor = 1 | 1 << CNODE_DEPTH_BITS,
                      .fields = -1,
                      .least = 1},
    [OBJECT_SCHED_CONTEXT] = {.kind = CAP_SCHED_CONTEXT,
                              .is_sized = true,
                              .size_factor = 1,
                              .least = SEL4_MIN_SCHED_CONTEXT_BITS},
    [OBJECT_REPLY] = {.kind = CAP_REPLY, .bits = SEL4_REPLY_BITS, .fields = RIGHTS_ALL},
    [OBJECT_GIGA_PAGE] = {.kind = CAP_FRAME,
                          .bits = SEL4_GIGA_PAGE_BITS,
                          .fields = FRAME_FIELDS(2),
                          .device_field = FRAME_DEVICE},
    [OBJECT_4K_PAGE] = {.kind = CAP_FRAME,
                        .bits = SEL4_PAGE_BITS,
                        .fields = FRAME_FIELDS(0),
                        .device_field = FRAME_DEVICE},
    [OBJECT_MEGA_PAGE] = {.kind = CAP_FRAME,
                          .bits = SEL4_MEGA_PAGE_BITS,
                          .fields = FRAME_FIELDS(1),
                          .device_field = FRAME_DEVICE},
    [OBJECT_PAGE_TABLE] = {.kind = CAP_PAGE_TABLE, .bits = SEL4_PAGE_TABLE_BITS},
};

struct cap object_cap(enum sel4_object_type type, paddr_t base, unsigned size_bits, bool device) {
    const struct object_shape *shape = &object_shapes[type];
    u64 fields = (u64)(shape->fields + (s64)size_bits * shape->size_factor);

    return cap_make((enum cap_kind)shape->kind, base.value,
                    fields | (device ? shape->device_field : 0), 0);
}

void object_init(struct cap cap) {
    if (cap_is(cap, CAP_THREAD)) {
        struct tcb *tcb = arch_ptr(cap_address(cap));

        arch_context_init(&tcb->context);
        tcb->domain = kernel.domain; /* its maker's: nobody puts work into another domain's time */
    }
}
