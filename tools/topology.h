// SPDX-License-Identifier: BSD-2-Clause
// How the harts of a machine lie to each other: packages, clusters, caches, cores.
//
// hwloc knows such trees and how to ask them, but reads no device trees. So what the machine's own tree says
// (/cpus/cpu-map and the caches that the cpu nodes name: Devicetree Specification 0.4, 3.8 and 3.9; the cpu-map binding)
// is written in hwloc's XML form, loaded there, and looked at through it. QEMU's machines have a cpu-map and no caches.
#pragma once

#include "tools/model.h"

struct topology_node {
    char *label;    // "Package 0", "L2 2MiB", "Core 1", "hart 1"
    bool is_hart;   // a leaf; `hart` is valid
    bool is_cache;  //
    u64 hart;       //
    unsigned depth; // the machine itself is 0
    unsigned harts; // that it contains
};

struct topology {
    struct topology_node *nodes; // in pre-order: a node, then everything inside it
    unsigned count;
    unsigned caches;
    void *hwloc; // the loaded hwloc_topology_t
    const struct machine *machine;
};

// NULL: hwloc refuses what the device tree says; `why` gets a sentence. Ends with topology_end().
struct topology *topology_begin(struct arena *arena, const struct machine *machine, char **why);
void topology_end(struct topology *topology);

// The smallest cache that both harts use, as text; NULL if there is none. Both harts must be there.
char *topology_shared_cache(struct arena *arena, const struct topology *topology, u64 a, u64 b);
