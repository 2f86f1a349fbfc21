// SPDX-License-Identifier: BSD-2-Clause
// The two small pieces of a partition that the kernel reads first: its configuration (abi/core_config.h) and
// its boot record (abi/boot_record.h).
#pragma once

#include "tools/files.h"
#include "tools/model.h"

// Where the pieces lie in the partition's RAM, and what the record tells about them.
struct partition_layout {
    struct range kernel, config, record, tree, user;
    u64 tree_bytes;    // exact length of the device tree slice
    u64 kernel_digest; // XXH64 of the kernel's bytes in the package
    u64 user_virtual_base, user_entry;
};

struct bytes emit_config(struct arena *arena, const struct system *system, const struct core *core);
struct bytes emit_record(struct arena *arena, struct system *system, const struct core *core,
                         const struct partition_layout *layout);

// The same, for people: one "name value" line each.
char *config_show(struct arena *arena, struct bytes config);
char *record_show(struct arena *arena, struct bytes record);

// XXH64 with seed 0.
u64 digest(const void *data, size_t bytes);
