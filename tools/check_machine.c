// SPDX-License-Identifier: BSD-2-Clause
// Rules that need the machine: harts that exist, devices at their paths, interrupts with one owner.
#include <inttypes.h>
#include <string.h>

#include "tools/check.h"
#include "tools/machine.h"
#include "tools/suggest.h"

struct checker {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
};

static char *free_harts(struct checker *checker) {
    const struct system *system = checker->system;
    char *list = NULL;
    for (unsigned i = 0; i < system->machine.hart_count; i++) {
        bool taken = false;
        for (unsigned j = 0; j < system->core_count; j++) {
            taken |=
                system->cores[j].hart_known && system->cores[j].hart == system->machine.harts[i];
        }
        if (!taken) {
            list = arena_printf(checker->arena, "%s%s%" PRIu64, list ? list : "", list ? ", " : "",
                                system->machine.harts[i]);
        }
    }
    return list;
}

static void check_hart_present(struct checker *checker, const struct core *core) {
    const struct machine *machine = &checker->system->machine;
    for (unsigned i = 0; i < machine->hart_count; i++) {
        if (machine->harts[i] == core->hart) {
            return;
        }
    }
    struct diag *diag = diag_error(
        checker->diags, SK021, core->hart_at,
        "the machine has no hart %" PRIu64 ": it has %u, from %" PRIu64 " to %" PRIu64, core->hart,
        machine->hart_count, machine->harts[0], machine->harts[machine->hart_count - 1]);
    char *list = free_harts(checker);
    if (list) {
        diag_help(diag, "harts that are free: %s; or say harts=\"%" PRIu64 "\" in <system>", list,
                  core->hart + 1);
    } else {
        diag_help(diag, "say harts=\"%" PRIu64 "\" in <system>", core->hart + 1);
    }
}

static void check_device(struct checker *checker, struct device *device) {
    const struct value *path = node_value(device->node, ATTRIBUTE_PATH);
    if (!path->valid || device->found) {
        return;
    }
    enum device_result result = machine_find_device(&checker->system->machine, device);
    if (result == DEVICE_NO_NODE) {
        struct suggestion suggestion = suggest_begin(path->text);
        machine_offer_paths(checker->arena, &checker->system->machine, &suggestion);
        struct diag *diag =
            diag_error(checker->diags, SK040, path->at, "the machine has no device %s", path->text);
        if (suggestion.nearest) {
            diag_help(diag, "did you mean \"%s\"?", suggestion.nearest);
        } else {
            diag_help(diag, "`skerry show --devices` lists the machine's devices");
        }
    } else if (result == DEVICE_NO_REGISTERS) {
        diag_error(checker->diags, SK043, path->at, "device %s has no register range %u",
                   path->text, device->index);
    }
}

static bool device_same_node(const struct device *a, const struct device *b) {
    return a->path && b->path && !strcmp(a->path, b->path);
}

// Walls and page tables cannot cut a page in two, so owners of one page must be one core.
static void check_devices_apart(struct checker *checker) {
    struct system *system = checker->system;
    for (unsigned i = 0; i < system->device_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            struct device *device = &system->devices[i], *earlier = &system->devices[j];
            if (!device->found || !earlier->found || device->core == earlier->core ||
                (device_same_node(device, earlier) && device->index == earlier->index) ||
                !ranges_overlap(device->pages, earlier->pages)) {
                continue;
            }
            struct diag *diag = diag_error(
                checker->diags, SK044, device->at, "device %s shares a page with %s of core \"%s\"",
                device->path, earlier->path, earlier->core->name ? earlier->core->name : "?");
            diag_note(diag, earlier->at, "which is owned here");
        }
    }
}

// Registers of the machine level: whoever may write them can interrupt the firmware of every hart, or be it.
static void check_device_not_firmwares(struct checker *checker, const struct device *device) {
    const char *what =
        device->found ? machine_firmware_owns(&checker->system->machine, device->pages) : NULL;
    if (what) {
        struct diag *diag =
            diag_error(checker->diags, SK030, device->at,
                       "device %s overlaps %s, which is the firmware's", device->path, what);
        diag_help(diag, "behind it are all harts: no partition can own it");
    }
}

// DMA does not pass the walls, which are the harts' (PLATFORM-FACTS 1).
static void check_device_masters(struct checker *checker, const struct device *device) {
    static const char *const MASTERS[] = {"virtio,mmio", "pci-host-ecam-generic",
                                          "qemu,fw-cfg-mmio"};
    for (unsigned i = 0; i < ARRAY_LENGTH(MASTERS) && device->found; i++) {
        if (machine_compatible(&checker->system->machine, device, MASTERS[i])) {
            struct diag *diag =
                diag_warning(checker->diags, SK045, device->at,
                             "device %s can read and write all memory by itself", device->path);
            diag_help(diag,
                      "its driver has to be trusted by every partition: walls do not stop DMA");
            return;
        }
    }
}

// Who owns a page that the kernels themselves or the firmware need cannot be said in a system file.
static void check_device_not_kernels(struct checker *checker, const struct device *device) {
    const struct machine *machine = &checker->system->machine;
    const struct {
        const char *what;
        struct range range;
    } taken[] = {{"the interrupt controller (APLIC)", machine->aplic},
                 {"the interrupt controller (PLIC)", machine->plic},
                 {"the doorbells (IMSIC)", machine->imsic},
                 {"the doorbells (SSWI)", machine->sswi},
                 {"memory", machine->ram}};
    for (unsigned i = 0; i < ARRAY_LENGTH(taken); i++) {
        if (device->found && ranges_overlap(device->pages, taken[i].range)) {
            struct diag *diag = diag_error(checker->diags, SK030, device->at,
                                           "device %s overlaps %s", device->path, taken[i].what);
            diag_help(diag, "the kernels have it already; programs reach it through capabilities");
        }
    }
}

static void check_interrupt(struct checker *checker, struct interrupt *interrupt) {
    struct device *device = interrupt->device;
    if (!device) {
        const struct value *irq = node_value(interrupt->node, ATTRIBUTE_IRQ);
        if (irq->valid && !machine_irq_known(&checker->system->machine, interrupt->source)) {
            diag_error(checker->diags, SK043, irq->at, "the machine's interrupts are 1 to %u",
                       checker->system->machine.sources);
        }
        return;
    }
    if (!device->found) {
        return;
    }
    if (interrupt->index >= device->irq_count) {
        const struct value *index = node_value(interrupt->node, ATTRIBUTE_INDEX);
        struct diag *diag = diag_error(checker->diags, SK043, index->at,
                                       "device \"%s\" has no interrupt %u: it has %u", device->name,
                                       interrupt->index, device->irq_count);
        diag_note(diag, device->node->at, "the device is declared here");
        return;
    }
    interrupt->source = device->irq[interrupt->index];
    if (!node_value(interrupt->node, ATTRIBUTE_TRIGGER)->given) {
        interrupt->edge = device->irq_edge[interrupt->index];
    }
}

static void check_interrupts_differ(struct checker *checker) {
    struct system *system = checker->system;
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        struct interrupt *interrupt = &system->interrupts[i];
        for (unsigned j = 0; j < i && interrupt->source; j++) {
            struct interrupt *earlier = &system->interrupts[j];
            if (earlier->source != interrupt->source) {
                continue;
            }
            struct diag *diag = diag_error(checker->diags, SK042, interrupt->node->at,
                                           "interrupt %u already goes to \"%s\"", interrupt->source,
                                           earlier->domain->name ? earlier->domain->name : "?");
            diag_note(diag, earlier->node->at, "it is taken here");
            diag_help(diag, "let one domain take it and notify the other over a channel");
            break;
        }
    }
}

// An interrupt given by number must not be that of a device another core owns.
static void check_interrupt_owner(struct checker *checker, const struct interrupt *interrupt) {
    const struct system *system = checker->system;
    for (unsigned i = 0; i < system->device_count && interrupt->source; i++) {
        const struct device *device = &system->devices[i];
        for (unsigned k = 0; k < device->irq_count; k++) {
            if (device->irq[k] == interrupt->source && device->core != interrupt->domain->core) {
                struct diag *diag =
                    diag_error(checker->diags, SK042, interrupt->node->at,
                               "interrupt %u belongs to device \"%s\" of core \"%s\"",
                               interrupt->source, device->name ? device->name : "?",
                               device->core->name ? device->core->name : "?");
                diag_note(diag, device->node->at, "the device is owned here");
            }
        }
    }
}

// A fixed region of a core lies inside one of its devices or in its own RAM (which is fixed then, too).
static void check_region_inside(struct checker *checker, const struct region *region) {
    const struct system *system = checker->system;
    u64 end = region->base + region->size;
    const struct core *core = region->core;
    // A Microkit region has got its devices by its address (tools/microkit.c).
    if (!region->fixed || region->node->dialect == DIALECT_MICROKIT) {
        return;
    }
    for (unsigned i = 0; i < system->device_count && end > region->base; i++) {
        const struct device *device = &system->devices[i];
        if (device->core == core && device->found && region->base >= device->pages.base &&
            end <= device->pages.base + device->pages.size) {
            return;
        }
    }
    struct diag *diag =
        diag_error(checker->diags, SK034, node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at,
                   "0x%" PRIx64 " to 0x%" PRIx64 " is not inside a device of core \"%s\"",
                   region->base, end, core->name ? core->name : "?");
    diag_help(diag, "declare the device with <device path=\"…\"> in this core");
}

static void check_fixed_regions_apart(struct checker *checker) {
    const struct system *system = checker->system;
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct region *region = &system->regions[i];
        for (unsigned j = 0; j < i && region->fixed; j++) {
            const struct region *earlier = &system->regions[j];
            struct range a = {region->base, region->size}, b = {earlier->base, earlier->size};
            if (!earlier->fixed || !ranges_overlap(a, b)) {
                continue;
            }
            struct diag *diag =
                diag_error(checker->diags, SK030, node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at,
                           "region \"%s\" overlaps region \"%s\"",
                           region->name ? region->name : "?", earlier->name ? earlier->name : "?");
            diag_note(diag, node_value(earlier->node, ATTRIBUTE_PHYS_ADDR)->at,
                      "which is at 0x%" PRIx64 " to 0x%" PRIx64, b.base, b.base + b.size);
            diag_help(diag, "two domains that need the same memory map the same region");
            break;
        }
    }
}

void check_machine(struct arena *arena, struct diagnostics *diags, struct system *system) {
    struct checker checker = {arena, diags, system};
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart_known) {
            check_hart_present(&checker, &system->cores[i]);
        }
    }
    for (unsigned i = 0; i < system->device_count; i++) {
        check_device(&checker, &system->devices[i]);
        check_device_not_kernels(&checker, &system->devices[i]);
        check_device_not_firmwares(&checker, &system->devices[i]);
        check_device_masters(&checker, &system->devices[i]);
    }
    check_devices_apart(&checker);
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        check_interrupt(&checker, &system->interrupts[i]);
        check_interrupt_owner(&checker, &system->interrupts[i]);
    }
    check_interrupts_differ(&checker);
    for (unsigned i = 0; i < system->region_count; i++) {
        check_region_inside(&checker, &system->regions[i]);
    }
    check_fixed_regions_apart(&checker);
    for (unsigned i = 0; i < system->mapping_count; i++) {
        struct mapping *mapping = &system->mappings[i];
        if (mapping->device && mapping->device->found) {
            mapping->size = mapping->device->pages.size;
        }
    }
}
