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
        if (!load_take_option(&options, "check", option, value, argv[optind - 1])) {
            return EXIT_USAGE;
        }
    }
    if (!load_one_file("check", argc)) {
        return EXIT_USAGE;
    }
    struct load *load = system_load(argv[optind], &options);
    // What fits and what does not shows when it is put together; nothing is written.
    bool good = emit_package(load) != NULL;
    if (good) {
        summary_print(load);
    }
    load_free(load);
    return good ? EXIT_GOOD : EXIT_FAILED;
}
