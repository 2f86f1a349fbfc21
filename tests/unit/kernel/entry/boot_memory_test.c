// SPDX-License-Identifier: BSD-2-Clause
/* Free memory at boot: ranges, what is cut out of them, and what is taken. */
#include "kernel/entry/boot_memory.h"
#include "tests/support/world.h"

#define PAGES(n) ((u64)(n)*PAGE_SIZE)

static u8 *memory; /* 128 pages, which only boot_take() writes */
static struct boot_ranges ranges;

/* A record with any items. */
static union {
    struct boot_record head;
    u8 bytes[sizeof(struct boot_record) + 4000];
} record;

static void add_item(const void *item, u32 bytes, enum boot_tag tag) {
    struct boot_item *at = (struct boot_item *)((u8 *)&record + record.head.length);

    memcpy(at, item, bytes);
    at->tag = tag;
    at->length = bytes;
    record.head.length += bytes;
}

static struct boot_range pages(u64 from, u64 count) {
    return (struct boot_range){(u64)(uintptr_t)memory + PAGES(from), PAGES(count)};
}

static void add_memory(u64 from, u64 count) {
    struct boot_memory item = {.range = pages(from, count)};

    add_item(&item, sizeof item, BOOT_MEMORY);
}

static void reserve(u64 from, u64 count) {
    struct boot_memory item = {.range = pages(from, count)};

    add_item(&item, sizeof item, BOOT_RESERVED);
}

/* The image's parts have the last pages, which find() adds to the memory. */
#define PARTS_FROM 120
#define PARTS      5

static void begin(void) {
    if (memory == NULL) {
        memory = host_map(PAGES(128));
    }
    struct boot_image image = {.image = pages(PARTS_FROM, 1),
                               .config = pages(PARTS_FROM + 1, 1),
                               .record = pages(PARTS_FROM + 2, 1)};
    struct boot_user user = {.image = pages(PARTS_FROM + 3, 1)};
    struct boot_tree tree = {.range = pages(PARTS_FROM + 4, 1)};

    tree.range.size = 100;
    memset(&record, 0, sizeof record);
    record.head.length = sizeof record.head;
    add_item(&image, sizeof image, BOOT_IMAGE);
    add_item(&user, sizeof user, BOOT_USER);
    add_item(&tree, sizeof tree, BOOT_TREE);
}

static const char *problem_found(void) {
    add_memory(PARTS_FROM, PARTS);
    return boot_ranges_find(&ranges, &record.head);
}

/* Where the parts were, nothing is left. */
static void find(void) {
    assert_null(problem_found());
    ranges.count--;
    assert_int_equal(ranges.range[ranges.count].size, 0);
}

static void assert_overlap(void) {
    const char *problem = problem_found();

    assert_non_null(problem);
    assert_non_null(strstr(problem, "overlaps, or cuts it into too many pieces"));
}

static void assert_range(unsigned i, u64 from, u64 count) {
    assert_true(i < ranges.count);
    assert_int_equal(ranges.range[i].base, pages(from, count).base);
    assert_int_equal(ranges.range[i].size, PAGES(count));
}

static void holes_are_cut_anywhere(UNUSED void **test) {
    begin();
    add_memory(0, 64);
    reserve(10, 5); /* in the middle */
    reserve(60, 4); /* at the end */
    reserve(0, 1);  /* at the beginning */
    reserve(20, 0); /* nothing */
    find();
    assert_int_equal(ranges.count, 2);
    assert_range(0, 1, 9);
    assert_range(1, 15, 45);
}

static void a_range_may_go_altogether_and_others_stay(UNUSED void **test) {
    begin();
    add_memory(4, 2);
    add_memory(8, 2);
    add_memory(12, 2);
    reserve(8, 2);
    find();
    assert_int_equal(ranges.count, 3);
    assert_range(0, 4, 2);
    assert_range(1, 10, 0);
    assert_range(2, 12, 2);
}

static void a_range_in_the_middle_of_the_list_is_split(UNUSED void **test) {
    begin();
    add_memory(1, 10);
    add_memory(12, 5);
    add_memory(20, 10);
    reserve(13, 2);
    find();
    assert_int_equal(ranges.count, 4);
    assert_range(0, 1, 10);
    assert_range(1, 12, 1);
    assert_range(2, 15, 2);
    assert_range(3, 20, 10);
}

static void parts_of_pages_are_whole_pages(UNUSED void **test) {
    struct boot_memory item;

    begin();
    add_memory(1, 10);
    item.range = (struct boot_range){pages(4, 1).base + 100, PAGE_SIZE};
    add_item(&item, sizeof item, BOOT_RESERVED);
    find();
    assert_int_equal(ranges.count, 2);
    assert_range(0, 1, 3);
    assert_range(1, 6, 5);
}

/* Part by part: onto its neighbour, half out of the memory, out of it, and around the end of all addresses. */
static void parts_that_are_not_apart_are_refused(UNUSED void **test) {
    begin();
    struct boot_image *image = (struct boot_image *)(record.head.items);
    struct boot_user *user = (struct boot_user *)(image + 1);
    struct boot_tree *tree = (struct boot_tree *)(user + 1);
    struct boot_range *part[] = {&image->image, &image->config, &image->record, &user->image,
                                 &tree->range};

    for (unsigned i = 0; i < PARTS; i++) {
        const struct boot_range wrong[] = {
            pages(PARTS_FROM + (i + 1) % PARTS, 1), pages(PARTS_FROM - 1, 2),
            pages(PARTS_FROM + PARTS, 1),           {~0ull - 100, 100},
            {(u64)(uintptr_t)memory, ~0ull},
        };

        for (unsigned j = 0; j < ARRAY_LENGTH(wrong); j++) {
            u32 length = record.head.length;
            struct boot_range good = *part[i];

            *part[i] = wrong[j];
            assert_overlap();
            *part[i] = good;
            record.head.length = length;
        }
    }
    reserve(PARTS_FROM + 2, 1);
    assert_overlap();
}

static void too_many_pieces_are_refused(UNUSED void **test) {
    begin();
    add_memory(1, 100);
    for (u64 i = 0; i < BOOT_RANGES - 2; i++) {
        reserve(2 + 2 * i, 1);
    }
    u32 length = record.head.length;

    find();
    assert_int_equal(ranges.count, BOOT_RANGES - 1);
    record.head.length = length;
    reserve(2 + 2 * (BOOT_RANGES - 2), 1);
    assert_overlap();
}

static void refuse_memory(struct boot_range range) {
    struct boot_memory item = {.range = range};
    u32 length = record.head.length;

    add_item(&item, sizeof item, BOOT_MEMORY);
    const char *problem = boot_ranges_find(&ranges, &record.head);
    assert_non_null(problem);
    assert_non_null(strstr(problem, "whole pages in ascending order"));
    record.head.length = length;
}

static void memory_that_cannot_be_is_refused(UNUSED void **test) {
    begin();
    refuse_memory((struct boot_range){BIT(40), PAGE_SIZE});
    refuse_memory(
        (struct boot_range){BIT(CAP_ADDRESS_BITS) - PAGE_SIZE, PAGE_SIZE}); /* no window there */
    refuse_memory((struct boot_range){pages(1, 1).base + 8, PAGE_SIZE});
    refuse_memory((struct boot_range){pages(1, 1).base, PAGE_SIZE + 8});
    refuse_memory((struct boot_range){0ull - PAGE_SIZE, 2 * PAGE_SIZE});
    add_memory(4, 4);
    refuse_memory(pages(7, 2));
    refuse_memory(pages(1, 2));
    begin();
    for (u64 i = 0; i < BOOT_RANGES; i++) {
        add_memory(1 + i, 1);
    }
    refuse_memory(pages(1 + BOOT_RANGES, 1));
}

static bool is_elsewhere(u64 from, u64 count) {
    return boot_is_elsewhere(&record.head, pages(from, count));
}

static void what_is_not_memory_is_elsewhere(UNUSED void **test) {
    begin();
    add_memory(10, 10);
    add_memory(30, 10);
    assert_true(is_elsewhere(0, 10));
    assert_true(is_elsewhere(20, 10));
    assert_true(is_elsewhere(40, 100));
    assert_false(is_elsewhere(0, 11));
    assert_false(is_elsewhere(19, 2));
    assert_false(is_elsewhere(39, 1));
    assert_false(is_elsewhere(12, 1));
    assert_false(is_elsewhere(0, 100));
    assert_false(boot_is_elsewhere(&record.head, (struct boot_range){4, PAGE_SIZE}));
    assert_false(boot_is_elsewhere(&record.head, (struct boot_range){PAGE_SIZE, 8}));
    assert_true(boot_is_elsewhere(&record.head, (struct boot_range){BIT(38), BIT(38)}));
    assert_false(
        boot_is_elsewhere(&record.head, (struct boot_range){BIT(38), BIT(38) + PAGE_SIZE}));
    assert_false(boot_is_elsewhere(&record.head, (struct boot_range){0ull - PAGE_SIZE, PAGE_SIZE}));
}

static void what_is_taken_is_clear_aligned_and_from_the_largest(UNUSED void **test) {
    begin();
    add_memory(1, 4);
    add_memory(8, 16);
    find();
    memset(memory + PAGES(8), 0xff, PAGES(16));
    u8 *taken = boot_take(&ranges, 5001, PAGE_BITS);
    assert_ptr_equal(taken, memory + PAGES(22));
    for (unsigned i = 0; i < 5008; i++) { /* whole words */
        assert_int_equal(taken[i], 0);
    }
    assert_range(1, 8, 14);
    /* As much as there is, no more; and nothing where alignment leaves no room. */
    assert_null(boot_take(&ranges, PAGES(14) + 8, 3));
    assert_null(boot_take(&ranges, 8, 30));
    assert_non_null(boot_take(&ranges, PAGES(14), 3));
    assert_int_equal(ranges.range[1].size, 0);
    assert_null(boot_take(&(struct boot_ranges){0}, 8, 3));
}

static void chunks_are_aligned_powers_of_two(UNUSED void **test) {
    assert_int_equal(boot_chunk_bits((struct boot_range){0, PAGES(3)}), 13);
    assert_int_equal(boot_chunk_bits((struct boot_range){PAGES(1), PAGES(8)}), 12);
    assert_int_equal(boot_chunk_bits((struct boot_range){PAGES(8), PAGES(8)}), 15);
    assert_int_equal(boot_chunk_bits((struct boot_range){0, BIT(50)}), SEL4_MAX_UNTYPED_BITS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_are_cut_anywhere),
        cmocka_unit_test(a_range_may_go_altogether_and_others_stay),
        cmocka_unit_test(a_range_in_the_middle_of_the_list_is_split),
        cmocka_unit_test(parts_of_pages_are_whole_pages),
        cmocka_unit_test(too_many_pieces_are_refused),
        cmocka_unit_test(parts_that_are_not_apart_are_refused),
        cmocka_unit_test(memory_that_cannot_be_is_refused),
        cmocka_unit_test(what_is_not_memory_is_elsewhere),
        cmocka_unit_test(what_is_taken_is_clear_aligned_and_from_the_largest),
        cmocka_unit_test(chunks_are_aligned_powers_of_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
