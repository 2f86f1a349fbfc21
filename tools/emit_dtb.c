// SPDX-License-Identifier: BSD-2-Clause
// Writing device trees with libfdt. Each function opens the machine's tree into a larger buffer, changes it
// and packs it. The first libfdt error is kept and ends up as one sentence.
#include "tools/emit_dtb.h"

#include <libfdt.h>
#include <string.h>

#include "abi/package.h"
#include "tools/machine.h"
#include "tools/place.h"
#include "tools/units.h"

#define ROOM_BYTES      0x10000 // for what is added
#define SU_READ         0x08u // rights of a domain's region, supervisor and user (PLATFORM-FACTS 1.1)
#define SU_WRITE        0x10u
#define SU_EXECUTE      0x20u
#define ALL_RIGHTS      0x3fu
#define ORDER_ALL       64u
#define NEXT_SUPERVISOR 1u

struct editor {
    struct arena *arena;
    void *tree;
    int error; // the first one, or 0
    u32 next_phandle;
};

static int keep(struct editor *editor, int result) {
    if (result < 0 && !editor->error) {
        editor->error = result;
    }
    return result;
}

static struct editor editor_open(struct arena *arena, const void *tree, size_t bytes) {
    struct editor editor = {arena, arena_alloc(arena, bytes + ROOM_BYTES), 0, 0};
    keep(&editor, fdt_open_into(tree, editor.tree, (int)(bytes + ROOM_BYTES)));
    u32 highest = 0;
    keep(&editor, fdt_find_max_phandle(editor.tree, &highest));
    editor.next_phandle = highest + 1;
    int chosen = fdt_path_offset(editor.tree, "/chosen");
    if (chosen >= 0) {
        fdt_delprop(editor.tree, chosen, "rng-seed");
    }
    return editor;
}

// libfdt leaves whatever was in memory between the end of a name or value and the next multiple of four:
// bits of the random seed, for one. Same input, same bytes.
static void padding_clear(u8 *tree) {
    u8 *structure = tree + fdt_off_dt_struct(tree);
    int next = 0;
    for (int at = 0;; at = next) {
        u32 tag = fdt_next_tag(tree, at, &next);
        if (tag == FDT_END || next <= at) {
            return;
        }
        size_t used = sizeof(fdt32_t);
        if (tag == FDT_PROP) {
            used = sizeof(struct fdt_property) +
                   fdt32_to_cpu(((struct fdt_property *)(structure + at))->len);
        } else if (tag == FDT_BEGIN_NODE) {
            used += strlen((char *)structure + at + used) + 1;
        }
        memset(structure + at + used, 0, (size_t)(next - at) - used);
    }
}

static struct bytes editor_close(struct editor *editor, char **why) {
    keep(editor, fdt_pack(editor->tree));
    if (editor->error) {
        *why = arena_printf(editor->arena, "the device tree cannot be extended: %s",
                            fdt_strerror(editor->error));
        return (struct bytes){NULL, 0};
    }
    padding_clear(editor->tree);
    return (struct bytes){editor->tree, fdt_totalsize(editor->tree)};
}

static int node_add(struct editor *editor, int parent, const char *name) {
    return parent < 0 ? parent : keep(editor, fdt_add_subnode(editor->tree, parent, name));
}

static void set_text(struct editor *editor, int node, const char *name, const char *text) {
    keep(editor, fdt_setprop_string(editor->tree, node, name, text));
}

static void set_u32(struct editor *editor, int node, const char *name, u32 value) {
    keep(editor, fdt_setprop_u32(editor->tree, node, name, value));
}

static void set_u64(struct editor *editor, int node, const char *name, u64 value) {
    keep(editor, fdt_setprop_u64(editor->tree, node, name, value));
}

static void set_empty(struct editor *editor, int node, const char *name) {
    keep(editor, fdt_setprop_empty(editor->tree, node, name));
}

// The phandle of a node, given one if it has none.
static u32 phandle_of(struct editor *editor, int node) {
    u32 phandle = node < 0 ? 0 : fdt_get_phandle(editor->tree, node);
    if (!phandle && node >= 0) {
        phandle = editor->next_phandle++;
        set_u32(editor, node, "phandle", phandle);
    }
    return phandle;
}

struct bytes dtb_without_seed(struct arena *arena, struct bytes tree) {
    struct editor editor = editor_open(arena, tree.data, tree.size);
    char *why;
    struct bytes packed = editor_close(&editor, &why);
    return packed.data ? packed : tree;
}

/* ---- OpenSBI domains --------------------------------------------------------------------------- */

// Node offsets move when the tree changes, so everything is found by path again before each use.
static int domains_node(struct editor *editor) {
    return keep(editor, fdt_path_offset(editor->tree, "/chosen/opensbi-domains"));
}

static u32 region_add(struct editor *editor, const char *name, u64 base, u32 order, bool device) {
    u32 phandle = editor->next_phandle++;
    int node = node_add(editor, domains_node(editor), name);
    set_text(editor, node, "compatible", "opensbi,domain,memregion");
    set_u64(editor, node, "base", base);
    set_u32(editor, node, "order", order);
    if (device) {
        set_empty(editor, node, "mmio");
    }
    set_u32(editor, node, "phandle", phandle);
    return phandle;
}

static u32 entry_rights(const struct pmp_entry *entry) {
    return SU_READ | (entry->writable ? SU_WRITE : 0) | (entry->executable ? SU_EXECUTE : 0);
}

// The regions of a core, as the pairs <&region rights> of a domain.
static unsigned regions_add(struct editor *editor, const struct system *system,
                            const struct core *core, fdt32_t *pairs) {
    if (!system->walls) {
        pairs[0] = cpu_to_fdt32(region_add(editor, "all", 0, ORDER_ALL, false));
        pairs[1] = cpu_to_fdt32(ALL_RIGHTS);
        return 1;
    }
    for (unsigned i = 0; i < core->pmp_count; i++) {
        const struct pmp_entry *entry = &core->pmp[i];
        char *name = arena_printf(editor->arena, "region-%u-%u", core->index, i);
        pairs[2 * i] = cpu_to_fdt32(
            region_add(editor, name, entry->range.base, log2_of(entry->range.size), entry->device));
        pairs[2 * i + 1] = cpu_to_fdt32(entry_rights(entry));
    }
    return core->pmp_count;
}

static const char *cpu_path(const struct system *system, const struct core *core) {
    return system->machine.hart_paths[machine_hart(&system->machine, core->hart)];
}

// A domain of `count` cores. Behind walls each has its own, and the stub is given the package's header. Without, one
// has them all; the firmware starts the first of its harts, or the one it started with itself, which finds a device
// tree in a1 and so starts the others (bootloader/entry.S).
static void domain_add(struct editor *editor, struct system *system, const struct core *cores,
                       unsigned count) {
    fdt32_t pairs[2 * MAX_PMP], harts[MAX_CORES];
    unsigned regions = regions_add(editor, system, cores, pairs);
    for (unsigned i = 0; i < count; i++) {
        int cpu = fdt_path_offset(editor->tree, cpu_path(system, &cores[i]));
        harts[i] = cpu_to_fdt32(phandle_of(editor, cpu));
    }
    u32 phandle = editor->next_phandle++;
    int node = node_add(editor, domains_node(editor),
                        arena_printf(editor->arena, "domain-%u", cores->index));
    set_text(editor, node, "compatible", "opensbi,domain,instance");
    keep(editor,
         fdt_setprop(editor->tree, node, "possible-harts", harts, (int)(count * sizeof(harts[0]))));
    set_u32(editor, node, "boot-hart", fdt32_to_cpu(harts[0]));
    keep(editor,
         fdt_setprop(editor->tree, node, "regions", pairs, (int)(regions * 2 * sizeof(pairs[0]))));
    set_u64(editor, node, "next-addr", system->package.base);
    if (system->walls) {
        set_u64(editor, node, "next-arg1", system->package.base + PACKAGE_HEADER_OFFSET);
    }
    set_u32(editor, node, "next-mode", NEXT_SUPERVISOR);
    if (!system->walls || cores == platform_core(system)) {
        set_empty(editor, node, "system-reset-allowed");
    }
    set_u32(editor, node, "phandle", phandle);
    for (unsigned i = 0; i < count; i++) {
        int cpu = keep(editor, fdt_path_offset(editor->tree, cpu_path(system, &cores[i])));
        set_u32(editor, cpu, "opensbi-domain", phandle);
    }
}

// OpenSBI wants every enabled hart to name its domain, so the others are not enabled.
static void unused_harts_disable(struct editor *editor, const struct system *system) {
    const struct machine *machine = &system->machine;
    for (unsigned i = 0; i < machine->hart_count; i++) {
        bool used = false;
        for (unsigned j = 0; j < system->core_count; j++) {
            used |= system->cores[j].hart == machine->harts[i];
        }
        if (!used) {
            set_text(editor, fdt_path_offset(editor->tree, machine->hart_paths[i]), "status",
                     "disabled");
        }
    }
}

struct bytes emit_domains(struct arena *arena, struct system *system, char **why) {
    struct editor editor = editor_open(arena, system->machine.tree, system->machine.tree_bytes);
    int chosen = fdt_path_offset(editor.tree, "/chosen");
    if (chosen < 0) {
        chosen = node_add(&editor, 0, "chosen");
    }
    int node = node_add(&editor, chosen, "opensbi-domains");
    set_text(&editor, node, "compatible", "opensbi,domain,config");
    unsigned together = system->walls ? 1 : system->core_count;
    for (unsigned i = 0; i < system->core_count; i += together) {
        domain_add(&editor, system, &system->cores[i], together);
    }
    unused_harts_disable(&editor, system);
    return editor_close(&editor, why);
}

/* ---- A core's slice ---------------------------------------------------------------------------- */

static bool path_owned(const struct system *system, const struct core *core, const char *path) {
    for (unsigned i = 0; i < system->device_count; i++) {
        if (system->devices[i].core == core && system->devices[i].path &&
            !strcmp(system->devices[i].path, path)) {
            return true;
        }
    }
    return false;
}

static bool node_kept(const struct system *system, const struct core *core, const void *tree,
                      int node) {
    char path[128];
    if (fdt_get_path(tree, node, path, sizeof(path))) {
        return false;
    }
    const struct machine *machine = &system->machine;
    if (!strncmp(path, "/cpus/cpu@", 10)) {
        return !strcmp(path, machine->hart_paths[machine_hart(machine, core->hart)]);
    }
    return fdt_getprop(tree, node, "interrupt-controller", NULL) || path_owned(system, core, path);
}

// Children of a node that are not the core's go; one at a time, since offsets move.
static void children_prune(struct editor *editor, const struct system *system,
                           const struct core *core, const char *parent) {
    for (;;) {
        int node, doomed = -1;
        int offset = fdt_path_offset(editor->tree, parent);
        if (offset < 0) {
            return;
        }
        fdt_for_each_subnode(node, editor->tree, offset) {
            if (!node_kept(system, core, editor->tree, node)) {
                doomed = node;
                break;
            }
        }
        if (doomed < 0 || keep(editor, fdt_del_node(editor->tree, doomed)) < 0) {
            return;
        }
    }
}

struct bytes emit_slice(struct arena *arena, const struct system *system, const struct core *core,
                        char **why) {
    static const char *const GONE[] = {"/cpus/cpu-map",
                                       "/fw-cfg@10100000",
                                       "/flash@20000000",
                                       "/platform-bus@4000000",
                                       "/poweroff",
                                       "/reboot",
                                       "/pmu"};
    struct editor editor = editor_open(arena, system->machine.tree, system->machine.tree_bytes);
    for (unsigned i = 0; i < ARRAY_LENGTH(GONE); i++) {
        int node = fdt_path_offset(editor.tree, GONE[i]);
        if (node >= 0) {
            keep(&editor, fdt_del_node(editor.tree, node));
        }
    }
    children_prune(&editor, system, core, "/soc");
    children_prune(&editor, system, core, "/cpus");
    int memory = fdt_node_offset_by_prop_value(editor.tree, -1, "device_type", "memory", 7);
    if (memory >= 0) {
        fdt64_t reg[2] = {cpu_to_fdt64(core->ram.base), cpu_to_fdt64(core->ram.size)};
        keep(&editor, fdt_setprop_inplace(editor.tree, memory, "reg", reg, sizeof(reg)));
    }
    return editor_close(&editor, why);
}
