// SPDX-License-Identifier: BSD-2-Clause
// `skerry bench`: runs the latency lab and shows, keeps and compares its rows.
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/commands.h"
#include "tools/load.h"

#define WARM_UPS 16
#define RUNS     128

enum option_id {
    OPTION_JSON = 256,
    OPTION_CSV,
    OPTION_HTML,
    OPTION_AGAINST,
    OPTION_FROM,
    OPTION_VARIANT,
    OPTION_PROFILE,
    OPTION_CROSS,
    OPTION_BUILD_FOLDER
};

static const struct option OPTIONS[] = {
    {"json", required_argument, NULL, OPTION_JSON},
    {"csv", required_argument, NULL, OPTION_CSV},
    {"html", required_argument, NULL, OPTION_HTML},
    {"against", required_argument, NULL, OPTION_AGAINST},
    {"from", required_argument, NULL, OPTION_FROM},
    {"variant", required_argument, NULL, OPTION_VARIANT},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"cross", no_argument, NULL, OPTION_CROSS},
    {"build-folder", required_argument, NULL, OPTION_BUILD_FOLDER},
    {NULL, 0, NULL, 0}};

struct bench_arguments {
    const char *json, *csv, *html, *against, *from, *profile, *build_folder;
    bool cross;
    enum variant variant;
    char *const *names;
};

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
    case OPTION_CROSS:
        arguments->cross = true;
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
        good &= written(bench_csv_write(arena, result, arguments->csv), arguments->csv);
    }
    if (arguments->html) {
        good &= written(bench_html_write(arena, result, arguments->html), arguments->html);
    }
    return good;
}

static void summary_print(const struct bench_result *result) {
    const struct bench_environment *environment = &result->environment;
    struct bench_summary summary = bench_summarise(result);
    printf("\n%u rows have a figure of seL4: geometric mean of the ratios %.3f, %u above %.2f (!); "
           "%u of %u aims met (*)\n",
           summary.compared, summary.geometric_mean, summary.above_limit, BENCH_ROW_LIMIT,
           summary.aims_met, summary.aims);
    printf("instructions of user stub, kernel and firmware, simulated; %u runs after %u warm-ups, "
           "overhead of counting taken off\ncommit %s, %s kernel, %s, %s, %s\n",
           environment->runs, environment->warm_ups, environment->commit, environment->variant,
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
    return older && bench_compare(result, older, stdout) ? EXIT_FAILED : EXIT_GOOD;
}

// A new run, or a kept one.
static struct bench_result *result_get(struct arena *arena,
                                       const struct bench_arguments *arguments) {
    struct bench_plan plan = {.build_folder = arguments->build_folder,
                              .variant = arguments->variant,
                              .warm_ups = WARM_UPS,
                              .runs = RUNS};
    char *why = NULL;
    struct bench_result *result = arguments->from ? bench_json_read(arena, arguments->from, &why)
                                                  : bench_lab_run(arena, &plan);
    if (why) {
        fprintf(stderr, "skerry bench: error: %s\n", why);
    }
    return result;
}

static int bench(struct arena *arena, const struct bench_arguments *arguments) {
    struct bench_result *result = result_get(arena, arguments);
    if (!result) {
        return EXIT_FAILED;
    }
    if (!bench_table_print(result, arguments->names, stdout)) {
        return usage_error("bench", "no row's name begins like that");
    }
    summary_print(result);
    if (!files_write(arena, arguments, result)) {
        return EXIT_FAILED;
    }
    return compare(arena, arguments, result);
}

int cmd_bench(int argc, char **argv) {
    struct bench_arguments arguments = {.variant = VARIANT_RELEASE};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (!option_take(&arguments, option, optarg)) {
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
               : arguments.cross ? bench_cross(arena, arguments.build_folder)
                                 : bench(arena, &arguments);
    arena_free(arena);
    return code;
}
