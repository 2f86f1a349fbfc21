// SPDX-License-Identifier: BSD-2-Clause
// The boot package (abi/package.h): bootloader, header, and each partition's pieces.
#pragma once

#include "tools/files.h"
#include "tools/fit.h"
#include "tools/load.h"

// What a core contributes, kept for the files that `build` writes beside the package.
struct partition_output {
    struct bytes config, record, tree, user;
    u64 kernel_digest;
    const char *kernel_path;
    char *init_listing; // NULL: a root task of one's own
    unsigned actions;
    struct object_list objects; // what the init task creates
    u64 object_bytes;
    u64 slots;
};

struct package_output {
    struct bytes package; // as it lies in memory from system->package.base on
    struct bytes tree;    // device tree for OpenSBI
    struct partition_output partition[MAX_CORES];
};

// Builds everything in memory, unless the system has errors already, and prints what was found (load_report()). NULL:
// there were errors.
struct package_output *emit_package(struct load *load);

// Loads a kernel image, flat, and checks that the bootloader can start it. NULL: reported.
struct image;
struct image *kernel_load(struct arena *arena, struct diagnostics *diags, const char *build_folder,
                          enum machine_kind kind, enum variant variant, struct place at);

// The bootloader stub. NULL data: reported.
struct bytes bootloader_load(struct arena *arena, struct diagnostics *diags,
                             const char *build_folder, struct place at);

// One partition as the package wants it: pieces laid out in `ram`, appended to a growing package.
struct package_writer;
struct package_writer *package_begin(struct arena *arena, struct bytes stub, unsigned partitions);
void package_add(struct package_writer *writer, unsigned index, unsigned piece, struct bytes bytes,
                 u64 target, u64 target_size);
struct package_partition *package_partition_of(struct package_writer *writer, unsigned index);
struct bytes package_end(struct package_writer *writer);
