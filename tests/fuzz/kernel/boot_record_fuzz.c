// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot records and configurations of any contents: the check of records reads nothing outside them, and a
 * kernel boots from what passes or says in one sentence why not.
 *
 * An input is a list of changes to a good record and its configuration: {how, where, what}. Mostly the checksum
 * is set right afterwards. Ranges that are not the machine's memory are not for the kernel to find: it is entered only if
 * all of them are. What has booted has to go on: the root task makes some calls, and time passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/pair_region.h"
#include "arch/boot_check.h"
#include "arch/host/host.h"
#include "kernel/entry/check.h"
#include "lib/boot_items.h"
#include "lib/digest.h"
#include "tests/fuzz/kernel/input.h"

const char fuzz_name[] = "boot records";
const size_t fuzz_most_bytes = 120;

enum { PEERS = 2, LINES = 70, TREE_BYTES = 72 };

/* What the machine has beside its RAM. */
static struct console_ring *log_page;
static u8 *pair_pages[PEERS];
static u64 *mailboxes[1 + PEERS]; /* its own, then the peers' */

static u8 good_pages[2 * PAGE_SIZE]; /* configuration, record: as arch/host/boot.c lays them out */

static struct boot_record *record(void) {
    return (struct boot_record *)(host.memory + PAGE_SIZE);
}

static void make_machine(void) {
    static const u8 tree[TREE_BYTES] = "any bytes: the kernel passes them on";
    struct host_options options = {.cnode_bits = 8,
                                   .memory_bytes = MIB(2),
                                   .partition_flags = BOOT_WALLS,
                                   .doorbell_max_rate_per_s = 1000,
                                   .tree = tree,
                                   .tree_bytes = TREE_BYTES,
                                   .peers = PEERS};

    log_page = host_map(PAGE_SIZE);
    options.log = log_page;
    for (u32 i = 0; i < 1 + PEERS; i++) {
        mailboxes[i] = host_map(PAGE_SIZE);
    }
    options.mailbox = mailboxes[0];
    for (u32 i = 0; i < PEERS; i++) {
        pair_pages[i] = host_map(2 * PAGE_SIZE);
        options.peer[i] = (struct host_peer){.core = 1 + i,
                                             .side = i & 1,
                                             .pair = (struct pair_page *)pair_pages[i],
                                             .pair_bytes = 2 * PAGE_SIZE,
                                             .doorbell = mailboxes[1 + i],
                                             .send_lines = LINES,
                                             .receive_lines = LINES};
    }
    host_boot(&options);
    memcpy(good_pages, host.memory, sizeof good_pages);
}

static void begin(void) {
    if (log_page == NULL) {
        make_machine();
    }
    memcpy(host.memory, good_pages, sizeof good_pages);
    for (u32 i = 0; i < PEERS; i++) {
        memset(pair_pages[i], 0, sizeof(struct pair_page));
    }
    *mailboxes[0] = 0;
    host.time = 1000;
}

/* A place in the configuration, or in the record. */
static u8 *place(struct fuzz_bytes *in, bool in_record) {
    u64 where = (u64)fuzz_u8(in) << 8 | fuzz_u8(in);

    return host.memory + (in_record ? PAGE_SIZE + where % 900 : where % 200);
}

/* From here on, a change is a word of the record in another place of it: one range becomes another, whole or in part. */
#define COPIES 250

static void change(struct fuzz_bytes *in) {
    u8 how = fuzz_u8(in);
    u8 *at = place(in, how & 1);
    u64 value;

    if (how >= COPIES) {
        memmove(at, place(in, true), sizeof value);
        return;
    }
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

static bool is_within(struct boot_range range, const void *at, u64 bytes) {
    u64 base = (u64)(uintptr_t)at;

    return range.base >= base && range.size <= bytes && range.base - base <= bytes - range.size;
}

static bool is_ours(struct boot_range range) {
    bool ours = is_within(range, host.memory, MIB(2)) || is_within(range, log_page, PAGE_SIZE);

    for (u32 i = 0; i < PEERS; i++) {
        ours = ours || is_within(range, pair_pages[i], 2 * PAGE_SIZE);
    }
    return ours;
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

static bool is_mailbox(u64 address) {
    bool is = false;

    for (u32 i = 0; i < 1 + PEERS; i++) {
        is = is || address == (u64)(uintptr_t)mailboxes[i];
    }
    return is;
}

static bool all_mailboxes_are_ours(void) {
    const struct boot_platform *platform = boot_record_find(record(), BOOT_PLATFORM, NULL);
    const struct boot_peer *peer = NULL;
    bool ours = is_mailbox(platform->sswi);

    while ((peer = boot_record_find(record(), BOOT_PEER, peer)) != NULL) {
        ours = ours && is_mailbox(peer->doorbell);
    }
    return ours;
}

/* Everything the kernel reads or writes because the record says so is in this machine's memory. */
static bool describes_this_machine(void) {
    return all_are_ours(BOOT_MEMORY, offsetof(struct boot_memory, range)) &&
           all_are_ours(BOOT_LOG, offsetof(struct boot_memory, range)) &&
           all_are_ours(BOOT_TREE, offsetof(struct boot_tree, range)) &&
           all_are_ours(BOOT_IMAGE, offsetof(struct boot_image, config)) &&
           all_are_ours(BOOT_USER, offsetof(struct boot_user, image)) &&
           all_are_ours(BOOT_PEER, offsetof(struct boot_peer, pair)) && all_mailboxes_are_ours();
}

static void must_be_whole(void) {
    const char *broken = check_all();

    if (broken != NULL) {
        (void)fprintf(stderr, "invariant broken: %s\n", broken);
        abort();
    }
}

static void boot(void *argument) {
    bool *booted = argument;

    host.running = kernel_boot(record());
    *booted = true;
}

/* Calls that need no capability, and time. */
static void go_on(void) {
    must_be_whole();
    for (unsigned i = 0; i < 8; i++) {
        if (host.running != NULL) {
            host_syscall(SYSCALL_YIELD);
        }
        host_advance(20);
    }
    must_be_whole();
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
        bool booted = false;

        (void)host_expect_panic(boot, &booted);
        if (booted) {
            go_on();
        }
    }
}
