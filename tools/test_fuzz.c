// SPDX-License-Identifier: BSD-2-Clause
// Long runs of the fuzzers.
//
//     meson setup, ninja    -> the programs called NAME-fuzz of the folder
//     each for --time       -> build/fuzz/NAME/log, and a row of the table when it ends
//
// A fuzzer starts from the corpus in the tree, tests/fuzz/corpus/NAME, and from what earlier runs left in
// build/fuzz/NAME/corpus, where its new inputs go. A finding ends it; the input is kept in build/fuzz/NAME/found.
//
// What always holds: a fuzzer that cannot be built, does not start or ends without its statistics fails the run,
// so that no silence is taken for an hour without a finding.

#define _GNU_SOURCE // wait4

#include "tools/test_fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/arena.h"
#include "tools/cmd_test.h"
#include "tools/files.h"
#include "tools/process.h"

#define SUFFIX        "-fuzz"
#define MAX_ARGUMENTS 24

struct fuzzer {
    char *name;    // without its suffix
    char *program; // from the root of the tree
    char *folder;  // build/fuzz/NAME
    char *afl;     // what AFL++ writes, anew for each run
    pid_t pid;     // 0: not running
    double begin_s;
    bool is_wanted;
};

struct fuzz_session {
    struct arena *arena;
    const struct fuzz_request *request;
    const char *build; // the build folder's name
    char root[4096];   // of the tree; also where we are
    struct fuzzer fuzzer[FUZZ_MOST];
    unsigned count;
    unsigned started;
    unsigned running;
    u64 findings;
    unsigned failed; // did not run, or not to the end
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// --- What fuzzers and people write ---

bool fuzz_parse_time(const char *text, u64 *seconds) {
    static const struct {
        const char *unit;
        u64 seconds;
    } UNITS[] = {{"s", 1}, {"m", 60}, {"h", 3600}};
    char *end;
    errno = 0;
    unsigned long long count = strtoull(text, &end, 10);
    if (end == text || text[0] == '-' || errno || count == 0 || count > 1000000) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(UNITS); i++) {
        if (!strcmp(end, UNITS[i].unit)) {
            *seconds = count * UNITS[i].seconds;
            return true;
        }
    }
    return false;
}

bool fuzz_read_libfuzzer(FILE *log, struct fuzz_counts *counts) {
    char *line = NULL;
    size_t size = 0;
    bool complete = false;
    *counts = (struct fuzz_counts){0};
    while (getline(&line, &size, log) > 0) {
        static const char KEPT[] = "Test unit written to ";
        const char *kept = strstr(line, KEPT);
        complete |= sscanf(line, "stat::number_of_executed_units: %lu", &counts->executions) == 1;
        sscanf(line, "stat::new_units_added: %lu", &counts->new_inputs);
        // A slow unit is remarked on, no more.
        if (kept && !strstr(kept, "slow-unit-")) {
            counts->findings++;
            snprintf(counts->finding, sizeof(counts->finding), "%.*s",
                     (int)strcspn(kept + strlen(KEPT), "\n"), kept + strlen(KEPT));
        }
    }
    free(line);
    return complete;
}

bool fuzz_read_afl(FILE *stats, struct fuzz_counts *counts) {
    char *line = NULL;
    size_t size = 0;
    bool complete = false;
    *counts = (struct fuzz_counts){0};
    while (getline(&line, &size, stats) > 0) {
        u64 hangs;
        complete |= sscanf(line, "execs_done : %lu", &counts->executions) == 1;
        sscanf(line, "corpus_found : %lu", &counts->new_inputs);
        if (sscanf(line, "saved_crashes : %lu", &hangs) == 1 ||
            sscanf(line, "saved_hangs : %lu", &hangs) == 1) {
            counts->findings += hangs;
        }
    }
    free(line);
    return complete;
}

// --- Which fuzzers there are ---

static void fuzzer_add(struct fuzz_session *session, const char *target, const char *path) {
    char *name = arena_copy(session->arena, target, strlen(target) - strlen(SUFFIX));
    size_t root = strlen(session->root);
    if (session->count == FUZZ_MOST || strncmp(path, session->root, root) != 0) {
        return;
    }
    session->fuzzer[session->count++] = (struct fuzzer){
        .name = name,
        .program = arena_copy(session->arena, path + root + 1, strlen(path) - root - 1),
        .folder = arena_printf(session->arena, "build/fuzz/%s", name),
        .afl = arena_printf(session->arena, "build/fuzz/%s/afl-%ld", name, (long)time(NULL)),
    };
}

// Meson's list of targets says which programs there are.
static void fuzzers_find(struct fuzz_session *session) {
    char *path =
        arena_printf(session->arena, "build/%s/meson-info/intro-targets.json", session->build);
    json_t *targets = json_load_file(path, 0, NULL);
    size_t i;
    json_t *target;
    json_array_foreach(targets, i, target) {
        const char *name = json_string_value(json_object_get(target, "name"));
        const char *type = json_string_value(json_object_get(target, "type"));
        const char *file =
            json_string_value(json_array_get(json_object_get(target, "filename"), 0));
        size_t length = name ? strlen(name) : 0;
        if (file && type && !strcmp(type, "executable") && length > strlen(SUFFIX) &&
            !strcmp(name + length - strlen(SUFFIX), SUFFIX)) {
            fuzzer_add(session, name, file);
        }
    }
    json_decref(targets);
}

static struct fuzzer *fuzzer_by_name(struct fuzz_session *session, const char *name) {
    for (unsigned i = 0; i < session->count; i++) {
        if (!strcmp(session->fuzzer[i].name, name)) {
            return &session->fuzzer[i];
        }
    }
    fprintf(stderr, "skerry test: no fuzzer is called '%s'; there are", name);
    for (unsigned i = 0; i < session->count; i++) {
        fprintf(stderr, " %s", session->fuzzer[i].name);
    }
    fputc('\n', stderr);
    return NULL;
}

// Leaves only those that were named, all if none was. False: one of the names is none.
static bool fuzzers_choose(struct fuzz_session *session) {
    const struct fuzz_request *request = session->request;
    unsigned kept = 0;
    for (unsigned i = 0; i < request->name_count; i++) {
        struct fuzzer *fuzzer = fuzzer_by_name(session, request->names[i]);
        if (!fuzzer) {
            return false;
        }
        fuzzer->is_wanted = true;
    }
    for (unsigned i = 0; i < session->count; i++) {
        if (request->name_count == 0 || session->fuzzer[i].is_wanted) {
            session->fuzzer[kept++] = session->fuzzer[i];
        }
    }
    session->count = kept;
    return true;
}

static bool fuzzers_build(struct fuzz_session *session) {
    const char *targets[FUZZ_MOST + 1] = {NULL};
    for (unsigned i = 0; i < session->count; i++) {
        // Behind build/FOLDER/.
        targets[i] = session->fuzzer[i].program + strlen("build//") + strlen(session->build);
    }
    return session->count > 0 && test_folder_build(session->build, targets);
}

// --- One fuzzer ---

static char *corpus_of(struct arena *arena, const struct fuzzer *fuzzer) {
    return arena_printf(arena, "tests/fuzz/corpus/%s", fuzzer->name);
}

static void libfuzzer_arguments(struct fuzz_session *session, const struct fuzzer *fuzzer,
                                const char *argv[]) {
    struct arena *arena = session->arena;
    char *dictionary =
        arena_printf(arena, "%s/%s.dict", path_folder(arena, fuzzer->program), fuzzer->name);
    unsigned n = 0;
    argv[n++] = fuzzer->program;
    argv[n++] = arena_printf(arena, "-max_total_time=%lu", session->request->seconds);
    argv[n++] = arena_printf(arena, "-seed=%lu", session->request->seed);
    argv[n++] = arena_printf(arena, "-artifact_prefix=%s/found/", fuzzer->folder);
    argv[n++] = "-print_final_stats=1";
    argv[n++] = "-timeout=60";
    if (file_exists(dictionary)) {
        argv[n++] = arena_printf(arena, "-dict=%s", dictionary);
    }
    argv[n++] = arena_printf(arena, "%s/corpus", fuzzer->folder);
    if (file_exists(corpus_of(arena, fuzzer))) {
        argv[n++] = corpus_of(arena, fuzzer);
    }
    argv[n] = NULL;
}

static void afl_arguments(struct fuzz_session *session, const struct fuzzer *fuzzer,
                          const char *argv[]) {
    struct arena *arena = session->arena;
    const char *const fixed[] = {"afl-fuzz",
                                 "-i",
                                 corpus_of(arena, fuzzer),
                                 "-o",
                                 fuzzer->afl,
                                 "-V",
                                 arena_printf(arena, "%lu", session->request->seconds),
                                 "-s",
                                 arena_printf(arena, "%lu", session->request->seed),
                                 "-t",
                                 "60000",
                                 "-m",
                                 "none",
                                 "--",
                                 fuzzer->program,
                                 NULL};
    memcpy(argv, fixed, sizeof(fixed));
}

static bool fuzzer_start(struct fuzz_session *session, struct fuzzer *fuzzer) {
    struct arena *arena = session->arena;
    const char *argv[MAX_ARGUMENTS];
    const char *const folders[] = {"build/fuzz", fuzzer->folder,
                                   arena_printf(arena, "%s/corpus", fuzzer->folder),
                                   arena_printf(arena, "%s/found", fuzzer->folder)};
    for (unsigned i = 0; i < ARRAY_LENGTH(folders); i++) {
        directory_make(folders[i]);
    }
    (session->request->engine == FUZZ_AFL ? afl_arguments : libfuzzer_arguments)(session, fuzzer,
                                                                                 argv);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                     arena_printf(arena, "%s/log", fuzzer->folder),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    int error = posix_spawnp(&fuzzer->pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    fuzzer->begin_s = now_s();
    if (error) {
        fuzzer->pid = 0;
        printf("%-12s cannot start %s: %s\n", fuzzer->name, argv[0], strerror(error));
    }
    return !error;
}

static void finding_report(const struct fuzz_session *session, const struct fuzzer *fuzzer,
                           const struct fuzz_counts *counts) {
    bool afl = session->request->engine == FUZZ_AFL;
    const char *kept = counts->finding[0] ? counts->finding : "FILE";
    if (afl) {
        printf("    kept in %s/default, folders crashes and hangs\n", fuzzer->afl);
    } else {
        printf("    kept: %s; what was said: %s/log\n", kept, fuzzer->folder);
    }
    // Both engines' programs run the files that they are given.
    printf("    again: %s %s\n", fuzzer->program, kept);
    printf("    as a test: cp %s tests/fuzz/corpus/%s/\n", kept, fuzzer->name);
}

static void fuzzer_end(struct fuzz_session *session, struct fuzzer *fuzzer, int status,
                       const struct rusage *usage) {
    bool afl = session->request->engine == FUZZ_AFL;
    FILE *said = fopen(afl ? arena_printf(session->arena, "%s/default/fuzzer_stats", fuzzer->afl)
                           : arena_printf(session->arena, "%s/log", fuzzer->folder),
                       "r");
    struct fuzz_counts counts = {0};
    bool complete = said && (afl ? fuzz_read_afl : fuzz_read_libfuzzer)(said, &counts);
    double processor_s = (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
                         (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
    if (said) {
        fclose(said);
    }
    bool good = complete && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    printf("%-12s %12lu %11lu %9lu %12.1f %8.0f\n", fuzzer->name, counts.executions,
           counts.new_inputs, counts.findings, processor_s, now_s() - fuzzer->begin_s);
    if (counts.findings) {
        finding_report(session, fuzzer, &counts);
    } else if (!good) {
        printf("    did not run to its end, see %s/log\n", fuzzer->folder);
        session->failed++;
    }
    fflush(stdout);
    session->findings += counts.findings;
}

// --- All of them ---

static void fuzzers_wait(struct fuzz_session *session) {
    int status;
    struct rusage usage;
    pid_t pid = wait4(-1, &status, 0, &usage);
    for (unsigned i = 0; i < session->started && pid > 0; i++) {
        if (session->fuzzer[i].pid == pid) {
            session->fuzzer[i].pid = 0;
            session->running--;
            fuzzer_end(session, &session->fuzzer[i], status, &usage);
        }
    }
}

static void fuzzers_run(struct fuzz_session *session) {
    while (session->started < session->count || session->running > 0) {
        if (session->started < session->count && session->running < session->request->jobs) {
            bool runs = fuzzer_start(session, &session->fuzzer[session->started++]);
            session->running += runs;
            session->failed += !runs;
        } else {
            fuzzers_wait(session);
        }
    }
}

static void head_print(const struct fuzz_session *session) {
    const char *const argv[] = {"git", "describe", "--always", "--dirty", NULL};
    struct process_result commit = process_run(session->arena, (char *const *)argv);
    printf("%s, %lu s each, %u at a time, seed %lu, commit %.*s\n",
           session->request->engine == FUZZ_AFL ? "AFL++" : "libFuzzer", session->request->seconds,
           session->request->jobs, session->request->seed,
           commit.status == 0 ? (int)strcspn(commit.output, "\n") : 1,
           commit.status == 0 ? commit.output : "?");
    printf("%-12s %12s %11s %9s %12s %8s\n", "fuzzer", "executions", "new inputs", "findings",
           "processor s", "wall s");
    fflush(stdout);
}

// AFL++ asks for a quiet machine and a screen; a fuzzer in the background has neither.
static void afl_environment(void) {
    static const char *const NAMES[] = {"AFL_NO_UI",       "AFL_SKIP_CPUFREQ",
                                        "AFL_NO_AFFINITY", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES",
                                        "AFL_QUIET",       "AFL_AUTORESUME"};
    for (unsigned i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        setenv(NAMES[i], "1", 0);
    }
}

static int session_run(struct fuzz_session *session) {
    if (!test_folder_configure(session->build)) {
        return 1;
    }
    fuzzers_find(session);
    if (!fuzzers_choose(session)) {
        return 2;
    }
    if (!fuzzers_build(session)) {
        return 1;
    }
    head_print(session);
    fuzzers_run(session);
    printf("findings: %lu; not run to the end: %u\n", session->findings, session->failed);
    return session->findings > 0 || session->failed > 0;
}

int fuzz_run(const struct fuzz_request *request) {
    bool afl = request->engine == FUZZ_AFL;
    struct fuzz_session session = {
        .arena = arena_new(), .request = request, .build = afl ? "afl" : "asan"};
    int status = 1;
    if (getcwd(session.root, sizeof(session.root)) == NULL) {
        fprintf(stderr, "skerry test: %s\n", strerror(errno));
    } else if (afl && !process_find(session.arena, "afl-fuzz")) {
        fputs("skerry test: AFL++ is not installed; it is no part of what Skerry needs: "
              "apt-get install afl++\n",
              stderr);
    } else {
        if (afl) {
            afl_environment();
        }
        status = session_run(&session);
    }
    arena_free(session.arena);
    return status;
}
