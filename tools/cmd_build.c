// SPDX-License-Identifier: BSD-2-Clause
// `skerry build`: everything a system needs to boot, in one folder, and the command that boots it.
//
//     package.bin    what lies in memory at the package's address
//     machine.dtb    device tree with OpenSBI's domains
//     system.json    the whole system (tools/lower.h)
//     CORE.config, CORE.record    what the kernel reads first, and as text CORE.config.txt, CORE.record.txt
//     CORE.init.txt  the init task's table as text
//     CORE.kernel.elf, CORE.PD.elf    programs with symbols, for debuggers
//     boot.sh        the QEMU command
#define _DEFAULT_SOURCE // realpath
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_command.h"
#include "tools/commands.h"
#include "tools/emit_config.h"
#include "tools/emit_package.h"
#include "tools/image.h"
#include "tools/lower.h"
#include "tools/units.h"

struct writer {
    struct arena *arena;
    const char *folder;
    bool failed;
};

static void put(struct writer *writer, const char *name, const void *data, size_t size) {
    char *path = arena_printf(writer->arena, "%s/%s", writer->folder, name);
    if (!writer->failed && !file_write(path, data, size)) {
        fprintf(stderr, "skerry build: error: %s cannot be written: %s\n", path, strerror(errno));
        writer->failed = true;
    }
}

static void put_text(struct writer *writer, const char *name, const char *text) {
    put(writer, name, text, strlen(text));
}

static void put_copy(struct writer *writer, const char *name, const char *from) {
    struct bytes bytes = file_read(writer->arena, from);
    if (bytes.data) {
        put(writer, name, bytes.data, bytes.size);
    }
}

static void put_core(struct writer *writer, const struct core *core,
                     const struct partition_output *output) {
    struct arena *arena = writer->arena;
    put(writer, arena_printf(arena, "%s.config", core->name), output->config.data,
        output->config.size);
    put_text(writer, arena_printf(arena, "%s.config.txt", core->name),
             config_show(arena, output->config));
    put(writer, arena_printf(arena, "%s.record", core->name), output->record.data,
        output->record.size);
    put_text(writer, arena_printf(arena, "%s.record.txt", core->name),
             record_show(arena, output->record));
    if (output->init_listing) {
        put_text(writer, arena_printf(arena, "%s.init.txt", core->name), output->init_listing);
    }
    put_copy(writer, arena_printf(arena, "%s.kernel.elf", core->name), output->kernel_path);
}

static char *boot_line(struct arena *arena, const struct system *system, const char *folder) {
    // Absolute, so that the command works from anywhere.
    char *absolute = realpath(folder, NULL);
    const char *where = absolute ? absolute : folder;
    struct arguments arguments =
        boot_arguments(arena, system, arena_printf(arena, "%s/package.bin", where),
                       arena_printf(arena, "%s/machine.dtb", where));
    free(absolute);
    if (!arguments.count) {
        return NULL;
    }
    arguments_add(arena, &arguments, "-serial");
    arguments_add(arena, &arguments, "stdio");
    return arguments_show(arena, &arguments);
}

static void put_all(struct writer *writer, const struct load *load,
                    const struct package_output *output) {
    const struct system *system = load->system;
    put(writer, "package.bin", output->package.data, output->package.size);
    put(writer, "machine.dtb", output->tree.data, output->tree.size);
    put_text(writer, "system.json", lower_json(load->arena, system));
    for (unsigned i = 0; i < system->core_count; i++) {
        put_core(writer, &system->cores[i], &output->partition[i]);
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        put_copy(writer, arena_printf(load->arena, "%s.%s.elf", domain->core->name, domain->name),
                 domain->image->path);
    }
}

static void summary_print(const struct load *load, const struct package_output *output) {
    const struct system *system = load->system;
    printf("package: %s at 0x%" PRIx64 ", in a region of %s\n",
           units_show_bytes(load->arena, output->package.size), system->package.base,
           units_show_bytes(load->arena, system->package.size));
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        printf("core %s: hart %" PRIu64 ", %s kernel %016" PRIx64 ", %s at 0x%" PRIx64
               ", %u of %u PMP entries\n",
               core->name, core->hart, variant_name(core->variant),
               output->partition[i].kernel_digest, units_show_bytes(load->arena, core->ram.size),
               core->ram.base, core->pmp_count, core->pmp_limit);
    }
}

static int build(struct load *load, const char *folder) {
    const struct package_output *output = emit_package(load);
    if (!output) {
        return EXIT_FAILED;
    }
    struct writer writer = {load->arena, folder, false};
    if (!directory_make(folder)) {
        fprintf(stderr, "skerry build: error: %s cannot be made: %s\n", folder, strerror(errno));
        return EXIT_FAILED;
    }
    put_all(&writer, load, output);
    char *line = boot_line(load->arena, load->system, folder);
    if (line) {
        put_text(&writer, "boot.sh",
                 arena_printf(load->arena, "#!/bin/sh\nexec %s \"$@\"\n", line));
    }
    if (writer.failed) {
        return EXIT_FAILED;
    }
    summary_print(load, output);
    printf(line ? "to boot it:\n%s\n"
                : "OpenSBI's fw_dynamic.bin is not installed; see `skerry doctor`\n",
           line);
    return EXIT_GOOD;
}

int cmd_build(int argc, char **argv) {
    struct load_options options = {0};
    const char *folder = NULL, *value;
    int option;
    while ((option = command_option(argc, argv, &value)) != -1) {
        switch (option) {
        case OPTION_OUTPUT:
            folder = value;
            break;
        default:
            if (!load_take_option(&options, "build", option, value, argv[optind - 1])) {
                return EXIT_USAGE;
            }
        }
    }
    if (!load_one_file("build", argc)) {
        return EXIT_USAGE;
    }
    if (!folder) {
        return usage_error("build", "where to? -o DIR");
    }
    struct load *load = system_load(argv[optind], &options);
    int code = build(load, folder);
    load_free(load);
    return code;
}
