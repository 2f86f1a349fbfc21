// SPDX-License-Identifier: BSD-2-Clause
// A run of a system: what the lines on the serial port mean, and when it is over.
//
// The firmware's banner comes first and is kept in the log only. Then come lines of core 0's console program:
// "[core domain] text", and "@skerry …" for us (docs/user-level.md). Bootloaders and panics write past it, by
// firmware call: "loader: …" and "panic: …".
//
// A run is over when the console program says "@skerry exit N", when core 0 is dead, when the emulator ends,
// at the timeout, or at Ctrl-C. Each has its message; the table so far is printed in any case. Virtual time is
// what bounds a kernel's coming up: the console reports every virtual second, so a kernel that has not
// shown itself by the second report is late, however slow the host is.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/backtrace.h"
#include "tools/boot_command.h"
#include "tools/canvas.h"
#include "tools/commands.h"
#include "tools/emit_init.h"
#include "tools/emit_package.h"
#include "tools/follow.h"
#include "tools/image.h"
#include "tools/paths.h"
#include "tools/place.h"
#include "tools/report.h"
#include "tools/run.h"
#include "tools/status_line.h"
#include "tools/units.h"

#define REPORTS_TO_COME_UP 2             // virtual seconds
#define LAST_WORDS_NS      1000000000ull // after a panic of core 0, for what is still in the file
#define BANNER_END         "Boot HART MEDELEG"
#define REPORTS_A_LINE     5 // where there is no terminal

enum run_end { RUN_GOES_ON, RUN_EXIT, RUN_DEAD, RUN_EMULATOR_ENDED, RUN_TIMEOUT, RUN_INTERRUPTED };

struct run {
    struct load *load;
    struct system *system;
    struct arena *arena;
    const struct run_options *options;
    const struct package_output *package;
    struct report *report;
    struct follow *follow;
    FILE *core_log[MAX_CORES];
    unsigned lives[MAX_CORES]; // banners of its kernel so far: 0 until it is up
    bool late[MAX_CORES];
    bool banner_over;
    bool coloured;
    struct core *panicking; // whose registers are being printed
    bool platform_dead;
    const char *death; // of the platform core, for the message
    u64 started_ns, died_ns;
    struct run_instant heard; // the last word of core 0
    struct status_line status;
};

/* ---- Lines ------------------------------------------------------------------------------------- */

static struct core *core_named(struct run *run, const char *name, size_t length) {
    for (unsigned i = 0; i < run->system->core_count; i++) {
        struct core *core = &run->system->cores[i];
        if (strlen(core->name) == length && !memcmp(core->name, name, length)) {
            return core;
        }
    }
    return NULL;
}

// The core of a line "[core] text" or "[core domain] text".
static struct core *line_core(struct run *run, const char *line, const char **text) {
    const char *end = line[0] == '[' ? strstr(line, "] ") : NULL;
    if (!end) {
        return NULL;
    }
    *text = end + 2;
    return core_named(run, line + 1, strcspn(line + 1, " ]"));
}

static void show(struct run *run, struct core *core, const char *line) {
    if (core && run->core_log[core->index]) {
        fprintf(run->core_log[core->index], "%s\n", line);
    }
    if (run->options->only && (!core || strcmp(core->name, run->options->only))) {
        return;
    }
    const char *end = core && run->coloured ? strstr(line, "] ") : NULL;
    if (end) {
        printf("%s%.*s\033[0m%s\n", canvas_colour((int)core->index), (int)(end + 1 - line), line,
               end + 1);
    } else {
        puts(line);
    }
}

// A line of the panic's text, by firmware call: whose it is follows from its hart.
static void panic_line(struct run *run, const char *line) {
    if (!strncmp(line, "  hart ", 7)) {
        u64 hart = strtoull(line + 7, NULL, 10);
        for (unsigned i = 0; i < run->system->core_count; i++) {
            if (run->system->cores[i].hart == hart) {
                run->panicking = &run->system->cores[i];
            }
        }
        if (run->panicking == platform_core(run->system)) {
            run->platform_dead = true;
            run->death = "its kernel panicked";
            run->died_ns = host_time_ns();
        }
    } else if (!strncmp(line, "  backtrace: ", 13) && run->panicking) {
        const char *elf = run->package->partition[run->panicking->index].kernel_path;
        fflush(stdout);
        backtrace_print(run->arena, elf, line, stdout);
    }
}

// "loader: hart N, partition 'NAME': cause".
static void loader_line(struct run *run, const char *line) {
    const char *name = strstr(line, "partition '");
    struct core *core = name ? core_named(run, name + 11, strcspn(name + 11, "'")) : NULL;
    if (core && !run->late[core->index]) {
        run->late[core->index] = true;
        fflush(stdout);
        fprintf(stderr, "skerry run: error: kernel \"%s\" on hart %" PRIu64 " did not come up\n",
                core->name, core->hart);
    }
    if (core == platform_core(run->system) || !core) {
        run->platform_dead = true;
        run->death = "its bootloader gave up";
        run->died_ns = host_time_ns();
    }
}

static void late_name(struct run *run, const char *when) {
    for (unsigned i = 0; i < run->system->core_count; i++) {
        if (!run->lives[i] && !run->late[i]) {
            run->late[i] = true;
            fflush(stdout);
            fprintf(stderr,
                    "skerry run: error: kernel \"%s\" on hart %" PRIu64 " did not come up %s\n",
                    run->system->cores[i].name, run->system->cores[i].hart, when);
        }
    }
}

// After some virtual seconds, name the kernels that have not said that they are up.
static void late_check(struct run *run) {
    if (report_count(run->report) == REPORTS_TO_COME_UP) {
        late_name(run, arena_printf(run->arena, "within %u virtual seconds", REPORTS_TO_COME_UP));
    }
}

/* ---- How it goes ------------------------------------------------------------------------------- */

// Virtual time so far, by the reports that have come: one each virtual second.
static char *progress_text(struct run *run) {
    unsigned up = 0, reports = report_count(run->report);
    for (unsigned i = 0; i < run->system->core_count; i++) {
        up += run->lives[i] > 0;
    }
    char *kernels =
        up == run->system->core_count
            ? arena_copy(run->arena, "", 0)
            : arena_printf(run->arena, ", %u of %u kernels up", up, run->system->core_count);
    return arena_printf(run->arena, "virtual %us%s%s", reports * (REPORT_US / 1000000), kernels,
                        report_summary(run->report));
}

static void progress_show(struct run *run) {
    u64 now = host_time_ns();
    if (status_line_due(&run->status, now)) {
        status_line_show(&run->status, now,
                         arena_printf(run->arena, "%" PRIu64 "s, %s",
                                      (now - run->started_ns) / 1000000000, progress_text(run)));
    }
}

// Without a terminal, a line now and then; by virtual time, so that the same run says the same.
static void progress_tell(struct run *run) {
    if (!run->status.terminal && report_count(run->report) % REPORTS_A_LINE == 0) {
        fflush(stdout);
        fprintf(stderr, "skerry run: %s\n", progress_text(run));
    }
}

static enum run_end skerry_line(struct run *run, const char *line) {
    switch (report_take(run->report, line)) {
    case REPORT_EXIT:
        return RUN_EXIT;
    case REPORT_COMPLETE:
        late_check(run);
        progress_tell(run);
        return RUN_GOES_ON;
    case REPORT_TAKEN:
        return RUN_GOES_ON;
    default:
        puts(line);
        return RUN_GOES_ON;
    }
}

static struct run_instant instant_now(const struct run *run) {
    return (struct run_instant){.host_ns = host_time_ns(),
                                .processor_ns = follow_processor_ns(run->follow)};
}

static enum run_end line_take(struct run *run, const char *line) {
    const char *text = line;
    struct core *core = line_core(run, line, &text);
    run->heard = instant_now(run);
    status_line_clear(&run->status);
    if (!strncmp(line, BANNER_END, strlen(BANNER_END))) {
        run->banner_over = true;
    } else if (!strncmp(line, "@skerry ", 8)) {
        return skerry_line(run, line);
    } else if (core) {
        run->banner_over = true;
        run->lives[core->index] += !strncmp(text, "skerry ", 7);
        show(run, core, line);
    } else if (!strncmp(line, "loader: ", 8)) {
        puts(line);
        loader_line(run, line);
    } else if (run->banner_over || !strncmp(line, "panic: ", 7) || !strncmp(line, "  hart ", 7) ||
               !strncmp(line, "  backtrace: ", 13)) {
        puts(line);
        panic_line(run, line);
    }
    return RUN_GOES_ON;
}

static enum run_end idle_check(struct run *run) {
    struct run_instant instant = instant_now(run);
    u64 now = instant.host_ns;
    fflush(stdout);
    progress_show(run);
    if (run_interrupted()) {
        return RUN_INTERRUPTED;
    }
    if (run->options->timeout_ns && now - run->started_ns > run->options->timeout_ns) {
        return RUN_TIMEOUT;
    }
    if (run->platform_dead && now - run->died_ns > LAST_WORDS_NS) {
        return RUN_DEAD;
    }
    if (run->system->console && !run->options->patient && run_is_silent(run->heard, instant)) {
        run->death = "nothing has been heard of it for a minute";
        return RUN_DEAD;
    }
    return RUN_GOES_ON;
}

static enum run_end watch(struct run *run) {
    enum run_end end = RUN_GOES_ON;
    run->heard = instant_now(run);
    run->started_ns = run->heard.host_ns;
    while (end == RUN_GOES_ON) {
        const char *line;
        switch (follow_next(run->follow, false, &line)) {
        case FOLLOW_LINE:
            end = line_take(run, line);
            if (end == RUN_GOES_ON) {
                end = idle_check(run);
            }
            break;
        case FOLLOW_END:
            return RUN_EMULATOR_ENDED;
        default:
            end = idle_check(run);
            break;
        }
    }
    return end;
}

// Why the console may be silent although nothing is wrong: somebody above it does not wait.
static void starving_note(const struct run *run) {
    const struct domain *console = console_domain(run->system);
    for (unsigned i = 0; console && i < run->system->domain_count; i++) {
        const struct domain *domain = &run->system->domains[i];
        if (domain->core == console->core && domain->priority > console->priority &&
            !domain->passive && domain->budget_ns >= domain->period_ns) {
            fprintf(
                stderr,
                "skerry run: note: \"%s\" has priority %u, above the console program's %u, and no "
                "period above its budget: unless it waits, nothing is printed\n",
                domain->name, domain->priority, console->priority);
        }
    }
}

/* ---- The end ----------------------------------------------------------------------------------- */

static void lives_print(const struct run *run) {
    for (unsigned i = 0; i < run->system->core_count; i++) {
        if (run->lives[i] > 1) {
            printf("\nkernel \"%s\" started over %u time%s\n", run->system->cores[i].name,
                   run->lives[i] - 1, run->lives[i] == 2 ? "" : "s");
        }
    }
}

static int end_report(struct run *run, enum run_end end) {
    const char *platform = platform_core(run->system)->name;
    bool all_up = true;
    status_line_clear(&run->status);
    // Without a working console nobody can say who is up.
    if (report_count(run->report)) {
        late_name(run, "before the run ended");
    }
    for (unsigned i = 0; i < run->system->core_count; i++) {
        all_up &= run->lives[i] && !run->late[i];
    }
    if (end == RUN_EXIT || report_count(run->report)) {
        report_print(run->report, stdout);
        lives_print(run);
    }
    fflush(stdout);
    switch (end) {
    case RUN_EXIT:
        if (report_status(run->report) == 0 && all_up) {
            puts("\nrun ended: good");
            return EXIT_GOOD;
        }
        if (report_status(run->report) == 0) {
            fputs("skerry run: error: the run ended well, but not all kernels came up\n", stderr);
        } else {
            fprintf(stderr, "skerry run: error: the system ended the run with status %d\n",
                    report_status(run->report));
        }
        return EXIT_FAILED;
    case RUN_DEAD:
        fprintf(stderr, "skerry run: error: core \"%s\" is dead: %s\n", platform,
                run->death ? run->death : "?");
        if (!report_count(run->report)) {
            starving_note(run);
        }
        return EXIT_FAILED;
    case RUN_EMULATOR_ENDED:
        if (!console_domain(run->system) && follow_status(run->follow) == 0) {
            puts("run ended: the machine was shut down");
            return EXIT_GOOD;
        }
        fprintf(stderr, "skerry run: error: the emulator ended by itself (status %d)\n%s",
                follow_status(run->follow), follow_errors(run->follow));
        return EXIT_FAILED;
    case RUN_TIMEOUT:
        fprintf(stderr, "skerry run: error: the run did not end within %s of host time\n",
                report_time(run->arena, run->options->timeout_ns));
        if (!report_count(run->report)) {
            starving_note(run);
        }
        return EXIT_FAILED;
    default:
        fputs("skerry run: interrupted\n", stderr);
        return EXIT_FAILED;
    }
}

/* ---- The beginning ----------------------------------------------------------------------------- */

static bool files_write(struct run *run, const char *folder) {
    const char *package = arena_printf(run->arena, "%s/package.bin", folder);
    const char *tree = arena_printf(run->arena, "%s/machine.dtb", folder);
    if (!file_write(package, run->package->package.data, run->package->package.size) ||
        !file_write(tree, run->package->tree.data, run->package->tree.size)) {
        fprintf(stderr, "skerry run: error: %s cannot be written: %s\n", folder, strerror(errno));
        return false;
    }
    for (unsigned i = 0; run->options->log_folder && i < run->system->core_count; i++) {
        run->core_log[i] =
            fopen(arena_printf(run->arena, "%s/%s.log", folder, run->system->cores[i].name), "w");
    }
    return true;
}

static bool start(struct run *run, const char *folder) {
    struct arguments arguments =
        boot_arguments(run->arena, run->system, arena_printf(run->arena, "%s/package.bin", folder),
                       arena_printf(run->arena, "%s/machine.dtb", folder));
    if (!arguments.count) {
        fputs("skerry run: error: OpenSBI's fw_dynamic.bin is not installed; see `skerry doctor`\n",
              stderr);
        return false;
    }
    arguments_add(run->arena, &arguments, "-no-reboot");
    for (const char *const *extra = run->options->extra; extra && *extra; extra++) {
        arguments_add(run->arena, &arguments, *extra);
    }
    char *why = NULL;
    run->follow = follow_start(run->arena, &arguments,
                               arena_printf(run->arena, "%s/console.log", folder), &why);
    if (!run->follow) {
        fprintf(stderr, "skerry run: error: the emulator cannot be started: %s\n", why);
    }
    return run->follow != NULL;
}

int run_system(struct load *load, const struct run_options *options) {
    if (run_interrupted()) {
        fputs("skerry run: interrupted\n", stderr);
        return EXIT_FAILED;
    }
    const struct package_output *package = emit_package(load);
    if (!package) {
        return EXIT_FAILED;
    }
    struct run run = {.load = load,
                      .system = load->system,
                      .arena = load->arena,
                      .options = options,
                      .package = package};
    run.status = status_line_begin();
    run.report = report_new(load->arena, load->system);
    run.coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (options->only && !core_named(&run, options->only, strlen(options->only))) {
        return usage_error("run", "there is no core \"%s\" in %s", options->only,
                           load->system->path);
    }
    char *folder = run_folder(load->arena, options);
    if (!folder) {
        fprintf(stderr, "skerry run: error: no folder for the run's files: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    if (!console_domain(load->system)) {
        fprintf(
            stderr,
            "skerry run: note: core \"%s\" has no console program: programs are not heard, and only "
            "--timeout, a shutdown or Ctrl-C ends the run\n",
            platform_core(load->system)->name);
    }
    int code = EXIT_FAILED;
    if (files_write(&run, folder) && start(&run, folder)) {
        enum run_end end = watch(&run);
        follow_stop(run.follow);
        code = end_report(&run, end);
        if (end == RUN_EXIT && options->paths) {
            struct paths *paths = paths_count(load, package, folder, options);
            if (paths) {
                paths_print(load->arena, load->system, paths);
            }
            code = paths ? code : EXIT_FAILED;
        }
    }
    for (unsigned i = 0; i < load->system->core_count; i++) {
        if (run.core_log[i]) {
            fclose(run.core_log[i]);
        }
    }
    run_folder_remove(load->arena, options, folder);
    return code;
}
