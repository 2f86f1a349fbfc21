// SPDX-License-Identifier: BSD-2-Clause
// QEMU: the machine's device tree, and the command line that boots a package (PLATFORM-FACTS 1 and 6).
#pragma once

#include "tools/files.h"
#include "tools/model.h"

#define QEMU_PROGRAM "qemu-system-riscv64"

// Asks QEMU for the device tree of a machine. NULL data: `why` says what went wrong.
struct bytes qemu_machine_tree(struct arena *arena, enum machine_kind kind, unsigned harts,
                               u64 memory_bytes, const char *cpu, char **why);

// A growing list of arguments, ended by NULL.
struct arguments {
    const char **list;
    unsigned count, room;
};
void arguments_add(struct arena *arena, struct arguments *arguments, const char *argument);

// A path as it stands in an option of several parts: QEMU ends a part at a comma, unless it is doubled.
char *qemu_path(struct arena *arena, const char *path);

// What every run has: machine, harts, memory, no default devices, repeatable time.
void qemu_machine_arguments(struct arena *arena, struct arguments *arguments,
                            enum machine_kind kind, unsigned harts, u64 memory_bytes);
void qemu_time_arguments(struct arena *arena, struct arguments *arguments, unsigned harts);

// The firmware image, or NULL if it is not installed.
const char *qemu_firmware(void);

// The arguments as one line that a shell understands.
char *arguments_show(struct arena *arena, const struct arguments *arguments);
