// SPDX-License-Identifier: BSD-2-Clause
// From device tree to hwloc. Everything found is a set of harts with a rank; sets that contain each other make the
// tree, whatever order the device tree has them in. Harts are numbered by their place in machine->harts, because
// hart ids may be large and hwloc's sets are bitmaps of numbers.
#include "tools/topology.h"

#include <hwloc.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "tools/units.h"

#define MAX_SETS  256u
#define MAX_DEPTH 8 // of cpu-map, and of a chain of caches

// From the outside in, where two sets are equal.
enum set_kind { SET_PACKAGE, SET_CLUSTER, SET_CACHE, SET_CORE, SET_HART };

struct hart_set {
    enum set_kind kind;
    u64 harts; // bit i: machine->harts[i]
    unsigned level;
    u64 bytes;
    int node; // of a cache: where in the device tree; else -1
};

struct builder {
    struct arena *arena;
    const struct machine *machine;
    struct hart_set sets[MAX_SETS];
    unsigned count;
};

static u32 cell(const void *tree, int node, const char *name, u32 otherwise) {
    int length;
    const fdt32_t *value = fdt_getprop(tree, node, name, &length);
    return value && length >= 4 ? fdt32_to_cpu(*value) : otherwise;
}

static struct hart_set *set_add(struct builder *builder, struct hart_set set) {
    if (builder->count == MAX_SETS) {
        return NULL;
    }
    builder->sets[builder->count] = set;
    return &builder->sets[builder->count++];
}

// Bit of the hart whose cpu node this is; 0 if it is none of the machine's.
static u64 cpu_bit(const struct machine *machine, int cpu) {
    u32 id = cell(machine->tree, cpu, "reg", ~0u);
    for (unsigned i = 0; i < machine->hart_count; i++) {
        if (machine->harts[i] == id) {
            return BIT(i);
        }
    }
    return 0;
}

/* ---- What the device tree says ----------------------------------------------------------------- */

// Nodes of the map are called socketN, clusterN, coreN and threadN; leaves point to a cpu.
static void map_read(struct builder *builder) {
    const void *tree = builder->machine->tree;
    struct hart_set *open[MAX_DEPTH + 1] = {NULL};
    int map = fdt_path_offset(tree, "/cpus/cpu-map"), depth = 0;
    bool sockets = map >= 0 && fdt_subnode_offset(tree, map, "socket0") >= 0;
    for (int node = map < 0 ? -1 : fdt_next_node(tree, map, &depth); node >= 0 && depth > 0;
         node = fdt_next_node(tree, node, &depth)) {
        const char *name = fdt_get_name(tree, node, NULL);
        if (depth > MAX_DEPTH || !name) {
            continue;
        }
        bool outermost = depth == 1 && !sockets;
        enum set_kind kind = !strncmp(name, "socket", 6)    ? SET_PACKAGE
                             : !strncmp(name, "cluster", 7) ? outermost ? SET_PACKAGE : SET_CLUSTER
                             : !strncmp(name, "core", 4)    ? SET_CORE
                                                            : SET_HART;
        open[depth] =
            kind == SET_HART ? NULL : set_add(builder, (struct hart_set){kind, 0, 0, 0, -1});
        int cpu = fdt_node_offset_by_phandle(tree, cell(tree, node, "cpu", 0));
        for (int i = 1; i <= depth && cpu >= 0; i++) {
            if (open[i]) {
                open[i]->harts |= cpu_bit(builder->machine, cpu);
            }
        }
    }
}

// A cache that several cpus name is one set.
static void cache_use(struct builder *builder, int node, u64 hart) {
    const void *tree = builder->machine->tree;
    for (unsigned i = 0; i < builder->count; i++) {
        if (builder->sets[i].kind == SET_CACHE && builder->sets[i].node == node) {
            builder->sets[i].harts |= hart;
            return;
        }
    }
    u32 level = cell(tree, node, "cache-level", 2);
    set_add(builder, (struct hart_set){SET_CACHE, hart,
                                       level < 2   ? 2
                                       : level > 5 ? 5
                                                   : level,
                                       cell(tree, node, "cache-size", 0), node});
}

static void cpu_read(struct builder *builder, unsigned index) {
    const void *tree = builder->machine->tree;
    int cpu = fdt_path_offset(tree, builder->machine->hart_paths[index]);
    u64 hart = BIT(index);
    set_add(builder, (struct hart_set){SET_HART, hart, 0, 0, -1});
    if (cpu < 0) {
        return;
    }
    u32 first_level = cell(tree, cpu, "d-cache-size", 0);
    if (first_level) {
        set_add(builder, (struct hart_set){SET_CACHE, hart, 1, first_level, -1});
    }
    int node = cpu;
    for (unsigned i = 0; i < MAX_DEPTH && node >= 0; i++) {
        node = fdt_node_offset_by_phandle(tree, cell(tree, node, "next-level-cache", 0));
        if (node >= 0) {
            cache_use(builder, node, hart);
        }
    }
}

/* ---- Sets to hwloc's XML ----------------------------------------------------------------------- */

static int set_compare(const void *left, const void *right) {
    const struct hart_set *a = left, *b = right;
    int sizes = __builtin_popcountll(b->harts) - __builtin_popcountll(a->harts);
    int firsts = (a->harts & -a->harts) > (b->harts & -b->harts) ? 1 : -1;
    return sizes                  ? sizes
           : a->harts != b->harts ? firsts
           : a->kind != b->kind   ? (int)a->kind - (int)b->kind
                                  : (int)b->level - (int)a->level;
}

// Outer sets come first; a set that cuts an earlier one in two has no place in a tree and is left out, as is a second
// one of the same kind for the same harts.
static void sets_order(struct builder *builder) {
    qsort(builder->sets, builder->count, sizeof(builder->sets[0]), set_compare);
    unsigned kept = 0;
    for (unsigned i = 0; i < builder->count; i++) {
        struct hart_set set = builder->sets[i];
        bool fits = set.harts != 0;
        for (unsigned j = 0; j < kept; j++) {
            u64 common = builder->sets[j].harts & set.harts;
            fits &= (!common || common == set.harts) &&
                    !(builder->sets[j].harts == set.harts && builder->sets[j].kind == set.kind &&
                      builder->sets[j].level == set.level);
        }
        if (fits) {
            builder->sets[kept++] = set;
        }
    }
    builder->count = kept;
}

static char *object_open(struct builder *builder, const struct hart_set *set, unsigned number) {
    static const char *const TYPES[] = {"Package", "Group", "", "Core", "PU"};
    char *attributes = arena_copy(builder->arena, "", 0);
    const char *type = TYPES[set->kind];
    if (set->kind == SET_CACHE) {
        type = arena_printf(builder->arena, "L%uCache", set->level);
        attributes = arena_printf(builder->arena,
                                  " cache_size=\"%" PRIu64 "\" depth=\"%u\" cache_linesize=\"0\" "
                                  "cache_associativity=\"0\" cache_type=\"%u\"",
                                  set->bytes, set->level, set->level == 1);
    } else if (set->kind == SET_CLUSTER) {
        attributes = arena_copy(builder->arena, " subtype=\"Cluster\"", 18);
    }
    return arena_printf(
        builder->arena,
        "<object type=\"%s\" os_index=\"%u\" cpuset=\"0x%08x,0x%08x\" "
        "complete_cpuset=\"0x%08x,0x%08x\" nodeset=\"0x1\" complete_nodeset=\"0x1\" "
        "gp_index=\"%u\"%s>",
        type, set->kind == SET_HART ? (unsigned)__builtin_ctzll(set->harts) : number,
        (u32)(set->harts >> 32), (u32)set->harts, (u32)(set->harts >> 32), (u32)set->harts,
        10 + number, attributes);
}

// The sets are in an order in which the parent of each is the last one before it that contains it and is still open.
static char *xml_make(struct builder *builder) {
    struct arena *arena = builder->arena;
    const struct machine *machine = builder->machine;
    u64 all = machine->hart_count == 64 ? ~0ull : BIT(machine->hart_count) - 1;
    char *sets = arena_printf(arena, "cpuset=\"0x%08x,0x%08x\" complete_cpuset=\"0x%08x,0x%08x\"",
                              (u32)(all >> 32), (u32)all, (u32)(all >> 32), (u32)all);
    char *xml = arena_printf(
        arena,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
        "<topology version=\"2.0\"><object type=\"Machine\" os_index=\"0\" %s "
        "allowed_cpuset=\"0x%08x,0x%08x\" nodeset=\"0x1\" complete_nodeset=\"0x1\" "
        "allowed_nodeset=\"0x1\" gp_index=\"1\"><object type=\"NUMANode\" os_index=\"0\" %s "
        "nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"2\" local_memory=\"%" PRIu64 "\"/>",
        sets, (u32)(all >> 32), (u32)all, sets, machine->ram.size);
    bool done[MAX_SETS] = {false};
    u64 open[MAX_SETS];
    unsigned depth = 0;
    // Pre-order: again and again the first set that is not done, lies in the innermost open one, and closes none.
    for (unsigned left = builder->count; left;) {
        u64 within = depth ? open[depth - 1] : all;
        unsigned next = 0;
        while (next < builder->count && (done[next] || (builder->sets[next].harts & ~within))) {
            next++;
        }
        if (next == builder->count) {
            xml = arena_printf(arena, "%s</object>", xml);
            depth--;
            continue;
        }
        done[next] = true;
        left--;
        open[depth++] = builder->sets[next].harts;
        xml = arena_printf(arena, "%s%s", xml, object_open(builder, &builder->sets[next], next));
    }
    for (; depth; depth--) {
        xml = arena_printf(arena, "%s</object>", xml);
    }
    return arena_printf(arena, "%s</object></topology>\n", xml);
}

/* ---- What hwloc made of it --------------------------------------------------------------------- */

static char *cache_label(struct arena *arena, hwloc_obj_t object) {
    u64 bytes = object->attr->cache.size;
    return bytes ? arena_printf(arena, "L%u cache, %s", object->attr->cache.depth,
                                units_show_bytes(arena, bytes))
                 : arena_printf(arena, "L%u cache", object->attr->cache.depth);
}

static void nodes_take(struct arena *arena, struct topology *topology, hwloc_obj_t root) {
    unsigned depth = 0;
    for (hwloc_obj_t object = root; object;) {
        struct topology_node *node = &topology->nodes[topology->count++];
        node->depth = depth;
        node->harts = (unsigned)hwloc_bitmap_weight(object->cpuset);
        node->is_cache = hwloc_obj_type_is_cache(object->type) != 0;
        node->is_hart = object->type == HWLOC_OBJ_PU;
        topology->caches += node->is_cache;
        if (node->is_hart) {
            node->hart = topology->machine->harts[object->os_index];
            node->label = arena_printf(arena, "hart %" PRIu64, node->hart);
        } else if (node->is_cache) {
            node->label = cache_label(arena, object);
        } else if (object == root) {
            node->label = arena_copy(arena, "Machine", 7);
        } else {
            const char *type =
                object->subtype ? object->subtype : hwloc_obj_type_string(object->type);
            node->label = arena_printf(arena, "%s %u", type, object->logical_index);
        }
        if (object->first_child) {
            object = object->first_child;
            depth++;
            continue;
        }
        while (object != root && !object->next_sibling) {
            object = object->parent;
            depth--;
        }
        object = object == root ? NULL : object->next_sibling;
    }
}

struct topology *topology_begin(struct arena *arena, const struct machine *machine, char **why) {
    struct builder *builder = ARENA_NEW(arena, struct builder);
    builder->arena = arena;
    builder->machine = machine;
    map_read(builder);
    for (unsigned i = 0; i < machine->hart_count; i++) {
        cpu_read(builder, i);
    }
    sets_order(builder);
    char *xml = xml_make(builder);
    hwloc_topology_t hwloc;
    *why = arena_copy(arena, "hwloc does not understand the machine's cpu-map", 47);
    if (hwloc_topology_init(&hwloc)) {
        return NULL;
    }
    if (hwloc_topology_set_xmlbuffer(hwloc, xml, (int)strlen(xml) + 1) ||
        hwloc_topology_set_all_types_filter(hwloc, HWLOC_TYPE_FILTER_KEEP_ALL) ||
        hwloc_topology_load(hwloc)) {
        hwloc_topology_destroy(hwloc);
        return NULL;
    }
    struct topology *topology = ARENA_NEW(arena, struct topology);
    topology->machine = machine;
    topology->hwloc = hwloc;
    topology->nodes = ARENA_ARRAY(arena, struct topology_node, builder->count + 4);
    nodes_take(arena, topology, hwloc_get_root_obj(hwloc));
    return topology;
}

void topology_end(struct topology *topology) {
    hwloc_topology_destroy(topology->hwloc);
}

static hwloc_obj_t hart_object(const struct topology *topology, u64 hart) {
    for (unsigned i = 0; i < topology->machine->hart_count; i++) {
        if (topology->machine->harts[i] == hart) {
            return hwloc_get_pu_obj_by_os_index(topology->hwloc, i);
        }
    }
    return NULL;
}

char *topology_shared_cache(struct arena *arena, const struct topology *topology, u64 a, u64 b) {
    hwloc_obj_t first = hart_object(topology, a), second = hart_object(topology, b);
    if (!first || !second || first == second) {
        return NULL;
    }
    hwloc_obj_t object = hwloc_get_common_ancestor_obj(topology->hwloc, first, second);
    while (object && !hwloc_obj_type_is_cache(object->type)) {
        object = object->parent;
    }
    return object ? cache_label(arena, object) : NULL;
}
