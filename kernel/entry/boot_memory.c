// SPDX-License-Identifier: BSD-2-Clause
/* Memory at boot; see kernel/entry/boot_memory.h. */
#include "kernel/entry/boot_memory.h"

#include "abi/gen/sel4_abi.h"
#include "arch/memory.h"
#include "kernel/model/cap.h"
#include "lib/bits.h"
#include "lib/boot_items.h"
#include "lib/bound.h"

static u64 end_of(struct boot_range range) {
    return range.base + range.size;
}

/* Whole pages that a capability can say the place of. */
static bool is_whole_pages(struct boot_range range) {
    return is_aligned(range.base | range.size, PAGE_BITS) && range.size <= BIT(CAP_ADDRESS_BITS) &&
           range.base <= BIT(CAP_ADDRESS_BITS) - range.size;
}

/* A range at this place of the list; what is behind it moves up. False: the list is full. */
static bool insert(struct boot_ranges *ranges, unsigned at, struct boot_range range) {
    if (ranges->count == BOOT_RANGES) {
        return false;
    }
    BOUND(boot_insert, BOOT_RANGES);
    for (unsigned i = ranges->count; i > at; i--) {
        BOUND_STEP(boot_insert);
        ranges->range[i] = ranges->range[i - 1];
    }
    ranges->range[at] = range;
    ranges->count++;
    return true;
}

/* Take the pages of a part out of the range that has them all. False: none has, or there are too many pieces. */
static bool take_out(struct boot_ranges *ranges, struct boot_range part) {
    u64 from = align_down(part.base, PAGE_BITS);
    u64 to = align_up(end_of(part), PAGE_BITS);
    unsigned i = 0;

    if (part.size == 0) {
        return true;
    }
    BOUND(boot_take_out, BOOT_RANGES);
    while (i < ranges->count && (from < ranges->range[i].base || to > end_of(ranges->range[i]))) {
        BOUND_STEP(boot_take_out);
        i++;
    }
    if (i == ranges->count || from >= to) {
        return false;
    }
    struct boot_range *range = &ranges->range[i];
    struct boot_range rest = {to, end_of(*range) - to};

    if (from == range->base) {
        *range = rest;
        return true;
    }
    range->size = from - range->base;
    return rest.size == 0 || insert(ranges, i + 1, rest);
}

/* The partition's RAM, whole. False: it is not as a boot record has to describe it. */
static bool find_memory(struct boot_ranges *ranges, const struct boot_record *record) {
    const struct boot_memory *item = NULL;
    u64 last = 0;

    ranges->count = 0;
    BOUND(boot_memory_items, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_MEMORY, item)) != NULL) {
        BOUND_STEP(boot_memory_items);
        if (!is_whole_pages(item->range) || item->range.base < last ||
            !arch_memory_in_window(paddr_of(item->range.base), item->range.size) ||
            !insert(ranges, ranges->count, item->range)) {
            return false;
        }
        last = end_of(item->range);
    }
    return true;
}

const char *boot_ranges_find(struct boot_ranges *ranges, const struct boot_record *record) {
    const struct boot_image *image = boot_record_find(record, BOOT_IMAGE, NULL);
    const struct boot_user *user = boot_record_find(record, BOOT_USER, NULL);
    const struct boot_tree *tree = boot_record_find(record, BOOT_TREE, NULL);
    const struct boot_memory *item = NULL;

    if (!find_memory(ranges, record)) {
        return "the boot record's memory is not whole pages in ascending order, or too high";
    }
    bool apart = take_out(ranges, image->image) && take_out(ranges, image->config) &&
                 take_out(ranges, image->record) && take_out(ranges, user->image) &&
                 (tree == NULL || take_out(ranges, tree->range));

    BOUND(boot_reserved_items, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_RESERVED, item)) != NULL) {
        BOUND_STEP(boot_reserved_items);
        apart = apart && take_out(ranges, item->range);
    }
    return apart
               ? NULL
               : "what lies in the boot record's memory overlaps, or cuts it into too many pieces";
}

bool boot_is_elsewhere(const struct boot_record *record, struct boot_range range) {
    const struct boot_memory *item = NULL;
    bool elsewhere = is_whole_pages(range);

    BOUND(boot_elsewhere, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_MEMORY, item)) != NULL) {
        BOUND_STEP(boot_elsewhere);
        elsewhere =
            elsewhere && (range.base >= end_of(item->range) || end_of(range) <= item->range.base);
    }
    return elsewhere;
}

static void clear(u8 *at, u64 bytes) {
    BOUND(boot_clear, MASK(38) / ARCH_CLEAR_MAX);
    while (bytes > 0) {
        BOUND_STEP(boot_clear);
        u64 part = min_u64(bytes, ARCH_CLEAR_MAX);

        arch_clear(at, part);
        at += part;
        bytes -= part;
    }
}

void *boot_take(struct boot_ranges *ranges, u64 bytes, unsigned align_bits) {
    struct boot_range *largest = NULL;

    bytes = align_up(bytes, 3);
    BOUND(boot_take, BOOT_RANGES);
    for (unsigned i = 0; i < ranges->count; i++) {
        BOUND_STEP(boot_take);
        if (largest == NULL || ranges->range[i].size > largest->size) {
            largest = &ranges->range[i];
        }
    }
    if (largest == NULL || largest->size < bytes) {
        return NULL;
    }
    u64 base = align_down(largest->base + largest->size - bytes, align_bits);

    if (base < largest->base) {
        return NULL;
    }
    largest->size = base - largest->base;
    clear(arch_ptr(paddr_of(base)), bytes);
    return arch_ptr(paddr_of(base));
}

unsigned boot_chunk_bits(struct boot_range range) {
    unsigned bits = highest_bit(range.size);

    if (range.base != 0) {
        unsigned alignment = lowest_bit(range.base);

        bits = alignment < bits ? alignment : bits;
    }
    return bits < SEL4_MAX_UNTYPED_BITS ? bits : SEL4_MAX_UNTYPED_BITS;
}
