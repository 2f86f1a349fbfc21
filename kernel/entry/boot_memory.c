// SPDX-License-Identifier: BSD-2-Clause
/* Memory at boot; see kernel/entry/boot_memory.h. */
#include "kernel/entry/boot_memory.h"

#include "abi/gen/sel4_abi.h"
#include "arch/memory.h"
#include "lib/bits.h"
#include "lib/boot_items.h"
#include "lib/bound.h"

static void insert(struct boot_ranges *ranges, unsigned at, struct boot_range range) {
    BOUND(boot_insert, BOOT_RANGES);
    for (unsigned i = ranges->count; i > at; i--) {
        BOUND_STEP(boot_insert);
        ranges->range[i] = ranges->range[i - 1];
    }
    ranges->range[at] = range;
    ranges->count++;
}

static void drop(struct boot_ranges *ranges, unsigned at) {
    ranges->count--;
    BOUND(boot_drop, BOOT_RANGES);
    for (unsigned i = at; i < ranges->count; i++) {
        BOUND_STEP(boot_drop);
        ranges->range[i] = ranges->range[i + 1];
    }
}

/* Cut [base, base + size), rounded out to pages, out of every range. False: too many pieces. */
static bool cut(struct boot_ranges *ranges, struct boot_range hole) {
    u64 from = align_down(hole.base, PAGE_BITS);
    u64 to = align_up(hole.base + hole.size, PAGE_BITS);

    if (hole.size == 0) {
        return true;
    }
    BOUND(boot_cut, 2 * BOOT_RANGES);
    for (unsigned i = 0; i < ranges->count;) {
        BOUND_STEP(boot_cut);
        struct boot_range *range = &ranges->range[i];
        u64 end = range->base + range->size;

        if (from >= end || to <= range->base) {
            i++;
        } else if (from > range->base && to < end) {
            if (ranges->count == BOOT_RANGES) {
                return false;
            }
            range->size = from - range->base;
            insert(ranges, i + 1, (struct boot_range){to, end - to});
            i += 2;
        } else if (from > range->base) {
            range->size = from - range->base;
            i++;
        } else if (to < end) {
            *range = (struct boot_range){to, end - to};
            i++;
        } else {
            drop(ranges, i);
        }
    }
    return true;
}

const char *boot_ranges_find(struct boot_ranges *ranges, const struct boot_record *record) {
    const struct boot_image *image = boot_record_find(record, BOOT_IMAGE, NULL);
    const struct boot_user *user = boot_record_find(record, BOOT_USER, NULL);
    const struct boot_tree *tree = boot_record_find(record, BOOT_TREE, NULL);
    const struct boot_memory *item = NULL;
    bool fits = true;

    ranges->count = 0;
    BOUND(boot_memory_items, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_MEMORY, item)) != NULL) {
        BOUND_STEP(boot_memory_items);
        if (ranges->count == BOOT_RANGES ||
            !arch_memory_in_window(paddr_of(item->range.base), item->range.size)) {
            return "the boot record's memory ranges are too many or too high";
        }
        insert(ranges, ranges->count, item->range);
    }
    fits = cut(ranges, image->image) && cut(ranges, image->config) && cut(ranges, image->record) &&
           cut(ranges, user->image) && (tree == NULL || cut(ranges, tree->range));
    item = NULL;
    BOUND(boot_reserved_items, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_RESERVED, item)) != NULL) {
        BOUND_STEP(boot_reserved_items);
        fits = fits && cut(ranges, item->range);
    }
    return fits ? NULL : "the boot record's memory is cut into too many pieces";
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
