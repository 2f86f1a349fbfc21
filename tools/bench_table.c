// SPDX-License-Identifier: BSD-2-Clause
// The table in the terminal, the summary below it, comma-separated values, and the comparison with an older run.
#define _POSIX_C_SOURCE 200809L // open_memstream
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
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
            summary.aims_met += bench_row_meets_aim(row);
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

// How many columns a text in UTF-8 takes.
static int columns(const char *text) {
    int count = 0;
    for (; *text; text++) {
        count += (*text & 0xc0) != 0x80;
    }
    return count;
}

static void title_print(const struct bench_row *row, FILE *out) {
    const char *title = row->reference ? row->reference->title : row->name;
    int used = columns(title);
    fputs(title, out);
    if (strcmp(row->unit, "instructions")) {
        used += fprintf(out, " (%s)", row->unit);
    }
    fprintf(out, "%*s", used < TITLE_COLUMNS ? TITLE_COLUMNS - used : 1, "");
}

static void split_print(const struct bench_split *split, FILE *out) {
    fprintf(out, "%*" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6u", 7, split->user, split->kernel,
            split->firmware, split->entries);
}

// What the maximum came with.
static void maximum_print(const struct bench_row *row, FILE *out) {
    if (row->note) {
        fprintf(out, "    maximum: %s\n", row->note);
    } else if (row->what && row->min != row->max) {
        fprintf(out, "    maximum: %s at %" PRIu64 "\n", row->what, row->at);
    }
}

static void row_print(const struct bench_row *row, FILE *out) {
    const struct bench_reference *reference = row->reference;
    double ratio = ratio_of(row);
    title_print(row, out);
    print_figure(out, reference ? reference->sel4 : 0);
    print_figure(out, reference ? reference->aim : 0);
    fprintf(out, " %7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %7" PRIu64, row->min, row->median,
            row->p99, row->max);
    if (ratio > 0) {
        fprintf(out, "  %5.2f", ratio);
    } else {
        fputs("      –", out);
    }
    bool met = bench_row_meets_aim(row);
    fprintf(out, " %s%s", ratio > BENCH_ROW_LIMIT ? "!" : "", met ? "*" : "");
    if (row->split.known) {
        fprintf(out, "%*s", (ratio <= BENCH_ROW_LIMIT) + !met, "");
        split_print(&row->split, out);
    }
    fputc('\n', out);
    maximum_print(row, out);
}

// Whether names were given at all; without, the matrix is shown as a matrix.
static bool named(char *const *names) {
    return names && *names;
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

int bench_rows_print(FILE *out) {
    fprintf(out, "%-24s %7s %7s  %s\n", "row", "seL4", "aim", "operation");
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        fprintf(out, "%-24s", reference->row);
        print_figure(out, reference->sel4);
        print_figure(out, reference->aim);
        fprintf(out, "  %s\n", reference->title);
    }
    fputs(
        "others are named by what they are: scale.*, ipc.length-*, ipc.caps-*, matrix.OPERATION.AGGRESSOR "
        "(docs/performance.md)\n",
        out);
    return 0;
}

// Rows of the reference in its order, then the others in the lab's.
unsigned bench_table_print(const struct bench_result *result, char *const *names, FILE *out) {
    unsigned shown = 0;
    static const char rule[] = "----------------------------------------"
                               "----------------------------------------"
                               "--------------------------------";
    bool splits = false;
    for (unsigned i = 0; i < result->row_count; i++) {
        splits |= result->rows[i].split.known;
    }
    fprintf(out, "%-*s %7s %7s %7s %7s %7s %7s  %5s%s\n", TITLE_COLUMNS, "instructions", "seL4",
            "aim", "min", "median", "99 %", "max", "ratio",
            splits ? "      user kernel M-mode entries" : "");
    fprintf(out, "%s%s\n", rule, splits ? "------------------------------" : "");
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        const struct bench_row *row = bench_row_find(result, reference->row);
        if (row && wanted(row, names)) {
            row_print(row, out);
            shown++;
        }
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct bench_row *row = &result->rows[i];
        if (!row->reference && wanted(row, names)) {
            shown++;
            if (named(names) || strncmp(row->name, "matrix.", 7)) {
                row_print(row, out);
            }
        }
    }
    return shown;
}

/* ---- Comma-separated values ------------------------------------------------------------------------ */

// A text between quotation marks, which it must not have itself.
static void text_write(FILE *out, const char *text) {
    fputs(",\"", out);
    for (; text && *text; text++) {
        fputc(*text == '"' ? '\'' : *text, out);
    }
    fputc('"', out);
}

static void row_write(FILE *out, const struct bench_row *row) {
    const struct bench_reference *reference = row->reference;
    fputs(row->name, out);
    text_write(out, reference ? reference->title : "");
    fprintf(out,
            ",%s,%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u,%s,%" PRIu64 ",%u,%u,%.4f",
            row->unit, row->count, row->min, row->median, row->p99, row->max, row->input,
            row->what ? row->what : "", row->at, reference ? reference->sel4 : 0,
            reference ? reference->aim : 0, ratio_of(row));
    if (row->split.known) {
        fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u", row->split.user, row->split.kernel,
                row->split.firmware, row->split.entries);
    } else {
        fputs(",,,,", out);
    }
    text_write(out, row->note);
    fputc('\n', out);
}

bool bench_csv_write(const struct bench_result *result, const char *path) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        return false;
    }
    fputs("name,title,unit,n,min,median,p99,max,input,what,at,sel4,aim,ratio,user,kernel,firmware,"
          "firmware_entries,note\n",
          out);
    for (unsigned i = 0; i < result->row_count; i++) {
        row_write(out, &result->rows[i]);
    }
    bool good = !fclose(out) && file_write(path, text, length);
    free(text);
    return good;
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

enum comparison { COMPARED, COMPARED_WORSE, COMPARED_BETTER, NOT_THERE, NOT_STEADY, COMPARISONS };

static enum comparison row_compare(const struct bench_row *now, const struct bench_row *then,
                                   FILE *out) {
    if (!then) {
        return NOT_THERE;
    }
    if (bench_row_is_phased(now)) {
        return NOT_STEADY;
    }
    u64 new = compared_figure(now), old = compared_figure(then);
    bool worse = (double)new > (double)old *BENCH_REGRESSION;
    if (new != old) {
        fprintf(out, "  %-28s %7" PRIu64 " -> %7" PRIu64 "  %5.3f%s\n", now->name, old, new,
                old ? (double)new / (double)old : INFINITY, worse ? "  regression" : "");
    }
    return worse                                         ? COMPARED_WORSE
           : (double)new *BENCH_REGRESSION < (double)old ? COMPARED_BETTER
                                                         : COMPARED;
}

static void names_print(const struct bench_result *result, const enum comparison *how,
                        enum comparison which, const char *why, FILE *out) {
    bool any = false;
    for (unsigned i = 0; i < result->row_count; i++) {
        if (how[i] == which) {
            fprintf(out, "%s %s", any ? "" : why, result->rows[i].name);
            any = true;
        }
    }
    if (any) {
        fputc('\n', out);
    }
}

unsigned bench_compare(struct arena *arena, const struct bench_result *result,
                       const struct bench_result *older, FILE *out) {
    unsigned count[COMPARISONS] = {0};
    enum comparison *how = ARENA_ARRAY(arena, enum comparison, result->row_count + 1);
    const char *why = difference(&result->environment, &older->environment);
    fprintf(out, "\nagainst commit %s\n", older->environment.commit);
    if (why) {
        fprintf(out, "no row is comparable: %s\n", why);
        return 0;
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct bench_row *now = &result->rows[i];
        how[i] = row_compare(now, bench_row_find(older, now->name), out);
        count[how[i]]++;
    }
    names_print(result, how, NOT_THERE, "not in the older result:", out);
    names_print(result, how, NOT_STEADY, "moved by every commit, so not compared:", out);
    fprintf(out,
            "%u rows comparable (same machine, variant, firmware), %u worse by more than 2 %%, %u "
            "better; %u not comparable\n",
            count[COMPARED] + count[COMPARED_WORSE] + count[COMPARED_BETTER], count[COMPARED_WORSE],
            count[COMPARED_BETTER], count[NOT_THERE] + count[NOT_STEADY]);
    return count[COMPARED_WORSE];
}
