// SPDX-License-Identifier: BSD-2-Clause
// Planning the init task's work. The plan is a list of actions; slots are given out in order, so a slot is
// known to later actions by its number. The order:
//
//     1  the init task's own console ring, so that it can say what fails after that
//     2  the monitor's endpoint, reply object and notification
//     3  each domain: objects, address space, pages of its image, its stack, ring and statistics
//     4  memory that domains map
//     5  channels, protected calls, interrupts, doorbells: capabilities into the domains' CNodes
//     6  each domain's thread and scheduling context; what the monitor watches
//     7  the init task's own budget, then every domain starts
//
// Numbers of objects and rights are seL4's (SEL4-ABI 4 and 6).
#define _GNU_SOURCE // open_memstream
#include "tools/emit_init.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/init_table.h"
#include "tools/place.h"
#include "tools/units.h"
#include "user/init/watch.h"
#include "user/microkit/layout.h"

#define MAX_ACTIONS 65536u
#define MAX_TABLES  4096u
#define MAX_FRAMES  16384u

enum object_type {
    OBJECT_TCB = 1,
    OBJECT_ENDPOINT = 2,
    OBJECT_NOTIFICATION = 3,
    OBJECT_CNODE = 4,
    OBJECT_SCHED_CONTEXT = 5,
    OBJECT_REPLY = 6,
    OBJECT_FRAME_4K = 8,
    OBJECT_FRAME_2M = 9,
    OBJECT_PAGE_TABLE = 10
};

// seL4_CapRights words.
#define RIGHT_WRITE       1u
#define RIGHT_READ        2u
#define RIGHT_GRANT_REPLY 8u
#define RIGHTS_ALL        15u
#define EXECUTE_NEVER     1u

#define KERNEL_SLOTS      400u // fixed slots, untypeds (230 at most), page tables, pieces of untypeds
#define INIT_TCB          (INIT_SLOT_FIXED + 1)
#define INIT_VSPACE       (INIT_SLOT_FIXED + 3)
#define INIT_SC           (INIT_SLOT_FIXED + 14)
#define MONITOR_BUDGET_US 1000u // what handling faults may cost the core's domains, per period
#define MONITOR_PERIOD_US 10000u
#define SPORADIC_FLAG     1u
#define SC_LEAST_BITS     7u
#define REFILL_BYTES      16u
#define FPU_DISABLED      1u // seL4_TCBFlag_fpuDisabled

// A page table that exists: which address space, which level, which stretch of addresses.
struct table {
    u64 vspace;
    unsigned level_bits; // 30: maps a GiB; 21: maps 2 MiB
    u64 base;
};

struct domain_slots {
    u64 tcb, sc, cnode, vspace, notification, endpoint, reply, buffer;
    u64 cnode_bits;
    u64 sp; // 0: the program's start-up code loads it
};

// Frames of a region of the core's own memory, made when the first mapping asks for them.
struct region_slots {
    u64 *frame; // a slot for each page
    bool made;
};

// A frame at a known address, taken from the core's device memory once; further uses are copies of it.
struct physical_frame {
    u64 base;
    u64 slot;
};

struct planner {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
    struct core *core;
    struct image *init;
    struct init_action *actions;
    unsigned action_count;
    u32 line; // of the file, for the actions being planned
    u64 next_slot;
    struct table *tables;
    unsigned table_count;
    struct physical_frame *frames;
    unsigned frame_count;
    struct domain_slots *domains; // by index within the system
    struct region_slots *regions; // by index within the system
    const u8 **payload;           // pages to append to the user image
    u64 payload_count, payload_room, payload_first;
    u64 monitor_endpoint, monitor_reply, monitor_notification;
    struct object_list objects; // everything created
    u64 object_bytes;           // of them all
    bool failed;
};

/* ---- Actions and objects ----------------------------------------------------------------------- */

static void act(struct planner *planner, u32 kind, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5,
                u64 a6) {
    if (planner->action_count == MAX_ACTIONS) {
        planner->failed = true;
        return;
    }
    planner->actions[planner->action_count++] = (struct init_action){
        .kind = kind, .line = planner->line, .arg = {a0, a1, a2, a3, a4, a5, a6}};
}

// Bytes of an object as a power of two (SEL4-ABI 6).
static u64 object_bits(enum object_type type, u64 size_bits) {
    static const u8 BITS[] = {
        [OBJECT_TCB] = 11,      [OBJECT_ENDPOINT] = 4,      [OBJECT_NOTIFICATION] = 6,
        [OBJECT_CNODE] = 5,     [OBJECT_SCHED_CONTEXT] = 0, [OBJECT_REPLY] = 5,
        [OBJECT_FRAME_4K] = 12, [OBJECT_FRAME_2M] = 21,     [OBJECT_PAGE_TABLE] = 12};
    return BITS[type] + (type == OBJECT_CNODE || type == OBJECT_SCHED_CONTEXT ? size_bits : 0);
}

static u64 create(struct planner *planner, enum object_type type, u64 size_bits) {
    u64 slot = planner->next_slot++;
    if (planner->objects.count < MAX_ACTIONS) {
        planner->objects.bits[planner->objects.count++] = (u8)object_bits(type, size_bits);
    }
    planner->object_bytes += BIT(object_bits(type, size_bits));
    act(planner, INIT_CREATE, slot, type, size_bits, 0, 0, 0, 0);
    return slot;
}

static u64 copy(struct planner *planner, u64 source, u64 rights, u64 badge) {
    u64 slot = planner->next_slot++;
    act(planner, INIT_COPY, slot, source, rights, badge, 0, 0, 0);
    return slot;
}

// The frame at `base`: cut out of device memory the first time, a fresh copy after that.
static u64 device_frame(struct planner *planner, u64 base, u64 size_bits) {
    for (unsigned i = 0; i < planner->frame_count; i++) {
        if (planner->frames[i].base == base) {
            return copy(planner, planner->frames[i].slot, RIGHTS_ALL, 0);
        }
    }
    if (planner->frame_count == MAX_FRAMES) {
        planner->failed = true;
        return INIT_SLOT_NONE;
    }
    u64 slot = planner->next_slot++;
    planner->frames[planner->frame_count++] = (struct physical_frame){base, slot};
    act(planner, INIT_DEVICE_FRAME, slot, base, size_bits, 0, 0, 0, 0);
    return slot;
}

// Into a domain's CNode.
static void mint(struct planner *planner, const struct domain_slots *to, u64 index, u64 source,
                 u64 rights, u64 badge) {
    act(planner, INIT_MINT, to->cnode, index, to->cnode_bits, source, rights, badge, 0);
}

/* ---- Address spaces ---------------------------------------------------------------------------- */

static void table_ensure(struct planner *planner, u64 vspace, u64 vaddr, unsigned level_bits) {
    u64 base = vaddr >> level_bits;
    for (unsigned i = 0; i < planner->table_count; i++) {
        const struct table *table = &planner->tables[i];
        if (table->vspace == vspace && table->level_bits == level_bits && table->base == base) {
            return;
        }
    }
    if (planner->table_count == MAX_TABLES) {
        planner->failed = true;
        return;
    }
    planner->tables[planner->table_count++] = (struct table){vspace, level_bits, base};
    u64 slot = create(planner, OBJECT_PAGE_TABLE, 0);
    act(planner, INIT_MAP_TABLE, slot, vspace, base << level_bits, 0, 0, 0, 0);
}

static void map(struct planner *planner, u64 frame, u64 vspace, u64 vaddr, u32 perms,
                u64 page_bits) {
    table_ensure(planner, vspace, vaddr, 30);
    if (page_bits == 12) {
        table_ensure(planner, vspace, vaddr, 21);
    }
    u64 rights = (perms & PERM_WRITE ? RIGHT_WRITE : 0) | RIGHT_READ;
    act(planner, INIT_MAP_FRAME, frame, vspace, vaddr, rights,
        perms & PERM_EXECUTE ? 0 : EXECUTE_NEVER, 0, 0);
}

/* ---- Images ------------------------------------------------------------------------------------ */

static bool page_is_zero(const u8 *page) {
    for (unsigned i = 0; i < PAGE_SIZE; i++) {
        if (page[i]) {
            return false;
        }
    }
    return true;
}

// The number of the page is known when the table's own length is; until then payload pages count from 0.
static u64 payload_add(struct planner *planner, const u8 *page) {
    if (planner->payload_count == planner->payload_room) {
        planner->payload_room = 2 * planner->payload_room + 64;
        const u8 **more = ARENA_ARRAY(planner->arena, const u8 *, planner->payload_room);
        if (planner->payload_count) {
            memcpy(more, planner->payload, planner->payload_count * sizeof(more[0]));
        }
        planner->payload = more;
    }
    planner->payload[planner->payload_count] = page;
    return planner->payload_count++;
}

// A frame with the page's contents: a new one if they are all zero, else one carried in the payload.
static u64 page_frame(struct planner *planner, const u8 *page) {
    if (page_is_zero(page)) {
        return create(planner, OBJECT_FRAME_4K, 0);
    }
    u64 slot = planner->next_slot++;
    act(planner, INIT_IMAGE_FRAME, slot, payload_add(planner, page), 0, 0, 0, 0, 0);
    return slot;
}

static void image_map(struct planner *planner, const struct domain *domain,
                      struct domain_slots *slots) {
    const struct image *image = domain->image;
    u64 buffer = 0, bytes = 0;
    image_symbol(image, "__sel4_ipc_buffer_obj", &buffer, &bytes);
    for (u64 page = 0; page < image->bytes / PAGE_SIZE; page++) {
        u64 vaddr = image->base + page * PAGE_SIZE;
        if (!image->perms[page]) {
            continue; // a hole, such as the guard page under the stack
        }
        u64 frame = page_frame(planner, image->data + page * PAGE_SIZE);
        map(planner, frame, slots->vspace, vaddr, image->perms[page], 12);
        if (vaddr == buffer) {
            slots->buffer = frame;
        }
    }
}

// Variables of our own runtime are words that assembly may define without a size.
static bool patch(const struct image *image, const char *symbol, u64 value) {
    u64 address, bytes;
    u8 *at = image_symbol(image, symbol, &address, &bytes) ? image_at(image, address, 8) : NULL;
    for (unsigned i = 0; at && i < 8; i++) {
        at[i] = (u8)(value >> (8 * i));
    }
    return at != NULL;
}

static u64 index_of(const struct planner *planner, const struct domain *domain) {
    return (u64)(domain - planner->system->domains);
}

static struct domain_slots *slots_of(struct planner *planner, const struct domain *domain) {
    return &planner->domains[index_of(planner, domain)];
}

static void patch_channels(struct planner *planner, const struct domain *domain) {
    u64 irqs = 0, notifications = 0, calls = 0, doorbells = 0;
    const struct system *system = planner->system;
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        irqs |= system->interrupts[i].domain == domain ? BIT(system->interrupts[i].id) : 0;
    }
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel_end *end = &system->channels[i / 2].end[i % 2];
        const struct channel_end *other = &system->channels[i / 2].end[1 - i % 2];
        if (end->domain != domain) {
            continue;
        }
        notifications |= end->notify ? BIT(end->id) : 0;
        calls |= end->pp ? BIT(end->id) : 0;
        doorbells |= other->notify && other->domain->core != domain->core ? BIT(end->id) : 0;
    }
    patch(domain->image, "microkit_irqs", irqs);
    patch(domain->image, "microkit_notifications", notifications);
    patch(domain->image, "microkit_pps", calls);
    patch(domain->image, "rt_doorbells", doorbells);
}

static void patch_domain(struct planner *planner, const struct domain *domain) {
    const struct image *image = domain->image;
    image_set_text(image, "microkit_name", domain->name);
    image_set_number(image, "microkit_passive", domain->passive);
    image_set_text(image, "rt_core_name", domain->core->name);
    patch(image, "rt_console_ring", PD_MAP_BASE);
    patch(image, "rt_stats_page", PD_MAP_BASE + PAGE_SIZE);
    patch(image, "rt_timebase_hz", planner->system->machine.timebase_hz);
    patch(image, "rt_budget_us", domain->passive ? 0 : domain->budget_ns / 1000);
    patch(image, "rt_period_us", domain->task ? domain->task->period_ns / 1000 : 0);
    patch(image, "rt_deadline_us", domain->task ? domain->task->deadline_ns / 1000 : 0);
    patch_channels(planner, domain);
    for (const struct setvar *setvar = domain->setvars; setvar; setvar = setvar->next) {
        image_set_number(image, setvar->symbol, setvar_value(setvar));
    }
}

/* ---- The console program ----------------------------------------------------------------------- */

// Every console ring and every statistics page of the system, in two rows of pages.
static void console_map(struct planner *planner, const struct domain *domain) {
    struct system *system = planner->system;
    u64 vspace = slots_of(planner, domain)->vspace;
    u64 rings = 0, statistics = 0, exit_mask = 0;
    u64 vaddr = PD_RINGS;
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        for (unsigned page = 0; page < LOG_PAGE_DOMAIN(0); page++, rings++, vaddr += PAGE_SIZE) {
            map(planner, device_frame(planner, core->log.base + page * PAGE_SIZE, 12), vspace,
                vaddr, PERM_READ | PERM_WRITE, 12);
        }
    }
    for (unsigned kind = 0; kind < 2; kind++) {
        for (unsigned i = 0; i < system->domain_count; i++, vaddr += PAGE_SIZE) {
            const struct domain *other = &system->domains[i];
            u64 base = kind ? other->stats : other->ring;
            map(planner, device_frame(planner, base, 12), vspace, vaddr, PERM_READ | PERM_WRITE,
                12);
            exit_mask |= kind && other->ends_run && i < 64 ? BIT(i) : 0;
        }
    }
    rings += system->domain_count;
    statistics = system->domain_count;
    patch(domain->image, "console_rings", PD_RINGS);
    patch(domain->image, "console_ring_count", rings);
    patch(domain->image, "console_stats", PD_RINGS + rings * PAGE_SIZE);
    patch(domain->image, "console_stats_count", statistics);
    patch(domain->image, "console_report_us", REPORT_US);
    patch(domain->image, "console_exit_mask", exit_mask ? exit_mask : ~0ull);
}

/* ---- Domains: objects and memory --------------------------------------------------------------- */

static bool needs_endpoint(const struct planner *planner, const struct domain *domain) {
    const struct system *system = planner->system;
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].parent == domain) {
            return true;
        }
    }
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel *channel = &system->channels[i / 2];
        if (channel->end[i % 2].domain == domain && channel->end[1 - i % 2].pp) {
            return true;
        }
    }
    return false;
}

// Bytes of a scheduling context with room for the refills, as a power of two.
static u64 sc_bits(u32 refills) {
    u64 bits = SC_LEAST_BITS;
    while (2 + (BIT(bits) - BIT(SC_LEAST_BITS)) / REFILL_BYTES < refills) {
        bits++;
    }
    return bits;
}

static bool has_caps(const struct planner *planner, const struct domain *domain) {
    for (unsigned i = 0; i < planner->system->cap_count; i++) {
        if (planner->system->caps[i].holder == domain) {
            return true;
        }
    }
    return false;
}

static void domain_create(struct planner *planner, const struct domain *domain) {
    struct domain_slots *slots = slots_of(planner, domain);
    slots->tcb = create(planner, OBJECT_TCB, 0);
    slots->sc = create(planner, OBJECT_SCHED_CONTEXT, sc_bits(domain->refills));
    slots->cnode_bits = has_caps(planner, domain) ? PD_CNODE_BITS_MORE : PD_CNODE_BITS;
    slots->cnode = create(planner, OBJECT_CNODE, slots->cnode_bits);
    slots->vspace = create(planner, OBJECT_PAGE_TABLE, 0);
    slots->notification = create(planner, OBJECT_NOTIFICATION, 0);
    slots->endpoint =
        needs_endpoint(planner, domain) ? create(planner, OBJECT_ENDPOINT, 0) : INIT_SLOT_NONE;
    slots->reply = create(planner, OBJECT_REPLY, 0);
    slots->buffer = INIT_SLOT_NONE;
    act(planner, INIT_ASSIGN_ASID, slots->vspace, 0, 0, 0, 0, 0, 0);
}

// Our programs bring a stack; a larger one lies by itself, with nothing mapped below it. Programs linked with
// Microkit's own library bring none, and begin with the stack pointer set.
static void stack_create(struct planner *planner, const struct domain *domain) {
    u64 address, bytes;
    bool own = image_symbol(domain->image, "rt_stack_top", &address, &bytes);
    if (own && !node_value(domain->node, ATTRIBUTE_STACK_SIZE)->given) {
        return;
    }
    if (!own || !patch(domain->image, "rt_stack_top", PD_STACK_TOP)) {
        slots_of(planner, domain)->sp = PD_STACK_TOP;
    }
    for (u64 offset = domain->stack_bytes; offset; offset -= PAGE_SIZE) {
        map(planner, create(planner, OBJECT_FRAME_4K, 0), slots_of(planner, domain)->vspace,
            PD_STACK_TOP - offset, PERM_READ | PERM_WRITE, 12);
    }
}

// The page through which the kernel and the domain exchange messages: of the image, or, as Microkit's linker
// script has it, behind it.
static bool buffer_find(struct planner *planner, const struct domain *domain,
                        struct domain_slots *slots) {
    u64 buffer = 0, bytes = 0;
    bool there = image_symbol(domain->image, "__sel4_ipc_buffer_obj", &buffer, &bytes);
    if (slots->buffer == INIT_SLOT_NONE && there && buffer && buffer % PAGE_SIZE == 0) {
        slots->buffer = create(planner, OBJECT_FRAME_4K, 0);
        map(planner, slots->buffer, slots->vspace, buffer, PERM_READ | PERM_WRITE, 12);
    }
    return slots->buffer != INIT_SLOT_NONE;
}

static bool domain_build(struct planner *planner, struct domain *domain) {
    struct domain_slots *slots = slots_of(planner, domain);
    planner->line = domain->node->at.line;
    domain_create(planner, domain);
    stack_create(planner, domain);
    patch_domain(planner, domain);
    if (domain == console_domain(planner->system)) {
        console_map(planner, domain);
    }
    image_map(planner, domain, slots);
    if (!buffer_find(planner, domain, slots)) {
        struct diag *diag =
            diag_error(planner->diags, SK072, domain->image_node->at,
                       "image \"%s\" has no page \"__sel4_ipc_buffer_obj\"", domain->image_path);
        diag_help(diag, "link it with the runtime of protection domains (user/microkit)");
        return false;
    }
    // The program sees its ring and statistics, the init task the statistics, each through its own mapping.
    u32 perms = PERM_READ | PERM_WRITE;
    map(planner, device_frame(planner, domain->ring, 12), slots->vspace, PD_MAP_BASE, perms, 12);
    map(planner, device_frame(planner, domain->stats, 12), slots->vspace, PD_MAP_BASE + PAGE_SIZE,
        perms, 12);
    map(planner, device_frame(planner, domain->stats, 12), INIT_VSPACE,
        INIT_MAP_BASE + PAGE_SIZE * (1 + domain->index), perms, 12);
    return true;
}

// Registers and memory of two cores are not: others may use them already.
static bool region_is_memory(const struct region *region) {
    return region->core && !region->fixed;
}

// The bytes of a region's file that lie in its page of 4 KiB; NULL: past its end. A whole page, always.
static const u8 *prefill_page(struct planner *planner, const struct region *region, u64 offset) {
    const struct bytes *prefill = region->prefill;
    if (!prefill || offset >= prefill->size) {
        return NULL;
    }
    u64 left = prefill->size - offset;
    if (left >= PAGE_SIZE) {
        return prefill->data + offset;
    }
    u8 *page = arena_alloc(planner->arena, PAGE_SIZE);
    memcpy(page, prefill->data + offset, left);
    return page;
}

// Frames that do not come out of the kernel's allocator, which clears them, or in one piece with their
// contents: cleared and filled by the init task, 4 KiB at a time.
static void frame_fill(struct planner *planner, const struct region *region, u64 frame, u64 page,
                       bool clear) {
    table_ensure(planner, INIT_VSPACE, INIT_FILL_BASE, 30);
    if (region->page_bits == 12) {
        table_ensure(planner, INIT_VSPACE, INIT_FILL_BASE, 21);
    }
    for (u64 offset = 0; offset < BIT(region->page_bits); offset += PAGE_SIZE) {
        const u8 *contents = prefill_page(planner, region, (page << region->page_bits) + offset);
        if (contents || clear) {
            act(planner, INIT_FILL, frame, offset,
                contents ? payload_add(planner, contents) : INIT_SLOT_NONE, 0, 0, 0, 0);
        }
    }
}

// One frame of a region of this core's memory, with its contents.
static u64 region_frame(struct planner *planner, const struct region *region, u64 page) {
    if (region->placed) {
        u64 frame =
            device_frame(planner, region->base + (page << region->page_bits), region->page_bits);
        frame_fill(planner, region, frame, page, true);
        return frame;
    }
    if (region->page_bits == 21) {
        u64 frame = create(planner, OBJECT_FRAME_2M, 0);
        frame_fill(planner, region, frame, page, false);
        return frame;
    }
    const u8 *contents = prefill_page(planner, region, page * PAGE_SIZE);
    return contents ? page_frame(planner, contents) : create(planner, OBJECT_FRAME_4K, 0);
}

// All frames of a region, in slots one after the other.
static void region_build(struct planner *planner, const struct region *region) {
    struct region_slots *slots = &planner->regions[region - planner->system->regions];
    u64 pages = region->size >> region->page_bits;
    slots->made = true;
    slots->frame = ARENA_ARRAY(planner->arena, u64, pages + 1);
    for (u64 page = 0; page < pages; page++) {
        slots->frame[page] = region_frame(planner, region, page);
    }
}

// One frame of what a mapping maps, not mapped anywhere yet.
static u64 mapping_frame(struct planner *planner, const struct mapping *mapping, u64 page,
                         u64 page_bits, bool first) {
    const struct region *region = mapping->region;
    if (!region) {
        return device_frame(planner, mapping->device->pages.base + (page << page_bits), page_bits);
    }
    if (!region_is_memory(region)) {
        return device_frame(planner, region->base + (page << page_bits), page_bits);
    }
    u64 frame = planner->regions[region - planner->system->regions].frame[page];
    return first ? frame : copy(planner, frame, RIGHTS_ALL, 0);
}

static void mapping_build(struct planner *planner, const struct mapping *mapping) {
    const struct region *region = mapping->region;
    u64 page_bits = region ? region->page_bits : 12;
    u64 pages = mapping->size >> page_bits;
    bool first = false;
    planner->line = mapping->node->at.line;
    if (region && region_is_memory(region) &&
        !planner->regions[region - planner->system->regions].made) {
        first = true;
        region_build(planner, region);
    }
    for (u64 page = 0; page < pages; page++) {
        map(planner, mapping_frame(planner, mapping, page, page_bits, first),
            slots_of(planner, mapping->domain)->vspace, mapping->vaddr + (page << page_bits),
            mapping->perms, page_bits);
    }
}

/* ---- Capabilities ------------------------------------------------------------------------------ */

static void domain_capabilities(struct planner *planner, const struct domain *domain) {
    const struct domain_slots *slots = slots_of(planner, domain);
    planner->line = domain->node->at.line;
    u64 input = slots->endpoint != INIT_SLOT_NONE ? slots->endpoint : slots->notification;
    mint(planner, slots, PD_SLOT_INPUT, input, RIGHT_READ, 0);
    mint(planner, slots, PD_SLOT_REPLY, slots->reply, RIGHTS_ALL, 0);
    mint(planner, slots, PD_SLOT_TCB, slots->tcb, RIGHTS_ALL, 0);
    mint(planner, slots, PD_SLOT_SC, slots->sc, RIGHTS_ALL, 0);
    mint(planner, slots, PD_SLOT_NOTIFICATION, slots->notification, RIGHT_READ, 0);
    if (domain->passive) {
        mint(planner, slots, PD_SLOT_MONITOR, planner->monitor_notification, RIGHT_WRITE,
             BIT(domain->index));
    }
    if (domain->parent) {
        const struct domain_slots *parent = slots_of(planner, domain->parent);
        mint(planner, parent, PD_SLOT_CHILD_TCB + domain->child_id, slots->tcb, RIGHTS_ALL, 0);
        mint(planner, parent, PD_SLOT_CHILD_SC + domain->child_id, slots->sc, RIGHTS_ALL, 0);
    }
}

static void cap_build(struct planner *planner, const struct cap *cap) {
    const struct domain_slots *of = slots_of(planner, cap->of);
    u64 source = cap->kind == CAP_TCB ? of->tcb : cap->kind == CAP_SC ? of->sc : of->vspace;
    planner->line = cap->node->at.line;
    mint(planner, slots_of(planner, cap->holder), PD_SLOT_USER + cap->slot, source, RIGHTS_ALL, 0);
}

// What `end` may do to `other`, and what it needs to hear of it; `end` is of this core.
static void end_build(struct planner *planner, const struct channel *channel, unsigned side) {
    const struct channel_end *end = &channel->end[side], *other = &channel->end[1 - side];
    const struct domain_slots *slots = slots_of(planner, end->domain);
    const struct domain_slots *others = slots_of(planner, other->domain);
    planner->line = end->node->at.line;
    if (end->domain->core == other->domain->core) {
        if (end->notify) {
            mint(planner, slots, PD_SLOT_NOTIFY_BASE + end->id, others->notification, RIGHT_WRITE,
                 BIT(other->id));
        }
        if (end->pp) {
            mint(planner, slots, PD_SLOT_CALL_BASE + end->id, others->endpoint,
                 RIGHT_WRITE | RIGHT_GRANT_REPLY, PD_BADGE_CALL | other->id);
        }
        return;
    }
    u64 peer = other->domain->core->index;
    if (end->notify) {
        u64 send = planner->next_slot++;
        act(planner, INIT_DOORBELL_SEND, send, peer, channel->line[1 - side], 0, 0, 0, 0);
        mint(planner, slots, PD_SLOT_NOTIFY_BASE + end->id, send, RIGHTS_ALL, 0);
    }
    if (other->notify) {
        u64 receive = planner->next_slot++;
        act(planner, INIT_DOORBELL_RECEIVE, receive, peer, channel->line[side], 0, 0, 0, 0);
        u64 badged = copy(planner, slots->notification, RIGHT_WRITE, BIT(end->id));
        act(planner, INIT_IRQ_NOTIFICATION, receive, badged, 0, 0, 0, 0, 0);
        mint(planner, slots, PD_SLOT_IRQ_BASE + end->id, receive, RIGHTS_ALL, 0);
    }
}

static void interrupt_build(struct planner *planner, const struct interrupt *interrupt) {
    const struct domain_slots *slots = slots_of(planner, interrupt->domain);
    planner->line = interrupt->node->at.line;
    u64 handler = planner->next_slot++;
    act(planner, INIT_IRQ, handler, interrupt->source, interrupt->edge, 0, 0, 0, 0);
    u64 badged = copy(planner, slots->notification, RIGHT_WRITE, BIT(interrupt->id));
    act(planner, INIT_IRQ_NOTIFICATION, handler, badged, 0, 0, 0, 0, 0);
    mint(planner, slots, PD_SLOT_IRQ_BASE + interrupt->id, handler, RIGHTS_ALL, 0);
}

/* ---- Threads ----------------------------------------------------------------------------------- */

static void name_words(const char *name, u64 *words, unsigned count) {
    memset(words, 0, count * sizeof(words[0]));
    size_t length = strlen(name), room = count * sizeof(words[0]) - 1;
    memcpy(words, name, length < room ? length : room);
}

static void domain_thread(struct planner *planner, const struct domain *domain) {
    const struct domain_slots *slots = slots_of(planner, domain);
    u64 name[4];
    planner->line = domain->node->at.line;
    name_words(domain->name, name, 4);
    act(planner, INIT_NAME_TCB, slots->tcb, name[0], name[1], name[2], name[3], 0, 0);
    u64 buffer = 0, bytes = 0;
    image_symbol(domain->image, "__sel4_ipc_buffer_obj", &buffer, &bytes);
    u64 guard = 64 - slots->cnode_bits; // guard word: size, value 0
    act(planner, INIT_CONFIGURE_TCB, slots->tcb, slots->cnode, guard, slots->vspace, slots->buffer,
        buffer, 0);
    if (!domain->fpu) {
        act(planner, INIT_SET_FLAGS, slots->tcb, 0, FPU_DISABLED, 0, 0, 0, 0);
    }
    u64 budget_us = domain->budget_ns / 1000, period_us = domain->period_ns / 1000;
    act(planner, INIT_CONFIGURE_SC, slots->sc, budget_us, period_us, domain->refills - 2,
        domain->index, domain->sporadic ? SPORADIC_FLAG : 0, 0);
    u64 monitor = copy(planner, planner->monitor_endpoint, RIGHT_WRITE | RIGHT_GRANT_REPLY,
                       PD_BADGE_FAULT | domain->index);
    u64 handler = monitor;
    if (domain->parent) {
        handler = copy(planner, slots_of(planner, domain->parent)->endpoint,
                       RIGHT_WRITE | RIGHT_GRANT_REPLY, PD_BADGE_FAULT | domain->child_id);
    }
    act(planner, INIT_SCHEDULE_TCB, slots->tcb, domain->priority, domain->priority, slots->sc,
        handler, 0, 0);
    if (budget_us < period_us) {
        act(planner, INIT_TIMEOUT_ENDPOINT, slots->tcb, monitor, 0, 0, 0, 0, 0);
    }
    if (slots->endpoint != INIT_SLOT_NONE) {
        act(planner, INIT_BIND_NOTIFICATION, slots->tcb, slots->notification, 0, 0, 0, 0, 0);
    }
    if (domain->scheduling_domain) {
        act(planner, INIT_SET_DOMAIN, slots->tcb, domain->scheduling_domain, 0, 0, 0, 0, 0);
    }
    act(planner, INIT_REGISTERS, slots->tcb, domain->image->entry, slots->sp, 0, 0, 0, 0);
    name_words(domain->name, name, 2);
    act(planner, INIT_WATCH, domain->index | (u64)(domain->passive ? INIT_WATCH_PASSIVE : 0) << 32,
        slots->tcb, slots->sc, slots->notification, INIT_MAP_BASE + PAGE_SIZE * (1 + domain->index),
        name[0], name[1]);
}

/* ---- The plan ---------------------------------------------------------------------------------- */

static void init_ring_map(struct planner *planner) {
    planner->line = planner->core->at.line;
    u64 ring = device_frame(planner, planner->core->log.base + LOG_PAGE_INIT * PAGE_SIZE, 12);
    map(planner, ring, INIT_VSPACE, INIT_MAP_BASE, PERM_READ | PERM_WRITE, 12);
    patch(planner->init, "rt_console_ring", INIT_MAP_BASE);
    image_set_text(planner->init, "rt_core_name", planner->core->name);
    patch(planner->init, "rt_timebase_hz", planner->system->machine.timebase_hz);
    patch(planner->init, "init_debug_kernel", planner->core->variant == VARIANT_DEBUG);
}

static void monitor_create(struct planner *planner) {
    planner->monitor_endpoint = create(planner, OBJECT_ENDPOINT, 0);
    planner->monitor_reply = create(planner, OBJECT_REPLY, 0);
    planner->monitor_notification = create(planner, OBJECT_NOTIFICATION, 0);
    act(planner, INIT_BIND_NOTIFICATION, INIT_TCB, planner->monitor_notification, 0, 0, 0, 0, 0);
    act(planner, INIT_MONITOR, planner->monitor_endpoint, planner->monitor_reply, 0, 0, 0, 0, 0);
}

static bool plan_make(struct planner *planner) {
    struct system *system = planner->system;
    struct core *core = planner->core;
    init_ring_map(planner);
    monitor_create(planner);
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core && !domain_build(planner, &system->domains[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < system->mapping_count; i++) {
        if (system->mappings[i].domain->core == core) {
            mapping_build(planner, &system->mappings[i]);
        }
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core) {
            domain_capabilities(planner, &system->domains[i]);
        }
    }
    for (unsigned i = 0; i < system->cap_count; i++) {
        if (system->caps[i].holder->core == core) {
            cap_build(planner, &system->caps[i]);
        }
    }
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        if (system->channels[i / 2].end[i % 2].domain->core == core) {
            end_build(planner, &system->channels[i / 2], i % 2);
        }
    }
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        if (system->interrupts[i].domain->core == core) {
            interrupt_build(planner, &system->interrupts[i]);
        }
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core) {
            domain_thread(planner, &system->domains[i]);
        }
    }
    planner->line = core->at.line;
    act(planner, INIT_CONFIGURE_SC, INIT_SC, MONITOR_BUDGET_US, MONITOR_PERIOD_US, 0, ~0ull,
        SPORADIC_FLAG, 0);
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core) {
            planner->line = system->domains[i].node->at.line;
            act(planner, INIT_RESUME, slots_of(planner, &system->domains[i])->tcb, 0, 0, 0, 0, 0,
                0);
        }
    }
    act(planner, INIT_END, 0, 0, 0, 0, 0, 0, 0);
    return true;
}

static const char *const KIND_NAMES[] = {"end",
                                         "create",
                                         "device_frame",
                                         "image_frame",
                                         "map_table",
                                         "map_frame",
                                         "mint",
                                         "assign_asid",
                                         "configure_tcb",
                                         "configure_sc",
                                         "schedule_tcb",
                                         "timeout_endpoint",
                                         "bind_notification",
                                         "registers",
                                         "irq",
                                         "irq_notification",
                                         "doorbell_send",
                                         "doorbell_receive",
                                         "resume",
                                         "name_tcb",
                                         "set_domain",
                                         "copy",
                                         "bind_sc_notification",
                                         "set_flags",
                                         "fill"};

static char *slot_show(struct arena *arena, u64 value) {
    if (value == INIT_SLOT_NONE) {
        return arena_copy(arena, " none", 5);
    }
    if (value >= INIT_SLOT_FIXED && value - INIT_SLOT_FIXED < 16) {
        return arena_printf(arena, " init+%" PRIu64, value - INIT_SLOT_FIXED);
    }
    return arena_printf(arena, " 0x%" PRIx64, value);
}

static char *plan_show(struct planner *planner) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (unsigned i = 0; i < planner->action_count; i++) {
        const struct init_action *action = &planner->actions[i];
        const char *kind = action->kind == INIT_MONITOR ? "monitor"
                           : action->kind == INIT_WATCH ? "watch"
                                                        : KIND_NAMES[action->kind];
        fprintf(out, "%5u line %-4u %-20s", i, action->line, kind);
        for (unsigned j = 0; j < ARRAY_LENGTH(action->arg); j++) {
            fputs(slot_show(planner->arena, action->arg[j]), out);
        }
        fputc('\n', out);
    }
    fclose(out);
    char *listing = arena_copy(planner->arena, text, size);
    free(text);
    return listing;
}

// [init's pages][table, page aligned][payload]; payload page numbers become page numbers of this image.
static void user_image_join(struct planner *planner, struct user_image *user) {
    u64 table_bytes =
        sizeof(struct init_table) + planner->action_count * sizeof(struct init_action);
    u64 init_pages = planner->init->bytes / PAGE_SIZE;
    u64 first_page = init_pages + (table_bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    for (unsigned i = 0; i < planner->action_count; i++) {
        struct init_action *action = &planner->actions[i];
        if (action->kind == INIT_IMAGE_FRAME) {
            action->arg[1] += first_page;
        } else if (action->kind == INIT_FILL && action->arg[2] != INIT_SLOT_NONE) {
            action->arg[2] += first_page;
        }
    }
    struct init_table header = {.magic = INIT_TABLE_MAGIC,
                                .version = INIT_TABLE_VERSION,
                                .actions = planner->action_count,
                                .length = table_bytes,
                                .first_page = first_page,
                                .slots = (u32)planner->next_slot,
                                .core = planner->core->index};
    user->pages.size = (first_page + planner->payload_count) * PAGE_SIZE;
    u8 *data = user->pages.data = arena_alloc(planner->arena, user->pages.size);
    memcpy(data, planner->init->data, planner->init->bytes);
    memcpy(data + planner->init->bytes, &header, sizeof(header));
    memcpy(data + planner->init->bytes + sizeof(header), planner->actions,
           planner->action_count * sizeof(struct init_action));
    for (u64 i = 0; i < planner->payload_count; i++) {
        memcpy(data + (first_page + i) * PAGE_SIZE, planner->payload[i], PAGE_SIZE);
    }
    user->virtual_base = planner->init->base;
    user->entry = planner->init->entry;
    user->slots = planner->next_slot;
    user->actions = planner->action_count;
    user->objects = planner->objects;
    user->object_bytes = planner->object_bytes;
    user->listing = plan_show(planner);
}

// The root CNode also holds what the kernel gives the init task: its own pages, untyped memory, tables.
static bool slots_suffice(struct planner *planner, const struct user_image *user) {
    struct core *core = planner->core;
    u64 needed = user->slots + user->pages.size / PAGE_SIZE + KERNEL_SLOTS;
    if (needed <= BIT(core->cnode_bits)) {
        return true;
    }
    if (core->chosen) {
        core->cnode_bits = log2_of(power_of_two_above(needed));
        return true;
    }
    struct diag *diag =
        diag_error(planner->diags, SK080, core->at,
                   "core \"%s\" needs %" PRIu64 " capability slots, its root CNode has %" PRIu64,
                   core->name, needed, (u64)BIT(core->cnode_bits));
    diag_help(diag, "say <kernel cnode_bits=\"%u\"/> in this core",
              log2_of(power_of_two_above(needed)));
    return false;
}

bool emit_init(struct arena *arena, struct diagnostics *diags, struct system *system,
               struct core *core, struct image *init, struct user_image *user) {
    struct planner *planner = ARENA_NEW(arena, struct planner);
    *planner = (struct planner){
        .arena = arena, .diags = diags, .system = system, .core = core, .init = init};
    planner->actions = ARENA_ARRAY(arena, struct init_action, MAX_ACTIONS);
    planner->objects.bits = ARENA_ARRAY(arena, u8, MAX_ACTIONS);
    planner->tables = ARENA_ARRAY(arena, struct table, MAX_TABLES);
    planner->domains = ARENA_ARRAY(arena, struct domain_slots, system->domain_count + 1);
    planner->regions = ARENA_ARRAY(arena, struct region_slots, system->region_count + 1);
    planner->frames = ARENA_ARRAY(arena, struct physical_frame, MAX_FRAMES);
    u64 table, bytes;
    if (!image_symbol(init, "__init_table", &table, &bytes) || table != init->base + init->bytes) {
        diag_error(diags, SK081, core->at, "the init task's image (%s) has no place for its table",
                   init->path);
        return false;
    }
    if (!plan_make(planner)) {
        return false;
    }
    if (planner->failed) {
        diag_error(diags, SK017, core->at,
                   "core \"%s\" has too many pages to map for one init task", core->name);
        return false;
    }
    user_image_join(planner, user);
    return slots_suffice(planner, user);
}
