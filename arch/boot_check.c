// SPDX-License-Identifier: BSD-2-Clause
/*
 * The check of a boot record before anything in it is believed: header, checksum, then each item against a table
 * of what its tag demands. After it, boot_record_find() may hand out items as their structs.
 */
#include "arch/boot_check.h"

#include "lib/boot_items.h"
#include "lib/bound.h"
#include "lib/digest.h"

_Static_assert(BOOT_ITEMS_LENGTH_OFFSET == offsetof(struct boot_record, length),
               "lib/boot_items.h");
_Static_assert(BOOT_ITEMS_HEADER_BYTES == offsetof(struct boot_record, items), "lib/boot_items.h");
_Static_assert(sizeof(struct boot_item) == 8, "lib/boot_items.h reads tag and length as two words");

#define TAGS (BOOT_LOG + 1)

/* Bytes an item of each tag must have at least; more is a later version's addition. */
static const u8 item_bytes[TAGS] = {
    [BOOT_END] = sizeof(struct boot_item),
    [BOOT_PARTITION] = sizeof(struct boot_partition),
    [BOOT_IMAGE] = sizeof(struct boot_image),
    [BOOT_MEMORY] = sizeof(struct boot_memory),
    [BOOT_RESERVED] = sizeof(struct boot_memory),
    [BOOT_DEVICE] = sizeof(struct boot_device),
    [BOOT_PEER] = sizeof(struct boot_peer),
    [BOOT_PLATFORM] = sizeof(struct boot_platform),
    [BOOT_USER] = sizeof(struct boot_user),
    [BOOT_TREE] = sizeof(struct boot_tree),
    [BOOT_INTERRUPT] = sizeof(struct boot_interrupt),
    [BOOT_LOG] = sizeof(struct boot_memory),
};

_Static_assert(sizeof(struct boot_partition) < 256, "item_bytes holds sizes in a byte");

static u64 record_digest(const struct boot_record *record) {
    const u64 no_checksum = 0;
    struct digest d;

    digest_begin(&d);
    digest_add(&d, record, offsetof(struct boot_record, checksum));
    digest_add(&d, &no_checksum, sizeof(no_checksum));
    digest_add(&d, record->items, record->length - sizeof(*record));
    return digest_end(&d);
}

static const char *check_header(const struct boot_record *record) {
    if (record->magic != BOOT_RECORD_MAGIC) {
        return "boot record: wrong magic, this is no boot record";
    }
    if (record->version != BOOT_RECORD_VERSION) {
        return "boot record: version not understood by this kernel";
    }
    if (record->length < sizeof(*record) || record->length > BOOT_RECORD_SIZE ||
        record->length % 8 != 0) {
        return "boot record: impossible length";
    }
    if (record_digest(record) != record->checksum) {
        return "boot record: checksum does not match";
    }
    return NULL;
}

/* Walks all items, counting tags; NULL or a sentence. */
static const char *check_items(const struct boot_record *record, u32 count[TAGS]) {
    u64 length = record->length - sizeof(*record);
    u64 at = 0;

    BOUND(boot_check, BOOT_ITEMS_MAX);
    while (at < length) {
        BOUND_STEP(boot_check);
        const struct boot_item *item = (const struct boot_item *)(record->items + at);
        if (item->length < sizeof(*item) || item->length % 8 != 0 || item->length > length - at) {
            return "boot record: an item does not fit";
        }
        if (item->tag < TAGS) {
            count[item->tag]++;
            if (item->length < item_bytes[item->tag]) {
                return "boot record: an item is too short for its tag";
            }
        }
        if (item->tag == BOOT_END) {
            break;
        }
        at += item->length;
    }
    return NULL;
}

const char *boot_record_check(const struct boot_record *record) {
    u32 count[TAGS] = {0};
    const char *wrong = check_header(record);

    if (wrong == NULL) {
        wrong = check_items(record, count);
    }
    if (wrong != NULL) {
        return wrong;
    }
    if (count[BOOT_PARTITION] != 1 || count[BOOT_IMAGE] != 1) {
        return "boot record: needs exactly one partition and one image item";
    }
    if (count[BOOT_PLATFORM] != 1 || count[BOOT_USER] != 1) {
        return "boot record: needs exactly one platform and one user item";
    }
    if (count[BOOT_MEMORY] == 0) {
        return "boot record: names no memory";
    }
    return NULL;
}
