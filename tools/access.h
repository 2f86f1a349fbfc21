// SPDX-License-Identifier: BSD-2-Clause
// Who can touch what: as two tables, for drawing.
//
// The outer one is what the walls allow each kernel, whatever its programs do; the inner one what each protection
// domain has mapped.
#pragma once

#include "tools/model.h"

// A stretch of memory that at least one wall entry covers.
struct walled {
    const char *name;
    struct range range;
    bool device;
    u8 perms[MAX_CORES]; // enum perms of each core
};

// Memory or registers that domains may map.
struct mappable {
    const char *name;
    const char *core; // whose it is; NULL: shared by two
    u64 bytes;
    const struct region *region; // one of the two
    const struct device *device;
};

struct access {
    struct walled *walled;
    unsigned walled_count;
    struct mappable *mappable;
    unsigned mappable_count;
    u8 *perms; // [domain * mappable_count + mappable]
};

struct access *access_find(struct arena *arena, const struct system *system);

// "rwx", "r--", or "" for none.
const char *perms_show(struct arena *arena, u32 perms);

// Who holds a part of RAM, in the order of addresses.
struct holder {
    char *name;
    struct range range;
    const struct core *core; // whose partition; NULL: firmware, package or a pair region
    const struct pair *pair; // NULL: none
};

// Everything that is placed in RAM; `*count` of them.
struct holder *holders_find(struct arena *arena, const struct system *system, unsigned *count);
