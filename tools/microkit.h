// SPDX-License-Identifier: BSD-2-Clause
// What a Microkit file leaves to the tool, in the order in which it becomes known.
//
// A Microkit file names domains, regions and channels only. Our model also has cores with memory, devices
// with owners, and a console program. So each `cpu` that is used becomes a core on that hart; a region
// belongs to the core whose domains map it, or to the pair of cores if two do; registers belong to the core
// that maps their addresses; memory and tables are as large as what is in them; and the console program,
// written in our own dialect, stands on the first core as if the file had named it.
#pragma once

#include "tools/model.h"

// Name of the console's domain, task and device: nobody's by chance.
#define MICROKIT_CONSOLE "skerry.console"

// Before the model: adds the console program's nodes.
void microkit_console_add(struct arena *arena, struct diagnostics *diags,
                          struct document *document);

// While the model is built: one core per cpu in use, lowest first.
void microkit_cores_make(struct arena *arena, struct system *system);

// The core of a domain's node, or of the console's core.
struct core *microkit_core_of(struct system *system, const struct node *node);

// While the model is built: gives each region its core or cores. Reports SK038 and SK039.
void microkit_regions_assign(struct diagnostics *diags, struct system *system);

// When the sizes of regions are known: pages of 2MiB where size and all addresses allow them.
void microkit_pages_choose(struct system *system);

// When the images are known: memory of the cores and of the machine.
void microkit_memory_choose(struct system *system);

// When the machine is known: the devices at the fixed addresses of regions. Reports SK034, SK041 and SK017.
void microkit_devices_find(struct arena *arena, struct diagnostics *diags, struct system *system);
