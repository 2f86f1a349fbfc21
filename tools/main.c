// SPDX-License-Identifier: BSD-2-Clause
// skerry: one program, one verb per use. The shell script `skerry` at the root of the tree builds what a
// verb needs and then starts this.
#include <stdio.h>
#include <string.h>

#include "lib/types.h"
#include "lib/version.h"
#include "tools/commands.h"
#include "tools/suggest.h"

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
        commands_print_help(stdout);
        return EXIT_GOOD;
    }
    if (!strcmp(verb, "--version")) {
        printf("skerry %s (%s)\n", skerry_version, skerry_commit);
        return EXIT_GOOD;
    }
    const struct command *command = command_by_name(verb);
    if (command && argc == 3 && !strcmp(argv[2], "--help")) {
        command_print_help(command, stdout);
        return EXIT_GOOD;
    }
    if (command) {
        return command->run(argc - 1, argv + 1);
    }
    return verb_unknown(verb);
}
