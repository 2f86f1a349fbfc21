// SPDX-License-Identifier: BSD-2-Clause
// Device trees that the tool makes from the machine's: the one for OpenSBI, with its domains, and the slice
// that each core's root task may see.
#pragma once

#include "tools/files.h"
#include "tools/model.h"

// The machine's tree without the random seed QEMU puts there, so that the same input gives the same bytes.
struct bytes dtb_without_seed(struct arena *arena, struct bytes tree);

// For OpenSBI (docs/domain_support of its sources): one domain per core with the regions its PMP entries
// grant; without walls, one domain that may reach everything. Harts that no core uses are disabled. NULL data:
// the tree cannot be extended; `why` says so.
struct bytes emit_domains(struct arena *arena, struct system *system, char **why);

// What a core's user space may know: its hart, its memory, its devices. Interrupt controllers stay, since
// devices refer to them.
struct bytes emit_slice(struct arena *arena, const struct system *system, const struct core *core,
                        char **why);
