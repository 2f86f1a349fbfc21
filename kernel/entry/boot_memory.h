// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory at boot: the partition's RAM less what is taken, as a short list of ranges. The kernel's tables and
 * the root task's objects come off the top of the largest one; what is left becomes untyped memory.
 * There is no allocation after boot.
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#define BOOT_RANGES 32

struct boot_ranges {
    struct boot_range range[BOOT_RANGES]; /* disjoint, ascending */
    unsigned count;
};

/*
 * All memory items less image, configuration, record, user image, tree and reserved items, each of which lies in one
 * memory item, on pages of its own. NULL or a sentence.
 */
MUST_USE const char *boot_ranges_find(struct boot_ranges *ranges, const struct boot_record *record);

/* Whole pages, and none of them the partition's own RAM: devices, pair regions, the log. */
MUST_USE bool boot_is_elsewhere(const struct boot_record *record, struct boot_range range);

/* Cleared memory, aligned to 2^align_bits; NULL when there is not enough. */
void *boot_take(struct boot_ranges *ranges, u64 bytes, unsigned align_bits);

/* The largest naturally aligned power of two at the start of a range: its log2, 4..38. The range must hold 16 bytes. */
unsigned boot_chunk_bits(struct boot_range range);
