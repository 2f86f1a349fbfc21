// SPDX-License-Identifier: BSD-2-Clause
/*
 * The root task (SEL4-ABI section 12). Its address space, 4 KiB pages throughout, user RWX:
 *
 *     image pages | IPC buffer | boot information | extra chunks (a power of two)
 *
 * Its CNode: the fixed slots, then from 16 on page tables, frames of the extra chunks, SchedControl, frames of
 * the image, untyped memory (devices first), empty slots.
 */
#include "kernel/entry/root_task.h"

#include "abi/peer_info.h"
#include "arch/memory.h"
#include "arch/vspace.h"
#include "kernel/cspace/derive.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/vspace.h"
#include "lib/boot_items.h"
#include "lib/bound.h"
#include "lib/string.h"
#include "mcs/refill.h"
#include "mcs/schedule.h"

#define INIT_ASID       1
#define INIT_PRIORITY   255
#define MAX_EXTRA_BITS  22
#define MAX_IMAGE_PAGES (1u << 20)

/* Everything the steps below share. */
struct build {
    const struct boot_record *record;
    const struct boot_user *user;
    struct boot_ranges *ranges;
    struct cslot *cnode;
    u64 slots;
    u64 next_slot;
    struct page_table *vspace;
    struct sel4_bootinfo *info;
    struct asid_pool *pool;
    u8 *buffer;
    u8 *extra;
    u64 extra_bytes;
    u64 buffer_vaddr;
    u64 info_vaddr;
    u64 extra_vaddr;
    u64 end_vaddr;
};

static struct cap frame_of(const void *page) {
    return frame_cap_make(arch_paddr(page), 0, FRAME_READ_WRITE, false);
}

static struct cap mapped(struct cap frame, u64 vaddr) {
    frame.word0 = mapping_word(vaddr, INIT_ASID);
    return frame;
}

static void put(struct build *b, u64 slot, struct cap cap) {
    derive_insert_root(&b->cnode[slot], cap);
}

/* Use the next free slot. False: the CNode is full. */
static bool put_next(struct build *b, struct cap cap) {
    if (b->next_slot >= b->slots) {
        return false;
    }
    put(b, b->next_slot++, cap);
    return true;
}

static u64 peer_chunk_bytes(const struct boot_record *record) {
    const struct boot_peer *peer = NULL;
    u64 peers = 0;

    BOUND(count_peers, BOOT_ITEMS_MAX);
    while ((peer = boot_record_find(record, BOOT_PEER, peer)) != NULL) {
        BOUND_STEP(count_peers);
        peers++;
    }
    return peers == 0 ? 0 : sizeof(struct peer_info) + peers * sizeof(struct peer_info_entry);
}

static u64 tree_chunk_bytes(const struct boot_record *record) {
    const struct boot_tree *tree = boot_record_find(record, BOOT_TREE, NULL);

    return tree == NULL ? 0 : sizeof(struct sel4_bootinfo_header) + tree->range.size;
}

/* Memory for all objects. NULL or a sentence. */
static const char *take_objects(struct build *b) {
    const struct core_config *config = kernel.config;
    u64 extra = peer_chunk_bytes(b->record) + align_up(tree_chunk_bytes(b->record), 3);

    b->extra_bytes = extra == 0 ? 0 : PAGE_SIZE;
    BOUND(extra_size, MAX_EXTRA_BITS);
    while (b->extra_bytes < extra && b->extra_bytes < BIT(MAX_EXTRA_BITS)) {
        BOUND_STEP(extra_size);
        b->extra_bytes *= 2;
    }
    b->slots = BIT(config->root_cnode_bits);
    b->cnode = boot_take(b->ranges, b->slots * sizeof(struct cslot), PAGE_BITS);
    b->vspace = boot_take(b->ranges, PAGE_SIZE, PAGE_BITS);
    b->pool = boot_take(b->ranges, PAGE_SIZE, PAGE_BITS);
    b->buffer = boot_take(b->ranges, PAGE_SIZE, PAGE_BITS);
    b->info = boot_take(b->ranges, PAGE_SIZE, PAGE_BITS);
    b->extra = boot_take(b->ranges, b->extra_bytes, PAGE_BITS);
    kernel.root_task = boot_take(b->ranges, BIT(SEL4_TCB_BITS), SEL4_TCB_BITS);
    if (b->cnode == NULL || b->vspace == NULL || b->pool == NULL || b->buffer == NULL ||
        b->info == NULL || b->extra == NULL || kernel.root_task == NULL || b->extra_bytes < extra) {
        return "there is too little memory for the root task's objects";
    }
    return NULL;
}

static const char *lay_out(struct build *b) {
    u64 image_end = b->user->virtual_base + b->user->image.size;

    b->buffer_vaddr = image_end;
    b->info_vaddr = b->buffer_vaddr + PAGE_SIZE;
    b->extra_vaddr = b->info_vaddr + PAGE_SIZE;
    b->end_vaddr = b->extra_vaddr + b->extra_bytes;
    if (!is_aligned(b->user->virtual_base | b->user->image.size | b->user->image.base, PAGE_BITS) ||
        b->user->image.size / PAGE_SIZE > MAX_IMAGE_PAGES ||
        b->user->virtual_base > ARCH_USER_LIMIT || b->end_vaddr > ARCH_USER_LIMIT) {
        return "the root task's image is not on whole pages below the user limit";
    }
    return NULL;
}

static void put_fixed(struct build *b) {
    unsigned radix = kernel.config->root_cnode_bits;

    put(b, SEL4_INIT_SLOT_TCB, cap_make(CAP_THREAD, arch_paddr(kernel.root_task).value, 0, 0));
    put(b, SEL4_INIT_SLOT_CNODE, cnode_cap_make(arch_paddr(b->cnode), radix, 64 - radix, 0));
    put(b, SEL4_INIT_SLOT_IRQ_CONTROL, cap_make(CAP_IRQ_CONTROL, 0, 0, 0));
    put(b, SEL4_INIT_SLOT_ASID_CONTROL, cap_make(CAP_ASID_CONTROL, 0, 0, 0));
    put(b, SEL4_INIT_SLOT_ASID_POOL, asid_pool_add(0, b->pool));
    put(b, SEL4_INIT_SLOT_VSPACE,
        asid_assign(b->pool, INIT_ASID, page_table_cap_make(arch_paddr(b->vspace), false, 0, 0)));
    put(b, SEL4_INIT_SLOT_BOOTINFO_FRAME, mapped(frame_of(b->info), b->info_vaddr));
    put(b, SEL4_INIT_SLOT_IPC_BUFFER_FRAME, mapped(frame_of(b->buffer), b->buffer_vaddr));
    put(b, SEL4_INIT_SLOT_DOMAIN, cap_make(CAP_DOMAIN, 0, 0, 0));
    b->next_slot = SEL4_NUM_INITIAL_CAPS;
}

/* Tables of one level over the whole range. NULL or a sentence. */
static const char *make_tables(struct build *b, unsigned level_bits) {
    BOUND(make_tables, MAX_IMAGE_PAGES);
    for (u64 vaddr = align_down(b->user->virtual_base, level_bits); vaddr < b->end_vaddr;
         vaddr += BIT(level_bits)) {
        BOUND_STEP(make_tables);
        struct page_table *table = boot_take(b->ranges, PAGE_SIZE, PAGE_BITS);

        if (table == NULL) {
            return "there is too little memory for the root task's page tables";
        }
        *arch_pt_walk(b->vspace, vaddr).slot = arch_pte_make_table(arch_paddr(table));
        if (!put_next(b, page_table_cap_make(arch_paddr(table), true, vaddr, INIT_ASID))) {
            return "the root CNode is too small for the root task's page tables";
        }
    }
    return NULL;
}

static void map_page(struct build *b, u64 vaddr, paddr_t page) {
    *arch_pt_walk(b->vspace, vaddr).slot = arch_pte_make_frame(page, true, true, true, true);
}

/* Map consecutive pages; with `slots`, a capability each. False: no slot left. */
static bool map_pages(struct build *b, u64 vaddr, paddr_t base, u64 bytes, bool slots) {
    BOUND(map_pages, MAX_IMAGE_PAGES);
    for (u64 offset = 0; offset < bytes; offset += PAGE_SIZE) {
        BOUND_STEP(map_pages);
        paddr_t page = paddr_of(base.value + offset);
        struct cap frame = frame_cap_make(page, 0, FRAME_READ_WRITE, false);

        map_page(b, vaddr + offset, page);
        if (slots && !put_next(b, mapped(frame, vaddr + offset))) {
            return false;
        }
    }
    return true;
}

static struct sel4_slot_region since(const struct build *b, u64 start) {
    return (struct sel4_slot_region){start, b->next_slot};
}

static const char *make_vspace(struct build *b) {
    static const char full[] = "the root CNode is too small for the root task's frames";
    const char *problem = make_tables(b, 30);

    if (problem == NULL) {
        problem = make_tables(b, 21);
    }
    if (problem != NULL) {
        return problem;
    }
    b->info->user_image_paging = since(b, SEL4_NUM_INITIAL_CAPS);
    u64 start = b->next_slot;

    (void)map_pages(b, b->buffer_vaddr, arch_paddr(b->buffer), PAGE_SIZE, false);
    (void)map_pages(b, b->info_vaddr, arch_paddr(b->info), PAGE_SIZE, false);
    if (!map_pages(b, b->extra_vaddr, arch_paddr(b->extra), b->extra_bytes, true)) {
        return full;
    }
    b->info->extra_bi_pages = since(b, start);
    start = b->next_slot;
    if (!put_next(b, cap_make(CAP_SCHED_CONTROL, 0, 0, kernel.partition->core))) {
        return full;
    }
    b->info->sched_control = since(b, start);
    start = b->next_slot;
    if (!map_pages(b, b->user->virtual_base, paddr_of(b->user->image.base), b->user->image.size,
                   true)) {
        return full;
    }
    b->info->user_image_frames = since(b, start);
    arch_instruction_sync();
    return NULL;
}

/* A range as naturally aligned powers of two. False: the list or the CNode is full; the rest is not handed out. */
static bool add_untyped(struct build *b, struct boot_range range, bool device) {
    BOUND(add_untyped, SEL4_MAX_BOOTINFO_UNTYPED_CAPS);
    while (range.size >= BIT(SEL4_MIN_UNTYPED_BITS)) {
        u64 index = b->next_slot - b->info->untyped.start;
        unsigned bits = boot_chunk_bits(range);
        /* Used up on paper: the first Retype clears it. Device memory is never cleared. */
        u64 free_offset = device ? 0 : BIT(bits);

        if (index >= SEL4_MAX_BOOTINFO_UNTYPED_CAPS ||
            !put_next(b, untyped_cap_make(paddr_of(range.base), bits, device, free_offset))) {
            return false;
        }
        BOUND_STEP(add_untyped);
        b->info->untyped_list[index] = (struct sel4_untyped_desc){
            .paddr = range.base, .size_bits = (u8)bits, .is_device = device};
        range.base += BIT(bits);
        range.size -= BIT(bits);
    }
    return true;
}

/* The part of a pair region that user space may have: all but the kernels' own page. */
static struct boot_range shared_part(const struct boot_peer *peer) {
    return (struct boot_range){peer->pair.base + PAGE_SIZE, peer->pair.size - PAGE_SIZE};
}

/* All memory that is user space's, as far as bootinfo and the root CNode hold it. NULL or a sentence. */
static const char *add_all_untyped(struct build *b) {
    const struct boot_device *device = NULL;
    const struct boot_peer *peer = NULL;

    b->info->untyped.start = b->next_slot;
    BOUND(untyped_devices, BOOT_ITEMS_MAX);
    while ((device = boot_record_find(b->record, BOOT_DEVICE, device)) != NULL) {
        BOUND_STEP(untyped_devices);
        if (!boot_is_elsewhere(b->record, device->range)) {
            return "a device of the boot record is not whole pages outside the partition's memory";
        }
        (void)add_untyped(b, device->range, true);
    }
    BOUND(untyped_peers, BOOT_ITEMS_MAX);
    while ((peer = boot_record_find(b->record, BOOT_PEER, peer)) != NULL) {
        BOUND_STEP(untyped_peers);
        (void)add_untyped(b, shared_part(peer), true);
    }
    BOUND(untyped_ram, BOOT_RANGES);
    for (unsigned i = 0; i < b->ranges->count; i++) {
        BOUND_STEP(untyped_ram);
        (void)add_untyped(b, b->ranges->range[i], false);
    }
    b->info->untyped.end = b->next_slot;
    b->info->empty = (struct sel4_slot_region){b->next_slot, b->slots};
    return NULL;
}

static u64 fill_tree(struct build *b, u8 *at) {
    const struct boot_tree *tree = boot_record_find(b->record, BOOT_TREE, NULL);
    struct sel4_bootinfo_header *head = (struct sel4_bootinfo_header *)at;

    if (tree == NULL) {
        return 0;
    }
    *head = (struct sel4_bootinfo_header){SEL4_BOOTINFO_FDT, tree_chunk_bytes(b->record)};
    memcpy(head + 1, arch_ptr(paddr_of(tree->range.base)), tree->range.size);
    return head->length;
}

static u64 fill_peers(struct build *b, u8 *at) {
    struct peer_info *info = (struct peer_info *)at;
    const struct boot_peer *peer = NULL;
    u64 length = peer_chunk_bytes(b->record);

    if (length == 0) {
        return 0;
    }
    *info = (struct peer_info){.id = PEER_INFO_ID, .length = length};
    BOUND(fill_peers, BOOT_ITEMS_MAX);
    while ((peer = boot_record_find(b->record, BOOT_PEER, peer)) != NULL) {
        BOUND_STEP(fill_peers);
        struct peer_info_entry *entry = &info->peer[info->peers++];

        *entry = (struct peer_info_entry){.core = peer->core,
                                          .send_lines = peer->send_lines,
                                          .receive_lines = peer->receive_lines,
                                          .shared_base = shared_part(peer).base,
                                          .shared_size = shared_part(peer).size};
        memcpy(entry->name, peer->name, BOOT_NAME_BYTES);
    }
    return length;
}

static void fill_info(struct build *b) {
    struct sel4_bootinfo *info = b->info;
    u64 peers = fill_peers(b, b->extra);

    info->extra_len = peers + fill_tree(b, b->extra + peers);
    info->num_nodes = 1;
    info->ipc_buffer = b->buffer_vaddr;
    info->init_thread_cnode_size_bits = kernel.config->root_cnode_bits;
}

/* A copy, as TCB.Configure would make it: of a frame it stands for no mapping, so it can go without one ending. */
static void hold(struct build *b, enum tcb_slot index, u64 slot) {
    struct cap cap = b->cnode[slot].cap;

    derive_insert(&b->cnode[slot], &kernel.root_task->slot[index],
                  cap_is(cap, CAP_FRAME) ? cap_unmapped(cap) : cap);
}

/* The thread and its context; the context of 2^7 bytes comes last from the boot memory. */
static const char *make_thread(struct build *b) {
    struct tcb *tcb = kernel.root_task;
    struct sched_context *sc =
        boot_take(b->ranges, BIT(SEL4_MIN_SCHED_CONTEXT_BITS), SEL4_MIN_SCHED_CONTEXT_BITS);

    if (sc == NULL) {
        return "there is too little memory for the root task's scheduling context";
    }
    put(b, SEL4_INIT_SLOT_SCHED_CONTEXT,
        cap_make(CAP_SCHED_CONTEXT, arch_paddr(sc).value, SEL4_MIN_SCHED_CONTEXT_BITS, 0));
    arch_context_init(&tcb->context);
    tcb->context.reg[REG_PC] = b->user->entry;
    tcb->context.reg[REG_A0] = b->info_vaddr;
    tcb->priority = INIT_PRIORITY;
    tcb->mcp = INIT_PRIORITY;
    tcb->domain = kernel.domain;
    tcb->buffer_address = b->buffer_vaddr;
    memcpy(tcb->name, "rootserver", sizeof "rootserver");
    refill_new(sc, 2, kernel.config->boot_slice_us * kernel.ticks_per_us, 0, 0, kernel.now);
    sc->tcb = tcb;
    tcb->sc = sc;
    tcb->state = THREAD_RUNNABLE;
    return NULL;
}

const char *root_task_create(const struct boot_record *record, struct boot_ranges *ranges) {
    struct build b = {
        .record = record, .ranges = ranges, .user = boot_record_find(record, BOOT_USER, NULL)};
    const char *problem = take_objects(&b);

    if (problem == NULL) {
        problem = lay_out(&b);
    }
    if (problem == NULL) {
        problem = make_thread(&b);
    }
    if (problem != NULL) {
        return problem;
    }
    kernel.root_cnode = b.cnode;
    put_fixed(&b);
    problem = make_vspace(&b);
    if (problem != NULL) {
        return problem;
    }
    hold(&b, TCB_CSPACE, SEL4_INIT_SLOT_CNODE);
    hold(&b, TCB_VSPACE, SEL4_INIT_SLOT_VSPACE);
    hold(&b, TCB_BUFFER, SEL4_INIT_SLOT_IPC_BUFFER_FRAME);
    tcb_buffer_changed(kernel.root_task);
    fill_info(&b);
    thread_wake(kernel.root_task);
    return add_all_untyped(&b);
}
