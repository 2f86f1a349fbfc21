// SPDX-License-Identifier: BSD-2-Clause
// One self-contained page: every figure with its unit and n, no script, no other file.
//
//     overview        a line per row: aim, median and seL4's figure on one logarithmic axis
//     by size         rows "NAME-PARAMETER": median and maximum against the parameter, both axes logarithmic
//     interference    victims against aggressors
//     cores           rows of several cores together: complementary distributions, a colour for each core
//     distributions   rows whose samples differ: histogram (bars) and complementary distribution (line), the
//                     number of samples on a logarithmic axis; a bound or an aim of the maximum as an upright line
//
// Colours are told apart by shape and position too.
#define _POSIX_C_SOURCE 200809L // open_memstream
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"

#define LABEL_PX  430
#define CHART_PX  520
#define LINE_PX   18
#define TOP_PX    30
#define SMALL_W   380
#define DIGIT_PX  7 // about as wide as a digit is
#define SMALL_H   190
#define MARGIN_L  56
#define MARGIN_B  40
#define MARGIN_T  12
#define MARGIN_R  14
#define BINS      32
#define MAX_CURVE 32

struct axis {
    double low, high; // logarithms, base 10
    double from, to;  // pixels
};

static double place(const struct axis *axis, double value) {
    double share = (log10(value < 1 ? 1 : value) - axis->low) / (axis->high - axis->low);
    return axis->from + share * (axis->to - axis->from);
}

static struct axis axis_of(double least, double most, double from, double to) {
    double low = floor(log10(least < 1 ? 1 : least)), high = ceil(log10(most < 2 ? 2 : most));
    return (struct axis){low, high > low ? high : low + 1, from, to};
}

static const char STYLE[] =
    "body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1010px;color:#222;"
    "background:#fff}h1{font-size:22px}h2{font-size:17px;margin-top:32px}table{border-collapse:"
    "collapse;width:100%;font-size:13px}td,th{padding:2px 6px;text-align:right;border-bottom:1px "
    "solid #ddd;font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}"
    ".over{color:#a40000;font-weight:600}.met{color:#1a6b1a}svg{display:block}svg text{font:11px "
    "system-ui,sans-serif;fill:#333}.grid{stroke:#e3e3e3}.axis{stroke:#888}.small{display:flex;"
    "flex-wrap:wrap;gap:18px 28px}figure{margin:0}figcaption{font-size:12.5px;max-width:400px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;font-size:13px}dt{color:"
    "#666}dd{margin:0;overflow-wrap:anywhere}";

/* ---- The head -------------------------------------------------------------------------------------- */

static void fact(FILE *out, const char *name, const char *value) {
    fprintf(out, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static void head_write(FILE *out, const struct bench_result *result) {
    const struct bench_environment *environment = &result->environment;
    struct bench_summary summary = bench_summarise(result);
    fprintf(out,
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Skerry: latency lab"
            "</title><style>%s</style><h1>Skerry: latency lab</h1>\n",
            STYLE);
    fprintf(out,
            "<p>All figures are <b>instructions</b> (user stub, kernel and firmware together, "
            "simulated), %u runs after %u warm-ups, the overhead of counting taken off. They are "
            "not cycles of any hardware.</p><p>%u rows have a figure of seL4: geometric mean of "
            "the ratios <b>%.3f</b>, %u above %.2f; %u of %u aims met.</p><dl>\n",
            environment->runs, environment->warm_ups, summary.compared, summary.geometric_mean,
            summary.above_limit, BENCH_ROW_LIMIT, summary.aims_met, summary.aims);
    fact(out, "commit", environment->commit);
    fact(out, "kernel", environment->variant);
    fact(out, "machine", environment->machine);
    fact(out, "emulator", environment->qemu);
    fact(out, "firmware", environment->firmware);
    fact(out, "compiler", environment->compiler);
    fact(out, "options", environment->flags);
    fputs("</dl>\n", out);
}

/* ---- Overview -------------------------------------------------------------------------------------- */

static void decades_write(FILE *out, const struct axis *x, double top, double bottom) {
    for (double decade = x->low; decade <= x->high; decade++) {
        double at = place(x, pow(10, decade));
        fprintf(out,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/><text "
                "x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n",
                at, at, top, bottom, at, bottom + 14, pow(10, decade));
    }
}

static void overview_row(FILE *out, const struct axis *x, const struct bench_row *row, double y) {
    const struct bench_reference *reference = row->reference;
    double here = place(x, (double)row->median), sel4 = place(x, reference->sel4);
    double ratio = (double)row->median / reference->sel4;
    const char *colour = ratio > BENCH_ROW_LIMIT ? "#c22f1d" : "#1f5fa8";
    fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LABEL_PX - 10, y + 4,
            reference->title);
    fprintf(out,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#bbb\"/>"
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"6\" height=\"6\" fill=\"#777\"/>",
            here, sel4, y, y, sel4 - 3, y - 3);
    fprintf(out,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#1a6b1a\" "
            "stroke-width=\"2\"/>",
            place(x, reference->aim), place(x, reference->aim), y - 6, y + 6);
    fprintf(out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%.1f\">"
            "%.2f</text>\n",
            here, y, colour, LABEL_PX + CHART_PX + 10, y + 4, ratio);
}

static void overview_write(FILE *out, const struct bench_result *result) {
    unsigned rows = bench_summarise(result).compared, line = 0;
    double bottom = TOP_PX + rows * LINE_PX;
    struct axis x = axis_of(100, 200000, LABEL_PX, LABEL_PX + CHART_PX);
    fprintf(out,
            "<h2>Against seL4</h2><p>Disc: median here (red: above %.2f of seL4). Square: seL4. "
            "Upright: aim. Instructions, logarithmic; n = %u each; right: ratio of the medians."
            "</p><svg width=\"%d\" height=\"%.0f\" role=\"img\">\n",
            BENCH_ROW_LIMIT, result->environment.runs, LABEL_PX + CHART_PX + 50, bottom + 24);
    decades_write(out, &x, TOP_PX - 14, bottom);
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        const struct bench_row *row = bench_row_find(result, reference->row);
        if (row && reference->sel4) {
            overview_row(out, &x, row, TOP_PX + LINE_PX * line++);
        }
    }
    fputs("</svg>\n", out);
}

/* ---- The table ------------------------------------------------------------------------------------- */

static void figure_cell(FILE *out, unsigned figure) {
    if (figure) {
        fprintf(out, "<td>%u</td>", figure);
    } else {
        fputs("<td>–</td>", out);
    }
}

// Behind a title, where all figures without a unit are instructions.
static const char *unit_shown(const struct bench_row *row) {
    return !strcmp(row->unit, "instructions") ? ""
           : !strcmp(row->unit, "bytes")      ? " (bytes)"
           : !strcmp(row->unit, "ns")         ? " (ns)"
                                              : " (entries)";
}

static void split_cells(FILE *out, const struct bench_split *split) {
    if (split->known) {
        fprintf(out,
                "<td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%u</td></tr>\n",
                split->user, split->kernel, split->firmware, split->entries);
    } else {
        fputs("<td></td><td></td><td></td><td></td></tr>\n", out);
    }
}

static void table_row(FILE *out, const struct bench_row *row) {
    const struct bench_reference *reference = row->reference;
    fprintf(out, "<tr><td>%s%s</td>", reference ? reference->title : row->name, unit_shown(row));
    figure_cell(out, reference ? reference->sel4 : 0);
    figure_cell(out, reference ? reference->aim : 0);
    fprintf(out,
            "<td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%u</td>",
            row->min, row->median, row->p99, row->max, row->count);
    if (reference && reference->sel4) {
        double ratio = (double)row->median / reference->sel4;
        fprintf(out, "<td class=\"%s\">%.2f</td>",
                ratio > BENCH_ROW_LIMIT    ? "over"
                : bench_row_meets_aim(row) ? "met"
                                           : "",
                ratio);
    } else {
        fputs("<td>–</td>", out);
    }
    split_cells(out, &row->split);
}

static void table_write(FILE *out, const struct bench_result *result) {
    fputs(
        "<h2>All rows</h2><p>Instructions, if no unit is given. The last four columns: one sample by mode, as "
        "counted from outside, and how often firmware (M-mode) was entered.</p>"
        "<table><tr><th>operation</th><th>seL4</th><th>aim</th><th>min</th><th>median</th><th>99 "
        "%</th><th>max</th><th>n</th><th>ratio</th><th>user</th><th>kernel</th><th>M-mode</th>"
        "<th>entries</th></tr>\n",
        out);
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        const struct bench_row *row = bench_row_find(result, reference->row);
        if (row) {
            table_row(out, row);
        }
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        if (!result->rows[i].reference && strncmp(result->rows[i].name, "matrix.", 7)) {
            table_row(out, &result->rows[i]);
        }
    }
    fputs("</table>\n", out);
}

/* ---- By size --------------------------------------------------------------------------------------- */

// The number behind the last "-" of a row without a reference; false if there is none.
static bool parameter_of(const struct bench_row *row, size_t *stem, unsigned *parameter) {
    const char *dash = strrchr(row->name, '-');
    char *end = NULL;
    if (row->reference || row->core || !dash) {
        return false;
    }
    *parameter = (unsigned)strtoul(dash + 1, &end, 10);
    *stem = (size_t)(dash - row->name);
    return end > dash + 1 && !*end;
}

struct curve {
    const struct bench_row *row[MAX_CURVE];
    unsigned parameter[MAX_CURVE], count;
};

static void curve_collect(const struct bench_result *result, unsigned first, struct curve *curve) {
    size_t stem, other;
    unsigned parameter;
    curve->count = 0;
    parameter_of(&result->rows[first], &stem, &parameter);
    for (unsigned i = first; i < result->row_count && curve->count < MAX_CURVE; i++) {
        if (parameter_of(&result->rows[i], &other, &parameter) && other == stem &&
            !strncmp(result->rows[i].name, result->rows[first].name, stem)) {
            curve->row[curve->count] = &result->rows[i];
            curve->parameter[curve->count++] = parameter;
        }
    }
}

static void frame_write(FILE *out, const struct axis *y) {
    fprintf(out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", MARGIN_L,
            SMALL_W - MARGIN_R, SMALL_H - MARGIN_B, SMALL_H - MARGIN_B);
    for (double decade = y->low; decade <= y->high; decade++) {
        double at = place(y, pow(10, decade));
        fprintf(out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text "
                "x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n",
                MARGIN_L, SMALL_W - MARGIN_R, at, at, MARGIN_L - 6, at + 4, pow(10, decade));
    }
}

// Parameters below their places, from the last on; those that would stand in another's place are left out.
static void parameters_write(FILE *out, const struct curve *curve, const struct axis *x) {
    double free_to = SMALL_W;
    for (unsigned i = curve->count; i-- > 0;) {
        double at = place(x, curve->parameter[i] + 1);
        double half = (curve->parameter[i] < 10    ? 1
                       : curve->parameter[i] < 100 ? 2
                                                   : 3) *
                      DIGIT_PX / 2.0;
        if (at + half <= free_to) {
            free_to = at - half - DIGIT_PX;
            fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u</text>\n", at,
                    SMALL_H - MARGIN_B + 15, curve->parameter[i]);
        }
    }
}

static void curve_write(FILE *out, const struct curve *curve, const char *name, size_t stem) {
    unsigned last = curve->count - 1;
    double least = 1e18, most = 1;
    for (unsigned i = 0; i <= last; i++) {
        least = fmin(least, (double)curve->row[i]->min);
        most = fmax(most, (double)curve->row[i]->max);
    }
    struct axis x = {log10(curve->parameter[0] + 1), log10(curve->parameter[last] + 1),
                     MARGIN_L + 8, SMALL_W - MARGIN_R - 8};
    struct axis y = axis_of(least, most, SMALL_H - MARGIN_B, MARGIN_T);
    fprintf(out, "<figure><svg width=\"%d\" height=\"%d\" role=\"img\">\n", SMALL_W, SMALL_H);
    frame_write(out, &y);
    fputs("<polyline fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1.5\" points=\"", out);
    for (unsigned i = 0; i <= last; i++) {
        fprintf(out, "%.1f,%.1f ", place(&x, curve->parameter[i] + 1),
                place(&y, (double)curve->row[i]->median));
    }
    fputs("\"/>\n", out);
    for (unsigned i = 0; i <= last; i++) {
        double at = place(&x, curve->parameter[i] + 1);
        fprintf(
            out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#1f5fa8\"/><path d=\"M%.1f %.1fh8\" "
            "stroke=\"#c22f1d\"/>\n",
            at, place(&y, (double)curve->row[i]->median), at - 4,
            place(&y, (double)curve->row[i]->max));
    }
    parameters_write(out, curve, &x);
    fprintf(out,
            "</svg><figcaption><b>%.*s</b> against its parameter, both logarithmic; instructions, "
            "median (disc) and maximum (dash), n = %u each; %" PRIu64 " at %u, %" PRIu64
            " at %u</figcaption></figure>\n",
            (int)stem, name, curve->row[0]->count, curve->row[0]->median, curve->parameter[0],
            curve->row[last]->median, curve->parameter[last]);
}

static void curves_write(FILE *out, const struct bench_result *result) {
    struct curve curve;
    size_t stem, done = 0;
    unsigned parameter;
    fputs("<h2>By size</h2><div class=\"small\">\n", out);
    for (unsigned i = 0; i < result->row_count; i++) {
        const char *name = result->rows[i].name;
        if (!parameter_of(&result->rows[i], &stem, &parameter)) {
            continue;
        }
        bool first = true;
        for (unsigned j = 0; j < i && first; j++) {
            size_t other;
            first = !(parameter_of(&result->rows[j], &other, &parameter) && other == stem &&
                      !strncmp(result->rows[j].name, name, stem));
        }
        curve_collect(result, i, &curve);
        if (first && curve.count > 1) {
            curve_write(out, &curve, name, stem);
            done++;
        }
    }
    fprintf(out, "</div>%s\n", done ? "" : "<p>No row has a size.</p>");
}

/* ---- Distributions --------------------------------------------------------------------------------- */

static void histogram_bars(FILE *out, const struct bench_row *row, const struct axis *x,
                           const struct axis *y) {
    unsigned bin[BINS] = {0};
    double width = (x->to - x->from) / BINS;
    for (unsigned i = 0; i < row->count; i++) {
        int at = (int)((place(x, (double)row->samples[i]) - x->from) / width);
        bin[at < 0 ? 0 : at >= BINS ? BINS - 1 : at]++;
    }
    for (unsigned i = 0; i < BINS; i++) {
        if (bin[i]) {
            // A bar begins below one sample, so that a single one is seen.
            double top = place(y, bin[i] * 2.0);
            fprintf(out,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                    "fill=\"#9fbfe3\"/>\n",
                    x->from + i * width, top, width - 1, y->from - top);
        }
    }
}

static int descending(const void *a, const void *b) {
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x > y ? -1 : x < y;
}

// How many samples are at least as large.
static void complement_line(FILE *out, struct arena *arena, const struct bench_row *row,
                            const struct axis *x, const struct axis *y, const char *colour) {
    u64 *sorted = ARENA_ARRAY(arena, u64, row->count);
    memcpy(sorted, row->samples, row->count * sizeof(u64));
    qsort(sorted, row->count, sizeof(u64), descending);
    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\" points=\"", colour);
    for (unsigned i = 0; i < row->count; i++) {
        if (i && i + 1 < row->count && sorted[i - 1] == sorted[i] && sorted[i] == sorted[i + 1]) {
            continue; // in the middle of an upright line
        }
        double at = place(x, (double)sorted[i]);
        fprintf(out, "%.1f,%.1f %.1f,%.1f ", at, place(y, (i ? i : 0.5) * 2.0), at,
                place(y, (i + 1) * 2.0));
    }
    fputs("\"/>\n", out);
}

static void counts_axis(FILE *out, const struct axis *y, unsigned most) {
    for (unsigned count = 1; count <= most; count *= 4) {
        double at = place(y, count * 2.0);
        fprintf(out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%d\" "
                "y=\"%.1f\" text-anchor=\"end\">%u</text>\n",
                MARGIN_L, SMALL_W - MARGIN_R, at, at, MARGIN_L - 6, at + 4, count);
    }
}

// Ends and middle of the axis, in whole instructions.
static void value_axis(FILE *out, const struct axis *x) {
    fprintf(out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", MARGIN_L,
            SMALL_W - MARGIN_R, SMALL_H - MARGIN_B, SMALL_H - MARGIN_B);
    for (int i = 0; i <= 4; i++) {
        double value = pow(10, x->low + (x->high - x->low) * i / 4);
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.0f</text>\n",
                x->from + (x->to - x->from) * i / 4, SMALL_H - MARGIN_B + 15,
                i == 4 ? "end" : "middle", value);
    }
}

// What no sample should be above: a bound, or the aim of a maximum; 0: nothing is known.
static u64 limit_of(const struct bench_row *row) {
    return row->bound                                             ? row->bound
           : row->reference && !strncmp(row->name, "stretch.", 8) ? row->reference->aim
                                                                  : 0;
}

static void limit_line(FILE *out, const struct bench_row *row, const struct axis *x) {
    u64 limit = limit_of(row);
    if (limit) {
        double at = place(x, (double)limit);
        fprintf(
            out,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#1a6b1a\" "
            "stroke-dasharray=\"4 3\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
            at, at, MARGIN_T, SMALL_H - MARGIN_B, at - 4, MARGIN_T + 10,
            row->bound ? "bound" : "aim");
    }
}

static void distribution_write(FILE *out, struct arena *arena, const struct bench_row *row) {
    double low = row->min < 1 ? 1 : (double)row->min;
    double high = fmax((double)row->max, (double)limit_of(row)) + 1;
    struct axis x = {log10(low), log10(high), MARGIN_L + 2, SMALL_W - MARGIN_R};
    struct axis y = {0, log10(row->count * 2.0), SMALL_H - MARGIN_B, MARGIN_T};
    fprintf(out, "<figure><svg width=\"%d\" height=\"%d\" role=\"img\">\n", SMALL_W, SMALL_H);
    counts_axis(out, &y, row->count);
    histogram_bars(out, row, &x, &y);
    complement_line(out, arena, row, &x, &y, "#c22f1d");
    limit_line(out, row, &x);
    value_axis(out, &x);
    fprintf(
        out,
        "</svg><figcaption><b>%s</b>: samples (bars) and samples at least as large (line) by %s, "
        "both logarithmic%s; n = %u, median %" PRIu64 ", maximum %" PRIu64,
        row->reference ? row->reference->title : row->name, row->unit,
        row->min ? "" : ", 0 at the left edge", row->count, row->median, row->max);
    if (row->note) {
        fprintf(out, " (%s)", row->note);
    } else if (row->what) {
        fprintf(out, " with the %s at %" PRIu64, row->what, row->at);
    } else {
        fprintf(out, " at sample %u", row->input);
    }
    fputs("</figcaption></figure>\n", out);
}

static bool has_figure(const struct bench_row *row) {
    return row->min != row->max && !row->core && strncmp(row->name, "matrix.", 7);
}

static void distributions_write(FILE *out, struct arena *arena, const struct bench_result *result) {
    unsigned single = 0;
    fputs("<h2>Distributions</h2><div class=\"small\">\n", out);
    for (unsigned i = 0; i < result->row_count; i++) {
        if (has_figure(&result->rows[i])) {
            distribution_write(out, arena, &result->rows[i]);
        } else {
            single += result->rows[i].min == result->rows[i].max;
        }
    }
    fprintf(out,
            "</div><p>%u other rows have one value each: all their samples are equal, and a "
            "histogram would be one bar.</p>\n",
            single);
}

/* ---- Interference ---------------------------------------------------------------------------------- */

static void matrix_write(FILE *out, struct arena *arena, const struct bench_result *result) {
    const struct bench_matrix *matrix = &BENCH_MATRIX;
    const struct bench_row *first =
        bench_matrix_row(arena, result, matrix->operations[0], matrix->aggressors[0]);
    if (!first) {
        return;
    }
    fprintf(
        out,
        "<h2>Interference</h2><p>Instructions of the victim's hart for one operation while another "
        "kernel is quiet (median, n = %u each), and what that kernel adds by doing its worst: 0 says that not one "
        "sample has one instruction more or less; +N/M that the maximum grew by N and M samples differ; – "
        "that it is a matter of caches and buses, which the emulator has not.</p><table><tr><th>victim</th>",
        first->count);
    for (unsigned i = 0; i < matrix->aggressor_count; i++) {
        fprintf(out, "<th>%s</th>", matrix->aggressors[i]);
    }
    fputs("<th>memory-streaming</th></tr>\n", out);
    for (unsigned i = 0; i < matrix->operation_count; i++) {
        const char *operation = matrix->operations[i];
        const struct bench_row *quiet =
            bench_matrix_row(arena, result, operation, matrix->aggressors[0]);
        if (!quiet) {
            continue;
        }
        fprintf(out, "<tr><td>%s</td><td>%" PRIu64 "</td>", operation, quiet->median);
        for (unsigned j = 1; j < matrix->aggressor_count; j++) {
            fprintf(out, "<td>%s</td>",
                    bench_matrix_cell(arena, result, operation, matrix->aggressors[j]));
        }
        fputs("<td>–</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* ---- Cores ------------------------------------------------------------------------------------------- */

static const char *const CORE_COLOURS[] = {"#1f5fa8", "#c22f1d", "#1a6b1a", "#8a4fb0",
                                           "#b07a00", "#007f7f", "#d0569b", "#555555"};

// What is left of the name without the core: rows with the same rest are drawn together.
static const char *rest_of(struct arena *arena, const struct bench_row *row) {
    const char *at = row->core ? strstr(row->name, row->core) : NULL;
    return at ? arena_printf(arena, "%.*s*%s", (int)(at - row->name), row->name,
                             at + strlen(row->core))
              : NULL;
}

static void cores_figure(FILE *out, struct arena *arena, const struct bench_result *result,
                         const char *rest) {
    const struct bench_row *rows[ARRAY_LENGTH(CORE_COLOURS)];
    unsigned count = 0, most = 1;
    double least = 1e18, largest = 1;
    for (unsigned i = 0; i < result->row_count && count < ARRAY_LENGTH(CORE_COLOURS); i++) {
        const struct bench_row *row = &result->rows[i];
        const char *own = rest_of(arena, row);
        if (own && !strcmp(own, rest)) {
            rows[count++] = row;
            most = row->count > most ? row->count : most;
            least = fmin(least, (double)row->min);
            largest = fmax(largest, (double)row->max);
        }
    }
    struct axis x = {log10(fmax(least, 1)), log10(largest + 1), MARGIN_L + 2, SMALL_W - MARGIN_R};
    struct axis y = {0, log10(most * 2.0), SMALL_H - MARGIN_B, MARGIN_T};
    fprintf(out, "<figure><svg width=\"%d\" height=\"%d\" role=\"img\">\n", SMALL_W, SMALL_H);
    counts_axis(out, &y, most);
    for (unsigned i = 0; i < count; i++) {
        complement_line(out, arena, rows[i], &x, &y, CORE_COLOURS[i]);
    }
    value_axis(out, &x);
    fprintf(out,
            "</svg><figcaption><b>%s</b>: samples at least as large, by %s, both logarithmic%s:",
            rest, rows[0]->unit, least < 1 ? ", 0 at the left edge" : "");
    for (unsigned i = 0; i < count; i++) {
        fprintf(out,
                " <span style=\"color:%s\">■</span> %s (n = %u, median %" PRIu64
                ", maximum %" PRIu64 ")%s",
                CORE_COLOURS[i], rows[i]->core, rows[i]->count, rows[i]->median, rows[i]->max,
                i + 1 < count ? "," : "");
    }
    fputs("</figcaption></figure>\n", out);
}

// A figure for each kind of row that several cores have, unless it is a single number.
static void cores_write(FILE *out, struct arena *arena, const struct bench_result *result) {
    bool any = false;
    for (unsigned i = 0; i < result->row_count; i++) {
        const char *rest = rest_of(arena, &result->rows[i]);
        bool first = rest && result->rows[i].count > 1;
        for (unsigned j = 0; j < i && first; j++) {
            const char *other = rest_of(arena, &result->rows[j]);
            first = !other || strcmp(other, rest);
        }
        if (first) {
            fputs(any ? "" : "<h2>By core</h2><div class=\"small\">\n", out);
            cores_figure(out, arena, result, rest);
            any = true;
        }
    }
    fputs(any ? "</div>\n" : "", out);
}

bool bench_html_write(struct arena *arena, const struct bench_result *result, const char *path) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        return false;
    }
    head_write(out, result);
    overview_write(out, result);
    table_write(out, result);
    curves_write(out, result);
    matrix_write(out, arena, result);
    cores_write(out, arena, result);
    distributions_write(out, arena, result);
    fputs("</html>\n", out);
    bool good = !fclose(out) && file_write(path, text, length);
    free(text);
    return good;
}
