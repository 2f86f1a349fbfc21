// SPDX-License-Identifier: BSD-2-Clause
/*
 * Check everything, then copy, then check the copies; see bootloader/install.h. Plain C without machine: the unit
 * test runs it on the host, with damaged and hostile packages under the sanitizers.
 */
#include "bootloader/install.h"

#include "lib/boot_items.h"
#include "lib/digest.h"
#include "lib/string.h"

static u64 header_digest(const struct package_header *package) {
    struct package_header copy = *package;
    struct digest d;

    copy.digest = 0;
    digest_begin(&d);
    digest_add(&d, &copy, sizeof(copy));
    digest_add(&d, package->partition, package->partitions * sizeof(package->partition[0]));
    return digest_end(&d);
}

static const char *check_header(const struct package_header *package,
                                const struct package_partition *partition) {
    if (package->partitions > PACKAGE_MAX_PARTITIONS) {
        return "package header: more partitions than a package may have";
    }
    if (header_digest(package) != package->digest) {
        return "package header: digest does not match, the package is damaged";
    }
    if (partition->ram.size < LOADER_STACK_BYTES ||
        partition->ram.base > ~0ull - partition->ram.size) {
        return "package header: the partition's RAM is impossible";
    }
    if (partition->record_version != BOOT_RECORD_VERSION) {
        return "package header: this kernel wants another version of the boot record";
    }
    return NULL;
}

/* Is [base, base + size) inside [from, to)? */
static bool is_inside(u64 base, u64 size, u64 from, u64 to) {
    return base >= from && base <= to && size <= to - base;
}

/* Sentences come in rows of `char [][64]`, so that no table of pointers is needed. */
static const char *piece_sentence(enum package_piece_kind kind, const char sentences[][64]) {
    return sentences[kind];
}

static bool piece_is_possible(const struct package_header *package,
                              const struct package_partition *partition,
                              const struct package_piece *piece) {
    u64 ram_end = partition->ram.base + partition->ram.size - LOADER_STACK_BYTES;

    return piece->target_size >= piece->size && is_aligned(piece->offset | piece->target, 3) &&
           is_inside(piece->offset, piece->size, sizeof(*package), package->length) &&
           is_inside(piece->target, piece->target_size, partition->ram.base, ram_end);
}

static bool pieces_overlap(const struct package_piece *a, const struct package_piece *b) {
    return a->size != 0 && b->size != 0 && a->target < b->target + b->target_size &&
           b->target < a->target + a->target_size;
}

static const char *check_pieces(const struct package_header *package,
                                const struct package_partition *partition) {
    static const char impossible[PACKAGE_PIECES][64] = {
        "the kernel image does not fit into the partition's RAM",
        "the configuration does not fit into the partition's RAM",
        "the boot record does not fit into the partition's RAM",
        "the device tree does not fit into the partition's RAM",
        "the user image does not fit into the partition's RAM",
    };

    for (unsigned i = 0; i < PACKAGE_PIECES; i++) {
        const struct package_piece *piece = &partition->piece[i];

        if (piece->size != 0 && !piece_is_possible(package, partition, piece)) {
            return piece_sentence(i, impossible);
        }
        for (unsigned j = 0; j < i; j++) {
            if (pieces_overlap(piece, &partition->piece[j])) {
                return "two pieces of the package want the same memory";
            }
        }
    }
    if (partition->piece[PACKAGE_KERNEL].size == 0 || partition->piece[PACKAGE_RECORD].size == 0) {
        return "the package has no kernel or no boot record for this partition";
    }
    return NULL;
}

/* The digest is taken of the copy, so that it also vouches for the RAM and for the copying. */
static bool copy_piece(const struct package_header *package, const struct package_piece *piece) {
    u8 *to = (u8 *)piece->target;

    memcpy(to, (const u8 *)package + piece->offset, piece->size);
    memset(to + piece->size, 0, piece->target_size - piece->size);
    return digest_of(to, piece->size) == piece->digest;
}

static const char *copy_pieces(const struct package_header *package,
                               const struct package_partition *partition) {
    static const char damaged[PACKAGE_PIECES][64] = {
        "the kernel image is damaged: its digest does not match",
        "the configuration is damaged: its digest does not match",
        "the boot record is damaged: its digest does not match",
        "the device tree is damaged: its digest does not match",
        "the user image is damaged: its digest does not match",
    };

    for (unsigned i = 0; i < PACKAGE_PIECES; i++) {
        const struct package_piece *piece = &partition->piece[i];

        if (piece->size != 0 && !copy_piece(package, piece)) {
            return piece_sentence(i, damaged);
        }
    }
    return NULL;
}

/* What only this hart knows goes into the record; then its checksum. */
static const char *complete_record(struct boot_record *record, u64 size, u64 hart, u64 start_time) {
    if (size < sizeof(*record) || record->magic != BOOT_RECORD_MAGIC ||
        record->version != BOOT_RECORD_VERSION || record->length < sizeof(*record) ||
        record->length > size) {
        return "the boot record is none of this version";
    }
    struct boot_partition *item = (void *)boot_record_find(record, BOOT_PARTITION, NULL);
    if (item == NULL || item->item.length < sizeof(*item)) {
        return "the boot record has no partition item";
    }
    item->hart = hart;
    item->boot_instructions = start_time;
    record->checksum = 0;
    record->checksum = digest_of(record, record->length);
    return NULL;
}

const char *partition_install(u64 hart, const struct package_header *package,
                              const struct package_partition *partition, u64 start_time) {
    const struct package_piece *record = &partition->piece[PACKAGE_RECORD];
    const char *wrong = check_header(package, partition);

    if (wrong == NULL) {
        wrong = check_pieces(package, partition);
    }
    if (wrong == NULL) {
        wrong = copy_pieces(package, partition);
    }
    if (wrong == NULL) {
        wrong = complete_record((void *)record->target, record->size, hart, start_time);
    }
    return wrong;
}
