// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot records and configurations of any contents: the check of records reads nothing outside them, and a
 * kernel boots from what passes or says in one sentence why not.
 *
 * An input is a list of changes to a good record and its configuration: {where, how, what}. Mostly the checksum
 * is set right afterwards. Ranges that are not the machine's memory are not for the kernel to find: it is entered only if
 * all of them are.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/boot_check.h"
#include "arch/host/host.h"
#include "kernel/entry/check.h"
#include "lib/boot_items.h"
#include "lib/digest.h"
#include "tests/fuzz/kernel/input.h"

const char fuzz_name[] = "boot records";
const size_t fuzz_most_bytes = 120;

static u8 good_pages[2 * PAGE_SIZE]; /* configuration, record: as arch/host/boot.c lays them out */

static struct boot_record *record(void) {
    return (struct boot_record *)(host.memory + PAGE_SIZE);
}

static void begin(void) {
    static bool begun;

    if (!begun) {
        begun = true;
        host_boot(&(struct host_options){
            .cnode_bits = 8, .memory_bytes = MIB(2), .partition_flags = BOOT_WALLS});
        memcpy(good_pages, host.memory, sizeof good_pages);
    }
    memcpy(host.memory, good_pages, sizeof good_pages);
}

static void change(struct fuzz_bytes *in) {
    u8 how = fuzz_u8(in);
    u64 where = (u64)fuzz_u8(in) << 8 | fuzz_u8(in);
    u8 *at = host.memory + (how & 1 ? PAGE_SIZE + where % 700 : where % 200);
    u64 value;

    memcpy(&value, at, sizeof value);
    switch ((how >> 1) % 5) {
    case 0:
        *at = fuzz_u8(in);
        return;
    case 1:
        value ^= 1ull << (fuzz_u8(in) & 63);
        break;
    case 2:
        value += (int8_t)fuzz_u8(in) * 8;
        break;
    case 3:
        value += (u64)(int8_t)fuzz_u8(in) << PAGE_BITS;
        break;
    default:
        value = fuzz_u64(in);
        break;
    }
    memcpy(at, &value, sizeof value);
}

static bool is_ours(struct boot_range range) {
    u64 base = (u64)(uintptr_t)host.memory;

    return range.base >= base && range.size <= MIB(2) && range.base - base <= MIB(2) - range.size;
}

static bool all_are_ours(u32 tag, size_t offset) {
    const u8 *item = NULL;

    while ((item = boot_record_find(record(), tag, item)) != NULL) {
        struct boot_range range;

        memcpy(&range, item + offset, sizeof range);
        if (!is_ours(range)) {
            return false;
        }
    }
    return true;
}

/* Everything the kernel reads or writes because the record says so is in this machine's memory. */
static bool describes_this_machine(void) {
    return all_are_ours(BOOT_MEMORY, offsetof(struct boot_memory, range)) &&
           all_are_ours(BOOT_LOG, offsetof(struct boot_memory, range)) &&
           all_are_ours(BOOT_TREE, offsetof(struct boot_tree, range)) &&
           all_are_ours(BOOT_IMAGE, offsetof(struct boot_image, config)) &&
           all_are_ours(BOOT_USER, offsetof(struct boot_user, image)) &&
           boot_record_find(record(), BOOT_PEER, NULL) == NULL;
}

static void boot(void *argument) {
    const char *broken;

    (void)argument;
    host.running = kernel_boot(record());
    broken = check_all();
    if (broken != NULL) {
        abort();
    }
}

void fuzz_input(const u8 *data, size_t bytes) {
    struct fuzz_bytes in = {.data = data, .bytes = bytes};
    bool keep_checksum;

    begin();
    keep_checksum = fuzz_u8(&in) > 240;
    while (fuzz_more(&in)) {
        change(&in);
    }
    if (!keep_checksum && record()->length <= BOOT_RECORD_SIZE) {
        record()->checksum = 0;
        record()->checksum = digest_of(record(), record()->length);
    }
    if (boot_record_check(record()) == NULL && describes_this_machine()) {
        (void)host_expect_panic(boot, NULL);
    }
}
