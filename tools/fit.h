// SPDX-License-Identifier: BSD-2-Clause
// Whether a partition's objects find room in its memory.
//
// Objects are naturally aligned powers of two, so a sum of bytes does not tell: 2 MiB pages may find no aligned
// place in 4 MiB. Here the init task's choices (user/init/memory.c) are made once more, on the untypeds that the
// kernel will hand out.
#pragma once

#include "tools/model.h"

// The memory of objects, in the order of their creation.
struct object_list {
    u8 *bits; // log2 of the bytes of each
    unsigned count;
};

// True if all objects fit into `free`, memory that is all the kernel hands out.
bool fit_objects(struct range free, const struct object_list *objects);
