// SPDX-License-Identifier: BSD-2-Clause
// Reading the device tree with libfdt. The tree may be a file from anywhere, so it is checked as a whole
// first, and every property is measured before it is read.
#include "tools/machine.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "tools/suggest.h"

#define PAGE_BYTES       4096ull
#define MAX_DEPTH        32 // of nodes in a tree
#define IRQ_FLAG_EDGES   3u // second interrupt cell: 1 rising edge, 2 falling edge
#define SUPERVISOR_CAUSE 9  // cause number by which an IMSIC or APLIC names the S-level of a hart

struct reader {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
    struct machine *machine;
    const void *tree;
};

static u64 cells_read(const fdt32_t *cells, int count) {
    u64 value = 0;
    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cells[i]);
    }
    return value;
}

static bool cell_property(const void *tree, int node, const char *name, u32 *value) {
    int length;
    const fdt32_t *cells = fdt_getprop(tree, node, name, &length);
    if (!cells || length < 4) {
        return false;
    }
    *value = fdt32_to_cpu(cells[0]);
    return true;
}

// Register range `index` of a node, in the address space of its parent: on the machines we know, buses
// map one to one (empty `ranges`).
static bool node_registers(const void *tree, int node, unsigned index, struct range *range) {
    int parent = fdt_parent_offset(tree, node);
    int address_cells = parent < 0 ? -1 : fdt_address_cells(tree, parent);
    int size_cells = parent < 0 ? -1 : fdt_size_cells(tree, parent);
    int length;
    const fdt32_t *cells = fdt_getprop(tree, node, "reg", &length);
    if (!cells || address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2) {
        return false;
    }
    unsigned entry = (unsigned)(address_cells + size_cells);
    if ((u64)length < (u64)(index + 1) * entry * 4) {
        return false;
    }
    cells += index * entry;
    range->base = cells_read(cells, address_cells);
    range->size = cells_read(cells + address_cells, size_cells);
    return range->size && range->base + (range->size - 1) >= range->base;
}

static bool node_enabled(const void *tree, int node) {
    int length;
    const char *status = fdt_getprop(tree, node, "status", &length);
    return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

static int node_compatible(const void *tree, const char *compatible, int after) {
    return fdt_node_offset_by_compatible(tree, after, compatible);
}

/* ---- Harts, memory, interrupt controllers ------------------------------------------------------ */

static bool string_list_has(const char *list, int length, const char *word) {
    return list && fdt_stringlist_contains(list, length, word);
}

static void hart_read(struct reader *reader, int node) {
    struct machine *machine = reader->machine;
    u32 id;
    int length;
    const char *type = fdt_getprop(reader->tree, node, "device_type", &length);
    if (!type || strcmp(type, "cpu") || !cell_property(reader->tree, node, "reg", &id) ||
        !node_enabled(reader->tree, node) || machine->hart_count == ARRAY_LENGTH(machine->harts)) {
        return;
    }
    char path[128];
    if (fdt_get_path(reader->tree, node, path, sizeof(path))) {
        return;
    }
    machine->hart_paths[machine->hart_count] = arena_copy(reader->arena, path, strlen(path));
    machine->harts[machine->hart_count++] = id;
    const char *extensions = fdt_getprop(reader->tree, node, "riscv,isa-extensions", &length);
    machine->sstc = string_list_has(extensions, length, "sstc");
    u32 block = 0;
    machine->zicboz_bytes =
        string_list_has(extensions, length, "zicboz") &&
                cell_property(reader->tree, node, "riscv,cboz-block-size", &block)
            ? block
            : 0;
}

static void harts_read(struct reader *reader) {
    int cpus = fdt_path_offset(reader->tree, "/cpus");
    if (cpus < 0) {
        return;
    }
    cell_property(reader->tree, cpus, "timebase-frequency", &reader->machine->timebase_hz);
    int node;
    fdt_for_each_subnode(node, reader->tree, cpus) {
        hart_read(reader, node);
    }
    // QEMU lists its harts from the last to the first in some versions; the order here is by number.
    struct machine *machine = reader->machine;
    for (unsigned i = 1; i < machine->hart_count; i++) {
        for (unsigned j = i; j > 0 && machine->harts[j - 1] > machine->harts[j]; j--) {
            u64 hart = machine->harts[j];
            char *path = machine->hart_paths[j];
            machine->harts[j] = machine->harts[j - 1];
            machine->hart_paths[j] = machine->hart_paths[j - 1];
            machine->harts[j - 1] = hart;
            machine->hart_paths[j - 1] = path;
        }
    }
}

static void memory_read(struct reader *reader) {
    int node = fdt_node_offset_by_prop_value(reader->tree, -1, "device_type", "memory", 7);
    if (node >= 0) {
        node_registers(reader->tree, node, 0, &reader->machine->ram);
    }
}

// Of the IMSICs and APLICs, the supervisor's: the machine level's names cause 11, ours cause 9.
static bool imsic_is_supervisor(const void *tree, int node) {
    int length;
    const fdt32_t *cells = fdt_getprop(tree, node, "interrupts-extended", &length);
    return cells && length >= 8 && fdt32_to_cpu(cells[1]) == SUPERVISOR_CAUSE;
}

// Where in a controller's `interrupts-extended` the supervisor interrupt of each hart stands: that position is
// the number by which the controller knows the hart.
static void hart_positions(struct reader *reader, int controller, u32 *positions) {
    const struct machine *machine = reader->machine;
    int length;
    const fdt32_t *cells = fdt_getprop(reader->tree, controller, "interrupts-extended", &length);
    for (int i = 0; cells && i < length / 8; i++) {
        u32 phandle = fdt32_to_cpu(cells[2 * i]), cause = fdt32_to_cpu(cells[2 * i + 1]);
        int intc = fdt_node_offset_by_phandle(reader->tree, phandle);
        int cpu = intc < 0 ? -1 : fdt_parent_offset(reader->tree, intc);
        u32 hart;
        if (cause != SUPERVISOR_CAUSE || cpu < 0 ||
            !cell_property(reader->tree, cpu, "reg", &hart)) {
            continue;
        }
        for (unsigned j = 0; j < machine->hart_count; j++) {
            if (machine->harts[j] == hart) {
                positions[j] = (u32)i;
            }
        }
    }
}

static void aia_read(struct reader *reader) {
    const void *tree = reader->tree;
    struct machine *machine = reader->machine;
    u32 phandle = 0;
    for (int node = node_compatible(tree, "riscv,imsics", -1); node >= 0;
         node = node_compatible(tree, "riscv,imsics", node)) {
        if (imsic_is_supervisor(tree, node) && node_registers(tree, node, 0, &machine->imsic)) {
            cell_property(tree, node, "riscv,num-ids", &machine->imsic_ids);
            phandle = fdt_get_phandle(tree, node);
            hart_positions(reader, node, machine->imsic_index);
        }
    }
    for (int node = node_compatible(tree, "riscv,aplic", -1); node >= 0;
         node = node_compatible(tree, "riscv,aplic", node)) {
        u32 parent = 0;
        cell_property(tree, node, "msi-parent", &parent);
        if (phandle && parent == phandle && node_registers(tree, node, 0, &machine->aplic)) {
            cell_property(tree, node, "riscv,num-sources", &machine->sources);
        }
    }
}

static void plic_read(struct reader *reader) {
    struct machine *machine = reader->machine;
    int node = node_compatible(reader->tree, "riscv,plic0", -1);
    if (node >= 0 && node_registers(reader->tree, node, 0, &machine->plic)) {
        cell_property(reader->tree, node, "riscv,ndev", &machine->sources);
        hart_positions(reader, node, machine->plic_context);
    }
    node = node_compatible(reader->tree, "riscv,aclint-sswi", -1);
    if (node >= 0) {
        node_registers(reader->tree, node, 0, &machine->sswi);
    }
}

static bool machine_complete(struct reader *reader) {
    const struct machine *machine = reader->machine;
    enum machine_kind kind = reader->system->kind;
    const char *missing = !machine->hart_count    ? "harts"
                          : !machine->timebase_hz ? "a timebase-frequency"
                          : !machine->ram.size    ? "memory"
                          : kind == MACHINE_VIRT_AIA
                              ? !machine->imsic.size   ? "an IMSIC of the S level"
                                : !machine->aplic.size ? "an APLIC of the S level"
                                                       : NULL
                          : !machine->plic.size                                ? "a PLIC"
                          : kind == MACHINE_VIRT_ACLINT && !machine->sswi.size ? "an ACLINT SSWI"
                                                                               : NULL;
    if (!missing) {
        return true;
    }
    struct diag *diag =
        diag_error(reader->diags, SK022, node_value(reader->system->node, ATTRIBUTE_MACHINE)->at,
                   "the machine's device tree lacks %s", missing);
    diag_help(diag, "machine=\"%s\" needs it; is this the right device tree?",
              machine_kind_name(kind));
    return false;
}

bool machine_read(struct arena *arena, struct diagnostics *diags, struct system *system,
                  const void *tree, size_t bytes) {
    struct reader reader = {arena, diags, system, &system->machine, tree};
    int error =
        bytes < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_full(tree, bytes);
    if (error) {
        diag_error(diags, SK023, node_value(system->node, ATTRIBUTE_MACHINE)->at,
                   "the machine's device tree cannot be read: %s", fdt_strerror(error));
        return false;
    }
    memset(&system->machine, 0, sizeof(system->machine));
    system->machine.tree = tree;
    system->machine.tree_bytes = bytes;
    harts_read(&reader);
    memory_read(&reader);
    aia_read(&reader);
    plic_read(&reader);
    return machine_complete(&reader);
}

/* ---- Devices ----------------------------------------------------------------------------------- */

// The node of the controller that a device's `interrupts` speak to: its own or an ancestor's property.
static int interrupt_parent(const void *tree, int node) {
    for (unsigned i = 0; i < MAX_DEPTH && node >= 0; i++) {
        u32 phandle;
        if (cell_property(tree, node, "interrupt-parent", &phandle)) {
            return fdt_node_offset_by_phandle(tree, phandle);
        }
        node = fdt_parent_offset(tree, node);
    }
    return -1;
}

static void device_interrupts(const void *tree, int node, struct device *device) {
    int length;
    const fdt32_t *cells = fdt_getprop(tree, node, "interrupts", &length);
    int controller = interrupt_parent(tree, node);
    u32 width;
    if (!cells || controller < 0 || !cell_property(tree, controller, "#interrupt-cells", &width) ||
        width < 1 || width > 2) {
        return;
    }
    unsigned count = (unsigned)length / (4 * width);
    for (unsigned i = 0; i < count && i < MAX_DEVICE_IRQS; i++) {
        device->irq[i] = fdt32_to_cpu(cells[i * width]);
        device->irq_edge[i] = width == 2 && (fdt32_to_cpu(cells[i * width + 1]) & IRQ_FLAG_EDGES);
        device->irq_count = i + 1;
    }
}

enum device_result machine_find_device(const struct machine *machine, struct device *device) {
    int node = fdt_path_offset(machine->tree, device->path);
    if (node < 0) {
        return DEVICE_NO_NODE;
    }
    if (!node_registers(machine->tree, node, device->index, &device->registers)) {
        return DEVICE_NO_REGISTERS;
    }
    u64 first = device->registers.base & ~(PAGE_BYTES - 1);
    u64 last = (device->registers.base + (device->registers.size - 1)) | (PAGE_BYTES - 1);
    device->pages = (struct range){first, last - first + 1};
    device_interrupts(machine->tree, node, device);
    device->found = true;
    return DEVICE_FOUND;
}

bool machine_compatible(const struct machine *machine, const struct device *device,
                        const char *model) {
    int node = fdt_path_offset(machine->tree, device->path);
    return node >= 0 && !fdt_node_check_compatible(machine->tree, node, model);
}

// Whether a node's first registers, which are the machine level's, lie in these pages.
static bool node_in(const struct machine *machine, int node, struct range pages) {
    struct range registers;
    return node_registers(machine->tree, node, 0, &registers) && ranges_overlap(registers, pages);
}

const char *machine_firmware_owns(const struct machine *machine, struct range pages) {
    static const struct {
        const char *compatible, *what;
    } OWNED[] = {{"riscv,clint0", "the timers and software interrupts (CLINT)"},
                 {"riscv,aclint-mswi", "the software interrupts (ACLINT)"},
                 {"riscv,aclint-mtimer", "the timers (ACLINT)"},
                 {"riscv,imsics", "the interrupts of the machine level (IMSIC)"},
                 {"riscv,aplic", "the interrupts of the machine level (APLIC)"}};
    for (unsigned i = 0; i < ARRAY_LENGTH(OWNED); i++) {
        for (int node = node_compatible(machine->tree, OWNED[i].compatible, -1); node >= 0;
             node = node_compatible(machine->tree, OWNED[i].compatible, node)) {
            struct range registers;
            // The supervisor's controllers are the kernels' (machine->imsic, machine->aplic).
            bool ours =
                node_registers(machine->tree, node, 0, &registers) &&
                (registers.base == machine->imsic.base || registers.base == machine->aplic.base);
            if (!ours && node_in(machine, node, pages)) {
                return OWNED[i].what;
            }
        }
    }
    return NULL;
}

static bool node_is_memory(const void *tree, int node) {
    int length;
    const char *type = fdt_getprop(tree, node, "device_type", &length);
    return type && (!strcmp(type, "memory") || !strcmp(type, "cpu"));
}

bool machine_device_at(struct arena *arena, const struct machine *machine, u64 address,
                       struct device *device) {
    int depth = 0;
    for (int node = fdt_next_node(machine->tree, -1, &depth); node >= 0;
         node = fdt_next_node(machine->tree, node, &depth)) {
        char path[128];
        struct range range;
        if (node_is_memory(machine->tree, node) ||
            fdt_get_path(machine->tree, node, path, sizeof(path))) {
            continue;
        }
        for (unsigned i = 0; node_registers(machine->tree, node, i, &range); i++) {
            u64 first = range.base & ~(PAGE_BYTES - 1);
            u64 last = (range.base + (range.size - 1)) | (PAGE_BYTES - 1);
            if (address < first || address > last) {
                continue;
            }
            device->path = arena_copy(arena, path, strlen(path));
            device->index = i;
            return machine_find_device(machine, device) == DEVICE_FOUND;
        }
    }
    return false;
}

unsigned machine_hart(const struct machine *machine, u64 hart) {
    unsigned i = 0;
    while (i + 1 < machine->hart_count && machine->harts[i] != hart) {
        i++;
    }
    return i;
}

void machine_offer_paths(struct arena *arena, const struct machine *machine,
                         struct suggestion *suggestion) {
    int depth = 0;
    for (int node = fdt_next_node(machine->tree, -1, &depth); node >= 0;
         node = fdt_next_node(machine->tree, node, &depth)) {
        char path[64];
        if (!fdt_get_path(machine->tree, node, path, sizeof(path))) {
            suggest_offer(suggestion, arena_copy(arena, path, strlen(path)));
        }
    }
}

bool machine_irq_known(const struct machine *machine, u32 source) {
    return source >= 1 && source <= machine->sources;
}
