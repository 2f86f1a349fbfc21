// SPDX-License-Identifier: BSD-2-Clause
// One self-contained page: every figure with its unit and n, no script, no other file.
//
//     overview        a line per row: aim, median and seL4's figure on one logarithmic axis
//     by size         rows "NAME-PARAMETER": median and maximum against the parameter, both axes logarithmic
//     distributions   rows whose samples differ: histogram (bars) and complementary distribution (line), the
//                     number of samples on a logarithmic axis
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

static void table_row(FILE *out, const struct bench_row *row) {
    const struct bench_reference *reference = row->reference;
    fprintf(out, "<tr><td>%s</td>", reference ? reference->title : row->name);
    figure_cell(out, reference ? reference->sel4 : 0);
    figure_cell(out, reference ? reference->aim : 0);
    fprintf(out,
            "<td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%u</td>",
            row->min, row->median, row->p99, row->max, row->count);
    if (reference && reference->sel4) {
        double ratio = (double)row->median / reference->sel4;
        fprintf(out, "<td class=\"%s\">%.2f</td></tr>\n",
                ratio > BENCH_ROW_LIMIT         ? "over"
                : row->median <= reference->aim ? "met"
                                                : "",
                ratio);
    } else {
        fputs("<td>–</td></tr>\n", out);
    }
}

static void table_write(FILE *out, const struct bench_result *result) {
    fputs("<h2>All rows</h2><table><tr><th>operation (instructions)</th><th>seL4</th><th>aim</th>"
          "<th>min</th><th>median</th><th>99 %</th><th>max</th><th>n</th><th>ratio</th></tr>\n",
          out);
    for (const struct bench_reference *reference = BENCH_REFERENCES; reference->row; reference++) {
        const struct bench_row *row = bench_row_find(result, reference->row);
        if (row) {
            table_row(out, row);
        }
    }
    for (unsigned i = 0; i < result->row_count; i++) {
        if (!result->rows[i].reference) {
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
    if (row->reference || !dash) {
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
            "stroke=\"#c22f1d\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u</text>\n",
            at, place(&y, (double)curve->row[i]->median), at - 4,
            place(&y, (double)curve->row[i]->max), at, SMALL_H - MARGIN_B + 15,
            curve->parameter[i]);
    }
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
                            const struct axis *x, const struct axis *y) {
    u64 *sorted = ARENA_ARRAY(arena, u64, row->count);
    memcpy(sorted, row->samples, row->count * sizeof(u64));
    qsort(sorted, row->count, sizeof(u64), descending);
    fputs("<polyline fill=\"none\" stroke=\"#c22f1d\" stroke-width=\"1.3\" points=\"", out);
    for (unsigned i = 0; i < row->count; i++) {
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

static void distribution_write(FILE *out, struct arena *arena, const struct bench_row *row) {
    double low = row->min < 1 ? 1 : (double)row->min;
    struct axis x = {log10(low), log10((double)row->max + 1), MARGIN_L + 2, SMALL_W - MARGIN_R};
    struct axis y = {0, log10(row->count * 2.0), SMALL_H - MARGIN_B, MARGIN_T};
    fprintf(out, "<figure><svg width=\"%d\" height=\"%d\" role=\"img\">\n", SMALL_W, SMALL_H);
    counts_axis(out, &y, row->count);
    histogram_bars(out, row, &x, &y);
    complement_line(out, arena, row, &x, &y);
    value_axis(out, &x);
    fprintf(out,
            "</svg><figcaption><b>%s</b>: samples (bars) and samples at least as large (line) by "
            "instructions, both logarithmic; n = %u, median %" PRIu64 ", maximum %" PRIu64
            " at sample %u</figcaption></figure>\n",
            row->reference ? row->reference->title : row->name, row->count, row->median, row->max,
            row->input);
}

static void distributions_write(FILE *out, struct arena *arena, const struct bench_result *result) {
    unsigned single = 0;
    fputs("<h2>Distributions</h2><div class=\"small\">\n", out);
    for (unsigned i = 0; i < result->row_count; i++) {
        if (result->rows[i].min != result->rows[i].max) {
            distribution_write(out, arena, &result->rows[i]);
        } else {
            single++;
        }
    }
    fprintf(out,
            "</div><p>The other %u rows have one value each: all their samples are equal, and a "
            "histogram would be one bar.</p>\n",
            single);
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
    distributions_write(out, arena, result);
    fputs("</html>\n", out);
    bool good = !fclose(out) && file_write(path, text, length);
    free(text);
    return good;
}
