// SPDX-License-Identifier: BSD-2-Clause
// Filling the tables of who can touch what, from the model after placement.
#include "tools/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool range_same(struct range a, struct range b) {
    return a.base == b.base && a.size == b.size;
}

// Wall entries carry a name from their own core's point of view; here everybody looks.
static char *walled_name(struct arena *arena, const struct system *system, const struct core *core,
                         const struct pmp_entry *entry) {
    if (range_same(entry->range, core->ram)) {
        return arena_printf(arena, "memory of %s", core->name);
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        const struct pair *pair = &system->pairs[i];
        if (pair->base == entry->range.base) {
            return arena_printf(arena, "%s + %s", pair->core[0]->name, pair->core[1]->name);
        }
    }
    const struct machine *machine = &system->machine;
    for (unsigned i = 0; i < machine->hart_count && machine->imsic.size; i++) {
        if (entry->range.base == machine->imsic.base + 4096ull * machine->imsic_index[i] &&
            entry->range.size == 4096) {
            return arena_printf(arena, "doorbell of hart %" PRIu64, machine->harts[i]);
        }
    }
    return entry->device ? arena_printf(arena, "%s 0x%" PRIx64, entry->what, entry->range.base)
                         : arena_printf(arena, "%s", entry->what);
}

static void walls_collect(struct arena *arena, struct access *access, const struct system *system,
                          const struct core *core) {
    for (unsigned i = 0; i < core->pmp_count; i++) {
        const struct pmp_entry *entry = &core->pmp[i];
        unsigned at = 0;
        while (at < access->walled_count && !range_same(access->walled[at].range, entry->range)) {
            at++;
        }
        if (at == access->walled_count) {
            access->walled[access->walled_count++] = (struct walled){
                walled_name(arena, system, core, entry), entry->range, entry->device, {0}};
        }
    }
}

// A larger entry of another core may cover it, too: whoever reaches a part of it is counted.
static u8 walls_perms(const struct core *core, struct range range) {
    u32 perms = 0;
    for (unsigned i = 0; i < core->pmp_count; i++) {
        const struct pmp_entry *entry = &core->pmp[i];
        if (ranges_overlap(entry->range, range)) {
            perms |= PERM_READ | (entry->writable ? PERM_WRITE : 0) |
                     (entry->executable ? PERM_EXECUTE : 0);
        }
    }
    return (u8)perms;
}

static int walled_compare(const void *left, const void *right) {
    const struct walled *a = left, *b = right;
    return a->device != b->device
               ? a->device - b->device
               : (a->range.base > b->range.base) - (a->range.base < b->range.base);
}

static void walls_find(struct arena *arena, struct access *access, const struct system *system) {
    access->walled = ARENA_ARRAY(arena, struct walled, system->core_count * MAX_PMP + 1);
    for (unsigned i = 0; i < system->core_count; i++) {
        walls_collect(arena, access, system, &system->cores[i]);
    }
    qsort(access->walled, access->walled_count, sizeof(access->walled[0]), walled_compare);
    for (unsigned i = 0; i < access->walled_count; i++) {
        for (unsigned j = 0; j < system->core_count; j++) {
            access->walled[i].perms[j] =
                system->walls ? walls_perms(&system->cores[j], access->walled[i].range)
                              : PERM_READ | PERM_WRITE | PERM_EXECUTE;
        }
    }
}

static void mappings_find(struct arena *arena, struct access *access, const struct system *system) {
    access->mappable =
        ARENA_ARRAY(arena, struct mappable, system->region_count + system->device_count + 1);
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct region *region = &system->regions[i];
        access->mappable[access->mappable_count++] = (struct mappable){
            region->name, region->core ? region->core->name : NULL, region->size, region, NULL};
    }
    for (unsigned i = 0; i < system->device_count; i++) {
        const struct device *device = &system->devices[i];
        access->mappable[access->mappable_count++] =
            (struct mappable){device->name, device->core->name, device->pages.size, NULL, device};
    }
    access->perms = ARENA_ARRAY(arena, u8, system->domain_count * access->mappable_count + 1);
    for (unsigned i = 0; i < system->mapping_count; i++) {
        const struct mapping *mapping = &system->mappings[i];
        unsigned row = (unsigned)(mapping->domain - system->domains);
        for (unsigned j = 0; j < access->mappable_count; j++) {
            const struct mappable *what = &access->mappable[j];
            if ((what->region && what->region == mapping->region) ||
                (what->device && what->device == mapping->device)) {
                access->perms[row * access->mappable_count + j] |= (u8)mapping->perms;
            }
        }
    }
}

struct access *access_find(struct arena *arena, const struct system *system) {
    struct access *access = ARENA_NEW(arena, struct access);
    walls_find(arena, access, system);
    mappings_find(arena, access, system);
    return access;
}

const char *perms_show(struct arena *arena, u32 perms) {
    return perms ? arena_printf(arena, "%s%s%s", perms & PERM_READ ? "r" : "-",
                                perms & PERM_WRITE ? "w" : "-", perms & PERM_EXECUTE ? "x" : "-")
                 : "";
}

/* ---- RAM --------------------------------------------------------------------------------------- */

static int holder_compare(const void *left, const void *right) {
    const struct holder *a = left, *b = right;
    return (a->range.base > b->range.base) - (a->range.base < b->range.base);
}

struct holder *holders_find(struct arena *arena, const struct system *system, unsigned *count) {
    struct holder *list =
        ARENA_ARRAY(arena, struct holder, 3 + system->core_count + system->pair_count);
    unsigned n = 0;
    list[n++] = (struct holder){arena_copy(arena, "firmware", 8), system->firmware, NULL, NULL};
    list[n++] =
        (struct holder){arena_copy(arena, "device tree", 11), system->firmware_tree, NULL, NULL};
    list[n++] = (struct holder){arena_copy(arena, "package", 7), system->package, NULL, NULL};
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        list[n++] = (struct holder){arena_printf(arena, "%s", core->name), core->ram, core, NULL};
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        const struct pair *pair = &system->pairs[i];
        list[n++] = (struct holder){
            arena_printf(arena, "%s + %s", pair->core[0]->name, pair->core[1]->name),
            {pair->base, pair->bytes},
            NULL,
            pair};
    }
    qsort(list, n, sizeof(list[0]), holder_compare);
    *count = n;
    return list;
}
