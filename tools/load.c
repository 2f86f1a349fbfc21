// SPDX-License-Identifier: BSD-2-Clause
// The steps from file to placed system. A step whose input was wrong still runs where it can: all errors
// of a file come out of one run.
#include "tools/load.h"

#include <getopt.h>
#include <stdlib.h>

#include "tools/check.h"
#include "tools/commands.h"
#include "tools/image.h"
#include "tools/machine.h"
#include "tools/microkit.h"
#include "tools/place.h"
#include "tools/pmp.h"
#include "tools/prefill.h"
#include "tools/qemu.h"

#define CORE_ALLOWANCE (512ull << 10) // kernel, init task, tables

char *default_build_folder(struct arena *arena) {
    const char *root = getenv("SKERRY_ROOT");
    return arena_printf(arena, "%s%sbuild/cross", root ? root : "", root ? "/" : "");
}

static bool machine_load(struct load *load, const struct load_options *options) {
    struct system *system = load->system;
    char *why = NULL;
    unsigned harts = system->harts ? system->harts : system->core_count;
    struct bytes tree = options->tree_path
                            ? file_read(load->arena, options->tree_path)
                            : qemu_machine_tree(load->arena, system->kind, harts ? harts : 1,
                                                system->memory_bytes, options->cpu, &why);
    if (!tree.data) {
        struct diag *diag =
            diag_error(load->diags, SK023, node_value(system->node, ATTRIBUTE_MACHINE)->at,
                       "the machine's device tree cannot be had: %s",
                       options->tree_path ? options->tree_path : why);
        diag_help(diag, "`skerry doctor` looks after QEMU; --dtb FILE names a tree");
        return false;
    }
    return machine_read(load->arena, load->diags, system, tree.data, tree.size);
}

// An upper bound of what the package will contain. Zero pages of domains are not carried in it; kernels and
// tables are small against the allowance for each core.
static u64 package_estimate(const struct system *system) {
    u64 bytes = 0;
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        bytes += (core->root_task ? core->root_task->bytes : 0) + CORE_ALLOWANCE;
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct image *image = system->domains[i].image;
        bytes += image ? align_up(image->file_bytes, 12) : 0;
    }
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct bytes *prefill = system->regions[i].prefill;
        bytes += prefill ? align_up(prefill->size, 12) : 0;
    }
    return bytes;
}

// Machine and variant of a Microkit file; a file of ours says them itself.
static void options_apply(struct load *load, const struct load_options *options) {
    struct system *system = load->system;
    bool microkit = system->document->dialect == DIALECT_MICROKIT;
    const char *option = options->machine ? "--machine" : options->variant ? "--variant" : NULL;
    if (option && !microkit) {
        struct diag *diag = diag_error(load->diags, SK018, system->node->at,
                                       "%s is for Microkit files; this one is version 1", option);
        diag_help(diag, "say machine= in <system>, variant= in each <core>");
        return;
    }
    if (options->machine) {
        machine_kind_by_name(options->machine, &system->kind);
    }
    for (unsigned i = 0; options->variant && i < system->core_count; i++) {
        variant_by_name(options->variant, &system->cores[i].variant);
    }
}

bool load_take_word(struct load_options *options, bool machine, const char *word) {
    enum machine_kind kind;
    enum variant variant;
    *(machine ? &options->machine : &options->variant) = word;
    return machine ? machine_kind_by_name(word, &kind) : variant_by_name(word, &variant);
}

bool load_take_option(struct load_options *options, const char *verb, int option, const char *value,
                      const char *argument) {
    switch (option) {
    case OPTION_DTB:
        options->tree_path = value;
        return true;
    case OPTION_BUILD_FOLDER:
        options->build_folder = value;
        return true;
    case OPTION_MACHINE:
    case OPTION_VARIANT:
        if (load_take_word(options, option == OPTION_MACHINE, value)) {
            return true;
        }
        usage_error(verb, "not a %s: %s", option == OPTION_MACHINE ? "machine" : "variant", value);
        return false;
    default:
        usage_error(verb, "unknown option or missing value: %s", argument);
        return false;
    }
}

bool load_one_file(const char *verb, int argc) {
    if (optind + 1 != argc) {
        usage_error(verb, optind == argc ? "which system file?" : "one system file at a time");
    }
    return optind + 1 == argc;
}

struct load *system_load(const char *path, const struct load_options *options) {
    struct arena *arena = arena_new();
    struct load *load = ARENA_NEW(arena, struct load);
    *load = (struct load){.arena = arena, .diags = diagnostics_new(arena)};
    load->build_folder =
        options->build_folder ? options->build_folder : default_build_folder(arena);
    struct document *document = document_read(arena, load->diags, path);
    if (!document || !document->count) {
        return load;
    }
    bool microkit = document->dialect == DIALECT_MICROKIT;
    if (microkit) {
        microkit_console_add(arena, load->diags, document);
    }
    struct system *system = load->system = model_build(arena, load->diags, document);
    prefill_load(arena, load->diags, system, load->build_folder);
    if (microkit) {
        microkit_pages_choose(system);
    }
    options_apply(load, options);
    check_file(arena, load->diags, system);
    images_load(arena, load->diags, system, load->build_folder);
    if (microkit) {
        microkit_memory_choose(system);
    }
    // A machine that was named wrongly is taken for the default one: devices and harts can still be checked.
    bool machine_ok = node_value(system->node, ATTRIBUTE_MEMORY)->valid &&
                      node_value(system->node, ATTRIBUTE_MACHINE)->valid;
    if (system->core_count && machine_load(load, options)) {
        if (microkit) {
            microkit_devices_find(arena, load->diags, system);
        }
        check_machine(arena, load->diags, system);
        check_topology(arena, load->diags, system);
        if (machine_ok) {
            place_all(arena, load->diags, system, package_estimate(system));
            pmp_fit(arena, load->diags, system);
        }
    }
    check_images(arena, load->diags, system);
    return load;
}

void load_free(struct load *load) {
    arena_free(load->arena);
}

int load_report(struct load *load) {
    diagnostics_print(load->diags, stderr);
    return diagnostics_errors(load->diags) ? 1 : 0;
}
