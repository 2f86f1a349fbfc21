// SPDX-License-Identifier: BSD-2-Clause
// Putting a package together. Layout of a partition's RAM, from its base: kernel image with .bss,
// configuration, boot record, device tree slice, user image; each on pages of its own. What follows is the
// kernel's to hand out. Layout of the package: stub, header, table, then all pieces; equal pieces (the kernel
// of one variant) are stored once.
#include "tools/emit_package.h"

#include <inttypes.h>
#include <string.h>

#include "abi/package.h"
#include "tools/commands.h"
#include "tools/emit_config.h"
#include "tools/emit_dtb.h"
#include "tools/emit_init.h"
#include "tools/image.h"
#include "tools/place.h"
#include "tools/units.h"

#define MEMORY_MOST (1ull << 38)
#define KERNEL_TABLES                                                                              \
    (40ull << 10) // interrupts, peers, thread, address space, IPC buffer, boot information
#define KERNEL_DOMAIN 4096ull // ready queues of a scheduling domain
#define KERNEL_LINE   64ull   // a doorbell line that is received

/* ---- The writer -------------------------------------------------------------------------------- */

struct package_writer {
    struct arena *arena;
    u8 *data;
    u64 used, room;
};

static void writer_reserve(struct package_writer *writer, u64 bytes) {
    if (bytes <= writer->room) {
        return;
    }
    u64 room = power_of_two_above(bytes);
    u8 *data = arena_alloc(writer->arena, room);
    memcpy(data, writer->data, writer->used);
    writer->data = data;
    writer->room = room;
}

static struct package_header *header_of(struct package_writer *writer) {
    return (struct package_header *)(writer->data + PACKAGE_HEADER_OFFSET);
}

struct package_writer *package_begin(struct arena *arena, struct bytes stub, unsigned partitions) {
    struct package_writer *writer = ARENA_NEW(arena, struct package_writer);
    writer->arena = arena;
    u64 table = PACKAGE_HEADER_OFFSET + sizeof(struct package_header) +
                partitions * sizeof(struct package_partition);
    writer->data = arena_alloc(arena, 1u << 20);
    writer->room = 1u << 20;
    memcpy(writer->data, stub.data, stub.size);
    writer->used = align_up(table, 12);
    *header_of(writer) = (struct package_header){
        .magic = PACKAGE_MAGIC, .version = PACKAGE_VERSION, .partitions = partitions};
    return writer;
}

struct package_partition *package_partition_of(struct package_writer *writer, unsigned index) {
    return &header_of(writer)->partition[index];
}

// Where the same bytes already are, or 0.
static u64 piece_find(struct package_writer *writer, struct bytes bytes, u64 sum) {
    struct package_header *header = header_of(writer);
    for (unsigned i = 0; i < header->partitions * PACKAGE_PIECES; i++) {
        const struct package_piece *piece =
            &header->partition[i / PACKAGE_PIECES].piece[i % PACKAGE_PIECES];
        if (piece->size == bytes.size && piece->digest == sum &&
            !memcmp(writer->data + PACKAGE_HEADER_OFFSET + piece->offset, bytes.data, bytes.size)) {
            return piece->offset;
        }
    }
    return 0;
}

void package_add(struct package_writer *writer, unsigned index, unsigned piece, struct bytes bytes,
                 u64 target, u64 target_size) {
    if (!bytes.size) {
        return;
    }
    u64 sum = digest(bytes.data, bytes.size);
    u64 offset = piece_find(writer, bytes, sum);
    if (!offset) {
        offset = writer->used - PACKAGE_HEADER_OFFSET;
        writer_reserve(writer, align_up(writer->used + bytes.size, 12));
        memcpy(writer->data + writer->used, bytes.data, bytes.size);
        writer->used = align_up(writer->used + bytes.size, 12);
    }
    package_partition_of(writer, index)->piece[piece] =
        (struct package_piece){offset, bytes.size, sum, target, target_size};
}

struct bytes package_end(struct package_writer *writer) {
    struct package_header *header = header_of(writer);
    header->length = writer->used - PACKAGE_HEADER_OFFSET;
    header->digest =
        digest(header, sizeof(*header) + header->partitions * sizeof(header->partition[0]));
    return (struct bytes){writer->data, writer->used};
}

/* ---- Inputs from the build --------------------------------------------------------------------- */

struct image *kernel_load(struct arena *arena, struct diagnostics *diags, const char *build_folder,
                          enum machine_kind kind, enum variant variant, struct place at) {
    struct image *kernel = NULL;
    char *why = NULL;
    char *path = arena_printf(arena, "%s/kernel/skerry-%s-%s.elf", build_folder,
                              machine_kind_name(kind), variant_name(variant));
    if (image_load(arena, path, &kernel, &why) != IMAGE_OK) {
        struct diag *diag = diag_error(diags, SK081, at, "the %s kernel for %s cannot be used: %s",
                                       variant_name(variant), machine_kind_name(kind), why);
        diag_help(diag, "ninja -C %s builds it", build_folder);
        return NULL;
    }
    if (kernel->entry != kernel->base || kernel->first_address != kernel->base) {
        diag_error(diags, SK082, at, "%s does not begin with its first instruction, on a page",
                   path);
        return NULL;
    }
    return kernel;
}

struct bytes bootloader_load(struct arena *arena, struct diagnostics *diags,
                             const char *build_folder, struct place at) {
    char *path = arena_printf(arena, "%s/bootloader/bootloader.bin", build_folder);
    struct bytes stub = file_read(arena, path);
    if (!stub.data || stub.size > PACKAGE_HEADER_OFFSET) {
        diag_error(diags, SK081, at, stub.data ? "%s is larger than its place" : "%s is not there",
                   path);
        stub.data = NULL;
    }
    return stub;
}

static struct image *init_load(struct load *load, struct place at) {
    struct image *init = NULL;
    char *why = NULL;
    char *path = arena_printf(load->arena, "%s/user/init.elf", load->build_folder);
    if (!file_exists(path)) {
        path = arena_printf(load->arena, "%s/user/init/init.elf", load->build_folder);
    }
    if (image_load(load->arena, path, &init, &why) != IMAGE_OK) {
        diag_error(load->diags, SK081, at, "the init task cannot be used: %s", why);
    }
    return init;
}

/* ---- Partitions -------------------------------------------------------------------------------- */

static bool user_make(struct load *load, struct core *core, struct partition_output *output,
                      struct partition_layout *layout) {
    if (core->root_task) {
        output->user = (struct bytes){core->root_task->data, core->root_task->bytes};
        layout->user_virtual_base = core->root_task->base;
        layout->user_entry = core->root_task->entry;
        return true;
    }
    struct image *init = init_load(load, core->at);
    struct user_image user;
    if (!init || !emit_init(load->arena, load->diags, load->system, core, init, &user)) {
        return false;
    }
    output->user = user.pages;
    output->init_listing = user.listing;
    output->actions = user.actions;
    output->objects = user.objects;
    output->object_bytes = user.object_bytes;
    output->slots = user.slots;
    layout->user_virtual_base = user.virtual_base;
    layout->user_entry = user.entry;
    return true;
}

static struct range next_pages(u64 *at, u64 bytes) {
    struct range range = {*at, align_up(bytes, 12)};
    *at += range.size;
    return range;
}

// An upper bound of what the kernel takes for itself and for the root task's own objects before it hands out the
// rest (kernel/entry: take_tables, connect_peers, take_objects, make_tables).
static u64 kernel_takes(const struct system *system, const struct core *core,
                        const struct partition_output *output) {
    u64 lines = 0;
    for (unsigned i = 0; i < system->pair_count; i++) {
        const struct pair *pair = &system->pairs[i];
        lines += pair->core[0] == core   ? pair->lines[0]
                 : pair->core[1] == core ? pair->lines[1]
                                         : 0;
    }
    u64 boot_info = power_of_two_above(output->tree.size + PAGE_SIZE);
    u64 tables = output->user.size / (2u << 20) + 4;
    return KERNEL_TABLES + core->domains * KERNEL_DOMAIN + align_up(lines * KERNEL_LINE, 12) +
           (32ull << core->cnode_bits) + boot_info + tables * PAGE_SIZE;
}

// Whether a partition of `ram` has room for `taken` bytes at its ends, and the objects in between. RAM is a multiple
// of its size.
static bool ram_suffices(u64 bytes, u64 bottom, u64 top, const struct object_list *objects) {
    struct range free = {bytes + bottom, bytes - bottom - top};
    return bottom + top < bytes && fit_objects(free, objects);
}

// Lays the pieces out from the base of RAM; SK080 if they do not leave room for all objects.
static bool layout_make(struct load *load, const struct core *core, const struct image *kernel,
                        const struct partition_output *output, struct partition_layout *layout) {
    u64 at = core->ram.base;
    layout->kernel = next_pages(&at, kernel->bytes);
    layout->config = next_pages(&at, output->config.size);
    layout->record = next_pages(&at, BOOT_RECORD_SIZE);
    layout->tree = next_pages(&at, output->tree.size);
    layout->tree_bytes = output->tree.size;
    layout->user = next_pages(&at, output->user.size);
    u64 bottom = at - core->ram.base;
    u64 top = kernel_takes(load->system, core, output) + core->fixed.size + BOOT_STACK_BYTES +
              (core == platform_core(load->system) ? core->log.size : 0);
    if (ram_suffices(core->ram.size, bottom, top, &output->objects)) {
        return true;
    }
    u64 enough = core->ram.size;
    while (enough < MEMORY_MOST && !ram_suffices(enough, bottom, top, &output->objects)) {
        enough *= 2;
    }
    u64 needed = align_up(bottom + top + output->object_bytes, 12);
    struct diag *diag =
        needed >= core->ram.size
            ? diag_error(load->diags, SK080, core->memory_at,
                         "core \"%s\" has %s of memory and needs more than %s", core->name,
                         units_show_bytes(load->arena, core->ram.size),
                         units_show_bytes(load->arena, needed))
            : diag_error(
                  load->diags, SK080, core->memory_at,
                  "core \"%s\" has %s of memory, too little for every object to find an aligned place",
                  core->name, units_show_bytes(load->arena, core->ram.size));
    diag_help(diag, "its programs and objects take %s; say size=\"%s\"",
              units_show_bytes(load->arena, align_up(output->user.size + output->object_bytes, 12)),
              units_show_bytes(load->arena, enough));
    return false;
}

static bool partition_make(struct load *load, struct core *core, struct package_writer *writer,
                           struct partition_output *output) {
    struct system *system = load->system;
    struct partition_layout layout = {0};
    char *why = NULL;
    struct image *kernel = kernel_load(load->arena, load->diags, load->build_folder, system->kind,
                                       core->variant, core->at);
    if (!kernel || !user_make(load, core, output, &layout)) {
        return false;
    }
    output->config = emit_config(load->arena, system, core);
    output->tree = emit_slice(load->arena, system, core, &why);
    if (!output->tree.data) {
        diag_error(load->diags, SK023, core->at, "%s", why);
        return false;
    }
    struct bytes flat = {kernel->data, kernel->file_bytes};
    output->kernel_path = kernel->path;
    output->kernel_digest = layout.kernel_digest = digest(flat.data, flat.size);
    if (!layout_make(load, core, kernel, output, &layout)) {
        return false;
    }
    output->record = emit_record(load->arena, system, core, &layout);
    if (!output->record.data) {
        diag_error(load->diags, SK017, core->at,
                   "the boot record of core \"%s\" is full: too many devices and interrupts",
                   core->name);
        return false;
    }
    struct package_partition *partition = package_partition_of(writer, core->index);
    snprintf(partition->name, sizeof(partition->name), "%s", core->name);
    partition->hart = core->hart;
    partition->ram = (struct boot_range){core->ram.base, core->ram.size};
    partition->record_version = BOOT_RECORD_VERSION;
    partition->console = 1;
    package_add(writer, core->index, PACKAGE_KERNEL, flat, layout.kernel.base, layout.kernel.size);
    package_add(writer, core->index, PACKAGE_CONFIG, output->config, layout.config.base,
                layout.config.size);
    package_add(writer, core->index, PACKAGE_RECORD, output->record, layout.record.base,
                layout.record.size);
    package_add(writer, core->index, PACKAGE_TREE, output->tree, layout.tree.base,
                layout.tree.size);
    package_add(writer, core->index, PACKAGE_USER, output->user, layout.user.base,
                layout.user.size);
    return true;
}

static bool package_make(struct load *load, struct package_output *output) {
    struct system *system = load->system;
    struct place at = system->node->at;
    char *why = NULL;
    struct bytes stub = bootloader_load(load->arena, load->diags, load->build_folder, at);
    if (!stub.data) {
        return false;
    }
    struct package_writer *writer = package_begin(load->arena, stub, system->core_count);
    bool good = true;
    for (unsigned i = 0; i < system->core_count; i++) {
        good = partition_make(load, &system->cores[i], writer, &output->partition[i]) && good;
    }
    if (!good) {
        return false;
    }
    output->package = package_end(writer);
    output->tree = emit_domains(load->arena, system, &why);
    if (!output->tree.data) {
        diag_error(load->diags, SK023, at, "%s", why);
        return false;
    }
    if (output->package.size > system->package.size) {
        diag_error(load->diags, SK080, at, "the package takes %s, %s were set aside",
                   units_show_bytes(load->arena, output->package.size),
                   units_show_bytes(load->arena, system->package.size));
        return false;
    }
    return true;
}

struct package_output *emit_package(struct load *load) {
    struct package_output *output = ARENA_NEW(load->arena, struct package_output);
    bool good = !diagnostics_errors(load->diags) && package_make(load, output);
    return load_report(load) == EXIT_GOOD && good ? output : NULL;
}
