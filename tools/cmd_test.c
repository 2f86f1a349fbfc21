// SPDX-License-Identifier: BSD-2-Clause
// `skerry test`: every build folder in turn is configured, built and run by Meson; its log is read and counted.
//
//     for each folder (host, asan, tsan, cross):
//         meson setup (once) -> which of its tests are wanted? none: next folder
//         ninja              -> does not build: one failure, next folder
//         meson test         -> meson-logs/testlog.json -> counts, output of what failed
//     "N passed, N failed"
//
// Fuzzing for some time is in tools/test_fuzz.c.
//
// What always holds: a folder that cannot be configured, built or read counts as a failure, so nothing is
// passed over silently; and asking for a suite that no folder has is a wrong command, not a success.
//
// Which tests a folder has is said by the meson.build files alone; here is no list of tests.

#define _GNU_SOURCE // pipe2, strchrnul

#include "tools/cmd_test.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/test_fuzz.h"
#include "tools/units.h"

#define MAX_SUITES    32
#define MAX_ARGUMENTS (2 * MAX_SUITES + 16)
#define PATH_BYTES    4096
#define LINE_BYTES    4096
#define EXCERPT_LINES 200 // of the output of a failed test

struct folder {
    const char *name;
    const char *setup[5]; // options of `meson setup`, NULL at the end
    bool quick;    // part of --quick; and built in any case, since other folders' tests use it
    bool coverage; // part of coverage only
    bool fuzz;     // holds fuzzers of another engine, no tests
};

static const struct folder folders[] = {
    {.name = "host", .setup = {"--native-file", "meson/gcc.ini"}, .quick = true},
    {.name = "cross", .setup = {"--cross-file", "meson/riscv64.ini"}, .quick = true},
    {.name = "asan",
     .setup = {"--native-file", "meson/clang.ini", "-Db_sanitize=address,undefined",
               "-Dfuzz=true"}},
    {.name = "tsan", .setup = {"--native-file", "meson/clang.ini", "-Db_sanitize=thread"}},
    // Not optimised: each line and each branch is its own.
    {.name = "cov",
     .setup = {"--native-file", "meson/gcc.ini", "-Db_coverage=true", "-Doptimization=0"},
     .coverage = true},
    {.name = "afl",
     .setup = {"--native-file", "meson/afl.ini", "-Db_sanitize=address,undefined", "-Dfuzz=true"},
     .fuzz = true},
};

struct request {
    const char *suites[MAX_SUITES];
    bool known[MAX_SUITES]; // some folder has the suite
    unsigned suite_count;
    bool quick;
    bool coverage;
    bool is_long; // fuzz, for some time
    struct fuzz_request fuzz;
};

// What the person sees while something runs: one changing line on a terminal, a line per result elsewhere.
struct progress {
    const char *folder;
    const char *doing; // "building" or "testing"
    bool terminal;
    bool each_line; // elsewhere: a line for each result
    double begin_s;
    unsigned done;
    unsigned all;
    char last[64]; // what finished last
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// --- Reading what Meson, Ninja and the tests say ---

bool test_split_progress(const char *line, unsigned *done, unsigned *all, const char **rest) {
    int length = 0;
    if (sscanf(line, " %u/%u %n", done, all, &length) != 2 &&
        sscanf(line, " [%u/%u] %n", done, all, &length) != 2) {
        return false;
    }
    *rest = line + length;
    return length > 0;
}

// "1..N" alone, or followed by a reason for N = 0.
static bool is_plan(const char *line) {
    unsigned last;
    return sscanf(line, "1..%u", &last) == 1;
}

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

// Whether the line that begins at `line` has the TAP directive, in any case of letters.
static bool has_directive(const char *line, const char *directive) {
    const char *end = strchrnul(line, '\n');
    const char *hash = memchr(line, '#', (size_t)(end - line));
    if (hash == NULL) {
        return false;
    }
    hash += 1 + strspn(hash + 1, " \t");
    return strncasecmp(hash, directive, strlen(directive)) == 0;
}

bool test_count_tap(const char *text, struct test_counts *counts) {
    struct test_counts found = {0};
    bool plan = false;
    for (const char *line = text; *line != '\0';
         line += strcspn(line, "\n"), line += *line == '\n') {
        if (is_plan(line)) {
            plan = true;
        } else if ((starts_with(line, "ok ") && has_directive(line, "skip")) ||
                   (starts_with(line, "not ok") && has_directive(line, "todo"))) {
            found.skipped++;
        } else if (starts_with(line, "ok ")) {
            found.passed++;
        } else if (starts_with(line, "not ok") || starts_with(line, "Bail out!")) {
            found.failed++;
        }
    }
    if (plan) {
        counts->passed += found.passed;
        counts->failed += found.failed;
        counts->skipped += found.skipped;
    }
    return plan;
}

// The last EXCERPT_LINES lines of `text`, indented. TAP points that passed say nothing here.
static void print_excerpt(FILE *out, const char *text) {
    size_t lines = 0;
    const char *start = text + strlen(text);
    while (start > text && lines <= EXCERPT_LINES) {
        start--;
        lines += *start == '\n' && start[1] != '\0';
    }
    if (lines > EXCERPT_LINES) {
        start++;
        fprintf(out, "    ...\n");
    }
    while (*start != '\0') {
        int length = (int)strcspn(start, "\n");
        if (!starts_with(start, "ok ")) {
            fprintf(out, "    %.*s\n", length, start);
        }
        start += length + (start[length] == '\n');
    }
}

static void report_failure(FILE *report, const char *folder, const char *name, json_t *entry) {
    const char *out = json_string_value(json_object_get(entry, "stdout"));
    const char *err = json_string_value(json_object_get(entry, "stderr"));
    const char *result = json_string_value(json_object_get(entry, "result"));
    fprintf(report, "\nFAILED %s: %s (%s, exit status %lld)\n", folder, name, result,
            (long long)json_integer_value(json_object_get(entry, "returncode")));
    print_excerpt(report, out != NULL ? out : "");
    print_excerpt(report, err != NULL ? err : "");
    fprintf(report, "    again: meson test -C build/%s --no-rebuild -v '%s'\n", folder, name);
}

// Counts one test. A test that failed without a failed point (it crashed, or its plan was wrong) is one
// failure more than its points say.
static bool count_entry(json_t *entry, const char *folder, FILE *report,
                        struct test_counts *counts) {
    const char *full = json_string_value(json_object_get(entry, "name"));
    const char *result = json_string_value(json_object_get(entry, "result"));
    const char *out = json_string_value(json_object_get(entry, "stdout"));
    if (full == NULL || result == NULL) {
        return false;
    }
    const char *slash = strstr(full, " / ");
    const char *name = slash != NULL ? slash + 3 : full;
    bool good = strcmp(result, "OK") == 0 || strcmp(result, "EXPECTEDFAIL") == 0;
    bool skipped = strcmp(result, "SKIP") == 0;
    struct test_counts found = {0};
    bool tap = test_count_tap(out != NULL ? out : "", &found);

    if (skipped && !tap) {
        found.skipped = 1;
    } else if (good && !tap) {
        found.passed = 1;
    } else if (!good && !skipped && found.failed == 0) {
        found.failed = 1;
    }
    if (found.failed > 0) {
        report_failure(report, folder, name, entry);
    }
    counts->passed += found.passed;
    counts->failed += found.failed;
    counts->skipped += found.skipped;
    return true;
}

bool test_read_log(FILE *log, const char *folder, FILE *report, struct test_counts *counts) {
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    while (good && getline(&line, &size, log) > 0) {
        json_t *entry = json_loads(line, 0, NULL);
        good = json_is_object(entry) && count_entry(entry, folder, report, counts);
        json_decref(entry);
    }
    free(line);
    return good;
}

// --- Showing progress ---

static struct progress progress_start(const char *folder, const char *doing) {
    return (struct progress){
        .folder = folder,
        .doing = doing,
        .terminal = isatty(STDOUT_FILENO),
        .begin_s = now_s(),
    };
}

static void progress_clear(const struct progress *progress) {
    if (progress->terminal) {
        fputs("\r\033[K", stdout);
        fflush(stdout);
    }
}

static void progress_show(const struct progress *progress) {
    if (!progress->terminal) {
        return;
    }
    printf("\r\033[K%s: %s", progress->folder, progress->doing);
    if (progress->all > 0) {
        printf(" %u/%u", progress->done, progress->all);
    }
    printf(", %.0f s %s", now_s() - progress->begin_s, progress->last);
    fflush(stdout);
}

// Takes one line of Meson's or Ninja's output.
static void progress_line(struct progress *progress, const char *line) {
    const char *rest;
    if (!test_split_progress(line, &progress->done, &progress->all, &rest)) {
        return;
    }
    const char *slash = strstr(rest, " / ");
    const char *name = slash != NULL ? slash + 3 : rest;
    snprintf(progress->last, sizeof(progress->last), "%.*s", (int)strcspn(name, " \n"), name);
    if (!progress->terminal && progress->each_line) {
        printf("%-6s %3u/%-3u %.*s\n", progress->folder, progress->done, progress->all,
               (int)strcspn(name, "\n"), name);
        fflush(stdout);
    }
    progress_show(progress);
}

// --- Running other programs ---

// Starts argv with both outputs in a pipe; returns the reading end, or -1.
static int spawn_piped(const char *const argv[], pid_t *child) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    // posix_spawn takes pointers to non-const for historical reasons; it changes nothing.
    int error = posix_spawnp(child, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        errno = error;
        return -1;
    }
    return ends[0];
}

// Reads until the other side closes: everything goes to `log`, lines to the progress display.
static void follow(int fd, FILE *log, struct progress *progress) {
    char line[LINE_BYTES];
    size_t used = 0;
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 1000) == 0) {
            progress_show(progress); // the clock goes on
            continue;
        }
        char c[LINE_BYTES];
        ssize_t got = read(fd, c, sizeof(c));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return;
        }
        fwrite(c, 1, (size_t)got, log);
        for (ssize_t i = 0; i < got; i++) {
            if (c[i] == '\n' || used == sizeof(line) - 1) {
                line[used] = '\0';
                progress_line(progress, line);
                used = 0;
            } else {
                line[used++] = c[i];
            }
        }
    }
}

// Runs argv, its output in the file at `log_path`. Returns its exit status, or -1 if it did not end by itself.
static int run(const char *const argv[], const char *log_path, struct progress *progress) {
    FILE *log = fopen(log_path, "w");
    if (log == NULL) {
        fprintf(stderr, "skerry: cannot write %s: %s\n", log_path, strerror(errno));
        return -1;
    }
    pid_t child;
    int fd = spawn_piped(argv, &child);
    if (fd < 0) {
        fprintf(stderr, "skerry: cannot start %s: %s\n", argv[0], strerror(errno));
        fclose(log);
        return -1;
    }
    progress_show(progress);
    follow(fd, log, progress);
    close(fd);
    fclose(log);
    progress_clear(progress);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Shows what a compiler or Meson complained about: the log without the lines that only say what was run
// (Ninja's progress, and the command behind each "FAILED: file").
static void print_build_log(const char *path) {
    FILE *log = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool command_follows = false;
    while (log != NULL && getline(&line, &size, log) > 0) {
        unsigned done;
        unsigned all;
        const char *rest;
        if (!command_follows && !test_split_progress(line, &done, &all, &rest)) {
            printf("    %s", line);
        }
        command_follows = starts_with(line, "FAILED: ");
    }
    free(line);
    if (log != NULL) {
        fclose(log);
    }
}

// --- One build folder ---

static bool is_configured(const char *folder) {
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "build/%s/build.ninja", folder);
    return access(path, R_OK) == 0;
}

static bool configure(const struct folder *folder) {
    if (is_configured(folder->name)) {
        return true;
    }
    char path[PATH_BYTES];
    char log_path[PATH_BYTES];
    snprintf(path, sizeof(path), "build/%s", folder->name);
    snprintf(log_path, sizeof(log_path), "build/%s.log", folder->name);
    const char *argv[16] = {"meson", "setup", path};
    for (unsigned i = 0; i < ARRAY_LENGTH(folder->setup) && folder->setup[i] != NULL; i++) {
        argv[3 + i] = folder->setup[i];
    }
    struct progress progress = progress_start(folder->name, "configuring");
    if (run(argv, log_path, &progress) != 0) {
        printf("\nFAILED %s: does not configure\n", folder->name);
        print_build_log(log_path);
        return false;
    }
    return true;
}

// These targets; all if there are none.
static bool build(const struct folder *folder, const char *const targets[]) {
    char path[PATH_BYTES];
    char log_path[PATH_BYTES];
    snprintf(path, sizeof(path), "build/%s", folder->name);
    snprintf(log_path, sizeof(log_path), "build/%s.log", folder->name);
    const char *argv[MAX_ARGUMENTS] = {"ninja", "-C", path};
    for (unsigned i = 0; targets != NULL && targets[i] != NULL && i < MAX_ARGUMENTS - 4; i++) {
        argv[3 + i] = targets[i];
    }
    struct progress progress = progress_start(folder->name, "building");
    if (run(argv, log_path, &progress) != 0) {
        printf("\nFAILED %s: does not build\n", folder->name);
        print_build_log(log_path);
        return false;
    }
    return true;
}

static const struct folder *folder_by_name(const char *name) {
    unsigned i = 0;
    while (i + 1 < ARRAY_LENGTH(folders) && strcmp(folders[i].name, name) != 0) {
        i++;
    }
    return &folders[i];
}

bool test_folder_configure(const char *name) {
    return configure(folder_by_name(name));
}

bool test_folder_build(const char *name, const char *const targets[]) {
    return build(folder_by_name(name), targets);
}

// Whether the test's list of suites ("skerry:unit") has the suite.
static bool has_suite(json_t *test, const char *suite) {
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(test, "suite"), i, value) {
        const char *full = json_string_value(value);
        const char *colon = full != NULL ? strchr(full, ':') : NULL;
        if (colon != NULL && strcmp(colon + 1, suite) == 0) {
            return true;
        }
    }
    return false;
}

// How many tests of the folder the request wants; marks the suites that it has as known.
static unsigned wanted_tests(const char *folder, struct request *request) {
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "build/%s/meson-info/intro-tests.json", folder);
    json_t *tests = json_load_file(path, 0, NULL);
    unsigned wanted = 0;
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test) {
        bool selected = request->suite_count == 0;
        for (unsigned s = 0; s < request->suite_count; s++) {
            if (has_suite(test, request->suites[s])) {
                request->known[s] = true;
                selected = true;
            }
        }
        wanted += selected;
    }
    json_decref(tests);
    return wanted;
}

static void run_tests(const struct folder *folder, const struct request *request,
                      struct test_counts *counts) {
    char path[PATH_BYTES];
    char log_path[PATH_BYTES];
    char json_path[PATH_BYTES];
    snprintf(path, sizeof(path), "build/%s", folder->name);
    snprintf(log_path, sizeof(log_path), "build/%s.log", folder->name);
    snprintf(json_path, sizeof(json_path), "build/%s/meson-logs/testlog.json", folder->name);
    const char *argv[MAX_ARGUMENTS] = {"meson", "test", "-C", path, "--no-rebuild"};
    unsigned n = 5;
    if (folder->coverage) {
        argv[n++] = "--timeout-multiplier=8"; // not optimised, and it counts
    }
    for (unsigned i = 0; i < request->suite_count; i++) {
        argv[n++] = "--suite";
        argv[n++] = request->suites[i];
    }
    unlink(json_path); // what an earlier run left must not be counted
    struct progress progress = progress_start(folder->name, "testing");
    progress.each_line = true;
    int status = run(argv, log_path, &progress);

    struct test_counts found = {0};
    FILE *log = fopen(json_path, "r");
    bool good = log != NULL && test_read_log(log, folder->name, stdout, &found);
    if (log != NULL) {
        fclose(log);
    }
    // Meson's own status is a second witness.
    if (!good || (status != 0 && found.failed == 0)) {
        printf("\nFAILED %s: meson test ended with status %d, see %s\n", folder->name, status,
               log_path);
        found.failed++;
    }
    printf("%s: %u passed, %u failed, %u skipped, %.0f s\n", folder->name, found.passed,
           found.failed, found.skipped, now_s() - progress.begin_s);
    fflush(stdout);
    counts->passed += found.passed;
    counts->failed += found.failed;
    counts->skipped += found.skipped;
}

// --- The command ---

static bool is_wanted(const struct folder *folder, const struct request *request) {
    if (request->coverage || folder->coverage) {
        return request->coverage && folder->coverage;
    }
    return !folder->fuzz && (folder->quick || !request->quick);
}

// Everything is built before anything runs: tests of one folder use programs of another (target tests start
// the tool of build/host, the tool's tests boot the kernels of build/cross), so those two are always built.
static void test_folders(struct request *request, struct test_counts *counts) {
    bool ready[ARRAY_LENGTH(folders)] = {false};
    for (unsigned i = 0; i < ARRAY_LENGTH(folders); i++) {
        const struct folder *folder = &folders[i];
        if (!is_wanted(folder, request) && !folder->quick) {
            continue;
        }
        if (!configure(folder)) {
            counts->failed++;
            continue;
        }
        bool wanted = wanted_tests(folder->name, request) > 0 && is_wanted(folder, request);
        if (wanted || folder->quick) {
            bool built = build(folder, NULL);
            counts->failed += !built;
            ready[i] = built && wanted;
        }
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(folders); i++) {
        // Asked again: building may have configured the folder anew.
        if (ready[i] && wanted_tests(folders[i].name, request) > 0) {
            run_tests(&folders[i], request, counts);
        }
    }
}

// Lines and branches per folder of the tree, from the counters that the tests of build/cov left. False if there are
// fewer than there have to be. The report names what is uncovered for no known reason.
static bool report_coverage(void) {
    const char *argv[] = {"python3", "tests/checks/coverage.py", "build/cov", NULL};
    struct progress progress = progress_start("cov", "counting lines");
    int status = run(argv, "build/coverage.txt", &progress);
    FILE *report = fopen("build/coverage.txt", "r");
    int c;
    while (report != NULL && (c = getc(report)) != EOF) {
        putchar(c);
    }
    if (report != NULL) {
        fclose(report);
    } else {
        fputs("skerry test: the lines could not be counted, see build/coverage.txt\n", stderr);
    }
    return status == 0 && report != NULL;
}

static bool small_number(const char *text, u64 most, u64 *number) {
    return units_integer(text, number) == UNIT_OK && *number >= 1 && *number <= most;
}

// The value of an option of long fuzzing; false if it makes no sense.
static bool fuzz_option(struct fuzz_request *fuzz, int option, const char *value) {
    u64 jobs = fuzz->jobs;
    bool good = true;
    switch (option) {
    case OPTION_TIME:
        return fuzz_parse_time(value, &fuzz->seconds);
    case OPTION_SEED:
        return small_number(value, UINT32_MAX, &fuzz->seed);
    case OPTION_JOBS:
        good = small_number(value, FUZZ_MOST, &jobs);
        fuzz->jobs = (unsigned)jobs;
        return good;
    default:
        fuzz->engine = strcmp(value, "afl") == 0 ? FUZZ_AFL : FUZZ_LIBFUZZER;
        return fuzz->engine == FUZZ_AFL || strcmp(value, "libfuzzer") == 0;
    }
}

// With --time, the suite is `fuzz` and what follows are names of fuzzers.
static int check_request(struct request *request) {
    bool named = request->suite_count > 0;
    if (request->quick + request->coverage + named > 1) {
        return usage_error("test", "--quick, coverage and SUITE exclude each other");
    }
    if (request->quick) {
        request->suites[request->suite_count++] = "quick";
    }
    if (!request->is_long) {
        return -1;
    }
    if (!named || strcmp(request->suites[0], "fuzz") != 0 || request->fuzz.seconds == 0) {
        return usage_error("test", "long runs are of the fuzzers: skerry test fuzz --time 1h");
    }
    request->fuzz.name_count = min_u64(request->suite_count - 1, FUZZ_MOST);
    memcpy(request->fuzz.names, request->suites + 1,
           request->fuzz.name_count * sizeof(request->fuzz.names[0]));
    return -1;
}

// Returns -1 to go on, or the exit status.
static int parse_arguments(int argc, char **argv, struct request *request) {
    const char *value;
    int option;
    optind = 0; // from the beginning, also in a second call
    while ((option = command_option(argc, argv, &value)) != -1) {
        switch (option) {
        case OPTION_QUICK:
            request->quick = true;
            break;
        case OPTION_COVERAGE:
            request->coverage = true;
            break;
        case OPTION_TIME:
        case OPTION_SEED:
        case OPTION_JOBS:
        case OPTION_ENGINE:
            request->is_long = true;
            if (fuzz_option(&request->fuzz, option, value)) {
                break;
            }
            return usage_error("test", "not a value of that option: %s", value);
        default:
            if (strcmp(argv[optind - 1], "--help") ==
                0) { // behind a suite; main() sees it before one
                command_print_help(command_by_name("test"), stdout);
                return 0;
            }
            return usage_error("test", "unknown option or missing value: %s", argv[optind - 1]);
        }
    }
    for (; optind < argc; optind++) {
        if (strcmp(argv[optind], "coverage") == 0) {
            request->coverage = true;
        } else if (request->suite_count == MAX_SUITES - 1) {
            return usage_error("test", "more than %d suites", MAX_SUITES - 1);
        } else {
            request->suites[request->suite_count++] = argv[optind];
        }
    }
    return check_request(request);
}

int cmd_test(int argc, char **argv) {
    struct request request = {.fuzz = {.seed = 1, .jobs = 1}};
    int status = parse_arguments(argc, argv, &request);
    if (status >= 0) {
        return status;
    }
    const char *root = getenv("SKERRY_ROOT");
    if (root != NULL && chdir(root) != 0) {
        fprintf(stderr, "skerry test: cannot enter %s: %s\n", root, strerror(errno));
        return 1;
    }
    if (request.is_long) {
        return fuzz_run(&request.fuzz);
    }
    struct test_counts counts = {0};
    test_folders(&request, &counts);
    for (unsigned i = 0; i < request.suite_count; i++) {
        if (!request.known[i] && counts.failed == 0) {
            fprintf(stderr, "skerry test: no folder has a suite '%s'\n", request.suites[i]);
            return 2;
        }
    }
    if (request.coverage) {
        counts.failed += !report_coverage();
    }
    if (counts.skipped > 0) {
        printf("%u skipped; each says why in its log under build/*/meson-logs\n", counts.skipped);
    }
    printf("%u passed, %u failed\n", counts.passed, counts.failed);
    return counts.failed > 0 || counts.passed == 0;
}
