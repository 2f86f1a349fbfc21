// SPDX-License-Identifier: BSD-2-Clause
// `skerry run`: the arguments of both ways of running.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/run.h"
#include "tools/units.h"

#define ROOT_TASK_MEMORY     (3ull << 30)
#define ROOT_TASK_CNODE_BITS 13

struct run_arguments {
    struct run_options run;
    struct root_task_options task;
    struct load_options load;
    const char *system_path;
    bool full; // the demo's long form
};

// "90s", "2000ms", or plain seconds.
static bool timeout_read(const char *text, u64 *ns) {
    u64 seconds;
    if (units_integer(text, &seconds) == UNIT_OK && seconds < 1000000) {
        *ns = seconds * 1000000000;
        return true;
    }
    return units_time_ns(text, ns) == UNIT_OK;
}

static bool number_read(const char *text, u64 least, u64 most, u32 *number) {
    u64 value;
    if (units_integer(text, &value) != UNIT_OK || value < least || value > most) {
        return false;
    }
    *number = (u32)value;
    return true;
}

static bool option_take(struct run_arguments *arguments, int option, const char *value) {
    switch (option) {
    case OPTION_TIMEOUT:
        return timeout_read(value, &arguments->run.timeout_ns);
    case OPTION_LOG:
        arguments->run.log_folder = value;
        return true;
    case OPTION_PATHS:
        arguments->run.paths = true;
        return true;
    case OPTION_FULL:
        arguments->full = true;
        return true;
    case OPTION_ONLY:
        arguments->run.only = value;
        return true;
    case OPTION_ROOT_TASK:
        arguments->task.elf_path = value;
        return true;
    case OPTION_VARIANT:
        return load_take_word(&arguments->load, false, value) &&
               variant_by_name(value, &arguments->task.variant);
    case OPTION_MACHINE:
        return load_take_word(&arguments->load, true, value);
    case OPTION_MEMORY:
        return units_bytes(value, &arguments->task.memory_bytes) == UNIT_OK &&
               arguments->task.memory_bytes >= 32ull << 20 &&
               arguments->task.memory_bytes <= 64ull << 30 &&
               arguments->task.memory_bytes % (2ull << 20) == 0;
    case OPTION_CNODE_BITS:
        return number_read(value, 5, 24, &arguments->task.cnode_bits);
    case OPTION_DOMAINS:
        return number_read(value, 1, 16, &arguments->task.domains);
    case OPTION_CHECK_INTERVAL:
        return number_read(value, 0, 1000000000, &arguments->task.check_interval);
    case OPTION_DTB:
        arguments->task.tree_path = arguments->load.tree_path = value;
        return true;
    case OPTION_BUILD_FOLDER:
        arguments->task.build_folder = arguments->load.build_folder = value;
        return true;
    default:
        return false;
    }
}

// QEMU's -cpu changes what the device tree says, so the tree is asked for with it too.
static const char *cpu_of(char **extra) {
    for (; *extra; extra++) {
        if (!strcmp(*extra, "-cpu")) {
            return extra[1];
        }
    }
    return NULL;
}

static int run(struct run_arguments *arguments) {
    struct arena *arena = arena_new();
    if (!arguments->task.build_folder) {
        arguments->task.build_folder = arguments->load.build_folder = default_build_folder(arena);
    }
    if (arguments->task.elf_path) {
        int code = run_root_task(&arguments->task, &arguments->run);
        arena_free(arena);
        return code;
    }
    if (!arguments->system_path) {
        const char *root = getenv("SKERRY_ROOT");
        arguments->system_path =
            arena_printf(arena, "%s%sexamples/flight/flight%s.system", root ? root : "",
                         root ? "/" : "", arguments->full ? "-full" : "");
    }
    run_watch_interrupt();
    struct load *load = system_load(arguments->system_path, &arguments->load);
    int code = run_system(load, &arguments->run);
    load_free(load);
    arena_free(arena);
    return code;
}

int cmd_run(int argc, char **argv) {
    struct run_arguments arguments = {.task = {.variant = VARIANT_DEBUG,
                                               .memory_bytes = ROOT_TASK_MEMORY,
                                               .cnode_bits = ROOT_TASK_CNODE_BITS,
                                               .domains = 1}};
    int own = 0; // arguments before "--" are ours
    while (own < argc && strcmp(argv[own], "--")) {
        own++;
    }
    if (own < argc) {
        arguments.run.extra = (const char *const *)argv + own + 1;
        arguments.load.cpu = cpu_of(argv + own + 1);
    }
    const char *value;
    int option;
    while ((option = command_option(own, argv, &value)) != -1) {
        if (!option_take(&arguments, option, value)) {
            return usage_error("run", "not understood: %s", argv[optind - 1]);
        }
    }
    if (optind < own) {
        arguments.system_path = argv[optind++];
    }
    if (optind < own || (arguments.system_path && arguments.task.elf_path)) {
        return usage_error("run", "one system file at a time");
    }
    if (arguments.full && (arguments.system_path || arguments.task.elf_path)) {
        return usage_error("run", "--full is a form of the demo: it goes without a system file");
    }
    return run(&arguments);
}
