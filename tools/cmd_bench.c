// SPDX-License-Identifier: BSD-2-Clause
// `skerry bench`: runs the latency lab and shows, keeps and compares its rows.
//
// A result has parts (PARTS below); each is one or several boots and adds rows. All of them are run unless --parts or
// the names of rows say which.
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench.h"
#include "tools/commands.h"
#include "tools/load.h"
#include "tools/run.h"

#define WARM_UPS 16
#define RUNS     128

struct bench_arguments {
    const char *json, *csv, *html, *against, *from, *profile, *system, *build_folder;
    bool rows;
    unsigned parts; // a bit for each of PARTS; 0: as the names say
    enum variant variant;
    char *const *names;
};

typedef bool part_run(struct arena *arena, const struct bench_plan *plan,
                      struct bench_result *result);

// In the order in which they are run.
static const struct part {
    const char *name;
    part_run *run;
    bool any_variant;
    const char *const *rows; // how its rows begin, ending with NULL
} PARTS[] = {
    {"lab", bench_lab_run, true,
     (const char *const[]){"lab.",           "null.",  "ntfn.",  "ep.",     "ipc.",    "sched.",
                           "switch.",        "fault.", "irq.",   "retype.", "delete.", "cnode.",
                           "revoke.",        "page.",  "table.", "tcb.",    "sc.",     "scale.",
                           "memory.object-", NULL}},
    {"split", bench_split_run, true, (const char *const[]){"stretch.", NULL}},
    {"cross", bench_cross_run, false, (const char *const[]){"cross.", NULL}},
    {"matrix", bench_matrix_run, false, (const char *const[]){"matrix.", NULL}},
    {"cores", bench_cores_run, false, (const char *const[]){"cyclic.", "boot.", NULL}},
    {"images", bench_images_read, true, (const char *const[]){"memory.virt-", NULL}},
};

#define ALL_PARTS ((1u << ARRAY_LENGTH(PARTS)) - 1)

// "lab,cross". False: there is no such part.
static bool parts_read(const char *text, unsigned *parts) {
    while (*text) {
        size_t length = strcspn(text, ",");
        unsigned i = 0;
        while (i < ARRAY_LENGTH(PARTS) &&
               (strlen(PARTS[i].name) != length || strncmp(PARTS[i].name, text, length))) {
            i++;
        }
        if (i == ARRAY_LENGTH(PARTS)) {
            return false;
        }
        *parts |= 1u << i;
        text += length + (text[length] == ',');
    }
    return *parts != 0;
}

// The parts that have rows of these names; all of them if there are no names.
static unsigned parts_of(char *const *names) {
    unsigned parts = 0;
    for (char *const *name = names; *name; name++) {
        for (unsigned i = 0; i < ARRAY_LENGTH(PARTS); i++) {
            for (const char *const *row = PARTS[i].rows; *row; row++) {
                size_t a = strlen(*name), b = strlen(*row);
                parts |= strncmp(*name, *row, a < b ? a : b) ? 0 : 1u << i;
            }
        }
    }
    return *names ? parts : ALL_PARTS;
}

static bool variant_read(const char *text, enum variant *variant) {
    for (enum variant i = VARIANT_DEBUG; i <= VARIANT_BENCH; i++) {
        if (!strcmp(text, variant_name(i))) {
            *variant = i;
            return true;
        }
    }
    return false;
}

static bool option_take(struct bench_arguments *arguments, int option, const char *value) {
    switch (option) {
    case OPTION_JSON:
        arguments->json = value;
        return true;
    case OPTION_CSV:
        arguments->csv = value;
        return true;
    case OPTION_HTML:
        arguments->html = value;
        return true;
    case OPTION_AGAINST:
        arguments->against = value;
        return true;
    case OPTION_FROM:
        arguments->from = value;
        return true;
    case OPTION_PROFILE:
        arguments->profile = value;
        return true;
    case OPTION_PARTS:
        return parts_read(value, &arguments->parts);
    case OPTION_SYSTEM:
        arguments->system = value;
        return true;
    case OPTION_ROWS:
        arguments->rows = true;
        return true;
    case OPTION_BUILD_FOLDER:
        arguments->build_folder = value;
        return true;
    case OPTION_VARIANT:
        return variant_read(value, &arguments->variant);
    default:
        return false;
    }
}

static bool written(bool good, const char *path) {
    if (!good) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", path, strerror(errno));
    }
    return good;
}

static bool files_write(struct arena *arena, const struct bench_arguments *arguments,
                        const struct bench_result *result) {
    bool good = true;
    if (arguments->json) {
        good &= written(bench_json_write(result, arguments->json), arguments->json);
    }
    if (arguments->csv) {
        good &= written(bench_csv_write(result, arguments->csv), arguments->csv);
    }
    if (arguments->html) {
        good &= written(bench_html_write(arena, result, arguments->html), arguments->html);
    }
    return good;
}

static void summary_print(const struct bench_result *result) {
    const struct bench_environment *environment = &result->environment;
    struct bench_summary summary = bench_summarise(result);
    putchar('\n');
    if (summary.compared) {
        printf("%u rows have a figure of seL4: geometric mean of the ratios %.3f, %u above %.2f "
               "(!); %u of %u aims met (*)\n",
               summary.compared, summary.geometric_mean, summary.above_limit, BENCH_ROW_LIMIT,
               summary.aims_met, summary.aims);
    }
    if (environment->runs) {
        printf("instructions of user stub, kernel and firmware, simulated; %u runs after %u "
               "warm-ups, overhead of counting taken off\n",
               environment->runs, environment->warm_ups);
    } else {
        puts("instructions of each hart's own, simulated, counted from outside, firmware apart");
    }
    printf("commit %s, %s kernel, %s, %s, %s\n", environment->commit, environment->variant,
           environment->machine, environment->qemu, environment->firmware);
}

static int compare(struct arena *arena, const struct bench_arguments *arguments,
                   const struct bench_result *result) {
    char *why = NULL;
    struct bench_result *older =
        arguments->against ? bench_json_read(arena, arguments->against, &why) : NULL;
    if (why) {
        fprintf(stderr, "skerry bench: error: %s\n", why);
        return EXIT_FAILED;
    }
    return older && bench_compare(arena, result, older, stdout) ? EXIT_FAILED : EXIT_GOOD;
}

// Says on a terminal what takes the time.
static void progress(const char *what) {
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "skerry bench: %s ...\n", what);
    }
}

static bool parts_run(struct arena *arena, const struct bench_arguments *arguments,
                      const struct bench_plan *plan, struct bench_result *result) {
    unsigned parts = arguments->parts ? arguments->parts : parts_of(arguments->names);
    bool good = true;
    if (arguments->system) {
        progress(arguments->system);
        return bench_system_run(arena, plan, arguments->system, result);
    }
    for (unsigned i = 0; good && i < ARRAY_LENGTH(PARTS); i++) {
        if (parts & 1u << i && (PARTS[i].any_variant || plan->variant == VARIANT_RELEASE)) {
            progress(PARTS[i].name);
            good = PARTS[i].run(arena, plan, result);
        }
    }
    if (good && !result->environment.commit) {
        bench_lab_environment(arena, plan, arena_printf(arena, "%s/console.log", plan->folder),
                              result);
    }
    return good;
}

static struct bench_result *result_new(struct arena *arena,
                                       const struct bench_arguments *arguments) {
    struct bench_result *result = ARENA_NEW(arena, struct bench_result);
    struct run_options temporary = {0};
    const char *folder = run_folder(arena, &temporary);
    if (!folder) {
        fprintf(stderr, "skerry bench: error: no folder for the run: %s\n", strerror(errno));
        return NULL;
    }
    struct bench_plan plan = {.build_folder = arguments->build_folder,
                              .folder = folder,
                              .variant = arguments->variant,
                              .warm_ups = WARM_UPS,
                              .runs = RUNS};
    bool good = parts_run(arena, arguments, &plan, result);
    run_folder_remove(arena, &temporary, folder);
    return good ? result : NULL;
}

// A new run, or a kept one.
static struct bench_result *result_get(struct arena *arena,
                                       const struct bench_arguments *arguments) {
    char *why = NULL;
    struct bench_result *result = arguments->from ? bench_json_read(arena, arguments->from, &why)
                                                  : result_new(arena, arguments);
    if (why) {
        fprintf(stderr, "skerry bench: error: %s\n", why);
    }
    return result;
}

static int bench(struct arena *arena, const struct bench_arguments *arguments) {
    if (!arguments->from && !arguments->system && !arguments->parts &&
        !parts_of(arguments->names)) {
        return usage_error("bench", "no row's name begins like that; see bench --rows");
    }
    struct bench_result *result = result_get(arena, arguments);
    if (!result) {
        return EXIT_FAILED;
    }
    if (!bench_table_print(result, arguments->names, stdout)) {
        return usage_error("bench", "no row's name begins like that; see bench --rows");
    }
    if (!*arguments->names) {
        bench_matrix_print(arena, result, stdout);
    }
    summary_print(result);
    if (!files_write(arena, arguments, result)) {
        return EXIT_FAILED;
    }
    return compare(arena, arguments, result);
}

int cmd_bench(int argc, char **argv) {
    struct bench_arguments arguments = {.variant = VARIANT_RELEASE};
    const char *value;
    int option;
    while ((option = command_option(argc, argv, &value)) != -1) {
        if (!option_take(&arguments, option, value)) {
            return usage_error("bench", "not understood: %s", argv[optind - 1]);
        }
    }
    struct arena *arena = arena_new();
    arguments.names = argv + optind;
    if (!arguments.build_folder) {
        arguments.build_folder = default_build_folder(arena);
    }
    int code = arguments.profile ? bench_profile(arena, arguments.build_folder, arguments.variant,
                                                 arguments.profile)
               : arguments.rows  ? bench_rows_print(stdout)
                                 : bench(arena, &arguments);
    arena_free(arena);
    return code;
}
