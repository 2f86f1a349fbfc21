// SPDX-License-Identifier: BSD-2-Clause
/*
 * bootloader/install.c on the host, where physical addresses are pointers: a good package, each way to break one,
 * and random changes of header and table with a right digest, as a wrong tool might write them. RAM and package are
 * heap blocks of their own, so that the address sanitizer sees a byte read or written outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootloader/install.c"
#include "lib/digest.c"

#define RAM_BYTES     0x8000
#define PACKAGE_BYTES 0x2000
#define HART          5
#define START         1234

static struct package_header *package;
static struct package_partition *mine;
static u8 *ram;

void bound_exceeded(const char *id, u64 bound) {
    print_error("loop %s turned more than %lu times\n", id, (unsigned long)bound);
    abort();
}

static void seal_header(void) {
    package->digest = header_digest(package);
}

static void seal_piece(enum package_piece_kind kind) {
    struct package_piece *piece = &mine->piece[kind];

    piece->digest = digest_of((u8 *)package + piece->offset, piece->size);
    seal_header();
}

static u64 piece_at(enum package_piece_kind kind, u64 offset, u64 size, u64 target,
                    u64 target_size) {
    mine->piece[kind] = (struct package_piece){offset, size, 0, (u64)ram + target, target_size};
    memset((u8 *)package + offset, 0x40 + kind, size);
    return offset + size;
}

static void make_record(u64 offset) {
    struct boot_record *record = (struct boot_record *)((u8 *)package + offset);
    struct boot_partition *item = (struct boot_partition *)record->items;

    *record = (struct boot_record){BOOT_RECORD_MAGIC, BOOT_RECORD_VERSION,
                                   sizeof(*record) + sizeof(*item), 0};
    *item = (struct boot_partition){.item = {BOOT_PARTITION, sizeof(*item)}};
}

/* Two partitions; the second is ours. */
static void make_package(void) {
    u64 at = sizeof(*package) + 2 * sizeof(*mine);

    memset(package, 0, PACKAGE_BYTES);
    memset(ram, 0xee, RAM_BYTES);
    package->magic = PACKAGE_MAGIC;
    package->version = PACKAGE_VERSION;
    package->partitions = 2;
    package->length = PACKAGE_BYTES;
    mine = &package->partition[1];
    mine->hart = HART;
    mine->ram = (struct boot_range){(u64)ram, RAM_BYTES};
    mine->record_version = BOOT_RECORD_VERSION;
    at = piece_at(PACKAGE_KERNEL, at, 0x708, 0, 0x1000);
    at = piece_at(PACKAGE_CONFIG, at, 0x60, 0x1000, 0x1000);
    u64 record_at = at;
    at = piece_at(PACKAGE_RECORD, at, 0x200, 0x2000, 0x1000);
    make_record(record_at);
    (void)piece_at(PACKAGE_USER, at, 0x300, 0x3000, 0x4000);
    seal_piece(PACKAGE_KERNEL);
    seal_piece(PACKAGE_CONFIG);
    seal_piece(PACKAGE_RECORD);
    seal_piece(PACKAGE_USER);
}

static const char *install(void) {
    return partition_install(HART, package, mine, START);
}

static void assert_untouched(void) {
    for (size_t i = 0; i < RAM_BYTES; i++) {
        assert_int_equal(ram[i], 0xee);
    }
}

/* Bytes as in the package, zeros behind, and nothing beyond the last piece. */
static void assert_installed(void) {
    for (unsigned kind = 0; kind < PACKAGE_PIECES; kind++) {
        const struct package_piece *piece = &mine->piece[kind];
        const u8 *at = (const u8 *)piece->target;

        if (piece->size == 0) {
            continue; /* absent */
        }
        if (kind != PACKAGE_RECORD) {
            assert_memory_equal(at, (const u8 *)package + piece->offset, piece->size);
        }
        for (u64 i = piece->size; i < piece->target_size; i++) {
            assert_int_equal(at[i], 0);
        }
    }
}

static void a_good_package_is_installed(void **state) {
    struct boot_record *record;

    (void)state;
    make_package();
    assert_null(install());
    assert_installed();
    for (size_t i = 0x7000; i < RAM_BYTES; i++) {
        assert_int_equal(ram[i], 0xee);
    }
    record = (struct boot_record *)(ram + 0x2000);
    const struct boot_partition *item = (const struct boot_partition *)record->items;
    assert_int_equal(item->hart, HART);
    assert_int_equal(item->boot_instructions, START);
    u64 checksum = record->checksum;
    record->checksum = 0;
    assert_int_equal(checksum, digest_of(record, record->length));
}

#define REFUSED(word)                                                                              \
    do {                                                                                           \
        const char *sentence = install();                                                          \
        assert_non_null(sentence);                                                                 \
        assert_non_null(strstr(sentence, word));                                                   \
    } while (0)

static void damage_is_found(void **state) {
    static const struct {
        enum package_piece_kind kind;
        const char *word;
    } pieces[] = {{PACKAGE_KERNEL, "kernel image is damaged"},
                  {PACKAGE_CONFIG, "configuration is damaged"},
                  {PACKAGE_RECORD, "boot record is damaged"},
                  {PACKAGE_USER, "user image is damaged"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
        make_package();
        ((u8 *)package)[mine->piece[pieces[i].kind].offset + 17] ^= 0x20;
        REFUSED(pieces[i].word);
    }
    /* Any bit of header and table. */
    for (size_t bit = 0; bit < 8 * (sizeof(*package) + 2 * sizeof(*mine)); bit += 3) {
        make_package();
        if (bit / 8 >= offsetof(struct package_header, partitions) &&
            bit / 8 < offsetof(struct package_header, partitions) + 4) {
            continue; /* more partitions than the block holds */
        }
        ((u8 *)package)[bit / 8] ^= (u8)(1 << bit % 8);
        REFUSED("package header");
        assert_untouched();
    }
}

static void impossible_places_are_refused(void **state) {
    struct package_piece *user;

    (void)state;
    make_package();
    user = &mine->piece[PACKAGE_USER];
    user->target = (u64)ram - 8;
    seal_header();
    REFUSED("user image does not fit");
    user->target = (u64)ram + RAM_BYTES - LOADER_STACK_BYTES - user->target_size + 8;
    seal_header();
    REFUSED("user image does not fit");
    make_package();
    user->target_size = ~0ull - 100;
    seal_header();
    REFUSED("user image does not fit");
    make_package();
    user->target_size = user->size - 8;
    seal_header();
    REFUSED("user image does not fit");
    make_package();
    user->offset = PACKAGE_BYTES - user->size + 8;
    seal_header();
    REFUSED("user image does not fit");
    make_package();
    user->target = (u64)ram + 0x2ff8;
    seal_header();
    REFUSED("same memory");
    make_package();
    mine->ram.size = 4000;
    seal_header();
    REFUSED("RAM is impossible");
    make_package();
    mine->ram.size = ~0ull;
    seal_header();
    REFUSED("RAM is impossible");
    make_package();
    mine->piece[PACKAGE_KERNEL].size = 0;
    seal_header();
    REFUSED("no kernel");
    make_package();
    mine->record_version = 2;
    seal_header();
    REFUSED("another version");
    make_package();
    package->partitions = 9;
    REFUSED("more partitions");
    assert_untouched();
}

static void records_that_are_none_are_refused(void **state) {
    (void)state;
    make_package();
    ((u8 *)package)[mine->piece[PACKAGE_RECORD].offset] ^= 1;
    seal_piece(PACKAGE_RECORD);
    REFUSED("none of this version");
    make_package();
    mine->piece[PACKAGE_RECORD].size = 16;
    seal_piece(PACKAGE_RECORD);
    REFUSED("none of this version");
    make_package();
    ((u8 *)package)[mine->piece[PACKAGE_RECORD].offset + sizeof(struct boot_record)] ^= 2;
    seal_piece(PACKAGE_RECORD);
    REFUSED("no partition item");
}

/* Words of the table replaced by likely values, digest made right: refused, or done inside the RAM. */
static void wrong_tables_stay_inside(void **state) {
    u64 random = 11;
    int installed = 0;

    (void)state;
    for (int round = 0; round < 30000; round++) {
        make_package();
        for (int i = 0; i < 2; i++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            u64 word = (random >> 33) % (sizeof(mine->piece) / 8);
            u64 values[] = {0,
                            8,
                            (u64)ram,
                            (u64)ram + 0x1000,
                            random & 0x7ff8,
                            RAM_BYTES,
                            ~0ull,
                            (u64)ram + (random & 0x7ff8),
                            1ull << 63};
            ((u64 *)mine->piece)[word] = values[(random >> 20) % ARRAY_LENGTH(values)];
        }
        seal_header();
        if (install() == NULL) {
            assert_installed();
            installed++;
        }
    }
    assert_in_range(installed, 1, 29999);
}

static int make_blocks(void **state) {
    (void)state;
    package = aligned_alloc(4096, PACKAGE_BYTES);
    ram = aligned_alloc(4096, RAM_BYTES);
    return package == NULL || ram == NULL;
}

static int free_blocks(void **state) {
    (void)state;
    free(package);
    free(ram);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_package_is_installed),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(impossible_places_are_refused),
        cmocka_unit_test(records_that_are_none_are_refused),
        cmocka_unit_test(wrong_tables_stay_inside),
    };

    return cmocka_run_group_tests(tests, make_blocks, free_blocks);
}
