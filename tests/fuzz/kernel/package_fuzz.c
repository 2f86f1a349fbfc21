// SPDX-License-Identifier: BSD-2-Clause
/*
 * Packages of any contents: the bootloader copies and checks, writes only its own RAM, and says what is wrong.
 *
 * An input is a list of changes to a good package. The digests are mostly set right afterwards, since they find
 * damage, not attackers. What a package says of its own length and of the RAM it is meant for is true: if not,
 * walls answer, which the host has not.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/kernel/input.h"

/* Whole, for its digest of the header. */
#include "bootloader/install.c"

const char fuzz_name[] = "packages";
const size_t fuzz_most_bytes = 160;

#define RAM_BYTES     32768
#define PACKAGE_BYTES 4096
#define PIECE_BYTES   256
#define FRESH         0xee /* what RAM holds before */

static u8 ram[RAM_BYTES + 64] ALIGNED(16);
static u8 expected[RAM_BYTES];
static u64 package_words[PACKAGE_BYTES / 8];

static struct package_header *package(void) {
    return (struct package_header *)package_words;
}

static void put_piece(struct package_partition *partition, unsigned kind) {
    u64 offset = 1024 + kind * PIECE_BYTES;

    partition->piece[kind] = (struct package_piece){
        .offset = offset,
        .size = PIECE_BYTES - 8 * kind,
        .target = (u64)(uintptr_t)ram + kind * 2048,
        .target_size = 1024,
    };
    if (kind == PACKAGE_RECORD) {
        struct boot_record *record = (struct boot_record *)((u8 *)package() + offset);
        struct boot_partition *item = (struct boot_partition *)record->items;

        record->magic = BOOT_RECORD_MAGIC;
        record->version = BOOT_RECORD_VERSION;
        record->length = sizeof *record + sizeof *item;
        item->item = (struct boot_item){BOOT_PARTITION, sizeof *item};
    }
}

static void begin(void) {
    struct package_header *header = package();
    struct package_partition *partition = header->partition;

    memset(package_words, 0, sizeof package_words);
    memset(ram, FRESH, sizeof ram);
    *header = (struct package_header){.magic = PACKAGE_MAGIC,
                                      .version = PACKAGE_VERSION,
                                      .partitions = 1,
                                      .length = PACKAGE_BYTES};
    *partition = (struct package_partition){.name = "fuzz",
                                            .hart = PACKAGE_ANY_HART,
                                            .ram = {(u64)(uintptr_t)ram, RAM_BYTES},
                                            .record_version = BOOT_RECORD_VERSION};
    for (unsigned kind = 0; kind < PACKAGE_PIECES; kind++) {
        put_piece(partition, kind);
    }
}

static void change(struct fuzz_bytes *in) {
    u8 how = fuzz_u8(in);
    u64 where = (u64)fuzz_u8(in) << 8 | fuzz_u8(in);
    u64 *at = &package_words[(how & 1 ? where % 320 : where % 2400) / 8];

    switch ((how >> 1) % 5) {
    case 0:
        *at ^= 1ull << (fuzz_u8(in) & 63);
        break;
    case 1:
        *at += (u64)(s64)(int8_t)fuzz_u8(in);
        break;
    case 2:
        *at += (u64)(s64)(int8_t)fuzz_u8(in) * 256;
        break;
    case 3:
        *at = fuzz_u64(in);
        break;
    default:
        *at = 0;
        break;
    }
}

static void set_digests(void) {
    struct package_partition *partition = package()->partition;

    for (unsigned kind = 0; kind < PACKAGE_PIECES; kind++) {
        struct package_piece *piece = &partition->piece[kind];

        if (is_inside(piece->offset, piece->size, 0, PACKAGE_BYTES)) {
            piece->digest = digest_of((u8 *)package() + piece->offset, piece->size);
        }
    }
    if (package()->partitions <= PACKAGE_MAX_PARTITIONS) {
        package()->digest = header_digest(package());
    }
}

/* Where a piece is in `expected`, whose layout is the RAM's. */
static u8 *place_of(const struct package_piece *piece) {
    return expected + (piece->target - (u64)(uintptr_t)ram);
}

/* Installed: every piece is where it belongs, and nothing else was written. The record is completed on the way. */
static void must_be_installed(void) {
    const struct package_piece *pieces = package()->partition[0].piece;
    const struct package_piece *record = &pieces[PACKAGE_RECORD];

    memset(expected, FRESH, RAM_BYTES);
    for (unsigned kind = 0; kind < PACKAGE_PIECES; kind++) {
        if (pieces[kind].size != 0) {
            memset(place_of(&pieces[kind]), 0, pieces[kind].target_size);
            memcpy(place_of(&pieces[kind]), (const u8 *)package() + pieces[kind].offset,
                   pieces[kind].size);
        }
    }
    memcpy(place_of(record), (const u8 *)record->target, record->size);
    if (memcmp(ram, expected, RAM_BYTES) != 0) {
        abort();
    }
}

void fuzz_input(const u8 *data, size_t bytes) {
    struct fuzz_bytes in = {.data = data, .bytes = bytes};

    begin();
    bool keep_digests = fuzz_u8(&in) > 240;
    while (fuzz_more(&in)) {
        change(&in);
    }
    package()->length = min_u64(package()->length, PACKAGE_BYTES);
    package()->partition[0].ram = (struct boot_range){(u64)(uintptr_t)ram, RAM_BYTES};
    if (!keep_digests) {
        set_digests();
    }
    if (partition_install(1, package(), &package()->partition[0], 5) == NULL) {
        must_be_installed();
    }
    for (unsigned i = 0; i < 64; i++) {
        if (ram[RAM_BYTES + i] != FRESH) {
            abort(); /* written behind the partition's RAM */
        }
    }
}
