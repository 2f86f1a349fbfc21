// SPDX-License-Identifier: BSD-2-Clause
// Results as JSON, with every sample, and back.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"

static json_t *environment_json(const struct bench_environment *environment) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s}", "commit",
                     environment->commit, "compiler", environment->compiler, "flags",
                     environment->flags, "qemu", environment->qemu, "firmware",
                     environment->firmware, "machine", environment->machine, "variant",
                     environment->variant, "kernel_digest", environment->kernel_digest, "warm_ups",
                     (int)environment->warm_ups, "runs", (int)environment->runs, "seed", 0, "unit",
                     "instructions");
}

// Equal neighbours are one pair [value, times], so that a baseline can be kept in the tree.
static json_t *samples_json(const struct bench_row *row) {
    json_t *list = json_array();
    for (unsigned i = 0; i < row->count;) {
        unsigned from = i;
        while (i < row->count && row->samples[i] == row->samples[from]) {
            i++;
        }
        json_array_append_new(list,
                              json_pack("[I, i]", (json_int_t)row->samples[from], (int)(i - from)));
    }
    return list;
}

static void text_put(json_t *object, const char *key, const char *text) {
    if (text) {
        json_object_set_new(object, key, json_string(text));
    }
}

static json_t *row_json(const struct bench_row *row) {
    json_t *object = json_pack(
        "{s:s, s:i, s:I, s:I, s:I, s:I, s:i, s:o}", "name", row->name, "n", (int)row->count, "min",
        (json_int_t)row->min, "median", (json_int_t)row->median, "p99", (json_int_t)row->p99, "max",
        (json_int_t)row->max, "input", (int)row->input, "samples", samples_json(row));
    if (row->reference) {
        json_object_set_new(object, "title", json_string(row->reference->title));
        json_object_set_new(object, "sel4", json_integer(row->reference->sel4));
        json_object_set_new(object, "aim", json_integer(row->reference->aim));
    }
    text_put(object, "unit", strcmp(row->unit, "instructions") ? row->unit : NULL);
    text_put(object, "core", row->core);
    text_put(object, "note", row->note);
    if (row->what) {
        text_put(object, "what", row->what);
        json_object_set_new(object, "at", json_integer((json_int_t)row->at));
    }
    if (row->bound) {
        json_object_set_new(object, "bound", json_integer((json_int_t)row->bound));
    }
    if (row->split.known) {
        json_object_set_new(object, "split",
                            json_pack("{s:I, s:I, s:I, s:i}", "user", (json_int_t)row->split.user,
                                      "kernel", (json_int_t)row->split.kernel, "firmware",
                                      (json_int_t)row->split.firmware, "firmware_entries",
                                      (int)row->split.entries));
    }
    return object;
}

bool bench_json_write(const struct bench_result *result, const char *path) {
    struct bench_summary summary = bench_summarise(result);
    json_t *rows = json_array();
    for (unsigned i = 0; i < result->row_count; i++) {
        json_array_append_new(rows, row_json(&result->rows[i]));
    }
    json_t *root = json_pack("{s:o, s:{s:f, s:i, s:i, s:i, s:i}, s:o}", "environment",
                             environment_json(&result->environment), "summary", "geometric_mean",
                             summary.geometric_mean, "compared", (int)summary.compared,
                             "above_limit", (int)summary.above_limit, "aims", (int)summary.aims,
                             "aims_met", (int)summary.aims_met, "rows", rows);
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(6));
    // A row a line: a person can read what a commit changed.
    for (char *at = text; at && (at = strstr(at, ",{\"name\"")); at++) {
        *at = '\n'; // put right below: JSON wants its comma
    }
    FILE *memory = NULL;
    char *lines = NULL;
    size_t length = 0;
    memory = open_memstream(&lines, &length);
    for (const char *at = text; memory && at && *at; at++) {
        fputs(*at == '\n' ? ",\n" : (char[]){*at, 0}, memory);
    }
    bool good = memory && text && fputc('\n', memory) != EOF && !fclose(memory) &&
                file_write(path, lines, length);
    free(lines);
    free(text);
    json_decref(root);
    return good;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static const char *text_of(struct arena *arena, json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? arena_copy(arena, text, strlen(text)) : "";
}

static void samples_read(struct arena *arena, json_t *list, struct bench_row *row) {
    size_t count = 0, at = 0, i;
    json_t *pair;
    json_array_foreach(list, i, pair) {
        count += (size_t)json_integer_value(json_array_get(pair, 1));
    }
    u64 *samples = ARENA_ARRAY(arena, u64, count + 1);
    json_array_foreach(list, i, pair) {
        json_int_t times = json_integer_value(json_array_get(pair, 1));
        for (; times > 0; times--) {
            samples[at++] = (u64)json_integer_value(json_array_get(pair, 0));
        }
    }
    row->samples = samples;
    row->count = (unsigned)count;
}

// NULL if there is none.
static const char *text_or_null(struct arena *arena, json_t *object, const char *key) {
    return json_object_get(object, key) ? text_of(arena, object, key) : NULL;
}

static u64 number_of(json_t *object, const char *key) {
    return (u64)json_integer_value(json_object_get(object, key));
}

static void row_read(struct arena *arena, json_t *object, struct bench_result *result) {
    json_t *split = json_object_get(object, "split");
    struct bench_row row = {.name = text_of(arena, object, "name"),
                            .unit = text_or_null(arena, object, "unit"),
                            .core = text_or_null(arena, object, "core"),
                            .note = text_or_null(arena, object, "note"),
                            .what = text_or_null(arena, object, "what"),
                            .at = number_of(object, "at"),
                            .bound = number_of(object, "bound"),
                            .split = {.known = split != NULL,
                                      .user = number_of(split, "user"),
                                      .kernel = number_of(split, "kernel"),
                                      .firmware = number_of(split, "firmware"),
                                      .entries = (unsigned)number_of(split, "firmware_entries")}};
    samples_read(arena, json_object_get(object, "samples"), &row);
    if (row.count) {
        bench_row_add(arena, result, &row);
    }
}

struct bench_result *bench_json_read(struct arena *arena, const char *path, char **why) {
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    json_t *environment = json_object_get(root, "environment");
    json_t *rows = json_object_get(root, "rows");
    if (!json_is_object(environment) || !json_is_array(rows)) {
        *why = arena_printf(arena, "%s: %s", path, root ? "not a result of bench" : error.text);
        json_decref(root);
        return NULL;
    }
    struct bench_result *result = ARENA_NEW(arena, struct bench_result);
    result->environment = (struct bench_environment){
        .commit = text_of(arena, environment, "commit"),
        .compiler = text_of(arena, environment, "compiler"),
        .flags = text_of(arena, environment, "flags"),
        .qemu = text_of(arena, environment, "qemu"),
        .firmware = text_of(arena, environment, "firmware"),
        .machine = text_of(arena, environment, "machine"),
        .variant = text_of(arena, environment, "variant"),
        .kernel_digest = text_of(arena, environment, "kernel_digest"),
        .warm_ups = (unsigned)json_integer_value(json_object_get(environment, "warm_ups")),
        .runs = (unsigned)json_integer_value(json_object_get(environment, "runs"))};
    size_t i;
    json_t *object;
    json_array_foreach(rows, i, object) {
        row_read(arena, object, result);
    }
    json_decref(root);
    return result;
}
