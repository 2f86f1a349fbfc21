// SPDX-License-Identifier: BSD-2-Clause
/* Booting a kernel on the host: an arena, a boot record, kernel_boot(); and the way in afterwards. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/gen/sel4_abi.h"
#include "arch/boot_check.h"
#include "arch/host/host.h"
#include "lib/digest.h"

#define ARENA_BASE  0x10000000ull
#define ARENA_LIMIT 0x70000000ull

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

void *host_map(u64 bytes) {
    static u64 next = ARENA_BASE;
    /* Two guard pages behind each piece: a stray write of the kernel faults. */
    u64 size = align_up(bytes, 21);
    u64 at = __atomic_fetch_add(&next, size + MIB(2), __ATOMIC_RELAXED);

    if (at + size > ARENA_LIMIT) {
        abort();
    }
    void *memory = mmap((void *)(uintptr_t)at, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);

    if (memory != (void *)(uintptr_t)at) {
        abort();
    }
    return memory;
}

/* The record under construction: items are appended behind each other. */
static void add(struct boot_record *record, const void *item, u64 bytes, enum boot_tag tag) {
    struct boot_item *at = (struct boot_item *)((u8 *)record + record->length);

    memcpy(at, item, bytes);
    at->tag = tag;
    at->length = (u32)bytes;
    record->length += (u32)bytes;
}

static u64 write_config(u8 *at, const struct host_options *options) {
    struct core_config *config = (struct core_config *)at;
    struct domain_slot *schedule = (struct domain_slot *)(config + 1);

    *config = (struct core_config){
        .magic = CORE_CONFIG_MAGIC,
        .version = CORE_CONFIG_VERSION,
        .length = sizeof *config + 8 * sizeof *schedule,
        .root_cnode_bits = options->cnode_bits ? options->cnode_bits : 12,
        .domains = options->domains ? options->domains : 1,
        .schedule_length = 8,
        .max_irq = HOST_IRQS,
        .kernel_wcet_us = 10,
        .boot_slice_us = 5000,
        .doorbell_max_rate_per_s = options->doorbell_max_rate_per_s,
        .check_interval = options->check_interval,
    };
    memset(schedule, 0, 8 * sizeof *schedule);
    schedule[0].duration_ticks = MASK(56);
    schedule[1] = options->second_slot;
    return config->length;
}

static void add_peers(struct boot_record *record, const struct host_options *options) {
    for (unsigned i = 0; i < options->peers; i++) {
        const struct host_peer *peer = &options->peer[i];
        struct boot_peer item = {
            .core = peer->core,
            .side = peer->side,
            .pair = {(u64)(uintptr_t)peer->pair, peer->pair_bytes},
            .doorbell = (u64)(uintptr_t)peer->doorbell,
            .doorbell_value = 1,
            .send_lines = peer->send_lines,
            .receive_lines = peer->receive_lines,
        };

        memcpy(item.name, peer->name, sizeof item.name);
        add(record, &item, sizeof item, BOOT_PEER);
    }
}

/* Behind the user image. */
static void add_tree(struct boot_record *record, const struct host_options *options, u64 at) {
    struct boot_tree tree = {.range = {at, options->tree_bytes}};

    if (options->tree != NULL) {
        memcpy((void *)(uintptr_t)at, options->tree, options->tree_bytes);
        add(record, &tree, sizeof tree, BOOT_TREE);
    }
}

static void add_log(struct boot_record *record, const struct host_options *options) {
    struct boot_memory log = {.range = {(u64)(uintptr_t)options->log, sizeof *options->log}};

    if (options->log != NULL) {
        add(record, &log, sizeof log, BOOT_LOG);
    }
}

/* Layout: config page | record page | user image | device tree | free RAM. */
static struct boot_record *build_record(const struct host_options *options) {
    u64 base = (u64)(uintptr_t)host.memory;
    u64 pages = options->image_pages ? options->image_pages : 4;
    u64 image_end = base + (2 + pages) * PAGE_SIZE;
    u8 *config = host.memory;
    struct boot_record *record = (struct boot_record *)(host.memory + PAGE_SIZE);
    struct boot_partition partition = {.name = "host",
                                       .core = options->core,
                                       .cores = options->peers + 1,
                                       .hart = options->core,
                                       .flags = options->partition_flags,
                                       .timebase_hz =
                                           options->timebase_hz ? options->timebase_hz : 10000000};
    struct boot_image image = {.config = {base, write_config(config, options)},
                               .record = {base + PAGE_SIZE, PAGE_SIZE}};
    struct boot_memory memory = {.range = {base, host.memory_bytes}};
    struct boot_platform platform = {.has_sstc = 1, .sources = HOST_IRQS - 1};
    struct boot_user user = {.image = {base + 2 * PAGE_SIZE, pages * PAGE_SIZE},
                             .virtual_base = 0x10000,
                             .entry = 0x10000};
    struct boot_device device = {
        .range = {0x100000000ull, options->device_bytes ? options->device_bytes : MIB(256)},
        .name = "device"};

    platform.sswi = (u64)(uintptr_t)options->mailbox;
    partition.wall_probe = (struct boot_range){PAGE_SIZE, PAGE_SIZE};
    memset(record, 0, PAGE_SIZE);
    record->magic = BOOT_RECORD_MAGIC;
    record->version = BOOT_RECORD_VERSION;
    record->length = sizeof *record;
    add(record, &partition, sizeof partition, BOOT_PARTITION);
    add(record, &image, sizeof image, BOOT_IMAGE);
    add(record, &memory, sizeof memory, BOOT_MEMORY);
    add(record, &platform, sizeof platform, BOOT_PLATFORM);
    add(record, &user, sizeof user, BOOT_USER);
    add(record, &device, sizeof device, BOOT_DEVICE);
    add_peers(record, options);
    add_tree(record, options, image_end);
    add_log(record, options);
    record->checksum = digest_of(record, record->length);
    return record;
}

void host_boot(const struct host_options *options) {
    u64 bytes = options->memory_bytes ? options->memory_bytes : MIB(16);
    bool fits = host.arena_bytes >= bytes;
    u8 *memory = fits ? host.memory : host_map(bytes);
    u64 arena_bytes = fits ? host.arena_bytes : bytes;
    jmp_buf *panic_to = host.panic_to;

    memset(&host, 0, sizeof host);
    host.panic_to = panic_to;
    host.memory = memory;
    host.memory_bytes = bytes;
    host.arena_bytes = arena_bytes;
    host.fault_on_probe = !options->walls_missing;
    host.time = 1000;
    host.running = kernel_boot(build_record(options));
}

void host_syscall(s64 number) {
    host.running->reg[REG_SYSCALL] = (u64)number;
    host.running = kernel_syscall(host.running);
}

void host_fault(const struct arch_fault *fault) {
    host.running = kernel_fault(host.running, fault);
}

void host_interrupt(void) {
    enum arch_interrupt kind;

    while ((kind = arch_interrupt_next()) != ARCH_INTERRUPT_NONE) {
        host.running = kernel_interrupt(kind);
    }
}

void host_advance(ticks_t ticks) {
    ticks_t until = host.time + ticks;

    while (host.time < until) {
        host.time = min_u64(until, max_u64(host.alarm, host.time));
        host_interrupt();
    }
}

void host_raise(u32 irq) {
    host.irq_pending[irq] = true;
}

const char *host_expect_panic(void (*body)(void *), void *argument) {
    jmp_buf here;
    jmp_buf *outer = host.panic_to;
    const char *volatile sentence = NULL;

    host.panic_to = &here;
    host.panic[0] = 0;
    if (setjmp(here) == 0) {
        body(argument);
    } else {
        sentence = host.panic;
    }
    host.panic_to = outer;
    return sentence;
}
