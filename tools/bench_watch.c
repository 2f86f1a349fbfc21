// SPDX-License-Identifier: BSD-2-Clause
// Runs whose instructions are read as they are executed: one process runs the emulator, this one counts.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench.h"
#include "tools/commands.h"
#include "tools/load.h"
#include "tools/run.h"

#define PATIENCE_MS 50
#define TIMEOUT_NS  600000000000ull // of host time: the emulator hangs

const char *bench_pipe(struct arena *arena, const char *folder) {
    return arena_printf(arena, "%s/trace", folder);
}

static void child_run(struct arena *arena, const char *folder, bench_boot *boot, void *context) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *said = arena_printf(arena, "%s/said", folder);
    if (!freopen(said, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) {
        _exit(EXIT_FAILED);
    }
    bool good = boot(arena, context);
    fflush(stdout);
    _exit(good ? EXIT_GOOD : EXIT_FAILED);
}

// Whoever has seen enough does not wait for the run's end. The emulator ends with its parent.
static bool child_wait(struct arena *arena, const char *folder, struct trace *trace, pid_t pid,
                       const bool *enough) {
    int status = 0;
    bool ended = false;
    // What the emulator wrote last is read when it has ended.
    while (trace_read(trace, ended ? 0 : PATIENCE_MS) || !ended) {
        ended = ended || waitpid(pid, &status, WNOHANG) == pid;
        if (!ended && (*enough || run_interrupted())) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            ended = true;
            trace_stop(trace);
        }
    }
    if (*enough) {
        return true;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_GOOD) {
        return true;
    }
    struct bytes said = file_read(arena, arena_printf(arena, "%s/said", folder));
    fprintf(stderr, "skerry bench: error: a traced run failed\n%.*s", (int)said.size,
            said.data ? (char *)said.data : "");
    return false;
}

bool bench_watch(struct arena *arena, const char *folder, bench_boot *boot, void *boot_context,
                 trace_taker *take, void *take_context, const bool *enough) {
    static const bool never = false;
    struct trace *trace = trace_open(arena, bench_pipe(arena, folder), take, take_context);
    if (!trace) {
        fprintf(stderr, "skerry bench: error: no pipe for the trace: %s\n", strerror(errno));
        return false;
    }
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid == 0) {
        child_run(arena, folder, boot, boot_context);
    }
    bool good = pid > 0 && child_wait(arena, folder, trace, pid, enough ? enough : &never);
    trace_close(trace);
    return good;
}

/* ---- Systems of our own ------------------------------------------------------------------------------ */

static bool failed(const char *path) {
    fprintf(stderr, "skerry bench: error: %s: %s\n", path, strerror(errno));
    return false;
}

static bool program_copy(struct arena *arena, const struct bench_system *system,
                         const char *program) {
    const char *from = arena_printf(arena, "%s/%s", system->build_folder, program);
    struct bytes bytes = file_read(arena, from);
    const char *to = arena_printf(arena, "%s/%s", system->folder, strrchr(from, '/') + 1);
    return (bytes.data && file_write(to, bytes.data, bytes.size)) || failed(from);
}

static char *value_put(struct arena *arena, char *text, const struct bench_value *value) {
    char *at = value->behind ? strstr(text, value->behind) : NULL;
    char *from = at ? at + strlen(value->behind) : NULL, *end = from ? strchr(from, '"') : NULL;
    return !end ? text
                : arena_printf(arena, "%.*s%s%s", (int)(from - text), text, value->value, end);
}

bool bench_system_copy(struct arena *arena, const struct bench_system *system) {
    const char *root = getenv("SKERRY_ROOT");
    const char *from =
        arena_printf(arena, "%s%sbenchmarks/%s", root ? root : "", root ? "/" : "", system->system);
    struct bytes file = file_read(arena, from);
    if (!file.data) {
        return failed(from);
    }
    char *text = arena_copy(arena, (char *)file.data, file.size);
    for (unsigned i = 0; i < ARRAY_LENGTH(system->values); i++) {
        text = value_put(arena, text, &system->values[i]);
    }
    const char *to = arena_printf(arena, "%s/%s", system->folder, system->system);
    bool good = file_write(to, text, strlen(text)) || failed(to);
    for (const char *const *program = system->programs; good && *program; program++) {
        good = program_copy(arena, system, *program);
    }
    return good;
}

bool bench_system_boot(struct arena *arena, void *context) {
    const struct bench_system *system = context;
    struct run_options options = {.log_folder = system->folder,
                                  .timeout_ns = TIMEOUT_NS,
                                  .patient = true,
                                  .extra = system->extra};
    struct load_options load_options = {.build_folder = system->build_folder};
    struct load *load =
        system_load(arena_printf(arena, "%s/%s", system->folder, system->system), &load_options);
    return run_system(load, &options) == EXIT_GOOD;
}
