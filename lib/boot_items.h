// SPDX-License-Identifier: BSD-2-Clause
/*
 * Walking the items of a boot record (abi/boot_record.h): a header of 24 bytes whose word at offset 12 is the
 * record's length, then items {u32 tag, u32 length of the whole item}, each a multiple of 8 bytes. The layout is
 * known here by offset, since lib stands below abi; arch/boot_check.c asserts that both agree.
 *
 *     const struct boot_peer *peer = NULL;
 *     while ((peer = boot_record_find(record, BOOT_PEER, peer)) != NULL) { … }
 */
#pragma once

#include "lib/bound.h"
#include "lib/types.h"

#define BOOT_ITEMS_LENGTH_OFFSET 12
#define BOOT_ITEMS_HEADER_BYTES  24
#define BOOT_ITEMS_MAX                                                                             \
    509 /* (4096 - 24) / 8: a record is at most one page, an item at least 8 bytes */

/*
 * The next item with this tag after `previous` (NULL: the first); NULL when there is none. The record must have
 * passed boot_record_check(); an item that does not fit ends the walk anyway.
 */
static inline const void *boot_record_find(const void *record, u32 tag, const void *previous) {
    const u8 *base = record;
    u64 length = *(const u32 *)(base + BOOT_ITEMS_LENGTH_OFFSET);
    u64 at = BOOT_ITEMS_HEADER_BYTES;

    if (previous != NULL) {
        at = (u64)((const u8 *)previous - base) + ((const u32 *)previous)[1];
    }
    BOUND(boot_items, BOOT_ITEMS_MAX);
    while (at + 8 <= length) {
        BOUND_STEP(boot_items);
        const u32 *item = (const u32 *)(base + at);
        if (item[1] < 8 || item[1] % 8 != 0 || item[1] > length - at || item[0] == 0) {
            return NULL;
        }
        if (item[0] == tag) {
            return item;
        }
        at += item[1];
    }
    return NULL;
}
