// SPDX-License-Identifier: BSD-2-Clause
// The rules that a system must keep, beyond each word being right by itself.
#pragma once

#include "tools/model.h"

// Rules that need nothing but the file: harts, sizes, names of channels, budgets, tasks.
void check_file(struct arena *arena, struct diagnostics *diags, struct system *system);

// Of those, the rules of cores that start over.
void check_restart(struct diagnostics *diags, const struct system *system);

// Rules that need the machine: harts that exist, devices, registers, interrupts. Fills in what the model
// knows of devices and interrupts from system->machine.
void check_machine(struct arena *arena, struct diagnostics *diags, struct system *system);

// Harts that share a cache: the walls do not keep their time apart.
void check_topology(struct arena *arena, struct diagnostics *diags, const struct system *system);

// Rules that need the program images: no mapping over an image, every variable to be set is there.
void check_images(struct arena *arena, struct diagnostics *diags, struct system *system);

// Of those, the rules of the console program and of programs that call rt_periodic().
void check_console(struct diagnostics *diags, const struct system *system);
void check_periodic(struct arena *arena, struct diagnostics *diags, const struct system *system);
