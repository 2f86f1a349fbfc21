// SPDX-License-Identifier: BSD-2-Clause
// Placement, in three steps: sizes of pair regions, places of all owners of RAM, then what lies inside them.
#include "tools/place.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/package.h"
#include "tools/units.h"

#define PAGE_BYTES 4096ull
#define PAIR_LEAST (16ull << 10)

struct owner {
    const char *what;
    const char *name;
    struct place at;
    u64 bytes; // alignment, too
    u64 least; // lowest base allowed
    bool fixed;
    bool placed;
    unsigned order;
    u64 *base; // where to put the result
    bool *done;
    struct range range;
};

#define MAX_OWNERS    (MAX_CORES + MAX_PAIRS + 3)
#define OWNER_PACKAGE 2 // its place in the list: after the firmware and its tree

struct placer {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
    struct owner owners[MAX_OWNERS];
    unsigned count;
};

struct core *platform_core(struct system *system) {
    return system->core_count ? &system->cores[0] : NULL;
}

/* ---- Pair regions ------------------------------------------------------------------------------ */

static u64 log_bytes(const struct core *core) {
    return PAGE_BYTES * LOG_PAGE_DOMAIN(core->domain_count);
}

static struct pair *pair_need(struct system *system, struct core *a, struct core *b) {
    struct pair *pair = pair_of(system, a, b);
    if (pair || a == b || !a || !b) {
        return pair;
    }
    pair = &system->pairs[system->pair_count++];
    bool ordered = a->index < b->index;
    *pair = (struct pair){.core = {ordered ? a : b, ordered ? b : a}, .bytes = PAGE_BYTES};
    if (pair->core[0] == platform_core(system)) {
        pair->bytes += log_bytes(pair->core[1]);
    }
    return pair;
}

// Gives each channel across cores its lines, in the order of the file.
static void lines_assign(struct system *system) {
    for (unsigned i = 0; i < system->channel_count; i++) {
        struct channel *channel = &system->channels[i];
        struct domain *a = channel->end[0].domain, *b = channel->end[1].domain;
        if (!a || !b || a->core == b->core) {
            continue;
        }
        struct pair *pair = pair_need(system, a->core, b->core);
        for (unsigned side = 0; side < 2; side++) {
            unsigned rung = channel->end[side].domain->core == pair->core[0] ? 0 : 1;
            if (channel->end[1 - side].notify) {
                channel->line[side] = pair->lines[rung]++;
            }
        }
    }
}

static void pairs_find(struct placer *placer) {
    struct system *system = placer->system;
    for (unsigned i = 1; i < system->core_count; i++) {
        pair_need(system, platform_core(system), &system->cores[i]);
    }
    lines_assign(system);
    for (unsigned i = 0; i < system->region_count; i++) {
        struct region *region = &system->regions[i];
        struct pair *pair = pair_need(system, region->share[0], region->share[1]);
        if (pair && !region->core) {
            pair->bytes += (region->size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
        }
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        struct pair *pair = &system->pairs[i];
        pair->bytes = power_of_two_above(pair->bytes < PAIR_LEAST ? PAIR_LEAST : pair->bytes);
    }
}

/* ---- Owners of RAM ----------------------------------------------------------------------------- */

static struct owner *owner_add(struct placer *placer, const char *what, const char *name,
                               struct place at, u64 bytes) {
    struct owner *owner = &placer->owners[placer->count];
    *owner = (struct owner){
        .what = what, .name = name, .at = at, .bytes = bytes, .order = placer->count++};
    return owner;
}

static void owner_fix(struct owner *owner, u64 base) {
    owner->fixed = true;
    owner->placed = true;
    owner->range = (struct range){base, owner->bytes};
}

static void owners_collect(struct placer *placer, u64 package_bytes) {
    struct system *system = placer->system;
    struct range ram = system->machine.ram;
    struct place whole = node_value(system->node, ATTRIBUTE_MEMORY)->at;
    owner_fix(owner_add(placer, "the firmware", "OpenSBI", whole, FIRMWARE_BYTES), ram.base);
    owner_fix(owner_add(placer, "the firmware's device tree", "", whole, FIRMWARE_TREE_BYTES),
              (ram.base + ram.size - FIRMWARE_TREE_BYTES) & ~(FIRMWARE_TREE_BYTES - 1));
    system->firmware = placer->owners[0].range;
    system->firmware_tree = placer->owners[1].range;
    u64 least = package_bytes < PACKAGE_LEAST ? PACKAGE_LEAST : package_bytes;
    system->package.size = power_of_two_above(least);
    struct owner *package = owner_add(placer, "the package", "", whole, system->package.size);
    package->base = &system->package.base;
    package->least = PACKAGE_BASE;
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        if (!core->memory_bytes) {
            continue; // was wrong, and has been reported
        }
        struct owner *owner = owner_add(placer, "core", core->name ? core->name : "?",
                                        core->memory_at, core->memory_bytes);
        owner->base = &core->ram.base;
        owner->done = &core->placed;
        core->ram.size = core->memory_bytes;
        if (core->memory_fixed) {
            owner_fix(owner, core->ram.base);
            owner->at = node_value(core->memory_node, ATTRIBUTE_ADDRESS)->at;
        }
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        struct pair *pair = &system->pairs[i];
        char *name = arena_printf(placer->arena, "%s and %s",
                                  pair->core[0]->name ? pair->core[0]->name : "?",
                                  pair->core[1]->name ? pair->core[1]->name : "?");
        struct owner *owner =
            owner_add(placer, "shared memory of", name, pair->core[1]->at, pair->bytes);
        owner->base = &pair->base;
        owner->done = &pair->placed;
    }
}

static const char *owner_name(struct placer *placer, const struct owner *owner) {
    if (!strcmp(owner->what, "core")) {
        return arena_printf(placer->arena, "memory of core \"%s\"", owner->name);
    }
    return *owner->name && strcmp(owner->what, "the firmware")
               ? arena_printf(placer->arena, "%s %s", owner->what, owner->name)
               : owner->what;
}

static void fixed_check(struct placer *placer, struct owner *owner) {
    struct range ram = placer->system->machine.ram;
    u64 end = owner->range.base + owner->range.size;
    if (end < owner->range.base || owner->range.base < ram.base || end > ram.base + ram.size) {
        struct diag *diag =
            diag_error(placer->diags, SK032, owner->at,
                       "%s, 0x%" PRIx64 " to 0x%" PRIx64 ", is outside the machine's RAM",
                       owner_name(placer, owner), owner->range.base, end);
        diag_help(diag, "RAM is 0x%" PRIx64 " to 0x%" PRIx64, ram.base, ram.base + ram.size);
        owner->placed = false;
        return;
    }
    for (unsigned i = 0; i < placer->count; i++) {
        struct owner *other = &placer->owners[i];
        if (other == owner) {
            return;
        }
        if (!other->placed || !ranges_overlap(other->range, owner->range)) {
            continue;
        }
        struct diag *diag = diag_error(
            placer->diags, SK030, owner->at, "%s, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps %s",
            owner_name(placer, owner), owner->range.base, end, owner_name(placer, other));
        diag_note(diag, other->at, "%s is at 0x%" PRIx64 " to 0x%" PRIx64,
                  owner_name(placer, other), other->range.base,
                  other->range.base + other->range.size);
        diag_help(diag, "without address= the tool finds a free place");
        return;
    }
}

// The lowest aligned base at which nothing placed is in the way; false if RAM ends first.
static bool owner_place(struct placer *placer, struct owner *owner) {
    struct range ram = placer->system->machine.ram;
    u64 align = owner->bytes;
    u64 from = ram.base < owner->least ? owner->least : ram.base;
    u64 base = (from + align - 1) & ~(align - 1);
    while (base >= from && base + align > base && base + align <= ram.base + ram.size) {
        struct range range = {base, align};
        const struct owner *obstacle = NULL;
        for (unsigned i = 0; i < placer->count && !obstacle; i++) {
            const struct owner *other = &placer->owners[i];
            obstacle = other->placed && ranges_overlap(other->range, range) ? other : NULL;
        }
        if (!obstacle) {
            owner->range = range;
            owner->placed = true;
            return true;
        }
        u64 past = obstacle->range.base + obstacle->range.size;
        base = (past + align - 1) & ~(align - 1);
    }
    return false;
}

static int owner_compare(const void *left, const void *right) {
    const struct owner *a = *(struct owner *const *)left, *b = *(struct owner *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

static void owners_place(struct placer *placer) {
    struct owner *sorted[MAX_OWNERS];
    unsigned count = 0;
    for (unsigned i = 0; i < placer->count; i++) {
        if (placer->owners[i].fixed) {
            fixed_check(placer, &placer->owners[i]);
        } else {
            sorted[count++] = &placer->owners[i];
        }
    }
    // The package first: all harts start in it, so it should not wander when a partition grows.
    owner_place(placer, &placer->owners[OWNER_PACKAGE]);
    qsort(sorted, count, sizeof(sorted[0]), owner_compare);
    for (unsigned i = 0; i < count; i++) {
        if (!sorted[i]->placed && !owner_place(placer, sorted[i])) {
            struct diag *diag = diag_error(placer->diags, SK032, sorted[i]->at,
                                           "no free place for %s (%s, aligned to its size)",
                                           owner_name(placer, sorted[i]),
                                           units_show_bytes(placer->arena, sorted[i]->bytes));
            diag_note(diag, node_value(placer->system->node, ATTRIBUTE_MEMORY)->at,
                      "the machine has %s of RAM",
                      units_show_bytes(placer->arena, placer->system->machine.ram.size));
            diag_help(diag,
                      "give the machine more memory (memory= of <system>) or the partitions less");
        }
    }
    for (unsigned i = 0; i < placer->count; i++) {
        struct owner *owner = &placer->owners[i];
        if (owner->placed && owner->base) {
            *owner->base = owner->range.base;
        }
        if (owner->done) {
            *owner->done = owner->placed;
        }
    }
}

/* ---- Inside partitions and pair regions -------------------------------------------------------- */

static void logs_place(struct system *system) {
    struct core *platform = platform_core(system);
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        const struct pair *pair = pair_of(system, platform, core);
        core->log.size = log_bytes(core);
        core->log.base = core == platform
                             ? core->ram.base + core->ram.size - BOOT_STACK_BYTES - core->log.size
                         : pair ? pair->base + PAGE_BYTES
                                : 0;
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        struct domain *domain = &system->domains[i];
        domain->ring = domain->core->log.base + PAGE_BYTES * LOG_PAGE_DOMAIN(domain->index);
        domain->stats = domain->ring + PAGE_BYTES;
    }
}

static void shared_regions_place(struct system *system) {
    u64 used[MAX_PAIRS];
    for (unsigned i = 0; i < system->pair_count; i++) {
        const struct pair *pair = &system->pairs[i];
        used[i] =
            PAGE_BYTES + (pair->core[0] == platform_core(system) ? pair->core[1]->log.size : 0);
    }
    for (unsigned i = 0; i < system->region_count; i++) {
        struct region *region = &system->regions[i];
        const struct pair *pair =
            region->share[0] ? pair_of(system, region->share[0], region->share[1]) : NULL;
        if (pair) {
            region->base = pair->base + used[pair - system->pairs];
            region->placed = true;
            used[pair - system->pairs] += (region->size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
        }
    }
}

// Regions whose physical address a program wants to know cannot come from the kernel's allocator: they get
// memory of the partition that the kernel does not manage, just below the log pages.
static void known_region_place(struct placer *placer, struct core *core, struct region *region) {
    u64 page = 1ull << region->page_bits;
    u64 base = (core->fixed.base - region->size) & ~(page - 1);
    // At most half of the memory: kernel and programs need some, too.
    if (region->size <= core->ram.size / 2 && base >= core->ram.base + core->ram.size / 2) {
        region->base = core->fixed.base = base;
        return;
    }
    struct diag *diag =
        diag_error(placer->diags, SK080, node_value(region->node, ATTRIBUTE_SIZE)->at,
                   "region \"%s\" does not fit into half of core \"%s\"'s memory",
                   region->name ? region->name : "?", core->name ? core->name : "?");
    diag_note(diag, core->memory_at, "the core has %s",
              units_show_bytes(placer->arena, core->ram.size));
    diag_help(diag, "it needs a fixed place because a setvar asks for its physical address");
}

static void known_regions_place(struct placer *placer) {
    struct system *system = placer->system;
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        u64 top = core->ram.base + core->ram.size - BOOT_STACK_BYTES;
        if (core == platform_core(system)) {
            top -= core->log.size;
        }
        core->fixed = (struct range){top, 0};
        for (unsigned j = 0; j < system->region_count && core->placed; j++) {
            struct region *region = &system->regions[j];
            if (region->core == core && region->placed && !region->fixed) {
                known_region_place(placer, core, region);
            }
        }
        core->fixed.size = top - core->fixed.base;
    }
}

void place_all(struct arena *arena, struct diagnostics *diags, struct system *system,
               u64 package_bytes) {
    struct placer *placer = ARENA_NEW(arena, struct placer);
    placer->arena = arena;
    placer->diags = diags;
    placer->system = system;
    system->pair_count = 0;
    pairs_find(placer);
    owners_collect(placer, package_bytes + PACKAGE_HEADER_OFFSET);
    owners_place(placer);
    logs_place(system);
    shared_regions_place(system);
    known_regions_place(placer);
}
