// SPDX-License-Identifier: BSD-2-Clause
// `skerry check`: everything that is wrong with a system file, at once; if nothing is, what it amounts to.
#include <getopt.h>
#include <stdio.h>

#include "tools/commands.h"
#include "tools/emit_package.h"
#include "tools/load.h"
#include "tools/units.h"

// One line per core: hart, memory, walls used. A person sees at once how near the limit is.
static void summary_print(const struct load *load) {
    const struct system *system = load->system;
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        printf("core %s: hart %llu, %s kernel, %s at 0x%llx, %u domain%s, %u of %u PMP entries\n",
               core->name, (unsigned long long)core->hart, variant_name(core->variant),
               units_show_bytes(load->arena, core->ram.size), (unsigned long long)core->ram.base,
               core->domain_count, core->domain_count == 1 ? "" : "s", core->pmp_count,
               core->pmp_limit);
    }
    if (!system->walls) {
        printf("walls: OFF, every partition can reach all memory\n");
    }
    printf("%s: good\n", system->path);
}

int cmd_check(int argc, char **argv) {
    struct load_options options = {0};
    const char *value;
    int option;
    while ((option = command_option(argc, argv, &value)) != -1) {
        switch (option) {
        case OPTION_DTB:
            options.tree_path = value;
            break;
        case OPTION_BUILD_FOLDER:
            options.build_folder = value;
            break;
        case OPTION_MACHINE:
        case OPTION_VARIANT:
            if (load_take_word(&options, option == OPTION_MACHINE, value)) {
                break;
            }
            return usage_error("check", "not a %s: %s",
                               option == OPTION_MACHINE ? "machine" : "variant", value);
        default:
            return usage_error("check", "unknown option or missing value: %s", argv[optind - 1]);
        }
    }
    if (optind + 1 != argc) {
        return usage_error("check",
                           optind == argc ? "which system file?" : "one system file at a time");
    }
    struct load *load = system_load(argv[optind], &options);
    if (!diagnostics_errors(load->diags)) {
        // What fits and what does not shows when it is put together; nothing is written.
        emit_package(load, ARENA_NEW(load->arena, struct package_output));
    }
    int code = load_report(load);
    if (code == EXIT_GOOD) {
        summary_print(load);
    }
    load_free(load);
    return code;
}
