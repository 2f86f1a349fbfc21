// SPDX-License-Identifier: BSD-2-Clause
// The table in the terminal, the summary below it, comma-separated values, and the comparison with an older run.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tools/bench.h"

#define TITLE_COLUMNS 56

static double ratio_of(const struct bench_row *row) {
    return row->reference && row->reference->sel4
               ? (double)row->median / (double)row->reference->sel4
               : 0;
}

struct bench_summary bench_summarise(const struct bench_result *result) {
    struct bench_summary summary = {0};
    double logarithms = 0;
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct bench_row *row = &result->rows[i];
        double ratio = ratio_of(row);
        if (ratio > 0) {
            logarithms += log(ratio);
            summary.compared++;
            summary.above_limit += ratio > BENCH_ROW_LIMIT;
        }
        if (row->reference && row->reference->aim) {
            summary.aims++;
            summary.aims_met += row->median <= row->reference->aim;
        }
    }
    summary.geometric_mean = summary.compared ? exp(logarithms / summary.compared) : 0;
    return summary;
}

static void print_figure(FILE *out, unsigned figure) {
    if (figure) {
        fprintf(out, " %7u", figure);
    } else {
        fputs("       –", out);
    }
}

static void row_print(const struct bench_row *row, FILE *out) {
    const struct bench_reference *reference = row->reference;
    double ratio = ratio_of(row);
    fprintf(out, "%-*s", TITLE_COLUMNS, reference ? reference->title : row->name);
    print_figure(out, reference ? reference->sel4 : 0);
    print_figure(out, reference ? reference->aim : 0);
    fprintf(out, " %7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %7" PRIu64, row->min, row->median,
            row->p99, row->max);
    if (ratio > 0) {
        fprintf(out, "  %5.2f%s%s", ratio, ratio > BENCH_ROW_LIMIT ? " !" : "",
                reference->aim && row->median <= reference->aim ? " *" : "");
    } else {
        fputs("      –", out);
    }
    fputc('\n', out);
}

static bool wanted(const struct bench_row *row, char *const *names) {
    bool any = false;
    for (char *const *name = names; name && *name; name++) {
        any = true;
        if (!strncmp(row->name, *name, strlen(*name))) {
            return true;
        }
    }
    return !any;
}

// Rows of the reference in its order, then the others in the lab's.
unsigned bench_table_print(const struct bench_result *result, char *const *names, FILE *out) {
    unsigned shown = 0;
    static const char rule[] = "----------------------------------------"
                               "----------------------------------------"
                               "--------------------------------";
    fprintf(out, "%-*s %7s %7s %7s %7s %7s %7s  %5s\n", TITLE_COLUMNS, "instructions", "seL4",
            "aim", "min", "median", "99 %", "max", "ratio");
    fprintf(out, "%s\n", rule);
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        const struct bench_row *row = bench_row_find(result, reference->row);
        if (row && wanted(row, names)) {
            row_print(row, out);
            shown++;
        }
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        if (!result->rows[i].reference && wanted(&result->rows[i], names)) {
            row_print(&result->rows[i], out);
            shown++;
        }
    }
    return shown;
}

/* ---- Comma-separated values ------------------------------------------------------------------------ */

bool bench_csv_write(struct arena *arena, const struct bench_result *result, const char *path) {
    char *text = arena_printf(arena, "name,title,n,min,median,p99,max,input,sel4,aim,ratio\n");
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct bench_row *row = &result->rows[i];
        const struct bench_reference *reference = row->reference;
        text = arena_printf(
            arena, "%s%s,\"%s\",%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u,%u,%u,%.4f\n",
            text, row->name, reference ? reference->title : "", row->count, row->min, row->median,
            row->p99, row->max, row->input, reference ? reference->sel4 : 0,
            reference ? reference->aim : 0, ratio_of(row));
    }
    return file_write(path, text, strlen(text));
}

/* ---- Against an older run -------------------------------------------------------------------------- */

// Why no row is comparable, or NULL.
static const char *difference(const struct bench_environment *now,
                              const struct bench_environment *then) {
    return strcmp(now->machine, then->machine)     ? "another machine"
           : strcmp(now->variant, then->variant)   ? "another variant"
           : strcmp(now->firmware, then->firmware) ? "another firmware"
                                                   : NULL;
}

// The end of a budget falls on either side of a tick of the timer, and takes one of two paths: the share of each
// moves with every commit, the dearer one stays.
static u64 compared_figure(const struct bench_row *row) {
    return strncmp(row->name, "fault.timeout", 13) ? row->median : row->max;
}

unsigned bench_compare(const struct bench_result *result, const struct bench_result *older,
                       FILE *out) {
    unsigned worse = 0, compared = 0, better = 0, missing = 0;
    const char *why = difference(&result->environment, &older->environment);
    fprintf(out, "\nagainst commit %s\n", older->environment.commit);
    if (why) {
        fprintf(out, "no row is comparable: %s\n", why);
        return 0;
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct bench_row *now = &result->rows[i];
        const struct bench_row *then = bench_row_find(older, now->name);
        u64 new = compared_figure(now), old = then ? compared_figure(then) : 0;
        if (!old || bench_row_is_phased(now)) {
            missing++;
            continue;
        }
        double ratio = (double)new / (double)old;
        bool regressed = ratio > BENCH_REGRESSION;
        compared++;
        worse += regressed;
        better += ratio < 1 / BENCH_REGRESSION;
        if (new != old) {
            fprintf(out, "  %-28s %7" PRIu64 " -> %7" PRIu64 "  %5.3f%s\n", now->name, old, new,
                    ratio, regressed ? "  regression" : "");
        }
    }
    fprintf(out,
            "%u rows comparable (same machine, variant, firmware), %u worse by more than 2 %%, %u "
            "better; %u not comparable\n",
            compared, worse, better, missing);
    return worse;
}
