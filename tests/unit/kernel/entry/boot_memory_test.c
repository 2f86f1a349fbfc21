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

/* The image's parts lie in page 0, if they are not cut elsewhere. */
static void begin(void) {
    if (memory == NULL) {
        memory = host_map(PAGES(128));
    }
    struct boot_image image = {.image = pages(0, 1), .config = pages(0, 1), .record = pages(0, 1)};
    struct boot_user user = {.image = pages(0, 1)};

    memset(&record, 0, sizeof record);
    record.head.length = sizeof record.head;
    add_item(&image, sizeof image, BOOT_IMAGE);
    add_item(&user, sizeof user, BOOT_USER);
}

static void find(void) {
    assert_null(boot_ranges_find(&ranges, &record.head));
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
    reserve(20, 0); /* nothing */
    find();
    assert_int_equal(ranges.count, 2);
    assert_range(0, 1, 9);
    assert_range(1, 15, 45);
}

static void a_range_may_go_altogether_and_others_stay(UNUSED void **test) {
    begin();
    add_memory(0, 1); /* the image */
    add_memory(4, 2);
    add_memory(8, 2);
    add_memory(12, 2);
    reserve(7, 4); /* more than the third */
    find();
    assert_int_equal(ranges.count, 2);
    assert_range(0, 4, 2);
    assert_range(1, 12, 2);
}

static void the_end_of_one_range_and_the_begin_of_the_next_go_together(UNUSED void **test) {
    begin();
    add_memory(1, 3);
    add_memory(8, 8);
    reserve(3, 7);
    find();
    assert_int_equal(ranges.count, 2);
    assert_range(0, 1, 2);
    assert_range(1, 10, 6);
}

static void a_range_in_the_middle_of_the_list_is_split(UNUSED void **test) {
    begin();
    add_memory(1, 10);
    add_memory(20, 10);
    reserve(4, 2);
    find();
    assert_int_equal(ranges.count, 3);
    assert_range(0, 1, 3);
    assert_range(1, 6, 5);
    assert_range(2, 20, 10);
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

static void too_many_pieces_are_refused(UNUSED void **test) {
    begin();
    add_memory(1, 100);
    for (u64 i = 0; i < BOOT_RANGES - 1; i++) {
        reserve(2 + 2 * i, 1);
    }
    find();
    assert_int_equal(ranges.count, BOOT_RANGES);
    reserve(2 + 2 * (BOOT_RANGES - 1), 1);
    assert_non_null(strstr(boot_ranges_find(&ranges, &record.head), "too many pieces"));
}

static void too_many_and_too_high_ranges_are_refused(UNUSED void **test) {
    struct boot_memory high = {.range = {BIT(40), PAGE_SIZE}};

    begin();
    for (u64 i = 0; i <= BOOT_RANGES; i++) {
        add_memory(1 + i, 1);
    }
    assert_non_null(strstr(boot_ranges_find(&ranges, &record.head), "too many or too high"));
    begin();
    add_item(&high, sizeof high, BOOT_MEMORY);
    assert_non_null(strstr(boot_ranges_find(&ranges, &record.head), "too many or too high"));
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
        cmocka_unit_test(the_end_of_one_range_and_the_begin_of_the_next_go_together),
        cmocka_unit_test(a_range_in_the_middle_of_the_list_is_split),
        cmocka_unit_test(parts_of_pages_are_whole_pages),
        cmocka_unit_test(too_many_pieces_are_refused),
        cmocka_unit_test(too_many_and_too_high_ranges_are_refused),
        cmocka_unit_test(what_is_taken_is_clear_aligned_and_from_the_largest),
        cmocka_unit_test(chunks_are_aligned_powers_of_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
