// SPDX-License-Identifier: BSD-2-Clause
/* Objects and device frames from untyped memory (init/memory.h). */
#include "user/init/memory.h"

#define MAX_PIECES 1024

/* RAM: [base + used, end) of an untyped is free. */
struct ram {
    seL4_CPtr cap;
    u64 next;
    u64 end;
};

/* Device memory: an untyped without children. */
struct piece {
    seL4_CPtr cap;
    u64 base;
    u32 bits;
};

static struct ram ram[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];
static u32 rams;
static struct piece piece[MAX_PIECES];
static u32 pieces;

/* All slots that ever held an untyped: those of the boot information, and [own_first, own_next). */
static seL4_SlotRegion given;
static seL4_CPtr own_first, own_next, own_end;

void memory_begin(const seL4_BootInfo *info, seL4_CPtr first_slot) {
    given = info->untyped;
    own_first = first_slot;
    own_next = first_slot;
    own_end = info->empty.end;
    for (u32 i = 0; i < given.end - given.start; i++) {
        const seL4_UntypedDesc *u = &info->untypedList[i];
        if (u->isDevice) {
            piece[pieces++] =
                (struct piece){.cap = given.start + i, .base = u->paddr, .bits = u->sizeBits};
        } else {
            ram[rams++] = (struct ram){
                .cap = given.start + i, .next = u->paddr, .end = u->paddr + BIT(u->sizeBits)};
        }
    }
}

static int retype(seL4_CPtr untyped, seL4_Word type, u32 size_bits, seL4_CPtr slot, u32 count) {
    return (int)seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot,
                                    count);
}

/* Bytes an object takes (log2), and by that its alignment. */
static u32 object_bits(seL4_Word type, u32 size_bits) {
    switch (type) {
    case seL4_TCBObject:
        return seL4_TCBBits;
    case seL4_EndpointObject:
        return seL4_EndpointBits;
    case seL4_NotificationObject:
        return seL4_NotificationBits;
    case seL4_CapTableObject:
        return size_bits + seL4_SlotBits;
    case seL4_ReplyObject:
        return seL4_ReplyBits;
    case seL4_RISCV_4K_Page:
    case seL4_RISCV_PageTableObject:
        return seL4_PageBits;
    case seL4_RISCV_Mega_Page:
        return seL4_LargePageBits;
    case seL4_RISCV_Giga_Page:
        return seL4_HugePageBits;
    default: /* untyped and scheduling contexts */
        return size_bits;
    }
}

/*
 * The untyped for an object: the one where alignment wastes least, and among those the one with least
 * left, so that large ones stay whole. NULL if none has room.
 */
static struct ram *ram_choose(u32 bits) {
    struct ram *best = NULL;
    u64 best_waste = 0;
    for (u32 i = 0; i < rams; i++) {
        u64 start = align_up(ram[i].next, bits);
        if (start >= ram[i].end || ram[i].end - start < BIT(bits)) {
            continue;
        }
        u64 waste = start - ram[i].next;
        if (best == NULL || waste < best_waste ||
            (waste == best_waste && ram[i].end - ram[i].next < best->end - best->next)) {
            best = &ram[i];
            best_waste = waste;
        }
    }
    return best;
}

int memory_create(seL4_CPtr slot, seL4_Word type, u32 size_bits) {
    u32 bits = object_bits(type, size_bits);
    struct ram *from = ram_choose(bits);
    if (from == NULL) {
        return MEMORY_NO_RAM;
    }
    int error = retype(from->cap, type, size_bits, slot, 1);
    if (error == seL4_NoError) {
        from->next = align_up(from->next, bits) + BIT(bits);
    }
    return error;
}

static struct piece *piece_find(u64 base, u32 bits) {
    for (u32 i = 0; i < pieces; i++) {
        if (piece[i].bits >= bits && align_down(base, piece[i].bits) == piece[i].base) {
            return &piece[i];
        }
    }
    return NULL;
}

/* Split `p` in two; `p` becomes the half that holds `base`. */
static int piece_halve(struct piece *p, u64 base) {
    if (pieces == MAX_PIECES || own_end - own_next < 2) {
        return MEMORY_NO_SLOTS;
    }
    u32 bits = p->bits - 1;
    int error = retype(p->cap, seL4_UntypedObject, bits, own_next, 2);
    if (error != seL4_NoError) {
        return error;
    }
    struct piece low = {.cap = own_next, .base = p->base, .bits = bits};
    struct piece high = {.cap = own_next + 1, .base = p->base + BIT(bits), .bits = bits};
    own_next += 2;
    *p = base < high.base ? low : high;
    piece[pieces++] = base < high.base ? high : low;
    return seL4_NoError;
}

int memory_device_frame(seL4_CPtr slot, u64 base, u32 size_bits) {
    seL4_Word type = size_bits == seL4_HugePageBits    ? seL4_RISCV_Giga_Page
                     : size_bits == seL4_LargePageBits ? seL4_RISCV_Mega_Page
                                                       : seL4_RISCV_4K_Page;
    struct piece *p = piece_find(base, size_bits);
    if (p == NULL) {
        return MEMORY_NO_DEVICE;
    }
    while (p->bits > size_bits) {
        int error = piece_halve(p, base);
        if (error != seL4_NoError) {
            return error;
        }
    }
    int error = retype(p->cap, type, size_bits, slot, 1);
    if (error == seL4_NoError) {
        *p = piece[--pieces];
    }
    return error;
}

static void slot_delete(seL4_CPtr slot) {
    seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, seL4_WordBits);
}

void memory_give_up(void) {
    for (seL4_CPtr slot = own_first; slot < own_next; slot++) {
        slot_delete(slot);
    }
    for (seL4_CPtr slot = given.start; slot < given.end; slot++) {
        slot_delete(slot);
    }
    rams = 0;
    pieces = 0;
}
