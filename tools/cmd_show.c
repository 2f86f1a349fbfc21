// SPDX-License-Identifier: BSD-2-Clause
// `skerry show`: the system as other tools see it, what the init tasks will do, what the machine has.
#include <getopt.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/emit_config.h"
#include "tools/emit_package.h"
#include "tools/lower.h"
#include "tools/qemu.h"
#include "tools/suggest.h"

static void devices_print(const void *tree) {
    int depth = 0;
    for (int node = fdt_next_node(tree, -1, &depth); node >= 0;
         node = fdt_next_node(tree, node, &depth)) {
        char path[128];
        if (fdt_getprop(tree, node, "reg", NULL) && !fdt_getprop(tree, node, "device_type", NULL) &&
            !fdt_get_path(tree, node, path, sizeof(path))) {
            const char *compatible = fdt_getprop(tree, node, "compatible", NULL);
            printf("%-40s %s\n", path, compatible ? compatible : "");
        }
    }
}

static int show_devices(const char *machine) {
    struct arena *arena = arena_new();
    char *why = NULL;
    for (enum machine_kind kind = 0; kind < MACHINES_KNOWN; kind++) {
        if (strcmp(machine, machine_kind_name(kind))) {
            continue;
        }
        struct bytes tree = qemu_machine_tree(arena, kind, 1, 256ull << 20, NULL, &why);
        if (!tree.data || fdt_check_full(tree.data, tree.size)) {
            fprintf(stderr, "skerry show: error: no device tree: %s\n", why);
            arena_free(arena);
            return EXIT_FAILED;
        }
        devices_print(tree.data);
        arena_free(arena);
        return EXIT_GOOD;
    }
    arena_free(arena);
    return usage_error("show", "there is no machine \"%s\"", machine);
}

static int show_init(struct load *load, const char *name) {
    struct package_output *output = ARENA_NEW(load->arena, struct package_output);
    bool built = !diagnostics_errors(load->diags) && emit_package(load, output);
    if (load_report(load) || !built) {
        return EXIT_FAILED;
    }
    for (unsigned i = 0; i < load->system->core_count; i++) {
        const struct partition_output *partition = &output->partition[i];
        if (!strcmp(load->system->cores[i].name, name)) {
            printf("configuration\n%s\nboot record\n%s\ninit table\n%s",
                   config_show(load->arena, partition->config),
                   record_show(load->arena, partition->record),
                   partition->init_listing ? partition->init_listing
                                           : "none: a root task of its own\n");
            return EXIT_GOOD;
        }
    }
    fprintf(stderr, "skerry show: error: there is no core \"%s\"\n", name);
    return EXIT_USAGE;
}

int cmd_show(int argc, char **argv) {
    static const struct option OPTIONS[] = {{"json", no_argument, NULL, 'j'},
                                            {"init", required_argument, NULL, 'i'},
                                            {"devices", no_argument, NULL, 'v'},
                                            {"dtb", required_argument, NULL, 'd'},
                                            {"build-folder", required_argument, NULL, 'b'},
                                            {"machine", required_argument, NULL, 'm'},
                                            {"variant", required_argument, NULL, 'w'},
                                            {NULL, 0, NULL, 0}};
    struct load_options options = {0};
    const char *core = NULL;
    bool devices = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'j':
            break; // the one form there is so far
        case 'i':
            core = optarg;
            break;
        case 'v':
            devices = true;
            break;
        case 'd':
            options.tree_path = optarg;
            break;
        case 'b':
            options.build_folder = optarg;
            break;
        case 'm':
        case 'w':
            if (load_take_word(&options, option == 'm', optarg)) {
                break;
            }
            return usage_error("show", "not a %s: %s", option == 'm' ? "machine" : "variant",
                               optarg);
        default:
            return usage_error("show", "unknown option or missing value: %s", argv[optind - 1]);
        }
    }
    if (devices) {
        return show_devices(optind < argc ? argv[optind] : "virt-aia");
    }
    if (optind + 1 != argc) {
        return usage_error("show",
                           optind == argc ? "which system file?" : "one system file at a time");
    }
    struct load *load = system_load(argv[optind], &options);
    int code;
    if (core) {
        code = show_init(load, core);
    } else {
        code = load_report(load);
        if (code == EXIT_GOOD) {
            fputs(lower_json(load->arena, load->system), stdout);
        }
    }
    load_free(load);
    return code;
}
