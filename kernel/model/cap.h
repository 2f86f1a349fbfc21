// SPDX-License-Identifier: BSD-2-Clause
/*
 * Capabilities: 16 bytes of value, stored in 32-byte slots that also hold the derivation tree.
 *
 *   word1: | 63 .. 25 address of the object | 24 .. 5 depends on kind | 4 .. 0 kind |
 *   word0: depends on kind
 *
 * The address is the low 39 bits of a pointer into the window on physical memory (arch/memory.h): the window is the
 * upper half of such a number, so an arithmetic shift makes the pointer. A CNode's depth, in the lowest field, is the
 * number of address bits that it uses up (guard and radix), less 1; so one comparison of eleven bits tells a CNode of a
 * certain depth from all other capabilities. Both are for cspace_one_level(), which every system call needs.
 *
 *   kind          address    bits 24..5 of word1                                word0
 *   untyped       base       size_bits(6) device(1)                             clear offset >> 10 (29) | free offset >> 4 (35)
 *   endpoint      object     rights(4)                                          badge
 *   notification  object     rights(4)                                          badge
 *   reply         object     rights(4): only Grant counts                       0
 *   cnode         object     depth(6) radix(6)                                  guard
 *   thread        object     -                                                  0
 *   sched context object     size_bits(6)                                       0
 *   sched control 0          -                                                  core index
 *   frame         base       size class(2) vm rights(2) device(1)               vaddr >> 12 (27) << 16 | asid(16); asid 0 = unmapped
 *   page table    base       mapped(1)                                          vaddr, asid as above (a root has vaddr 0)
 *   asid pool     object     -                                                  first asid of the pool
 *   irq handler   0          -                                                  irq
 *   doorbell      0          -                                                  peer << 16 | line
 *   domain, irq control, asid control: nothing
 *   zombie        object     what it was(5), radix(6)                           progress: slots left (cnode, thread)
 *
 * The numbers of the kinds are those that DebugCapIdentify shows (SEL4-ABI section 11); doorbell is ours.
 * Always (INV-CAP-1): a cap of a kind with an object points to a live object of that kind.
 */
#pragma once

#include "arch/memory.h"

enum cap_kind {
    CAP_NULL = 0,
    CAP_FRAME = 1,
    CAP_UNTYPED = 2,
    CAP_PAGE_TABLE = 3,
    CAP_ENDPOINT = 4,
    CAP_NOTIFICATION = 6,
    CAP_REPLY = 8,
    CAP_CNODE = 10,
    CAP_ASID_CONTROL = 11,
    CAP_THREAD = 12,
    CAP_ASID_POOL = 13,
    CAP_IRQ_CONTROL = 14,
    CAP_IRQ_HANDLER = 16,
    CAP_ZOMBIE = 18,
    CAP_DOMAIN = 20,
    CAP_SCHED_CONTEXT = 22,
    CAP_SCHED_CONTROL = 24,
    CAP_DOORBELL = 26,
    CAP_KINDS = 32
};

/* The seL4_CapRights word; also the low bits kept in endpoint, notification and reply caps. */
enum cap_rights {
    RIGHT_WRITE = 1,
    RIGHT_READ = 2,
    RIGHT_GRANT = 4,
    RIGHT_GRANT_REPLY = 8,
    RIGHTS_ALL = 15
};

struct cap {
    u64 word0;
    u64 word1;
};

#define CAP_NONE ((struct cap){0, 0})

#define CAP_ADDRESS_SHIFT 25
#define CAP_ADDRESS_BITS  (64 - CAP_ADDRESS_SHIFT)
#define CAP_KIND_MASK     31ull

/* Shift of the first kind-specific field, and the second for the kinds that have one. */
#define CAP_FIELD_SHIFT 5

ALWAYS_INLINE enum cap_kind cap_kind(struct cap cap) {
    return (enum cap_kind)(cap.word1 & CAP_KIND_MASK);
}

ALWAYS_INLINE bool cap_is(struct cap cap, enum cap_kind kind) {
    return cap_kind(cap) == kind;
}

ALWAYS_INLINE u64 cap_field(struct cap cap, unsigned shift, unsigned bits) {
    return (cap.word1 >> (CAP_FIELD_SHIFT + shift)) & MASK(bits);
}

/* The object; also memory of an untyped or a frame, if it is in the window (devices need not be). */
ALWAYS_INLINE void *cap_object(struct cap cap) {
    return (void *)((s64)cap.word1 >> CAP_ADDRESS_SHIFT);
}

ALWAYS_INLINE paddr_t cap_address(struct cap cap) {
    return arch_paddr(cap_object(cap));
}

ALWAYS_INLINE struct cap cap_make(enum cap_kind kind, u64 address, u64 fields, u64 word0) {
    u64 object = (u64)arch_ptr(paddr_of(address));

    return (struct cap){word0, object << CAP_ADDRESS_SHIFT | fields << CAP_FIELD_SHIFT | (u64)kind};
}

ALWAYS_INLINE bool cap_equal(struct cap a, struct cap b) {
    return a.word0 == b.word0 && a.word1 == b.word1;
}

/* Endpoint, notification, reply, doorbell: rights and badge. */
ALWAYS_INLINE u64 cap_rights(struct cap cap) {
    return cap_field(cap, 0, 4);
}

/* … one of them, if there are several. */
ALWAYS_INLINE bool cap_has_right(struct cap cap, unsigned right) {
    return (cap.word1 & ((u64)right << CAP_FIELD_SHIFT)) != 0;
}

ALWAYS_INLINE u64 cap_badge(struct cap cap) {
    return cap.word0;
}

ALWAYS_INLINE struct cap cap_with_badge(struct cap cap, u64 badge) {
    return (struct cap){badge, cap.word1};
}

ALWAYS_INLINE struct cap cap_with_rights(struct cap cap, u64 rights) {
    return (struct cap){cap.word0,
                        (cap.word1 & ~(15ull << CAP_FIELD_SHIFT)) | rights << CAP_FIELD_SHIFT};
}

/*
 * Untyped. Memory below the free offset is handed out; from there up to the clear offset (if that
 * is higher) it is known to be zero. Offsets are kept in units: objects have at least 16 bytes,
 * clearing goes by whole KiB.
 */
#define UNTYPED_FREE_UNIT_BITS  4
#define UNTYPED_FREE_BITS       35
#define UNTYPED_CLEAR_UNIT_BITS 10

ALWAYS_INLINE unsigned untyped_cap_size_bits(struct cap cap) {
    return (unsigned)cap_field(cap, 0, 6);
}

ALWAYS_INLINE bool untyped_cap_is_device(struct cap cap) {
    return cap_field(cap, 6, 1) != 0;
}

ALWAYS_INLINE u64 untyped_cap_free_offset(struct cap cap) {
    return (cap.word0 & MASK(UNTYPED_FREE_BITS)) << UNTYPED_FREE_UNIT_BITS;
}

ALWAYS_INLINE u64 untyped_cap_clear_offset(struct cap cap) {
    return (cap.word0 >> UNTYPED_FREE_BITS) << UNTYPED_CLEAR_UNIT_BITS;
}

/* Both offsets multiples of their units; at most 2^38. */
ALWAYS_INLINE struct cap untyped_cap_with_offsets(struct cap cap, u64 free, u64 clear) {
    u64 free_units = free >> UNTYPED_FREE_UNIT_BITS;
    u64 clear_units = clear >> UNTYPED_CLEAR_UNIT_BITS;

    return (struct cap){clear_units << UNTYPED_FREE_BITS | free_units, cap.word1};
}

/* Nothing is known about the contents of the memory. */
ALWAYS_INLINE struct cap untyped_cap_make(paddr_t base, unsigned size_bits, bool device, u64 free) {
    struct cap cap = cap_make(CAP_UNTYPED, base.value, (u64)size_bits | (u64)device << 6, 0);

    return untyped_cap_with_offsets(cap, free, 0);
}

/* CNode. */
#define CNODE_DEPTH_BITS 6

/* Bits of an address that it uses up: 1..64. */
ALWAYS_INLINE unsigned cnode_cap_depth(struct cap cap) {
    return (unsigned)cap_field(cap, 0, CNODE_DEPTH_BITS) + 1;
}

ALWAYS_INLINE unsigned cnode_cap_radix(struct cap cap) {
    return (unsigned)cap_field(cap, CNODE_DEPTH_BITS, 6);
}

ALWAYS_INLINE unsigned cnode_cap_guard_size(struct cap cap) {
    return cnode_cap_depth(cap) - cnode_cap_radix(cap);
}

/* Is it a CNode that uses up exactly `depth` bits? False for depth 0, and above 64. */
ALWAYS_INLINE bool cap_is_cnode_of_depth(struct cap cap, unsigned depth) {
    u64 mask = MASK(CAP_FIELD_SHIFT + CNODE_DEPTH_BITS);

    return (cap.word1 & mask) == (((u64)depth - 1) << CAP_FIELD_SHIFT | CAP_CNODE);
}

ALWAYS_INLINE u64 cnode_cap_guard(struct cap cap) {
    return cap.word0;
}

ALWAYS_INLINE struct cap cnode_cap_make(paddr_t node, unsigned radix, unsigned guard_size,
                                        u64 guard) {
    u64 depth = (u64)radix + guard_size;

    return cap_make(CAP_CNODE, node.value, (depth - 1) | (u64)radix << CNODE_DEPTH_BITS, guard);
}

/* Frame. Size classes are those of the architecture: 0 = 4 KiB, 1 = 2 MiB, 2 = 1 GiB. */
enum frame_rights { FRAME_KERNEL_ONLY = 0, FRAME_READ_ONLY = 1, FRAME_READ_WRITE = 3 };

ALWAYS_INLINE unsigned frame_cap_class(struct cap cap) {
    return (unsigned)cap_field(cap, 0, 2);
}

ALWAYS_INLINE unsigned frame_class_bits(unsigned size_class) {
    return PAGE_BITS + 9 * size_class;
}

ALWAYS_INLINE unsigned frame_cap_bits(struct cap cap) {
    return frame_class_bits(frame_cap_class(cap));
}

ALWAYS_INLINE enum frame_rights frame_cap_rights(struct cap cap) {
    return (enum frame_rights)cap_field(cap, 2, 2);
}

ALWAYS_INLINE bool frame_cap_is_device(struct cap cap) {
    return cap_field(cap, 4, 1) != 0;
}

ALWAYS_INLINE struct cap frame_cap_make(paddr_t base, unsigned size_class, enum frame_rights rights,
                                        bool device) {
    return cap_make(CAP_FRAME, base.value, (u64)size_class | (u64)rights << 2 | (u64)device << 4,
                    0);
}

/* Frame and page table: where it is mapped. */
ALWAYS_INLINE u64 mapping_word(u64 vaddr, u16 asid) {
    return (vaddr >> PAGE_BITS) << 16 | asid;
}

ALWAYS_INLINE u16 cap_mapped_asid(struct cap cap) {
    return (u16)cap.word0;
}

ALWAYS_INLINE u64 cap_mapped_vaddr(struct cap cap) {
    return (cap.word0 >> 16) << PAGE_BITS;
}

ALWAYS_INLINE bool page_table_cap_is_mapped(struct cap cap) {
    return cap_field(cap, 0, 1) != 0;
}

ALWAYS_INLINE struct cap page_table_cap_make(paddr_t table, bool mapped, u64 vaddr, u16 asid) {
    return cap_make(CAP_PAGE_TABLE, table.value, mapped, mapped ? mapping_word(vaddr, asid) : 0);
}

/* Scheduling context. */
ALWAYS_INLINE unsigned sched_context_cap_size_bits(struct cap cap) {
    return (unsigned)cap_field(cap, 0, 6);
}

/* Doorbell (send end of a cross-core channel). */
ALWAYS_INLINE u32 doorbell_cap_peer(struct cap cap) {
    return (u32)(cap.word0 >> 16);
}

ALWAYS_INLINE u32 doorbell_cap_line(struct cap cap) {
    return (u32)(cap.word0 & 0xffff);
}

/* IRQ handler. */
ALWAYS_INLINE u32 irq_handler_cap_irq(struct cap cap) {
    return (u32)cap.word0;
}

/* Zombie: an object whose last cap is being deleted in steps. */
ALWAYS_INLINE enum cap_kind zombie_cap_was(struct cap cap) {
    return (enum cap_kind)cap_field(cap, 0, 5);
}

ALWAYS_INLINE unsigned zombie_cap_radix(struct cap cap) {
    return (unsigned)cap_field(cap, 5, 6);
}

ALWAYS_INLINE u64 zombie_cap_left(struct cap cap) {
    return cap.word0;
}

ALWAYS_INLINE struct cap zombie_cap_make(paddr_t object, enum cap_kind was, unsigned radix,
                                         u64 left) {
    return cap_make(CAP_ZOMBIE, object.value, (u64)was | (u64)radix << 5, left);
}
