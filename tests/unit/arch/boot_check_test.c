// SPDX-License-Identifier: BSD-2-Clause
/*
 * arch/boot_check.c and lib/boot_items.h: a good record passes, and each way to break it is refused by the
 * sentence meant for it. Then random damage with a right checksum: it must be refused or walked to its end
 * without leaving the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/boot_check.c"
#include "lib/digest.c"

static union {
    struct boot_record record;
    u8 bytes[BOOT_RECORD_SIZE];
} ALIGNED(4096) page;

void bound_exceeded(const char *id, u64 bound) {
    print_error("loop %s turned more than %lu times\n", id, (unsigned long)bound);
    abort();
}

static struct boot_item *append(u32 tag, u32 length) {
    struct boot_item *item = (struct boot_item *)(page.bytes + page.record.length);

    *item = (struct boot_item){tag, length};
    page.record.length += length;
    return item;
}

static void seal(void) {
    page.record.checksum = 0;
    page.record.checksum = digest_of(&page, page.record.length);
}

/* The smallest good record, with a peer and a tag of the future. */
static void make_good(void) {
    memset(&page, 0, sizeof(page));
    page.record.magic = BOOT_RECORD_MAGIC;
    page.record.version = BOOT_RECORD_VERSION;
    page.record.length = sizeof(page.record);
    append(BOOT_PARTITION, sizeof(struct boot_partition));
    append(BOOT_MEMORY, sizeof(struct boot_memory));
    append(1000, 24);
    append(BOOT_IMAGE, sizeof(struct boot_image));
    append(BOOT_MEMORY, sizeof(struct boot_memory));
    append(BOOT_PLATFORM, sizeof(struct boot_platform));
    append(BOOT_PEER, sizeof(struct boot_peer));
    append(BOOT_USER, sizeof(struct boot_user));
    seal();
}

#define REFUSED(word)                                                                              \
    do {                                                                                           \
        const char *sentence = boot_record_check(&page.record);                                    \
        assert_non_null(sentence);                                                                 \
        assert_non_null(strstr(sentence, word));                                                   \
    } while (0)

static void good_record_passes(void **state) {
    (void)state;
    make_good();
    assert_null(boot_record_check(&page.record));
    append(BOOT_END, 8);
    append(12345, 7); /* behind the end: nobody looks */
    page.record.length = (u32)align_up(page.record.length, 3);
    seal();
    assert_null(boot_record_check(&page.record));
}

static void header_is_checked(void **state) {
    (void)state;
    make_good();
    page.record.magic ^= 1;
    REFUSED("magic");
    make_good();
    page.record.version++;
    REFUSED("version");
    make_good();
    page.record.length = BOOT_RECORD_SIZE + 8;
    REFUSED("length");
    page.record.length = 16;
    REFUSED("length");
    page.record.length = 28;
    REFUSED("length");
    make_good();
    page.bytes[page.record.length - 1] ^= 4;
    REFUSED("checksum");
}

static void items_are_checked(void **state) {
    static const u32 bad[] = {0, 4, 12, 4096, 0xfffffff8};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        make_good();
        append(1000, 16)->length = bad[i];
        seal();
        REFUSED("does not fit");
    }
    make_good();
    append(BOOT_DEVICE, 16);
    seal();
    REFUSED("too short");
}

static void counts_are_checked(void **state) {
    static const u32 once[] = {BOOT_PARTITION, BOOT_IMAGE, BOOT_PLATFORM, BOOT_USER};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(once); i++) {
        make_good();
        append(once[i], 128);
        seal();
        REFUSED("exactly one");
        make_good();
        ((struct boot_item *)boot_record_find(&page, once[i], NULL))->tag = 1001;
        seal();
        REFUSED("exactly one");
    }
    make_good();
    ((struct boot_item *)boot_record_find(&page, BOOT_MEMORY, NULL))->tag = 1001;
    ((struct boot_item *)boot_record_find(&page, BOOT_MEMORY, NULL))->tag = 1001;
    seal();
    REFUSED("no memory");
}

static void find_walks_all_of_a_tag(void **state) {
    const u8 *first;
    const u8 *second;

    (void)state;
    make_good();
    first = boot_record_find(&page, BOOT_MEMORY, NULL);
    second = boot_record_find(&page, BOOT_MEMORY, first);
    assert_non_null(first);
    assert_true(second > first);
    assert_null(boot_record_find(&page, BOOT_MEMORY, second));
    assert_null(boot_record_find(&page, BOOT_TREE, NULL));
}

static void damage_never_leads_out(void **state) {
    u64 random = 7;
    int accepted = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        make_good();
        for (int i = 0; i < 3; i++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            page.bytes[sizeof(page.record) + (random >> 33) % (page.record.length - 24)] =
                (u8)(random >> 20);
        }
        seal();
        accepted += boot_record_check(&page.record) == NULL;
        for (u32 tag = 1; tag <= BOOT_LOG; tag++) {
            const struct boot_item *item = NULL;
            while ((item = boot_record_find(&page, tag, item)) != NULL) {
                assert_in_range((u64)item, (u64)&page, (u64)&page + page.record.length - 8);
                assert_true((u64)item + item->length <= (u64)&page + page.record.length);
            }
        }
    }
    assert_in_range(accepted, 1, 19999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_record_passes),      cmocka_unit_test(header_is_checked),
        cmocka_unit_test(items_are_checked),       cmocka_unit_test(counts_are_checked),
        cmocka_unit_test(find_walks_all_of_a_tag), cmocka_unit_test(damage_never_leads_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
