// SPDX-License-Identifier: BSD-2-Clause
// Building configuration and boot record of a core.
//
// IMSIC identities: 1 + index of the sending core for doorbells, so that the core with the lowest index is
// heard first; IDENTITY_DEVICE + source for device interrupts.
#define _GNU_SOURCE // open_memstream
#include "tools/emit_config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "abi/core_config.h"
#include "tools/image.h"
#include "tools/machine.h"
#include "tools/place.h"

#define SCHEDULE_LENGTH 64u
#define DOMAIN_SLICE_MS 10u
#define KERNEL_WCET_US  10u
#define BOOT_SLICE_US   5000u
#define IRQ_TIMER       96u // one above the PLIC's and APLIC's sources on virt
#define IDENTITY_DEVICE 16u
#define ACLINT_WORD     4u

u64 digest(const void *data, size_t bytes) {
    return XXH64(data, bytes, 0);
}

/* ---- Configuration ----------------------------------------------------------------------------- */

// The kernel's bound on doorbells: the sum of the channels' limits, if all that come from elsewhere have one.
static u32 doorbell_rate(const struct system *system, const struct core *core) {
    u64 sum = 0;
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel *channel = &system->channels[i / 2];
        const struct channel_end *to = &channel->end[i % 2], *from = &channel->end[1 - i % 2];
        if (to->domain->core != core || from->domain->core == core || !from->notify) {
            continue;
        }
        if (!channel->max_rate_per_s) {
            return 0;
        }
        sum += channel->max_rate_per_s;
    }
    return sum > UINT32_MAX ? UINT32_MAX : (u32)sum;
}

struct bytes emit_config(struct arena *arena, const struct system *system,
                         const struct core *core) {
    struct bytes bytes;
    bytes.size = sizeof(struct core_config) + SCHEDULE_LENGTH * sizeof(struct domain_slot);
    bytes.data = arena_alloc(arena, bytes.size);
    struct core_config config = {
        .magic = CORE_CONFIG_MAGIC,
        .version = CORE_CONFIG_VERSION,
        .length = (u32)bytes.size,
        .root_cnode_bits = core->cnode_bits,
        .domains = core->domains,
        .schedule_length = SCHEDULE_LENGTH,
        .max_irq = IRQ_TIMER,
        .kernel_wcet_us = KERNEL_WCET_US,
        .boot_slice_us = BOOT_SLICE_US,
        .doorbell_max_rate_per_s = doorbell_rate(system, core),
        .check_interval = core->check_interval,
    };
    memcpy(bytes.data, &config, sizeof(config));
    struct domain_slot *schedule = (struct domain_slot *)(bytes.data + sizeof(config));
    for (u32 domain = 0; domain < core->domains; domain++) {
        schedule[domain].domain = domain;
        schedule[domain].duration_ticks =
            core->domains == 1 ? DOMAIN_FOREVER /* nobody else's time ever comes */
                               : (u64)system->machine.timebase_hz / 1000 * DOMAIN_SLICE_MS;
    }
    return bytes;
}

char *config_show(struct arena *arena, struct bytes bytes) {
    const struct core_config *config = (const struct core_config *)bytes.data;
    const struct domain_slot *schedule = (const struct domain_slot *)(config + 1);
    char *text = arena_printf(
        arena,
        "version %u\nlength %u\nroot_cnode_bits %u\ndomains %u\nschedule_length %u\n"
        "max_irq %u\nkernel_wcet_us %u\ntimer_slack_ticks %u\nboot_slice_us %u\n"
        "doorbell_max_rate_per_s %u\ncheck_interval %u\n",
        config->version, config->length, config->root_cnode_bits, config->domains,
        config->schedule_length, config->max_irq, config->kernel_wcet_us, config->timer_slack_ticks,
        config->boot_slice_us, config->doorbell_max_rate_per_s, config->check_interval);
    for (u32 i = 0; i < config->domains; i++) {
        text = arena_printf(arena, "%sschedule domain %" PRIu64 " ticks %" PRIu64 "\n", text,
                            schedule[i].domain, schedule[i].duration_ticks);
    }
    return text;
}

/* ---- Boot record ------------------------------------------------------------------------------- */

struct record_writer {
    u8 *page;
    u32 length;
    bool overflow;
};

static void item_write(struct record_writer *writer, enum boot_tag tag, void *item, size_t size) {
    u32 length = (u32)((size + 7) & ~(size_t)7);
    if (writer->length + length > BOOT_RECORD_SIZE) {
        writer->overflow = true;
        return;
    }
    *(struct boot_item *)item = (struct boot_item){tag, length};
    memcpy(writer->page + writer->length, item, size);
    writer->length += length;
}

static void range_write(struct record_writer *writer, enum boot_tag tag, struct range range) {
    struct boot_memory item = {.range = {range.base, range.size}};
    item_write(writer, tag, &item, sizeof(item));
}

static void device_write(struct record_writer *writer, const char *name, struct range range) {
    struct boot_device item = {.range = {range.base, range.size}};
    snprintf(item.name, sizeof(item.name), "%s", name);
    item_write(writer, BOOT_DEVICE, &item, sizeof(item));
}

// Memory that must not be readable from this core: another partition's, or the firmware's.
static struct boot_range wall_probe(const struct system *system, const struct core *core) {
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *other = &system->cores[i];
        if (other != core) {
            return (struct boot_range){other->ram.base, other->ram.size};
        }
    }
    return (struct boot_range){system->firmware.base, system->firmware.size};
}

static void partition_write(struct record_writer *writer, struct system *system,
                            const struct core *core, const struct partition_layout *layout) {
    bool platform = core == platform_core(system);
    struct boot_partition item = {
        .core = core->index,
        .cores = system->core_count,
        .flags = (system->walls ? BOOT_WALLS : 0) |
                 (core->variant == VARIANT_DEBUG ? BOOT_CONSOLE_FIRMWARE : 0) |
                 (core->restarts ? BOOT_RESTARTS : 0) |
                 (platform && system->kind == MACHINE_VIRT_AIA ? BOOT_OWNS_PLATFORM : 0),
        .timebase_hz = system->machine.timebase_hz,
        .wall_probe = wall_probe(system, core),
        .package = {system->package.base, system->package.size},
        .image_digest = layout->kernel_digest,
    };
    snprintf(item.name, sizeof(item.name), "%s", core->name);
    item_write(writer, BOOT_PARTITION, &item, sizeof(item));
}

static void images_write(struct record_writer *writer, const struct partition_layout *layout) {
    struct boot_image image = {.image = {layout->kernel.base, layout->kernel.size},
                               .config = {layout->config.base, layout->config.size},
                               .record = {layout->record.base, layout->record.size}};
    item_write(writer, BOOT_IMAGE, &image, sizeof(image));
    struct boot_user user = {.image = {layout->user.base, layout->user.size},
                             .virtual_base = layout->user_virtual_base,
                             .entry = layout->user_entry};
    item_write(writer, BOOT_USER, &user, sizeof(user));
    struct boot_tree tree = {.range = {layout->tree.base, layout->tree_bytes}};
    if (layout->tree_bytes) {
        item_write(writer, BOOT_TREE, &tree, sizeof(tree));
    }
}

// RAM that the kernel manages ends where the tool's own pages begin: regions whose address a program asked
// for and, on the platform core, the log pages. User space gets those as devices.
static void memory_write(struct record_writer *writer, struct system *system,
                         const struct core *core) {
    struct range ram = core->ram;
    bool logs_here = core == platform_core(system);
    u64 own_base = core->fixed.size ? core->fixed.base
                   : logs_here      ? core->log.base
                                    : ram.base + ram.size;
    range_write(writer, BOOT_MEMORY, (struct range){ram.base, own_base - ram.base});
    if (core->fixed.size) {
        device_write(writer, "regions", core->fixed);
    }
    if (logs_here) {
        device_write(writer, "log", (struct range){core->log.base, core->log.size});
    }
    // Without a console program nobody reads the ring: a debug kernel then uses the firmware's console.
    if (console_domain(system) || core->variant != VARIANT_DEBUG) {
        range_write(writer, BOOT_LOG,
                    (struct range){core->log.base + PAGE_SIZE * LOG_PAGE_KERNEL, PAGE_SIZE});
    }
}

static void platform_write(struct record_writer *writer, struct system *system,
                           const struct core *core) {
    const struct machine *machine = &system->machine;
    unsigned hart = machine_hart(machine, core->hart);
    bool aia = system->kind == MACHINE_VIRT_AIA;
    struct boot_platform item = {
        .plic = machine->plic.base,
        .plic_context = machine->plic_context[hart],
        .sources = machine->sources,
        .aplic = aia && core == platform_core(system) ? machine->aplic.base : 0,
        .imsic = aia ? machine->imsic.base + PAGE_SIZE * machine->imsic_index[hart] : 0,
        .imsic_base = aia ? machine->imsic.base : 0,
        .imsic_ids = aia ? machine->imsic_ids : 0,
        .doorbell_kind = aia                                   ? BOOT_DOORBELL_IMSIC
                         : system->kind == MACHINE_VIRT_ACLINT ? BOOT_DOORBELL_SSWI
                                                               : BOOT_DOORBELL_SBI,
        .sswi = machine->sswi.size ? machine->sswi.base + ACLINT_WORD * core->hart : 0,
        .has_sstc = machine->sstc,
        .has_zicboz = machine->zicboz_bytes,
    };
    item_write(writer, BOOT_PLATFORM, &item, sizeof(item));
}

static void peer_write(struct record_writer *writer, struct system *system, const struct core *core,
                       const struct core *other, const struct pair *pair) {
    const struct machine *machine = &system->machine;
    unsigned side = pair->core[1] == core;
    struct boot_peer item = {
        .core = other->index,
        .side = side,
        .pair = {pair->base, pair->bytes},
        .send_lines = pair->lines[1 - side],
        .receive_lines = pair->lines[side],
    };
    snprintf(item.name, sizeof(item.name), "%s", other->name);
    if (system->kind == MACHINE_VIRT_AIA) {
        item.doorbell = machine->imsic.base +
                        PAGE_SIZE * machine->imsic_index[machine_hart(machine, other->hart)];
        item.doorbell_value = 1 + core->index;
        item.receive_id = 1 + other->index;
    } else if (system->kind == MACHINE_VIRT_ACLINT) {
        item.doorbell = machine->sswi.base + ACLINT_WORD * other->hart;
        item.doorbell_value = 1;
    } else {
        item.doorbell_value = (u32)other->hart;
    }
    item_write(writer, BOOT_PEER, &item, sizeof(item));
}

static void interrupt_write(struct record_writer *writer, struct system *system,
                            const struct core *core, const struct core *owner, u32 source,
                            bool edge) {
    const struct machine *machine = &system->machine;
    bool aia = system->kind == MACHINE_VIRT_AIA;
    // The platform kernel programs the controller for all; the others only need to know their own.
    if (owner != core && !(aia && core == platform_core(system))) {
        return;
    }
    struct boot_interrupt item = {
        .source = source,
        .identity = aia ? IDENTITY_DEVICE + source : 0,
        .edge = edge,
        .owner = owner->index,
        .hart_index = aia ? machine->imsic_index[machine_hart(machine, owner->hart)] : owner->hart,
    };
    item_write(writer, BOOT_INTERRUPT, &item, sizeof(item));
}

static void interrupts_write(struct record_writer *writer, struct system *system,
                             const struct core *core) {
    bool done[128] = {false};
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        const struct interrupt *interrupt = &system->interrupts[i];
        if (interrupt->source < ARRAY_LENGTH(done) && !done[interrupt->source]) {
            done[interrupt->source] = true;
            interrupt_write(writer, system, core, interrupt->domain->core, interrupt->source,
                            interrupt->edge);
        }
    }
    for (unsigned i = 0; i < system->device_count; i++) {
        const struct device *device = &system->devices[i];
        for (unsigned j = 0; j < device->irq_count; j++) {
            if (device->irq[j] < ARRAY_LENGTH(done) && !done[device->irq[j]]) {
                done[device->irq[j]] = true;
                interrupt_write(writer, system, core, device->core, device->irq[j],
                                device->irq_edge[j]);
            }
        }
    }
}

struct bytes emit_record(struct arena *arena, struct system *system, const struct core *core,
                         const struct partition_layout *layout) {
    struct record_writer writer = {arena_alloc(arena, BOOT_RECORD_SIZE), sizeof(struct boot_record),
                                   false};
    partition_write(&writer, system, core, layout);
    images_write(&writer, layout);
    memory_write(&writer, system, core);
    platform_write(&writer, system, core);
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct pair *pair = pair_of(system, core, &system->cores[i]);
        if (pair) {
            peer_write(&writer, system, core, &system->cores[i], pair);
        }
    }
    for (unsigned i = 0; i < system->device_count; i++) {
        if (system->devices[i].core == core) {
            device_write(&writer, system->devices[i].name, system->devices[i].pages);
        }
    }
    interrupts_write(&writer, system, core);
    struct boot_record header = {
        .magic = BOOT_RECORD_MAGIC, .version = BOOT_RECORD_VERSION, .length = writer.length};
    memcpy(writer.page, &header, sizeof(header));
    header.checksum = digest(writer.page, writer.length);
    memcpy(writer.page, &header, sizeof(header));
    return (struct bytes){writer.overflow ? NULL : writer.page, writer.length};
}

/* ---- For people -------------------------------------------------------------------------------- */

static void item_show(FILE *out, const u8 *at, u32 tag) {
    static const char *const NAMES[] = {"end",      "partition", "image",     "memory",
                                        "reserved", "device",    "peer",      "platform",
                                        "user",     "tree",      "interrupt", "log"};
    fprintf(out, "%-10s", tag < ARRAY_LENGTH(NAMES) ? NAMES[tag] : "?");
    switch (tag) {
    case BOOT_PARTITION: {
        const struct boot_partition *item = (const void *)at;
        fprintf(out, "%s core %u of %u flags 0x%x probe 0x%" PRIx64 " package 0x%" PRIx64 "\n",
                item->name, item->core, item->cores, item->flags, item->wall_probe.base,
                item->package.base);
        break;
    }
    case BOOT_IMAGE: {
        const struct boot_image *item = (const void *)at;
        fprintf(out,
                "image 0x%" PRIx64 "+0x%" PRIx64 " config 0x%" PRIx64 " record 0x%" PRIx64 "\n",
                item->image.base, item->image.size, item->config.base, item->record.base);
        break;
    }
    case BOOT_DEVICE: {
        const struct boot_device *item = (const void *)at;
        fprintf(out, "%s 0x%" PRIx64 "+0x%" PRIx64 "\n", item->name, item->range.base,
                item->range.size);
        break;
    }
    case BOOT_PEER: {
        const struct boot_peer *item = (const void *)at;
        fprintf(out,
                "%s core %u side %u pair 0x%" PRIx64 "+0x%" PRIx64 " doorbell 0x%" PRIx64
                " value %u receive_id %u lines %u out %u in\n",
                item->name, item->core, item->side, item->pair.base, item->pair.size,
                item->doorbell, item->doorbell_value, item->receive_id, item->send_lines,
                item->receive_lines);
        break;
    }
    case BOOT_PLATFORM: {
        const struct boot_platform *item = (const void *)at;
        fprintf(out,
                "plic 0x%" PRIx64 " context %u sources %u aplic 0x%" PRIx64 " imsic 0x%" PRIx64
                " ids %u doorbells %u sswi 0x%" PRIx64 " sstc %u zicboz %u\n",
                item->plic, item->plic_context, item->sources, item->aplic, item->imsic,
                item->imsic_ids, item->doorbell_kind, item->sswi, item->has_sstc, item->has_zicboz);
        break;
    }
    case BOOT_USER: {
        const struct boot_user *item = (const void *)at;
        fprintf(out, "image 0x%" PRIx64 "+0x%" PRIx64 " at 0x%" PRIx64 " entry 0x%" PRIx64 "\n",
                item->image.base, item->image.size, item->virtual_base, item->entry);
        break;
    }
    case BOOT_INTERRUPT: {
        const struct boot_interrupt *item = (const void *)at;
        fprintf(out, "source %u identity %u %s owner %u hart index %" PRIu64 "\n", item->source,
                item->identity, item->edge ? "edge" : "level", item->owner, item->hart_index);
        break;
    }
    default: {
        const struct boot_memory *item = (const void *)at;
        fprintf(out, "0x%" PRIx64 "+0x%" PRIx64 "\n", item->range.base, item->range.size);
        break;
    }
    }
}

char *record_show(struct arena *arena, struct bytes record) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (u32 at = sizeof(struct boot_record); at + sizeof(struct boot_item) <= record.size;) {
        const struct boot_item *item = (const void *)(record.data + at);
        item_show(out, record.data + at, item->tag);
        at += item->length;
    }
    fclose(out);
    char *listing = arena_copy(arena, text, size);
    free(text);
    return listing;
}
