// SPDX-License-Identifier: BSD-2-Clause
// The verbs. Each takes its own arguments, argv[0] being the verb, and returns the exit code of skerry:
// 0 good, 1 the system or test failed, 2 the command was wrong.
#pragma once

#define EXIT_GOOD   0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage; // what follows the name
    const char *about; // one line
};

// Ends with an entry without a name.
extern const struct command COMMANDS[];

int cmd_bench(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_test(int argc, char **argv);

// Prints "skerry VERB: why" and how the verb is used, to stderr. Returns EXIT_USAGE.
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
