// SPDX-License-Identifier: BSD-2-Clause
// Fitting PMP entries. An entry covers a naturally aligned power of two (NAPOT). Registers that lie next to
// each other are joined first, so neighbours of one core can share an entry.
#include "tools/pmp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/machine.h"
#include "tools/place.h"
#include "tools/units.h"

#define PAGE_BYTES        4096ull
#define PMP_ENTRIES       16u
#define FIRMWARE_PLAIN    3u // CLINT, firmware code, firmware data (PLATFORM-FACTS 1.4)
#define FIRMWARE_AIA      5u // and the machine level's IMSIC and APLIC
#define MAX_DEVICE_RANGES 128u

static int range_compare(const void *left, const void *right) {
    const struct range *a = left, *b = right;
    return (a->base > b->base) - (a->base < b->base);
}

static unsigned ranges_join(struct range *ranges, unsigned count) {
    qsort(ranges, count, sizeof(ranges[0]), range_compare);
    unsigned joined = 0;
    for (unsigned i = 0; i < count; i++) {
        struct range *last = joined ? &ranges[joined - 1] : NULL;
        if (last && ranges[i].base <= last->base + last->size) {
            u64 end = ranges[i].base + ranges[i].size;
            if (end > last->base + last->size) {
                last->size = end - last->base;
            }
        } else {
            ranges[joined++] = ranges[i];
        }
    }
    return joined;
}

unsigned pmp_cover(struct range *ranges, unsigned count, struct range *blocks, unsigned limit) {
    unsigned needed = 0;
    count = ranges_join(ranges, count);
    for (unsigned i = 0; i < count; i++) {
        u64 base = ranges[i].base, left = ranges[i].size;
        while (left) {
            // The largest block that is aligned here and does not reach past the end.
            u64 size = base ? base & -base : 1ull << 63;
            while (size > left) {
                size >>= 1;
            }
            if (needed < limit) {
                blocks[needed] = (struct range){base, size};
            }
            needed++;
            base += size;
            left -= size;
        }
    }
    return needed;
}

static void entry_add(struct core *core, struct pmp_entry entry) {
    if (core->pmp_count < MAX_PMP) {
        core->pmp[core->pmp_count] = entry;
    }
    core->pmp_count++;
}

struct register_list {
    struct range range[MAX_DEVICE_RANGES];
    const char *what[MAX_DEVICE_RANGES];
    unsigned count;
};

static void register_add(struct register_list *list, struct range range, const char *what) {
    if (list->count < MAX_DEVICE_RANGES) {
        list->range[list->count] = range;
        list->what[list->count++] = what;
    }
}

static void doorbell_registers(const struct system *system, const struct core *core, bool own,
                               struct register_list *list) {
    const struct machine *machine = &system->machine;
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *peer = &system->cores[i];
        // Only who has lines to a peer may ring it: the page can raise anything on that hart.
        const struct pair *pair = pair_of((struct system *)system, core, peer);
        bool rings = pair && pair->lines[pair->core[1] == peer] > 0;
        if (system->kind == MACHINE_VIRT_AIA && (rings || (own && peer == core))) {
            u32 index = machine->imsic_index[machine_hart(machine, peer->hart)];
            register_add(list, (struct range){machine->imsic.base + PAGE_BYTES * index, PAGE_BYTES},
                         "doorbell");
        } else if (system->kind == MACHINE_VIRT_ACLINT && rings) {
            register_add(list, (struct range){machine->sswi.base, PAGE_BYTES}, "doorbell");
        }
    }
}

static void core_registers(struct system *system, const struct core *core, bool own_imsic,
                           struct register_list *list) {
    for (unsigned i = 0; i < system->device_count; i++) {
        if (system->devices[i].core == core && system->devices[i].found) {
            register_add(list, system->devices[i].pages, system->devices[i].name);
        }
    }
    const struct machine *machine = &system->machine;
    if (system->kind == MACHINE_VIRT_AIA && core == platform_core(system)) {
        register_add(list, machine->aplic, "APLIC");
    } else if (system->kind != MACHINE_VIRT_AIA) {
        // Each hart has its own registers in it, among everybody's; a kernel touches its own only.
        register_add(list, machine->plic, "PLIC");
    }
    doorbell_registers(system, core, own_imsic, list);
}

static const char *block_name(struct arena *arena, const struct register_list *list,
                              struct range block) {
    const char *name = NULL;
    for (unsigned i = 0; i < list->count; i++) {
        if (!ranges_overlap(list->range[i], block) || !list->what[i] ||
            (name && strstr(name, list->what[i]))) {
            continue;
        }
        name = name ? arena_printf(arena, "%s, %s", name, list->what[i]) : list->what[i];
    }
    return name ? name : "registers";
}

static void registers_fit(struct arena *arena, struct system *system, struct core *core) {
    // A hart's own IMSIC page does it no harm, and may complete a block of its peers' pages.
    struct register_list *without = ARENA_NEW(arena, struct register_list);
    struct register_list *with = ARENA_NEW(arena, struct register_list);
    core_registers(system, core, false, without);
    core_registers(system, core, true, with);
    struct register_list joined_without = *without, joined_with = *with;
    struct range blocks_without[MAX_PMP], blocks_with[MAX_PMP];
    unsigned count_without =
        pmp_cover(joined_without.range, joined_without.count, blocks_without, MAX_PMP);
    unsigned count_with = pmp_cover(joined_with.range, joined_with.count, blocks_with, MAX_PMP);
    bool own = count_with < count_without;
    const struct range *blocks = own ? blocks_with : blocks_without;
    unsigned count = own ? count_with : count_without;
    for (unsigned i = 0; i < count; i++) {
        struct range block = i < MAX_PMP ? blocks[i] : (struct range){0, 0};
        entry_add(core, (struct pmp_entry){block, true, false, true,
                                           block_name(arena, own ? with : without, block)});
    }
}

static void core_fit(struct arena *arena, struct diagnostics *diags, struct system *system,
                     struct core *core) {
    core->pmp_count = 0;
    core->pmp_limit =
        PMP_ENTRIES - (system->kind == MACHINE_VIRT_AIA ? FIRMWARE_AIA : FIRMWARE_PLAIN);
    entry_add(core, (struct pmp_entry){core->ram, true, true, false, "memory"});
    entry_add(core, (struct pmp_entry){system->package, false, true, false, "package"});
    for (unsigned i = 0; i < system->pair_count; i++) {
        const struct pair *pair = &system->pairs[i];
        if (pair->core[0] == core || pair->core[1] == core) {
            const struct core *peer = pair->core[pair->core[0] == core];
            entry_add(core, (struct pmp_entry){{pair->base, pair->bytes},
                                               true,
                                               false,
                                               false,
                                               arena_printf(arena, "shared with %s",
                                                            peer->name ? peer->name : "?")});
        }
    }
    registers_fit(arena, system, core);
    if (core->pmp_count > core->pmp_limit && system->walls) {
        struct diag *diag = diag_error(
            diags, SK033, core->at, "core \"%s\" needs %u PMP entries, and %u are left to it",
            core->name ? core->name : "?", core->pmp_count, core->pmp_limit);
        diag_help(diag, "memory, package, one for each of its peers, and the rest for registers: "
                        "`skerry explain SK033`");
    }
    core->pmp_count = core->pmp_count > MAX_PMP ? MAX_PMP : core->pmp_count;
}

void pmp_fit(struct arena *arena, struct diagnostics *diags, struct system *system) {
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart_known) {
            core_fit(arena, diags, system, &system->cores[i]);
        }
    }
}
