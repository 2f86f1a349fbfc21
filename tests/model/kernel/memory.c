// SPDX-License-Identifier: BSD-2-Clause
/*
 * Address spaces (seL4 manual, "Address Spaces and Virtual Memory"; checks and their order: SEL4-ABI section 8).
 *
 * An address space is a tree of three levels of tables, each for nine bits of an address; ASIDs name the roots. A
 * capability to a frame or table says where it is mapped. What it says may be out of date, when a table above it
 * was taken away: so it counts only as far as the tables agree.
 */
#include "tests/model/kernel/model.h"

enum { GIGA_BITS = 30, MEGA_BITS = 21, SMALL_BITS = 12 };

static const struct m_lookup invalid_root = {.words = 1, .word = {SEL4_LOOKUP_INVALID_ROOT}};

/* ---- Looking ------------------------------------------------------------------------------------------------ */

unsigned frame_bits(struct m_cap frame) {
    return frame.size_bits;
}

int table_at(u64 address) {
    for (int i = 0; i < TABLES; i++) {
        if (tables[i].alive && tables[i].address == address) {
            return i;
        }
    }
    return NOBODY;
}

static struct m_pool *pool_of(u64 asid) {
    for (int i = 0; i < POOLS; i++) {
        if (pools[i].alive && pools[i].first == asid / POOL_ENTRIES * POOL_ENTRIES) {
            return &pools[i];
        }
    }
    return NULL;
}

int space_root(u64 asid) {
    const struct m_pool *pool = pool_of(asid);

    return asid == 0 || pool == NULL ? NOBODY : pool->root[asid % POOL_ENTRIES];
}

bool is_root(struct m_cap table) {
    return table.kind == SEL4_CAP_PAGE_TABLE && table.asid != 0 &&
           space_root(table.asid) == table.object;
}

static struct m_entry *entry_in(int table, unsigned bits, u64 vaddr) {
    return &tables[table].entry[(vaddr >> bits) % TABLE_ENTRIES];
}

/* The entry for an address in the lowest table there is for it; an entry stands for 2^*bits bytes. */
static struct m_entry *walk(int root, u64 vaddr, unsigned *bits) {
    struct m_entry *entry = entry_in(root, GIGA_BITS, vaddr);

    *bits = GIGA_BITS;
    while (entry->kind == ENTRY_TO_TABLE) {
        *bits -= 9;
        entry = entry_in(table_at(entry->address), *bits, vaddr);
    }
    return entry;
}

static void clear_entry(struct m_entry *entry) {
    *entry = (struct m_entry){0};
    m.map_changes++;
}

/* ---- Undoing ------------------------------------------------------------------------------------------------ */

void frame_unmap(struct m_cap frame) {
    int root = space_root(frame.asid);
    unsigned bits;

    if (root == NOBODY) {
        return;
    }
    struct m_entry *entry = walk(root, frame.vaddr, &bits);

    if (bits == frame_bits(frame) && entry->kind == ENTRY_TO_FRAME &&
        entry->address == frames[frame.object].address) {
        clear_entry(entry);
    }
}

/* The table hangs in one of the two upper levels, or nowhere. */
void table_unmap(struct m_cap table) {
    int above = space_root(table.asid);

    for (unsigned bits = GIGA_BITS; bits >= MEGA_BITS && above != NOBODY; bits -= 9) {
        struct m_entry *entry = entry_in(above, bits, table.vaddr);

        if (entry->kind != ENTRY_TO_TABLE) {
            return;
        }
        above = table_at(entry->address);
        if (above == table.object) {
            clear_entry(entry);
            return;
        }
    }
}

void table_destroyed(struct m_cap table) {
    if (is_root(table)) {
        pool_of(table.asid)->root[table.asid % POOL_ENTRIES] = NOBODY;
    } else {
        table_unmap(table);
    }
    tables[table.object].alive = false;
}

void pool_destroyed(int pool) {
    pools[pool].alive = false;
}

/* ---- Mapping ------------------------------------------------------------------------------------------------ */

static enum sel4_error find_space(struct m_call *call, int *root, u64 *asid) {
    struct m_cap cap = call_extra(call, 0);

    if (cap.kind != SEL4_CAP_PAGE_TABLE || cap.asid == 0) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    *asid = cap.asid;
    *root = space_root(cap.asid);
    if (*root == NOBODY) {
        return call_refuse_lookup(call, false, invalid_root);
    }
    return *root == cap.object ? SEL4_NO_ERROR : call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
}

enum sel4_error page_map(struct m_call *call) {
    struct m_cap *frame = &slots[call->slot].cap;
    u64 vaddr = call_argument(call, 0);
    u64 address = frames[frame->object].address;
    u64 size = BIT(frame_bits(*frame));
    int root = NOBODY;
    u64 asid = 0;
    unsigned bits;
    enum sel4_error error = find_space(call, &root, &asid);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (vaddr >= SEL4_USER_TOP || vaddr + size - 1 >= SEL4_USER_TOP) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    if (vaddr % size != 0) {
        return SEL4_ALIGNMENT_ERROR;
    }
    if (frame->asid != 0 && frame->asid != asid) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (frame->asid != 0 && frame->vaddr != vaddr) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    struct m_entry *entry = walk(root, vaddr, &bits);
    bool mine = frame->asid != 0 && entry->kind == ENTRY_TO_FRAME && entry->address == address;
    if (bits > frame_bits(*frame) && entry->kind == ENTRY_NOTHING) {
        return call_refuse_lookup(
            call, false,
            (struct m_lookup){.words = 2, .word = {SEL4_LOOKUP_MISSING_CAPABILITY, bits}});
    }
    if (bits != frame_bits(*frame) || (entry->kind != ENTRY_NOTHING && !mine)) {
        return SEL4_DELETE_FIRST;
    }
    u64 rights = call_argument(call, 1) & frame->rights;
    bool read = (rights & SEL4_RIGHT_READ) != 0;
    *entry = (struct m_entry){
        .kind = ENTRY_TO_FRAME,
        .address = address,
        .read = read,
        .write = read && (rights & SEL4_RIGHT_WRITE) != 0,
        .execute = read && (call_argument(call, 2) & SEL4_PAGE_ATTR_EXECUTE_NEVER) == 0};
    frame->asid = asid;
    frame->vaddr = vaddr;
    m.map_changes++;
    return SEL4_NO_ERROR;
}

static void forget_mapping(struct m_cap *cap) {
    cap->asid = 0;
    cap->vaddr = 0;
}

enum sel4_error page_unmap(struct m_call *call) {
    frame_unmap(call->cap);
    forget_mapping(&slots[call->slot].cap);
    return SEL4_NO_ERROR;
}

enum sel4_error page_get_address(struct m_call *call) {
    call->word[0] = frames[call->cap.object].address;
    call->words = 1;
    return SEL4_NO_ERROR;
}

enum sel4_error page_table_map(struct m_call *call) {
    struct m_cap *table = &slots[call->slot].cap;
    u64 vaddr = call_argument(call, 0);
    int root = NOBODY;
    u64 asid = 0;
    unsigned bits;

    if (table->asid != 0) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 0);
    }
    if (vaddr >= SEL4_USER_TOP) {
        return call_refuse(call, SEL4_INVALID_ARGUMENT, 0);
    }
    enum sel4_error error = find_space(call, &root, &asid);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct m_entry *entry = walk(root, vaddr, &bits);
    if (bits == SMALL_BITS || entry->kind != ENTRY_NOTHING) {
        return SEL4_DELETE_FIRST;
    }
    *entry = (struct m_entry){.kind = ENTRY_TO_TABLE, .address = tables[table->object].address};
    table->asid = asid;
    table->vaddr = vaddr >> bits << bits;
    m.map_changes++;
    return SEL4_NO_ERROR;
}

/* A table that is taken out is emptied: what it mapped does not come along to where it goes next. */
enum sel4_error page_table_unmap(struct m_call *call) {
    struct m_cap *table = &slots[call->slot].cap;

    if (!tree_is_last(call->slot) || is_root(*table)) {
        return SEL4_REVOKE_FIRST;
    }
    if (table->asid != 0) {
        table_unmap(*table);
        for (int i = 0; i < TABLE_ENTRIES; i++) {
            clear_entry(&tables[table->object].entry[i]);
        }
        forget_mapping(table);
    }
    return SEL4_NO_ERROR;
}

/* ---- ASIDs -------------------------------------------------------------------------------------------------- */

enum sel4_error make_pool(struct m_call *call) {
    struct m_cap *untyped = &slots[call->extra[0]].cap;
    u64 first = 0;
    int row = 0;
    int slot;

    while (pool_of(first) != NULL) {
        first += POOL_ENTRIES;
    }
    if (untyped->kind != SEL4_CAP_UNTYPED || untyped->size_bits != 12 || untyped->device) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    if (tree_has_children(call->extra[0])) {
        return SEL4_REVOKE_FIRST;
    }
    enum sel4_error error = call_find_empty(call, call_extra(call, 1), call_argument(call, 0),
                                            call_argument(call, 1), &slot);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    while (row < POOLS && pools[row].alive) {
        row++;
    }
    if (row == POOLS) {
        m.full = true;
        return SEL4_NO_ERROR;
    }
    pools[row] = (struct m_pool){.alive = true, .address = untyped->address, .first = first};
    for (int i = 0; i < POOL_ENTRIES; i++) {
        pools[row].root[i] = NOBODY;
    }
    untyped->used = BIT(untyped->size_bits);
    tree_add(call->extra[0], slot, (struct m_cap){.kind = SEL4_CAP_ASID_POOL, .object = row}, true);
    m.map_changes++;
    return SEL4_NO_ERROR;
}

enum sel4_error assign_asid(struct m_call *call) {
    struct m_pool *pool = &pools[call->cap.object];
    struct m_cap *table = &slots[call->extra[0]].cap;
    int at = pool->first == 0 ? 1 : 0; /* ASID 0 is nobody's */

    if (table->kind != SEL4_CAP_PAGE_TABLE || table->asid != 0) {
        return call_refuse(call, SEL4_INVALID_CAPABILITY, 1);
    }
    while (at < POOL_ENTRIES && pool->root[at] != NOBODY) {
        at++;
    }
    if (at == POOL_ENTRIES) {
        return SEL4_DELETE_FIRST;
    }
    pool->root[at] = table->object;
    table->asid = pool->first + (u64)at;
    table->vaddr = 0;
    m.map_changes++;
    return SEL4_NO_ERROR;
}
