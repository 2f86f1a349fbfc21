// SPDX-License-Identifier: BSD-2-Clause
// Completing a Microkit file (tools/microkit.h).
#include "tools/microkit.h"

#include <inttypes.h>
#include <string.h>

#include "tools/image.h"
#include "tools/machine.h"
#include "tools/units.h"

#define PAGE_BYTES    4096ull
#define LARGE_BYTES   (2ull << 20)
#define CORE_OVERHEAD (2ull << 20)   // kernel, init task, root CNode, log pages
#define PD_OVERHEAD   (128ull << 10) // CNode, page tables, kernel objects
#define MACHINE_LEAST (256ull << 20)
#define FIRMWARE_ROOM (64ull << 20) // firmware, package, pair regions

static bool is_domain(const struct node *node) {
    return node->element->id == ELEMENT_PROTECTION_DOMAIN && node->dialect == DIALECT_MICROKIT;
}

/* ---- The console ------------------------------------------------------------------------------- */

// Debug output is printed by the platform core, at a cost that its budget bounds. A driver on the same core may
// map the serial port too, as beside a Microkit debug kernel: then their output mixes.
static const char CONSOLE[] =
    "<system version='1' name='console'><core name='console' hart='0'><memory size='4MiB'/>"
    "<device name='" MICROKIT_CONSOLE "' path='/soc/serial@10000000'/>"
    "<protection_domain name='" MICROKIT_CONSOLE "' priority='254' budget='1ms' period='10ms'"
    " sporadic='false'>"
    "<program_image path='console.elf'/>"
    "<map mr='" MICROKIT_CONSOLE "' vaddr='0x10000000' perms='rw' setvar_vaddr='console_uart'/>"
    "</protection_domain></core>"
    "<task name='" MICROKIT_CONSOLE "' pd='" MICROKIT_CONSOLE "' period='10ms' wcet='1ms'/>"
    "</system>";

void microkit_console_add(struct arena *arena, struct diagnostics *diags,
                          struct document *document) {
    bool domains = false;
    for (unsigned i = 0; i < document->count; i++) {
        domains |= is_domain(&document->nodes[i]);
    }
    if (!domains) {
        return; // an error that is reported by and by
    }
    document_add(arena, diags, document, "(the tool's console)", CONSOLE);
}

/* ---- Cores ------------------------------------------------------------------------------------- */

static void core_make(struct arena *arena, struct system *system, u64 cpu,
                      const struct node *first) {
    struct core *core = &system->cores[system->core_count];
    *core = (struct core){.node = first,
                          .at = first->at,
                          .hart_at = node_value(first, ATTRIBUTE_CPU)->at,
                          .memory_at = first->at,
                          .chosen = true,
                          .name = arena_printf(arena, "cpu%" PRIu64, cpu),
                          .index = system->core_count,
                          .hart = cpu,
                          .hart_known = true,
                          .variant = VARIANT_RELEASE,
                          .domains = 1,
                          .cnode_bits = 13};
    system->core_count++;
}

void microkit_cores_make(struct arena *arena, struct system *system) {
    const struct document *document = system->document;
    const struct node *first[MAX_CORES] = {NULL};
    for (unsigned i = 0; i < document->count; i++) {
        const struct node *node = &document->nodes[i];
        u64 cpu = is_domain(node) ? node_number(node, ATTRIBUTE_CPU) : MAX_CORES;
        if (cpu < MAX_CORES && !first[cpu]) {
            first[cpu] = node;
        }
    }
    for (u64 cpu = 0; cpu < MAX_CORES; cpu++) {
        if (first[cpu]) {
            core_make(arena, system, cpu, first[cpu]);
            system->harts = (unsigned)cpu + 1;
        }
    }
}

struct core *microkit_core_of(struct system *system, const struct node *node) {
    u64 cpu = is_domain(node) ? node_number(node, ATTRIBUTE_CPU) : system->cores[0].hart;
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart == cpu) {
            return &system->cores[i];
        }
    }
    return NULL;
}

/* ---- Regions ----------------------------------------------------------------------------------- */

// The attribute by which a node uses a region; its value is not valid if it uses none.
static const struct value *region_used(const struct node *node) {
    return node_value(node,
                      node->element->id == ELEMENT_MAP ? ATTRIBUTE_MR : ATTRIBUTE_REGION_PADDR);
}

static bool region_core_add(struct region *region, struct core *core) {
    if (region->core == core || region->share[0] == core || region->share[1] == core) {
        return true;
    }
    if (!region->core && !region->share[0]) {
        region->core = core;
        return true;
    }
    if (!region->core) {
        return false;
    }
    bool ordered = region->core->index < core->index;
    region->share[0] = ordered ? region->core : core;
    region->share[1] = ordered ? core : region->core;
    region->core = NULL;
    return true;
}

static void region_assign(struct diagnostics *diags, struct system *system, struct region *region) {
    const struct document *document = system->document;
    for (unsigned i = 0; i < document->count; i++) {
        const struct node *node = &document->nodes[i];
        const struct value *name = region_used(node);
        struct core *core = model_core_at(system, node);
        if (!name->valid || !core || strcmp(name->text, region->name) ||
            region_core_add(region, core)) {
            continue;
        }
        struct diag *diag = diag_error(diags, SK038, name->at,
                                       "region \"%s\" is used by domains of a third core, \"%s\"",
                                       region->name, core->name);
        diag_note(diag, region->node->at, "the region is declared here");
        diag_help(diag,
                  "only two kernels at a time share memory: use a region for each pair of cpus");
        return;
    }
    if (!region->core && !region->share[0] && document->complete) {
        diag_warning(diags, SK039, region->node->at, "nobody maps region \"%s\"", region->name);
    }
}

void microkit_regions_assign(struct diagnostics *diags, struct system *system) {
    for (unsigned i = 0; i < system->region_count; i++) {
        if (system->regions[i].name) {
            region_assign(diags, system, &system->regions[i]);
        }
    }
}

void microkit_pages_choose(struct system *system) {
    for (unsigned i = 0; i < system->region_count; i++) {
        struct region *region = &system->regions[i];
        u64 all = region->size | (region->fixed ? region->base : 0);
        for (unsigned j = 0; j < system->mapping_count; j++) {
            all |= system->mappings[j].region == region ? system->mappings[j].vaddr : 0;
        }
        // Two kernels share memory in small pages. Pages of a file come ready-made, in small ones too.
        bool may = region->core && !region->prefill && region->size && all % LARGE_BYTES == 0;
        if (!node_value(region->node, ATTRIBUTE_PAGE_SIZE)->given) {
            region->page_bits = may ? 21 : 12;
        } else if (!region->core) {
            region->page_bits = 12;
        }
    }
}

/* ---- Memory ------------------------------------------------------------------------------------ */

static u64 domain_bytes(const struct domain *domain) {
    u64 image = domain->image ? domain->image->bytes : 0;
    return image + domain->stack_bytes + PD_OVERHEAD;
}

static u64 core_bytes(const struct system *system, const struct core *core) {
    u64 bytes = CORE_OVERHEAD, known = 0;
    bool large = false;
    for (unsigned i = 0; i < system->domain_count; i++) {
        bytes += system->domains[i].core == core ? domain_bytes(&system->domains[i]) : 0;
    }
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct region *region = &system->regions[i];
        if (region->core != core || region->fixed) {
            continue;
        }
        bytes += region->size + (region->prefill ? align_up(region->prefill->size, 12) : 0);
        large |= region->page_bits == 21;
        known += region->placed ? align_up(region->size, (unsigned)region->page_bits) : 0;
    }
    bytes += large ? 2 * LARGE_BYTES : 0; // to align them
    // Capability slots, the tool's and the kernel's: 32 bytes a page, and the next power of two.
    bytes += bytes / 32;
    u64 half =
        2 * align_up(known, 21); // regions with known addresses get the upper half (tools/place.c)
    return power_of_two_above(bytes > half ? bytes : half);
}

void microkit_memory_choose(struct system *system) {
    u64 sum = 0;
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        core->memory_bytes = core->ram.size = core_bytes(system, core);
        sum += core->memory_bytes;
    }
    for (unsigned i = 0; i < system->region_count; i++) {
        sum += system->regions[i].share[0] ? power_of_two_above(2 * system->regions[i].size) : 0;
    }
    u64 needed = power_of_two_above(2 * sum + FIRMWARE_ROOM);
    system->memory_bytes = needed < MACHINE_LEAST ? MACHINE_LEAST : needed;
}

/* ---- Devices ----------------------------------------------------------------------------------- */

static const char *core_name(const struct core *core) {
    return core && core->name ? core->name : "?";
}

// A device of that node which the system has already.
static struct device *device_known(struct system *system, const struct device *device) {
    for (unsigned i = 0; i < system->device_count; i++) {
        struct device *known = &system->devices[i];
        if (known->path && !strcmp(known->path, device->path) && known->index == device->index) {
            return known;
        }
    }
    return NULL;
}

static void device_owned(struct diagnostics *diags, const struct region *region,
                         const struct device *known) {
    struct diag *diag = diag_error(diags, SK041, region->node->at,
                                   "device %s, in region \"%s\", belongs to core \"%s\"",
                                   known->path, region->name, core_name(known->core));
    diag_note(diag, known->at, "which has it by this");
    diag_help(diag,
              known->node->dialect == DIALECT_SKERRY
                  ? "debug output is printed there: put the domain that drives it on cpu=\"%" PRIu64
                    "\""
                  : "put all domains that map its registers on cpu=\"%" PRIu64 "\"",
              known->core->hart);
}

static void device_add(struct diagnostics *diags, struct system *system,
                       const struct region *region, struct device *device) {
    const struct device *known = device_known(system, device);
    if (known && known->core != region->core) {
        device_owned(diags, region, known);
    }
    if (known) {
        return;
    }
    device->node = region->node;
    device->at = node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at;
    device->name = region->name;
    device->core = region->core;
    system->devices[system->device_count++] = *device;
}

// Devices from the lowest address of the region to the highest, without a gap.
static void region_devices(struct arena *arena, struct diagnostics *diags, struct system *system,
                           const struct region *region, unsigned *found) {
    struct place at = node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at;
    u64 address = region->base, end = region->base + region->size;
    struct range ram = system->machine.ram;
    if (ranges_overlap(ram, (struct range){region->base, region->size})) {
        struct diag *diag =
            diag_error(diags, SK034, at, "0x%" PRIx64 " to 0x%" PRIx64 " is in the machine's RAM",
                       address, end);
        diag_help(diag, "leave phys_addr out; a setvar with region_paddr tells the address chosen");
        return;
    }
    while (address < end) {
        struct device device = {.name = NULL};
        if (!machine_device_at(arena, &system->machine, address, &device)) {
            struct diag *diag =
                diag_error(diags, SK034, at, "the machine has no device at 0x%" PRIx64, address);
            diag_help(diag, "`skerry show --devices` lists the machine's devices");
            return;
        }
        if ((*found)++ == MAX_FOUND) {
            diag_error(diags, SK017, at, "regions lie in more than %u devices", MAX_FOUND);
            return;
        }
        device_add(diags, system, region, &device);
        address = device.pages.base + device.pages.size;
    }
}

void microkit_devices_find(struct arena *arena, struct diagnostics *diags, struct system *system) {
    unsigned found = 0;
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct region *region = &system->regions[i];
        if (!region->fixed || !region->size || region->base + region->size < region->base) {
            continue;
        }
        if (region->share[0]) {
            struct diag *diag =
                diag_error(diags, SK041, node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at,
                           "registers in region \"%s\" would belong to core \"%s\" and core \"%s\"",
                           region->name, core_name(region->share[0]), core_name(region->share[1]));
            diag_help(diag, "let the domains that map it run on one cpu");
        } else if (region->core) {
            region_devices(arena, diags, system, region, &found);
        }
    }
}
