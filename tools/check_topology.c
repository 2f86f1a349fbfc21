// SPDX-License-Identifier: BSD-2-Clause
// What the walls cannot keep apart: two partitions whose harts share a cache take each other's lines out of it.
#include "tools/check.h"
#include "tools/topology.h"

// Whether they share one; says so.
static bool check_neighbours(struct arena *arena, struct diagnostics *diags,
                             const struct topology *topology, const struct core *core,
                             const struct core *earlier) {
    char *cache = topology_shared_cache(arena, topology, core->hart, earlier->hart);
    if (!cache) {
        return false;
    }
    struct diag *diag =
        diag_warning(diags, SK028, core->hart_at, "cores \"%s\" and \"%s\" share the %s",
                     core->name ? core->name : "?", earlier->name ? earlier->name : "?", cache);
    diag_note(diag, earlier->hart_at, "the other hart is taken here");
    diag_help(diag, "harts that share no cache disturb each other less: `skerry show` draws them");
    return true;
}

void check_topology(struct arena *arena, struct diagnostics *diags, const struct system *system) {
    char *why;
    struct topology *topology = topology_begin(arena, &system->machine, &why);
    if (!topology) {
        return; // a drawing will lack it; nothing that boots depends on it
    }
    // Once for each core; the core before it in the file is most likely its nearest.
    for (unsigned i = 0; i < system->core_count && topology->caches; i++) {
        bool said = !system->cores[i].hart_known;
        for (unsigned j = i; j-- > 0 && !said;) {
            said = system->cores[j].hart_known &&
                   check_neighbours(arena, diags, topology, &system->cores[i], &system->cores[j]);
        }
    }
    topology_end(topology);
}
