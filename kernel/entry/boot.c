// SPDX-License-Identifier: BSD-2-Clause
/*
 * A kernel's beginning, as a table of contents: read the record, prove the walls, take tables, wake the
 * machine, make the root task, say so. Whatever is missing stops this partition with one sentence; the
 * others never notice.
 */
#include "abi/console_ring.h"
#include "arch/cpu.h"
#include "arch/memory.h"
#include "arch/timer.h"
#include "kernel/entry/boot_memory.h"
#include "kernel/entry/exit.h"
#include "kernel/entry/log.h"
#include "kernel/entry/root_task.h"
#include "kernel/object/irq.h"
#include "lib/boot_items.h"
#include "lib/bound.h"
#include "lib/build_checks.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/version.h"
#include "mcs/domain.h"
#include "mcs/ready.h"
#include "plat/plat.h"
#include "smp/doorbell.h"

/* A second: a kernel that may take longer serves nobody, and products of times stay in their words. */
#define MAX_KERNEL_WCET_US 1000000u

/* One sentence that names the partition, then the end. */
static void refuse(const char *problem) NORETURN;

static void refuse(const char *problem) {
    char sentence[200];

    (void)format_text(sentence, sizeof sentence, "partition %s: %s",
                      kernel.partition != NULL ? kernel.partition->name : "?", problem);
    kernel_panic(sentence);
}

static void require(const char *problem) {
    if (problem != NULL) {
        refuse(problem);
    }
}

/* The scheduler believes every entry: the first one runs, and each names a domain that exists. */
static bool schedule_is_possible(const struct core_config *config) {
    const struct domain_slot *schedule = (const struct domain_slot *)(config + 1);

    BOUND(schedule_is_possible, CORE_CONFIG_MAX_SCHEDULE);
    for (u32 i = 0; i < config->schedule_length; i++) {
        BOUND_STEP(schedule_is_possible);
        if (schedule[i].domain >= config->domains || schedule[i].duration_ticks > MASK(56)) {
            return false;
        }
    }
    return schedule[0].duration_ticks != 0;
}

static const char *read_config(const struct boot_record *record) {
    const struct boot_image *image = boot_record_find(record, BOOT_IMAGE, NULL);
    const struct core_config *config = arch_ptr(paddr_of(image->config.base));

    if (!is_aligned(image->config.base, PAGE_BITS) || image->config.size < sizeof *config ||
        config->magic != CORE_CONFIG_MAGIC) {
        return "the core configuration is missing or damaged";
    }
    if (config->version != CORE_CONFIG_VERSION) {
        return "the core configuration has a version this kernel does not know";
    }
    if (config->root_cnode_bits < 5 || config->root_cnode_bits > 24 || config->domains < 1 ||
        config->domains > CORE_CONFIG_MAX_DOMAINS || config->schedule_length < 2 ||
        config->schedule_length > CORE_CONFIG_MAX_SCHEDULE || config->max_irq == 0 ||
        config->max_irq > 1023 || config->kernel_wcet_us == 0 ||
        config->kernel_wcet_us > MAX_KERNEL_WCET_US ||
        config->boot_slice_us < 2 * config->kernel_wcet_us ||
        config->length < sizeof *config + config->schedule_length * sizeof(struct domain_slot) ||
        config->length > image->config.size) {
        return "a number in the core configuration is out of its range";
    }
    if (!schedule_is_possible(config)) {
        return "the domain schedule in the core configuration is impossible";
    }
    kernel.config = config;
    return NULL;
}

/* The first thing after the configuration: is the neighbour's memory really out of reach? */
static const char *prove_walls(void) {
    const struct boot_partition *partition = kernel.partition;

    if ((partition->flags & BOOT_WALLS) == 0) {
        if (partition->cores > 1) {
            log_line("WARNING: walls are off, every kernel can write every other's memory");
        }
        return NULL;
    }
    if (partition->wall_probe.size == 0 ||
        !arch_memory_in_window(paddr_of(partition->wall_probe.base), 8)) {
        return "the boot record asks for walls but names no memory to test them with";
    }
    if (!arch_load_faults(paddr_of(partition->wall_probe.base))) {
        return "walls are missing: this hart can read another partition's memory (does the CPU have PMP?)";
    }
    return NULL;
}

static const char *set_units(void) {
    const struct core_config *config = kernel.config;

    kernel.ticks_per_us = kernel.partition->timebase_hz / 1000000;
    if (kernel.ticks_per_us == 0) {
        return "the time counter is slower than 1 MHz";
    }
    kernel.space_mark = 1;
    kernel.min_budget = 2 * config->kernel_wcet_us * kernel.ticks_per_us;
    kernel.max_us = ~0ull / kernel.ticks_per_us / 8;
    return NULL;
}

static const char *take_tables(struct boot_ranges *ranges) {
    const struct core_config *config = kernel.config;
    const struct domain_slot *schedule = (const struct domain_slot *)(config + 1);

    kernel.ready = boot_take(ranges, config->domains * sizeof *kernel.ready, 6);
    kernel.schedule = boot_take(ranges, config->schedule_length * sizeof *kernel.schedule, 6);
    kernel.irq = boot_take(ranges, (config->max_irq + 1) * sizeof *kernel.irq, 6);
    kernel.peer = boot_take(ranges, (CORE_CONFIG_MAX_PEERS + 1) * sizeof *kernel.peer, 6);
    if (kernel.ready == NULL || kernel.schedule == NULL || kernel.irq == NULL ||
        kernel.peer == NULL) {
        return "there is too little memory for the kernel's tables";
    }
    BOUND(ready_init, CORE_CONFIG_MAX_DOMAINS);
    for (u64 domain = 0; domain < config->domains; domain++) {
        BOUND_STEP(ready_init);
        ready_init(&kernel.ready[domain]);
    }
    memcpy(kernel.schedule, schedule, config->schedule_length * sizeof *schedule);
    kernel.irq[config->max_irq].state = IRQ_TIMER;
    return NULL;
}

static const char *connect_peers(const struct boot_record *record, struct boot_ranges *ranges) {
    const struct boot_peer *item = NULL;
    u32 position = 0;

    BOUND(connect_peers, CORE_CONFIG_MAX_PEERS + 1);
    for (; (item = boot_record_find(record, BOOT_PEER, item)) != NULL; position++) {
        BOUND_STEP(connect_peers);
        if (item->core > CORE_CONFIG_MAX_PEERS || item->receive_lines > PAIR_MAX_LINES ||
            item->send_lines > PAIR_MAX_LINES || position > CORE_CONFIG_MAX_PEERS ||
            !boot_is_elsewhere(record, item->pair)) {
            return "the boot record describes a peer that cannot be";
        }
        struct peer *peer = &kernel.peer[item->core];

        peer->line = boot_take(ranges, item->receive_lines * sizeof *peer->line, 6);
        if (peer->line == NULL) {
            return "there is too little memory for the doorbell lines";
        }
        const char *problem = smp_peer_connect(peer, position, item);

        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}

static void wake_machine(const struct boot_record *record, struct boot_ranges *ranges) {
    const struct boot_platform *platform = boot_record_find(record, BOOT_PLATFORM, NULL);

    require(arch_timer_init(platform));
    require(arch_doorbell_init(platform));
    require(plat_init(record));
    require(connect_peers(record, ranges));
}

/* A word in each pair region: this kernel runs. */
static void announce(void) {
    BOUND(announce, CORE_CONFIG_MAX_PEERS + 1);
    for (unsigned i = 0; i <= CORE_CONFIG_MAX_PEERS; i++) {
        BOUND_STEP(announce);
        if (kernel.peer[i].present) {
            smp_peer_announce(&kernel.peer[i]);
        }
    }
}

/* Until then, the kernel's lines have the firmware's console at most. */
static const char *open_log(const struct boot_record *record) {
    const struct boot_memory *item = boot_record_find(record, BOOT_LOG, NULL);

    if (item == NULL) {
        return NULL;
    }
    if (item->range.size < sizeof(struct console_ring) || !boot_is_elsewhere(record, item->range) ||
        !arch_memory_in_window(paddr_of(item->range.base), item->range.size)) {
        return "the boot record's log is no page outside the partition's memory";
    }
    kernel.log = arch_ptr(paddr_of(item->range.base));
    memset(kernel.log, 0, sizeof *kernel.log);
    memcpy(kernel.log->name, kernel.partition->name, sizeof kernel.log->name);
    __atomic_store_n(&kernel.log->magic, CONSOLE_RING_MAGIC, __ATOMIC_RELEASE);
    return NULL;
}

static u64 memory_bytes(const struct boot_record *record) {
    const struct boot_memory *item = NULL;
    u64 bytes = 0;

    BOUND(memory_bytes, BOOT_ITEMS_MAX);
    while ((item = boot_record_find(record, BOOT_MEMORY, item)) != NULL) {
        BOUND_STEP(memory_bytes);
        bytes += item->range.size;
    }
    return bytes;
}

static void banner(const struct boot_record *record) {
    const struct boot_partition *partition = kernel.partition;

    log_line("skerry %s (%s) %s: partition %s on hart %lu, memory %lu KiB, walls %s",
             skerry_version, skerry_commit, BUILD_VARIANT, partition->name, partition->hart,
             memory_bytes(record) >> 10, (partition->flags & BOOT_WALLS) ? "on" : "OFF");
}

struct arch_context *kernel_boot(const struct boot_record *record) {
    struct boot_ranges ranges;

    memset(&kernel, 0, sizeof kernel);
    kernel.partition = boot_record_find(record, BOOT_PARTITION, NULL);
    /* Before anything is written where the record says. */
    require(boot_ranges_find(&ranges, record));
    require(open_log(record));
    require(read_config(record));
    require(prove_walls());
    require(set_units());
    require(take_tables(&ranges));
    kernel.now = arch_time();
    domain_start();
    wake_machine(record, &ranges);
    require(root_task_create(record, &ranges));
    announce();
    banner(record);
    irq_doorbells_rest(); /* rings from before the connection are gone */
    return entry_end();
}
