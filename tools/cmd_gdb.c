// SPDX-License-Identifier: BSD-2-Clause
// `skerry gdb`: a system in the emulator, halted, and a debugger that knows one of its cores.
//
// The debugger's commands go to a file: symbols of the kernel and of the core's programs, the connection, and which
// thread is meant, because harts are threads to the emulator. It listens on a socket in the run's folder, so several
// sessions do not meet; it ends with the debugger.
#define _POSIX_C_SOURCE 200809L // fork, access
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/boot_command.h"
#include "tools/commands.h"
#include "tools/emit_package.h"
#include "tools/follow.h"
#include "tools/image.h"
#include "tools/machine.h"
#include "tools/process.h"
#include "tools/run.h"

struct session {
    struct load *load;
    const struct core *core;
    const struct package_output *package;
    const char *folder;
    bool print;
    char **extra; // for the emulator, after "--"; or NULL
};

static const char *debugger_find(struct arena *arena) {
    static const char *const NAMES[] = {"gdb-multiarch", "riscv64-unknown-elf-gdb"};
    for (unsigned i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        if (process_find(arena, NAMES[i])) {
            return NAMES[i];
        }
    }
    return NULL;
}

// Threads of the emulator's stub are its harts, from 1 on, in the order of their numbers.
static unsigned thread_of(const struct session *session) {
    return machine_hart(&session->load->system->machine, session->core->hart) + 1;
}

static char *script_make(const struct session *session) {
    struct arena *arena = session->load->arena;
    const struct system *system = session->load->system;
    const struct core *core = session->core;
    const char *root = getenv("SKERRY_ROOT");
    char *script =
        arena_printf(arena,
                     "set confirm off\nset pagination off\nset architecture riscv:rv64\n"
                     "directory %s\nfile %s\n",
                     root ? root : ".", session->package->partition[core->index].kernel_path);
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core) {
            script = arena_printf(arena, "%sadd-symbol-file %s\n", script,
                                  system->domains[i].image->path);
        }
    }
    if (core->root_task) {
        script = arena_printf(arena, "%sadd-symbol-file %s\n", script, core->root_task->path);
    }
    unsigned thread = thread_of(session);
    return arena_printf(arena,
                        "%starget remote %s/gdb\nthread %u\n"
                        "printf \"\\ncore %s is hart %" PRIu64
                        ", thread %u. All kernels lie at the same addresses, so name it:\\n\"\n"
                        "printf \"  break FUNCTION thread %u\\n  continue\\n\"\n",
                        script, session->folder, thread, core->name, core->hart, thread, thread);
}

static bool emulator_arguments(const struct session *session, struct arguments *arguments) {
    struct arena *arena = session->load->arena;
    *arguments = boot_arguments(arena, session->load->system,
                                arena_printf(arena, "%s/package.bin", session->folder),
                                arena_printf(arena, "%s/machine.dtb", session->folder));
    if (!arguments->count) {
        fputs("skerry gdb: error: OpenSBI's fw_dynamic.bin is not installed; see `skerry doctor`\n",
              stderr);
        return false;
    }
    const char *const more[] = {
        "-no-reboot", "-S", "-gdb",
        arena_printf(arena, "unix:%s/gdb,server=on,wait=off", session->folder)};
    for (unsigned i = 0; i < ARRAY_LENGTH(more); i++) {
        arguments_add(arena, arguments, more[i]);
    }
    for (char **extra = session->extra; extra && *extra; extra++) {
        arguments_add(arena, arguments, *extra);
    }
    return true;
}

static bool files_write(const struct session *session) {
    struct arena *arena = session->load->arena;
    char *script = script_make(session);
    bool good =
        file_write(arena_printf(arena, "%s/package.bin", session->folder),
                   session->package->package.data, session->package->package.size) &&
        file_write(arena_printf(arena, "%s/machine.dtb", session->folder),
                   session->package->tree.data, session->package->tree.size) &&
        file_write(arena_printf(arena, "%s/commands.gdb", session->folder), script, strlen(script));
    if (!good) {
        fprintf(stderr, "skerry gdb: error: %s cannot be written: %s\n", session->folder,
                strerror(errno));
    }
    return good;
}

// Waits until the emulator's socket is there; the debugger does not try twice.
static bool socket_wait(const struct session *session, struct follow *follow) {
    char *path = arena_printf(session->load->arena, "%s/gdb", session->folder);
    const char *line;
    while (access(path, F_OK)) {
        if (follow_next(follow, false, &line) == FOLLOW_END) {
            fprintf(stderr, "skerry gdb: error: the emulator ended by itself\n%s",
                    follow_errors(follow));
            return false;
        }
    }
    return true;
}

static int debugger_run(const struct session *session, const char *debugger) {
    struct arena *arena = session->load->arena;
    char *script = arena_printf(arena, "%s/commands.gdb", session->folder);
    // Ctrl-C is the debugger's: it halts the machine.
    signal(SIGINT, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_DFL);
        execlp(debugger, debugger, "-q", "-x", script, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status) ? EXIT_GOOD : EXIT_FAILED;
}

static int session_run(const struct session *session, const char *debugger) {
    struct arguments arguments;
    if (!files_write(session) || !emulator_arguments(session, &arguments)) {
        return EXIT_FAILED;
    }
    if (session->print) {
        struct arena *arena = session->load->arena;
        printf("%s -serial file:%s/console.log\n%s -q -x %s/commands.gdb\n",
               arguments_show(arena, &arguments), session->folder, debugger, session->folder);
        return EXIT_GOOD;
    }
    char *why = NULL;
    char *console = arena_printf(session->load->arena, "%s/console.log", session->folder);
    struct follow *follow = follow_start(session->load->arena, &arguments, console, &why);
    if (!follow) {
        fprintf(stderr, "skerry gdb: error: the emulator cannot be started: %s\n", why);
        return EXIT_FAILED;
    }
    printf("the serial port goes to %s\n", console);
    fflush(stdout);
    int code = socket_wait(session, follow) ? debugger_run(session, debugger) : EXIT_FAILED;
    follow_stop(follow);
    return code;
}

static const struct core *core_find(const struct system *system, const char *name) {
    for (unsigned i = 0; i < system->core_count; i++) {
        if (!strcmp(system->cores[i].name, name)) {
            return &system->cores[i];
        }
    }
    return NULL;
}

static int gdb(struct load *load, const char *core, struct session *session) {
    session->load = load;
    session->package = emit_package(load);
    if (!session->package) {
        return EXIT_FAILED;
    }
    session->core = core_find(load->system, core);
    if (!session->core) {
        return usage_error("gdb", "there is no core \"%s\" in %s", core, load->system->path);
    }
    const char *debugger = debugger_find(load->arena);
    if (!debugger) {
        fputs("skerry gdb: error: no debugger for RISC-V: apt install gdb-multiarch\n", stderr);
        return EXIT_FAILED;
    }
    struct run_options options = {0};
    session->folder = run_folder(load->arena, &options);
    if (!session->folder) {
        fprintf(stderr, "skerry gdb: error: no folder for its files: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    int code = session_run(session, debugger);
    if (!session->print) { // else the commands printed need the files
        run_folder_remove(load->arena, &options, session->folder);
    }
    return code;
}

int cmd_gdb(int argc, char **argv) {
    struct load_options options = {0};
    struct session session = {0};
    const char *value;
    int own = 0, option;
    while (own < argc && strcmp(argv[own], "--")) {
        own++;
    }
    session.extra = own < argc ? argv + own + 1 : NULL;
    while ((option = command_option(own, argv, &value)) != -1) {
        if (option == OPTION_PRINT) {
            session.print = true;
        } else if (!load_take_option(&options, "gdb", option, value, argv[optind - 1])) {
            return EXIT_USAGE;
        }
    }
    if (optind + 2 != own) {
        return usage_error("gdb", "a system file and one of its cores");
    }
    struct load *load = system_load(argv[optind], &options);
    int code = gdb(load, argv[optind + 1], &session);
    load_free(load);
    return code;
}
