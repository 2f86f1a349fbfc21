// SPDX-License-Identifier: BSD-2-Clause
// `skerry show`: the system drawn, or as other tools see it; what the init tasks will do, what the machine has.
#define _GNU_SOURCE // nl_langinfo, ioctl
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <libfdt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/emit_config.h"
#include "tools/emit_package.h"
#include "tools/files.h"
#include "tools/lower.h"
#include "tools/qemu.h"
#include "tools/show.h"
#include "tools/suggest.h"
#include "tools/units.h"

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
    const struct package_output *output = emit_package(load);
    if (!output) {
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

// What the terminal is like; COLUMNS counts where there is none.
static unsigned terminal_columns(void) {
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    u64 number;
    if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col) {
        return size.ws_col;
    }
    return columns && units_integer(columns, &number) == UNIT_OK && number < 1000 ? (unsigned)number
                                                                                  : 80;
}

static void draw(struct load *load) {
    setlocale(LC_CTYPE, "");
    struct canvas_style style = {.unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
                                 .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    show_text(load->arena, load->system, terminal_columns(), style, stdout);
}

static int draw_svg(struct load *load, const char *path) {
    char *text = show_svg(load->arena, load->system);
    if (!strcmp(path, "-")) {
        fputs(text, stdout);
    } else if (!file_write(path, text, strlen(text))) {
        fprintf(stderr, "skerry show: error: %s cannot be written: %s\n", path, strerror(errno));
        return EXIT_FAILED;
    }
    return EXIT_GOOD;
}

int cmd_show(int argc, char **argv) {
    struct load_options options = {0};
    const char *core = NULL, *svg = NULL, *value;
    bool devices = false, json = false;
    int option;
    while ((option = command_option(argc, argv, &value)) != -1) {
        switch (option) {
        case OPTION_JSON:
            json = true;
            break;
        case OPTION_SVG:
            svg = value;
            break;
        case OPTION_INIT:
            core = value;
            break;
        case OPTION_DEVICES:
            devices = true;
            break;
        default:
            if (!load_take_option(&options, "show", option, value, argv[optind - 1])) {
                return EXIT_USAGE;
            }
        }
    }
    if (devices) {
        return show_devices(optind < argc ? argv[optind] : "virt-aia");
    }
    if (!load_one_file("show", argc)) {
        return EXIT_USAGE;
    }
    struct load *load = system_load(argv[optind], &options);
    int code;
    if (core) {
        code = show_init(load, core);
    } else {
        code = load_report(load);
        if (code == EXIT_GOOD && svg) {
            code = draw_svg(load, svg);
        }
        if (code == EXIT_GOOD && json) {
            fputs(lower_json(load->arena, load->system), stdout);
        } else if (code == EXIT_GOOD && !svg) {
            draw(load);
        }
    }
    load_free(load);
    return code;
}
