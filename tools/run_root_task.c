// SPDX-License-Identifier: BSD-2-Clause
// `skerry run --root-task`: one kernel with any seL4-compatible root task, on the machine seL4 knows. Plain
// virt with PLIC, one hart, no walls; all memory and devices are its own (SEL4-ABI 12 lists what such a root
// task expects among its untypeds).
//
// Physical memory, from the start of RAM:  firmware (2 MiB, given as a device) | the partition | package |
// the firmware's device tree (2 MiB). The package lies above the partition and is not needed once the kernel runs.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abi/core_config.h"
#include "abi/package.h"
#include "tools/boot_command.h"
#include "tools/commands.h"
#include "tools/emit_config.h"
#include "tools/emit_dtb.h"
#include "tools/emit_package.h"
#include "tools/follow.h"
#include "tools/image.h"
#include "tools/machine.h"
#include "tools/place.h"
#include "tools/report.h"
#include "tools/run.h"

#define DEVICE_TOP  (1ull << 39)
#define CLINT_BASE  0x2000000ull
#define CLINT_BYTES 0x200000ull
#define BANNER_END  "Boot HART MEDELEG"

struct root_run {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
    struct core *core;
    const struct root_task_options *task;
    const struct run_options *options;
    struct bytes package, tree;
};

// A system of one core, as if a file had said so.
static struct system *system_make(struct arena *arena, const struct root_task_options *task) {
    struct document *document = ARENA_NEW(arena, struct document);
    struct node *root = ARENA_NEW(arena, struct node);
    root->element = &ELEMENT_TABLE[ELEMENT_SYSTEM];
    root->at = (struct place){task->elf_path, 0, 0};
    root->values = ARENA_ARRAY(arena, struct value, root->element->attribute_count);
    for (unsigned i = 0; i < root->element->attribute_count; i++) {
        root->values[i].at = root->at;
    }
    document->path = task->elf_path;
    struct system *system = ARENA_NEW(arena, struct system);
    system->document = document;
    system->node = root;
    system->path = task->elf_path;
    system->name = "root-task";
    system->kind = MACHINE_VIRT_PLAIN;
    system->memory_bytes = task->memory_bytes;
    system->harts = 1;
    system->core_count = 1;
    struct core *core = &system->cores[0];
    *core = (struct core){.node = root,
                          .at = root->at,
                          .memory_at = root->at,
                          .memory_node = root,
                          .name = "root-task",
                          .hart_known = true,
                          .variant = task->variant,
                          .domains = task->domains,
                          .cnode_bits = task->cnode_bits,
                          .check_interval = task->check_interval};
    return system;
}

static bool machine_find(struct root_run *run) {
    char *why = NULL;
    struct bytes tree =
        qemu_machine_tree(run->arena, MACHINE_VIRT_PLAIN, 1, run->task->memory_bytes, NULL, &why);
    if (!tree.data) {
        diag_error(run->diags, SK023, run->core->at, "the machine's device tree cannot be had: %s",
                   why);
        return false;
    }
    return machine_read(run->arena, run->diags, run->system, tree.data, tree.size);
}

/* ---- The boot record --------------------------------------------------------------------------- */

// A boot record writer of its own: this mode's record has little in common with a partition's.
struct record {
    u8 page[BOOT_RECORD_SIZE];
    u32 length;
};

static void item(struct record *record, enum boot_tag tag, void *data, size_t size) {
    *(struct boot_item *)data = (struct boot_item){tag, (u32)size};
    memcpy(record->page + record->length, data, size);
    record->length += (u32)size;
}

static void device(struct record *record, const char *name, u64 base, u64 end) {
    struct boot_device range = {.range = {base, end - base}};
    snprintf(range.name, sizeof(range.name), "%s", name);
    item(record, BOOT_DEVICE, &range, sizeof(range));
}

// Everything that is not RAM, timer or interrupt controller: seL4 hands it all out as device memory.
static void devices(struct record *record, const struct machine *machine) {
    u64 ram_end = machine->ram.base + machine->ram.size;
    device(record, "low", 0, CLINT_BASE);
    device(record, "middle", CLINT_BASE + CLINT_BYTES, machine->plic.base);
    device(record, "high", machine->plic.base + machine->plic.size, machine->ram.base);
    device(record, "firmware", machine->ram.base, machine->ram.base + FIRMWARE_BYTES);
    device(record, "above", ram_end, DEVICE_TOP);
}

static struct bytes record_make(struct root_run *run, const struct partition_layout *layout) {
    const struct machine *machine = &run->system->machine;
    struct record *record = ARENA_NEW(run->arena, struct record);
    record->length = sizeof(struct boot_record);
    struct boot_partition partition = {
        .cores = 1,
        .flags = BOOT_CONSOLE_FIRMWARE | BOOT_CONSOLE_BYTES | BOOT_SELF_HALTS_MACHINE |
                 BOOT_ALL_INTERRUPTS,
        .timebase_hz = machine->timebase_hz,
        .package = {run->system->package.base, run->system->package.size},
        .image_digest = layout->kernel_digest,
        .name = "root-task",
    };
    struct boot_image image = {.image = {layout->kernel.base, layout->kernel.size},
                               .config = {layout->config.base, layout->config.size},
                               .record = {layout->record.base, layout->record.size}};
    struct boot_user user = {.image = {layout->user.base, layout->user.size},
                             .virtual_base = layout->user_virtual_base,
                             .entry = layout->user_entry};
    struct boot_tree tree = {.range = {layout->tree.base, layout->tree_bytes}};
    struct boot_memory memory = {.range = {run->core->ram.base, run->core->ram.size}};
    struct boot_platform platform = {.plic = machine->plic.base,
                                     .plic_context = machine->plic_context[0],
                                     .sources = machine->sources,
                                     .doorbell_kind = BOOT_DOORBELL_SBI,
                                     .has_sstc = machine->sstc,
                                     .has_zicboz = machine->zicboz_bytes};
    item(record, BOOT_PARTITION, &partition, sizeof(partition));
    item(record, BOOT_IMAGE, &image, sizeof(image));
    item(record, BOOT_USER, &user, sizeof(user));
    item(record, BOOT_TREE, &tree, sizeof(tree));
    item(record, BOOT_MEMORY, &memory, sizeof(memory));
    item(record, BOOT_PLATFORM, &platform, sizeof(platform));
    devices(record, machine);
    struct boot_record header = {
        .magic = BOOT_RECORD_MAGIC, .version = BOOT_RECORD_VERSION, .length = record->length};
    memcpy(record->page, &header, sizeof(header));
    header.checksum = digest(record->page, record->length);
    memcpy(record->page, &header, sizeof(header));
    return (struct bytes){record->page, record->length};
}

/* ---- The package ------------------------------------------------------------------------------- */

static struct range next_pages(u64 *at, u64 bytes) {
    struct range range = {*at, align_up(bytes, 12)};
    *at += range.size;
    return range;
}

static bool inputs_load(struct root_run *run, struct bytes *stub, struct image **kernel,
                        struct image **root) {
    char *why = NULL;
    struct place at = run->core->at;
    *stub = bootloader_load(run->arena, run->diags, run->task->build_folder, at);
    *kernel = kernel_load(run->arena, run->diags, run->task->build_folder, MACHINE_VIRT_PLAIN,
                          run->task->variant, at);
    enum image_result result = image_load(run->arena, run->task->elf_path, root, &why);
    if (result != IMAGE_OK) {
        diag_error(run->diags, result == IMAGE_UNREADABLE ? SK070 : SK071, at,
                   "not a root task: %s", why);
    }
    return stub->data && *kernel && result == IMAGE_OK;
}

static struct bytes tree_for_task(struct root_run *run) {
    if (!run->task->tree_path) {
        return dtb_without_seed(run->arena, (struct bytes){(u8 *)run->system->machine.tree,
                                                           run->system->machine.tree_bytes});
    }
    struct bytes tree = file_read(run->arena, run->task->tree_path);
    if (!tree.data) {
        diag_error(run->diags, SK023, (struct place){run->task->tree_path, 0, 0},
                   "cannot be read: %s", strerror(errno));
    }
    return tree;
}

static bool package_make(struct root_run *run) {
    struct bytes stub;
    struct image *kernel, *root;
    char *why = NULL;
    struct range ram = run->system->machine.ram;
    struct bytes tree = tree_for_task(run);
    if (!inputs_load(run, &stub, &kernel, &root) || !tree.data) {
        return false;
    }
    // An upper bound of the package's size, so that its place is known before it is made.
    u64 bytes =
        align_up(PACKAGE_HEADER_OFFSET + kernel->bytes + root->bytes + tree.size + (64u << 10), 21);
    run->system->package = (struct range){ram.base + ram.size - FIRMWARE_TREE_BYTES - bytes, bytes};
    run->core->ram.base = ram.base + FIRMWARE_BYTES;
    run->core->ram.size = run->system->package.base - run->core->ram.base;
    struct bytes flat = {kernel->data, kernel->file_bytes}, user = {root->data, root->bytes};
    struct bytes config = emit_config(run->arena, run->system, run->core);
    struct partition_layout layout = {.tree_bytes = tree.size,
                                      .kernel_digest = digest(flat.data, flat.size),
                                      .user_virtual_base = root->base,
                                      .user_entry = root->entry};
    u64 at = run->core->ram.base;
    layout.kernel = next_pages(&at, kernel->bytes);
    layout.config = next_pages(&at, config.size);
    layout.record = next_pages(&at, BOOT_RECORD_SIZE);
    layout.tree = next_pages(&at, tree.size);
    layout.user = next_pages(&at, user.size);
    struct package_writer *writer = package_begin(run->arena, stub, 1);
    struct package_partition *partition = package_partition_of(writer, 0);
    snprintf(partition->name, sizeof(partition->name), "root-task");
    partition->ram = (struct boot_range){run->core->ram.base, run->core->ram.size};
    partition->record_version = BOOT_RECORD_VERSION;
    partition->console = 1;
    package_add(writer, 0, PACKAGE_KERNEL, flat, layout.kernel.base, layout.kernel.size);
    package_add(writer, 0, PACKAGE_CONFIG, config, layout.config.base, layout.config.size);
    package_add(writer, 0, PACKAGE_RECORD, record_make(run, &layout), layout.record.base,
                layout.record.size);
    package_add(writer, 0, PACKAGE_TREE, tree, layout.tree.base, layout.tree.size);
    package_add(writer, 0, PACKAGE_USER, user, layout.user.base, layout.user.size);
    run->package = package_end(writer);
    run->tree = emit_domains(run->arena, run->system, &why);
    if (!run->tree.data) {
        diag_error(run->diags, SK023, run->core->at, "%s", why);
    }
    return run->tree.data != NULL;
}

/* ---- The run ----------------------------------------------------------------------------------- */

// Everything after the firmware's banner, as it comes.
static int watch(struct root_run *run, struct follow *follow) {
    bool banner_over = false;
    u64 started_ns = host_time_ns();
    for (;;) {
        const char *text;
        switch (follow_next(follow, banner_over, &text)) {
        case FOLLOW_TEXT:
            if (!run->options->quiet) {
                fwrite(text, 1, follow_text_length(follow), stdout);
                fflush(stdout);
            }
            break;
        case FOLLOW_LINE:
            banner_over |= !strncmp(text, BANNER_END, strlen(BANNER_END));
            if (!strncmp(text, "loader: ", 8)) {
                puts(text);
            }
            break;
        case FOLLOW_END:
            fflush(stdout);
            if (follow_status(follow)) {
                fprintf(stderr, "skerry run: error: the emulator ended with status %d\n%s",
                        follow_status(follow), follow_errors(follow));
                return EXIT_FAILED;
            }
            return EXIT_GOOD;
        default:
            break;
        }
        if (run_interrupted()) {
            fputs("skerry run: interrupted\n", stderr);
            return EXIT_FAILED;
        }
        if (run->options->timeout_ns && host_time_ns() - started_ns > run->options->timeout_ns) {
            fprintf(stderr, "\nskerry run: error: the run did not end within %s of host time\n",
                    report_time(run->arena, run->options->timeout_ns));
            return EXIT_FAILED;
        }
    }
}

static int boot(struct root_run *run) {
    struct arena *arena = run->arena;
    char *folder = run_folder(arena, run->options), *why = NULL;
    const char *package = arena_printf(arena, "%s/package.bin", folder ? folder : "");
    const char *tree = arena_printf(arena, "%s/machine.dtb", folder ? folder : "");
    if (!folder || !file_write(package, run->package.data, run->package.size) ||
        !file_write(tree, run->tree.data, run->tree.size)) {
        fprintf(stderr, "skerry run: error: the run's files cannot be written: %s\n",
                strerror(errno));
        return EXIT_FAILED;
    }
    struct arguments arguments = boot_arguments(arena, run->system, package, tree);
    arguments_add(arena, &arguments, "-no-reboot");
    for (const char *const *extra = run->options->extra; extra && *extra; extra++) {
        arguments_add(arena, &arguments, *extra);
    }
    struct follow *follow =
        follow_start(arena, &arguments, arena_printf(arena, "%s/console.log", folder), &why);
    int code = EXIT_FAILED;
    if (follow) {
        code = watch(run, follow);
        follow_stop(follow);
    } else {
        fprintf(stderr, "skerry run: error: the emulator cannot be started: %s\n", why);
    }
    run_folder_remove(arena, run->options, folder);
    return code;
}

int run_root_task(const struct root_task_options *task, const struct run_options *options) {
    struct arena *arena = arena_new();
    struct root_run run = {
        .arena = arena, .diags = diagnostics_new(arena), .task = task, .options = options};
    run.system = system_make(arena, task);
    run.core = &run.system->cores[0];
    run_watch_interrupt();
    int code = EXIT_FAILED;
    if (!qemu_firmware()) {
        fputs("skerry run: error: OpenSBI's fw_dynamic.bin is not installed; see `skerry doctor`\n",
              stderr);
    } else if (machine_find(&run) && package_make(&run)) {
        code = boot(&run);
    } else {
        diagnostics_print(run.diags, stderr);
    }
    arena_free(arena);
    return code;
}
