// SPDX-License-Identifier: BSD-2-Clause
// The verbs and their options, once: arguments are read by this table (tools/commands.c), and the help, the manual page
// (docs/skerry.1) and the shell completion (tools/completion/skerry.bash) are printed from it.
#pragma once

#include <stdio.h>

#define EXIT_GOOD   0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

enum option_id {
    OPTION_AGAINST = 1,
    OPTION_BUILD_FOLDER,
    OPTION_CHECK_INTERVAL,
    OPTION_CNODE_BITS,
    OPTION_COVERAGE,
    OPTION_CSV,
    OPTION_DEVICES,
    OPTION_DOMAINS,
    OPTION_DTB,
    OPTION_ENGINE,
    OPTION_FROM,
    OPTION_FULL,
    OPTION_HTML,
    OPTION_INIT,
    OPTION_JOBS,
    OPTION_JSON,
    OPTION_LOG,
    OPTION_MACHINE,
    OPTION_MEMORY,
    OPTION_ONLY,
    OPTION_OUTPUT,
    OPTION_PARTS,
    OPTION_PATHS,
    OPTION_PRINT,
    OPTION_PROFILE,
    OPTION_QUICK,
    OPTION_ROOT_TASK,
    OPTION_ROWS,
    OPTION_SEED,
    OPTION_SVG,
    OPTION_SYSTEM,
    OPTION_TIME,
    OPTION_TIMEOUT,
    OPTION_VARIANT,
    OPTION_WRONG // not an option of this verb, or without its value
};

struct command_option {
    enum option_id id;
    const char *name;  // without its dashes
    const char *value; // what follows it, such as FILE; NULL: nothing
    const char *about;
};

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;                    // what follows the name
    const char *about;                    // one line
    const char *more;                     // a paragraph for the manual page
    const struct command_option *options; // ends with an entry without a name
};

// Ends with an entry without a name.
extern const struct command COMMANDS[];

// NULL if there is no such verb.
const struct command *command_by_name(const char *verb);

// The next option of the verb argv[0], as getopt_long goes through them: its id and value, OPTION_WRONG (then
// argv[optind - 1] is what was not understood), or -1 at the end, with operands from argv[optind] on.
int command_option(int argc, char **argv, const char **value);

// What is printed from the table.
void commands_print_help(FILE *out);
void command_print_usage(const struct command *command, FILE *out); // one line
void command_print_help(const struct command *command, FILE *out);
void commands_print_manual(FILE *out);
void commands_print_completion(FILE *out);

int cmd_bench(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_gdb(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_test(int argc, char **argv);

// Prints "skerry VERB: why" and how the verb is used, to stderr. Returns EXIT_USAGE.
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
