// SPDX-License-Identifier: BSD-2-Clause
// Rules for cores that start over when their kernel panics: somebody must be able to wake them.
#include "tools/check.h"

static bool rings(const struct channel_end *from, const struct channel_end *to,
                  const struct core *core) {
    return from->domain && to->domain && from->notify && to->domain->core == core &&
           from->domain->core != core;
}

static bool anyone_rings(const struct system *system, const struct core *core) {
    for (unsigned i = 0; i < system->channel_count; i++) {
        const struct channel_end *end = system->channels[i].end;
        if (rings(&end[0], &end[1], core) || rings(&end[1], &end[0], core)) {
            return true;
        }
    }
    return false;
}

static void check_core(struct diagnostics *diags, const struct system *system,
                       const struct core *core) {
    struct place at = node_value(core->node, ATTRIBUTE_ON_FAILURE)->at;
    const char *name = core->name ? core->name : "?";
    if (core->index == 0) {
        struct diag *diag =
            diag_error(diags, SK029, at,
                       "core \"%s\" is the first, and cannot start over under the others", name);
        diag_help(diag, "leave out on_failure here; a panic of this kernel ends the run");
    } else if (!anyone_rings(system, core)) {
        struct diag *diag =
            diag_error(diags, SK029, at,
                       "nothing could start core \"%s\" over: no other core signals it", name);
        diag_help(
            diag,
            "<channel><end pd=\"…\" id=\"…\"/><end pd=\"…\" id=\"…\"/></channel> from a domain "
            "of another core to one of this");
    }
}

void check_restart(struct diagnostics *diags, const struct system *system) {
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].restarts) {
            check_core(diags, system, &system->cores[i]);
        }
    }
}
