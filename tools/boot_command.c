// SPDX-License-Identifier: BSD-2-Clause
// QEMU's arguments for a package. The device tree is ours, with OpenSBI's domains in it; the package is
// loaded as raw bytes; the firmware finds its next stage in the domains.
#include "tools/boot_command.h"

#include <inttypes.h>

struct arguments boot_arguments(struct arena *arena, const struct system *system,
                                const char *package_path, const char *tree_path) {
    struct arguments arguments = {NULL, 0, 0};
    const char *firmware = qemu_firmware();
    if (!firmware) {
        return arguments;
    }
    qemu_machine_arguments(arena, &arguments, system->kind, system->machine.hart_count,
                           system->memory_bytes);
    qemu_time_arguments(arena, &arguments, system->machine.hart_count);
    arguments_add(arena, &arguments, "-bios");
    arguments_add(arena, &arguments, firmware);
    arguments_add(arena, &arguments, "-dtb");
    arguments_add(arena, &arguments, tree_path);
    arguments_add(arena, &arguments, "-device");
    arguments_add(arena, &arguments,
                  arena_printf(arena, "loader,file=%s,addr=0x%" PRIx64 ",force-raw=on",
                               qemu_path(arena, package_path), system->package.base));
    return arguments;
}
