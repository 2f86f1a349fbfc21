// SPDX-License-Identifier: BSD-2-Clause
// skerry: one program, one verb per use. The shell script `skerry` at the root of the tree builds what a
// verb needs and then starts this.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/types.h"
#include "lib/version.h"
#include "tools/commands.h"
#include "tools/suggest.h"

const struct command COMMANDS[] = {
    {"run", cmd_run,
     "[SYSTEM | --full] [--timeout T] [--log DIR] [--only CORE] [--paths] [-- QEMU options]",
     "build and boot a system (default: examples/flight), show its consoles and a table"},
    {"run --root-task", cmd_run,
     "ELF [--variant V] [--memory SIZE] [--cnode-bits N] [--domains N] [--check-interval N] "
     "[--dtb FILE] [--timeout T] [-- QEMU options]",
     "boot one kernel with a root task of one's own on plain virt"},
    {"build", cmd_build, "SYSTEM -o DIR [--machine M] [--variant V]",
     "write the boot package, device tree and JSON, and say how to boot them"},
    {"check", cmd_check, "SYSTEM [--dtb FILE] [--machine M] [--variant V]",
     "find everything that is wrong with a system file"},
    {"show", cmd_show,
     "SYSTEM [--svg FILE | --json | --init CORE] [--dtb FILE] | --devices [MACHINE]",
     "draw a system: harts, memory, channels, who can touch what"},
    {"bench", cmd_bench,
     "[NAME…] [--parts P,…] [--system SYSTEM] [--json F] [--csv F] [--html F] [--against F] [--variant V] [--from F] | --profile NAME | --rows",
     "measure how many instructions every operation takes, and compare"},
    {"test", cmd_test, "[--quick | coverage | SUITE…]", "run the tests; the last line counts them"},
    {"doctor", cmd_doctor, "", "look for what the tool needs on this machine"},
    {"explain", cmd_explain, "CODE | --all | --elements | --words",
     "say more about an error's code"},
    {NULL, NULL, NULL, NULL},
};

static void help_print(FILE *out) {
    fputs("usage: ./skerry VERB …\n\n", out);
    for (const struct command *command = COMMANDS; command->name; command++) {
        fprintf(out, "  %s %s\n      %s\n", command->name, command->usage, command->about);
    }
    fputs("\n  --help, --version\n\n"
          "Exit codes: 0 good, 1 the system or test failed, 2 the command was wrong.\n"
          "docs/system-file.md describes system files, docs/errors.md all errors.\n",
          out);
}

// The ways of writing this verb.
static void usage_print(const char *verb, FILE *out) {
    for (const struct command *command = COMMANDS; command->name; command++) {
        size_t length = strlen(verb);
        if (!strncmp(command->name, verb, length) && strchr(" ", command->name[length])) {
            fprintf(out, "usage: ./skerry %s %s\n", command->name, command->usage);
        }
    }
}

int usage_error(const char *verb, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "skerry %s: error: ", verb);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    usage_print(verb, stderr);
    return EXIT_USAGE;
}

static int verb_unknown(const char *verb) {
    struct suggestion suggestion = suggest_begin(verb);
    for (const struct command *command = COMMANDS; command->name; command++) {
        suggest_offer(&suggestion, command->name);
    }
    fprintf(stderr, "skerry: error: there is no verb \"%s\"", verb);
    fprintf(stderr, suggestion.nearest ? "; did you mean \"%s\"?\n" : "\n", suggestion.nearest);
    fputs("`./skerry --help` lists the verbs\n", stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "--help";
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h") || !strcmp(verb, "help")) {
        help_print(stdout);
        return EXIT_GOOD;
    }
    if (!strcmp(verb, "--version")) {
        printf("skerry %s (%s)\n", skerry_version, skerry_commit);
        return EXIT_GOOD;
    }
    for (const struct command *command = COMMANDS; command->name; command++) {
        if (!strcmp(command->name, verb)) {
            if (argc == 3 && !strcmp(argv[2], "--help")) {
                usage_print(verb, stdout);
                return EXIT_GOOD;
            }
            return command->run(argc - 1, argv + 1);
        }
    }
    return verb_unknown(verb);
}
