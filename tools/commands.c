// SPDX-License-Identifier: BSD-2-Clause
// The table of verbs (tools/commands.h), and reading options by it.
#include "tools/commands.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "lib/types.h"

#define MAX_OPTIONS 16

#define DTB_OPTION                                                                                 \
    { OPTION_DTB, "dtb", "FILE", "the machine's device tree, instead of what QEMU says" }
#define BUILD_FOLDER_OPTION                                                                        \
    { OPTION_BUILD_FOLDER, "build-folder", "DIR", "kernels and programs, instead of build/cross" }
#define MACHINE_OPTION                                                                             \
    {                                                                                              \
        OPTION_MACHINE, "machine", "MACHINE",                                                      \
            "of a Microkit file: virt-aia, virt-aclint or virt-plain"                              \
    }
#define VARIANT_OPTION                                                                             \
    { OPTION_VARIANT, "variant", "VARIANT", "kernels of a Microkit file: debug, release or bench" }
#define END_OF_OPTIONS                                                                             \
    { 0, NULL, NULL, NULL }

static const struct command_option RUN[] = {
    {OPTION_TIMEOUT, "timeout", "TIME", "end the run after this host time: 90s, 500ms, or seconds"},
    {OPTION_ONLY, "only", "CORE", "show the lines of this core only"},
    {OPTION_LOG, "log", "DIR", "keep each core's lines, the console and the package there"},
    {OPTION_PATHS, "paths", NULL, "a second, traced run counts the longest paths"},
    {OPTION_FULL, "full", NULL, "the demo's long form"},
    {OPTION_ROOT_TASK, "root-task", "ELF", "boot this root task alone on plain virt"},
    {OPTION_VARIANT, "variant", "VARIANT",
     "kernel of a root task or Microkit file: debug, release or bench"},
    MACHINE_OPTION,
    {OPTION_MEMORY, "memory", "SIZE", "memory for --root-task: 3GiB unless given"},
    {OPTION_CNODE_BITS, "cnode-bits", "N", "root CNode for --root-task: 2^N slots"},
    {OPTION_DOMAINS, "domains", "N", "scheduling domains for --root-task"},
    {OPTION_CHECK_INTERVAL, "check-interval", "N",
     "a debug kernel of --root-task checks itself every N-th entry"},
    DTB_OPTION,
    BUILD_FOLDER_OPTION,
    END_OF_OPTIONS};

static const struct command_option BUILD[] = {
    {OPTION_OUTPUT, "output", "DIR", "where to; -o DIR is the same"},
    DTB_OPTION,
    MACHINE_OPTION,
    VARIANT_OPTION,
    BUILD_FOLDER_OPTION,
    END_OF_OPTIONS};

static const struct command_option CHECK[] = {DTB_OPTION, MACHINE_OPTION, VARIANT_OPTION,
                                              BUILD_FOLDER_OPTION, END_OF_OPTIONS};

static const struct command_option GDB[] = {
    {OPTION_PRINT, "print", NULL, "print the two commands instead of running them"},
    DTB_OPTION,
    BUILD_FOLDER_OPTION,
    END_OF_OPTIONS};

static const struct command_option SHOW[] = {
    {OPTION_SVG, "svg", "FILE", "write the drawing as SVG; - is standard output"},
    {OPTION_JSON, "json", NULL, "print the form that other tools read"},
    {OPTION_INIT, "init", "CORE", "print what the kernel and init task of a core are told"},
    {OPTION_DEVICES, "devices", NULL, "list the devices of a machine"},
    DTB_OPTION,
    MACHINE_OPTION,
    VARIANT_OPTION,
    BUILD_FOLDER_OPTION,
    END_OF_OPTIONS};

static const struct command_option BENCH[] = {
    {OPTION_JSON, "json", "FILE", "keep all samples, with the environment"},
    {OPTION_CSV, "csv", "FILE", "keep a line per row"},
    {OPTION_HTML, "html", "FILE", "write a page with histograms"},
    {OPTION_AGAINST, "against", "FILE", "compare with rows kept earlier"},
    {OPTION_FROM, "from", "FILE", "take rows kept earlier instead of measuring"},
    {OPTION_VARIANT, "variant", "VARIANT", "kernel: debug, release or bench"},
    {OPTION_PROFILE, "profile", "NAME", "where the instructions of one row go, by function"},
    {OPTION_PARTS, "parts", "P,P", "these parts only: lab, split, cross, matrix, cores, images"},
    {OPTION_SYSTEM, "system", "SYSTEM", "count the paths of this system from outside"},
    {OPTION_ROWS, "rows", NULL, "list every row, and what it measures"},
    BUILD_FOLDER_OPTION,
    END_OF_OPTIONS};

static const struct command_option TEST[] = {
    {OPTION_QUICK, "quick", NULL, "those that together take less than a minute on a built tree"},
    {OPTION_COVERAGE, "coverage", NULL,
     "the same as coverage: host tests with counters, then lines and branches covered"},
    {OPTION_TIME, "time", "TIME",
     "with fuzz: run each fuzzer, or those named, for so long (90s, 10m, 1h)"},
    {OPTION_ENGINE, "engine", "ENGINE", "libfuzzer, or afl if AFL++ is installed"},
    {OPTION_JOBS, "jobs", "N", "fuzzers at the same time: 1 unless given"},
    {OPTION_SEED, "seed", "N", "of the fuzzers' chance: 1 unless given"},
    END_OF_OPTIONS};

static const struct command_option NONE[] = {END_OF_OPTIONS};

const struct command COMMANDS[] = {
    {"run", cmd_run, "[SYSTEM | --full | --root-task ELF] [OPTIONS] [-- QEMU options]",
     "build and boot a system (default: examples/flight), show its consoles and a table",
     "The run ends when the system says so, at --timeout, with core 0's death, or at Ctrl-C; the table so far is "
     "printed in any case. On a terminal a status line says how it goes. With --root-task, one kernel boots with a "
     "root task of one's own, which gets everything the machine has.",
     RUN},
    {"build", cmd_build, "SYSTEM -o DIR [--machine M] [--variant V]",
     "write the boot package, device tree and JSON, and say how to boot them",
     "DIR also gets every ELF file with its symbols, what each kernel is told as text, and boot.sh, a plain QEMU "
     "command.",
     BUILD},
    {"check", cmd_check, "SYSTEM [--dtb FILE] [--machine M] [--variant V]",
     "find everything that is wrong with a system file",
     "Every error has its place, what would be right, and a code for explain. Nothing is written.",
     CHECK},
    {"show", cmd_show,
     "SYSTEM [--svg FILE | --json | --init CORE] [--dtb FILE] | --devices [MACHINE]",
     "draw a system: harts, memory, channels, who can touch what",
     "The drawing is as wide as the terminal. MACHINE is virt-aia, virt-aclint or virt-plain.",
     SHOW},
    {"gdb", cmd_gdb, "SYSTEM CORE [-- QEMU options]",
     "debug the kernel of one core, stopped before its first instruction",
     "The emulator starts halted, and gdb-multiarch is connected to it with the symbols of the core's kernel and "
     "programs. Each hart is a thread; the core's is chosen. Kernels lie at the same addresses, so a breakpoint "
     "should name the thread: break FUNCTION thread N.",
     GDB},
    {"bench", cmd_bench, "[NAME…] [OPTIONS] | --profile NAME | --rows",
     "measure how many instructions every operation takes, and compare",
     "NAME is how a row begins. Figures are simulated instructions of a hart's own path.", BENCH},
    {"test", cmd_test, "[--quick | coverage | SUITE… | fuzz --time TIME [FUZZER…]]",
     "build and run the tests; the last line counts them",
     "SUITE is unit, model, race, fuzz, golden, checks, target and so on. The exit code is that of the tests. "
     "FUZZER is syscall, boot-record, package, system-file, device-tree or elf; with --time each (or those named) "
     "runs under the sanitizers, from the corpus in the tree. The exit code is 1 if one finds something; its input is "
     "kept, and how to run it again is printed.",
     TEST},
    {"doctor", cmd_doctor, "", "look for what the tool needs on this machine",
     "One line for each thing, and the cure for each that is missing.", NONE},
    {"explain", cmd_explain,
     "CODE | --all | --elements | --words | --schema | --manual | --completion",
     "say more about an error's code",
     "The options print what is made from the tool's tables: docs/errors.md, docs/system-file.md, the words of "
     "system files, their schema, this manual page, and the completion for bash.",
     NONE},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct command *command_by_name(const char *verb) {
    for (const struct command *command = COMMANDS; command->name; command++) {
        if (!strcmp(command->name, verb)) {
            return command;
        }
    }
    return NULL;
}

int command_option(int argc, char **argv, const char **value) {
    struct option list[MAX_OPTIONS] = {{NULL, 0, NULL, 0}};
    const struct command *command = command_by_name(argv[0]);
    for (unsigned i = 0; command->options[i].name; i++) {
        const struct command_option *option = &command->options[i];
        list[i] = (struct option){option->name, option->value ? required_argument : no_argument,
                                  NULL, (int)option->id};
    }
    opterr = 0;
    int option = getopt_long(argc, argv, command->options == BUILD ? "o:" : "", list, NULL);
    *value = optarg;
    return option == '?' ? OPTION_WRONG : option == 'o' ? OPTION_OUTPUT : option;
}

void command_print_usage(const struct command *command, FILE *out) {
    fprintf(out, "usage: ./skerry %s%s%s\n", command->name, *command->usage ? " " : "",
            command->usage);
}

void command_print_help(const struct command *command, FILE *out) {
    command_print_usage(command, out);
    fprintf(out, "%s\n", command->about);
    for (const struct command_option *option = command->options; option->name; option++) {
        char left[40];
        snprintf(left, sizeof(left), "--%s%s%s", option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        fprintf(out, "  %-20s  %s\n", left, option->about);
    }
}

int usage_error(const char *verb, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "skerry %s: error: ", verb);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    command_print_usage(command_by_name(verb), stderr);
    return EXIT_USAGE;
}

void commands_print_help(FILE *out) {
    fputs("usage: ./skerry VERB …\n\n", out);
    for (const struct command *command = COMMANDS; command->name; command++) {
        fprintf(out, "  %s%s%s\n      %s\n", command->name, *command->usage ? " " : "",
                command->usage, command->about);
    }
    fputs("\n  --help, --version; VERB --help lists the options of a verb\n\n"
          "Exit codes: 0 good, 1 the system or test failed, 2 the command was wrong.\n"
          "docs/skerry.1 is the manual page, docs/system-file.md describes system files,\n"
          "docs/errors.md all errors.\n",
          out);
}
