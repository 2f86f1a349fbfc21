// SPDX-License-Identifier: BSD-2-Clause
// How a built system is booted: the arguments of QEMU for a package and its device tree.
#pragma once

#include "tools/model.h"
#include "tools/qemu.h"

// Everything but the serial port. Without the firmware image: an empty list.
struct arguments boot_arguments(struct arena *arena, const struct system *system,
                                const char *package_path, const char *tree_path);
