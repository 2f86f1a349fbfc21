// SPDX-License-Identifier: BSD-2-Clause
// The drawing as SVG: parts from top to bottom, each of which takes the height it needs. Text is monospaced, so its
// width is known, and nothing is written where something else stands. Lengths that mean an amount (memory, budgets)
// are to scale; what would be thinner than a pen is said in words.
#define _GNU_SOURCE // open_memstream
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/access.h"
#include "tools/show.h"
#include "tools/topology.h"
#include "tools/units.h"

#define WIDTH       1240u
#define MARGIN      24u
#define INNER       (WIDTH - 2 * MARGIN)
#define LETTER      7.23 // of the 12 px font
#define SMALL       6.03 // of the 10 px font
#define HARTS_A_ROW 4u
#define GAP         16u
#define STRIP       22u // height of a package or cache above its harts
#define DOMAIN      38u // height of a domain in a hart's box
#define ROW         22u // height of a matrix' row

struct svg {
    struct arena *arena;
    const struct system *system;
    FILE *out;
    double y; // where the next part begins
};

// One pale and one strong colour a core.
static const char *const STRONG[MAX_CORES] = {"#1b7f8c", "#3f7d20", "#b07d00", "#8e3b8a",
                                              "#2f55a4", "#b03a2e", "#00695c", "#5d4037"};
static const char *const PALE[MAX_CORES] = {"#e3f3f5", "#e9f3e2", "#fbf1d9", "#f5e6f4",
                                            "#e4eaf6", "#f8e4e1", "#dff1ee", "#efe8e5"};

/* ---- Pens -------------------------------------------------------------------------------------- */

static void text_put(struct svg *svg, double x, double y, const char *class, const char *text) {
    fprintf(svg->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", svg->out);
            break;
        case '>':
            fputs("&gt;", svg->out);
            break;
        case '&':
            fputs("&amp;", svg->out);
            break;
        default:
            fputc(*text, svg->out);
        }
    }
    fputs("</text>\n", svg->out);
}

// The text, cut to the letters that find room; all our names are ASCII.
static char *fit(struct svg *svg, const char *text, double room, double letter) {
    size_t letters = room < letter ? 1 : (size_t)(room / letter), length = strlen(text);
    return length <= letters ? arena_copy(svg->arena, text, length)
                             : arena_printf(svg->arena, "%.*s…", (int)letters - 1, text);
}

static void rect_put(struct svg *svg, double x, double y, double width, double height,
                     const char *fill, const char *stroke) {
    fprintf(
        svg->out,
        "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" stroke=\"%s\"/>\n",
        x, y, width, height, fill, stroke);
}

static void line_put(struct svg *svg, double x1, double y1, double x2, double y2,
                     const char *colour, const char *more) {
    fprintf(svg->out, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" %s/>\n",
            x1, y1, x2, y2, colour, more);
}

static void heading_put(struct svg *svg, const char *text, const char *remark) {
    svg->y += 34;
    text_put(svg, MARGIN, svg->y, "h", text);
    svg->y += 18;
    text_put(svg, MARGIN, svg->y, "s", remark);
    svg->y += 12;
}

/* ---- Harts ------------------------------------------------------------------------------------- */

static const struct core *core_on(const struct system *system, u64 hart) {
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart == hart) {
            return &system->cores[i];
        }
    }
    return NULL;
}

static double core_height(const struct system *system, const struct core *core) {
    double height = 26 + 3 * 17 + 8;
    for (unsigned i = 0; core && i < system->device_count; i++) {
        height += system->devices[i].core == core ? 17 : 0;
    }
    return height + (core ? DOMAIN * (core->root_task_path ? 1 : core->domain_count) : 0);
}

static void domain_put(struct svg *svg, const struct domain *domain, double x, double y,
                       double width) {
    double indent = 14.0 * (show_nesting(domain) < 6 ? show_nesting(domain) : 6);
    const char *colour = STRONG[domain->core->index];
    double share = domain->passive || !domain->period_ns
                       ? 0
                       : (double)domain->budget_ns / (double)domain->period_ns;
    share = share > 1 ? 1 : share;
    char *priority = arena_printf(svg->arena, "priority %u", domain->priority);
    double right = (double)strlen(priority) * SMALL;
    text_put(svg, x + indent, y + 12, "t",
             fit(svg, domain->name, width - indent - right - 8, LETTER));
    text_put(svg, x + width, y + 12, "s e", priority);
    double bar = 0.55 * width;
    rect_put(svg, x, y + 19, bar, 8, "#ffffff", "#b5b5b5");
    rect_put(svg, x, y + 19, bar * share, 8, colour, "none");
    text_put(svg, x + width, y + 27, "s e",
             fit(svg, show_time(svg->arena, domain), width - bar - 6, SMALL));
}

static void core_put(struct svg *svg, u64 hart, double x, double y, double width, double height) {
    const struct system *system = svg->system;
    const struct core *core = core_on(system, hart);
    struct arena *arena = svg->arena;
    double left = x + 10, room = width - 20;
    rect_put(svg, x, y, width, height, core ? PALE[core->index] : "#f4f4f4", "#888888");
    rect_put(svg, x, y, width, 26, core ? STRONG[core->index] : "#9a9a9a", "none");
    text_put(svg, left, y + 17, "w", fit(svg, core ? core->name : "free", room - 60, LETTER));
    text_put(svg, x + width - 10, y + 17, "w e", arena_printf(arena, "hart %" PRIu64, hart));
    if (!core) {
        return;
    }
    y += 26 + 17;
    text_put(svg, left, y, "s",
             arena_printf(arena, "%s kernel, %u scheduling domain%s%s", variant_name(core->variant),
                          core->domains, core->domains == 1 ? "" : "s",
                          core->restarts ? ", restarts" : ""));
    text_put(svg, left, y + 17, "s",
             arena_printf(arena, "%s at 0x%" PRIx64, units_show_bytes(arena, core->ram.size),
                          core->ram.base));
    text_put(svg, left, y + 34, "s",
             system->walls
                 ? arena_printf(arena, "%u of %u walls used", core->pmp_count, core->pmp_limit)
                 : "NO WALLS");
    y += 34;
    for (unsigned i = 0; i < system->device_count; i++) {
        if (system->devices[i].core == core) {
            y += 17;
            text_put(svg, left, y, "s",
                     fit(svg,
                         arena_printf(arena, "device %s %s", system->devices[i].name,
                                      system->devices[i].path),
                         room, SMALL));
        }
    }
    y += 8;
    if (core->root_task_path) {
        text_put(svg, left, y + 12, "t",
                 fit(svg, arena_printf(arena, "root task %s", core->root_task_path), room, LETTER));
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (system->domains[i].core == core) {
            domain_put(svg, &system->domains[i], left, y, room);
            y += DOMAIN;
        }
    }
}

// Harts in the order of the topology, several rows of them.
struct hart_rows {
    u64 hart[64];
    unsigned count;
    double width; // of one
};

static double hart_x(const struct hart_rows *rows, unsigned index) {
    return MARGIN + (index % HARTS_A_ROW) * (rows->width + GAP);
}

// Packages, clusters and caches as strips above the harts [first, end) of a row; returns how many strips high.
static unsigned strips_put(struct svg *svg, const struct topology *topology,
                           const struct hart_rows *rows, unsigned first, unsigned end, double y) {
    unsigned levels = 0, at = 0;
    for (unsigned i = 1; i < topology->count; i++) {
        const struct topology_node *node = &topology->nodes[i];
        unsigned from = at, to = at + node->harts;
        at += node->is_hart;
        bool plain_core = !node->is_cache && node->harts == 1;
        if (node->is_hart || plain_core || to <= first || from >= end) {
            continue;
        }
        unsigned level = node->depth - 1;
        double left = hart_x(rows, from < first ? first : from);
        double right = hart_x(rows, (to > end ? end : to) - 1) + rows->width;
        levels = level + 1 > levels ? level + 1 : levels;
        rect_put(svg, left, y + level * STRIP, right - left, STRIP - 4,
                 node->is_cache ? "#ffe3c2" : "#e9e9e9", "#888888");
        text_put(svg, left + 8, y + level * STRIP + 13, "s",
                 fit(svg, node->label, right - left - 16, SMALL));
    }
    return levels;
}

static void harts_put(struct svg *svg, const struct topology *topology) {
    struct hart_rows *rows = ARENA_NEW(svg->arena, struct hart_rows);
    for (unsigned i = 0; i < topology->count; i++) {
        if (topology->nodes[i].is_hart) {
            rows->hart[rows->count++] = topology->nodes[i].hart;
        }
    }
    unsigned in_row = rows->count < HARTS_A_ROW ? rows->count : HARTS_A_ROW;
    in_row = in_row < 2 ? 2 : in_row; // a lone hart need not be as wide as the page
    rows->width = (INNER - (in_row - 1) * GAP) / (double)in_row;
    heading_put(svg, "Harts and what runs on them",
                topology->caches ? "filled: what a budget may take of its hart, to scale"
                                 : "filled: what a budget may take of its hart, to scale; "
                                   "the machine's device tree names no caches");
    for (unsigned first = 0; first < rows->count; first += HARTS_A_ROW) {
        unsigned end = first + HARTS_A_ROW < rows->count ? first + HARTS_A_ROW : rows->count;
        svg->y += STRIP * strips_put(svg, topology, rows, first, end, svg->y);
        double height = 0;
        for (unsigned i = first; i < end; i++) {
            double own = core_height(svg->system, core_on(svg->system, rows->hart[i]));
            height = own > height ? own : height;
        }
        for (unsigned i = first; i < end; i++) {
            core_put(svg, rows->hart[i], hart_x(rows, i), svg->y, rows->width, height);
        }
        svg->y += height + GAP;
    }
}

/* ---- Channels: a line for each core, an arrow for each direction --------------------------------- */

static double lane_x(const struct svg *svg, const struct core *core) {
    double step = INNER / (double)svg->system->core_count;
    return MARGIN + step * (core->index + 0.5);
}

static void arrow_put(struct svg *svg, double from, double to, double y, const char *colour) {
    double back = to > from ? to - 8 : to + 8;
    line_put(svg, from, y, back, y, colour, "stroke-width=\"1.6\"");
    fprintf(svg->out, "<path d=\"M %.1f %.1f L %.1f %.1f L %.1f %.1f z\" fill=\"%s\"/>\n", to, y,
            back, y - 4, back, y + 4, colour);
}

static char *end_text(struct svg *svg, const struct channel *channel, unsigned side, bool crosses) {
    const struct channel_end *from = &channel->end[side], *to = &channel->end[1 - side];
    char *text = arena_printf(svg->arena, "%s:%u -> %s:%u%s", from->domain->name, from->id,
                              to->domain->name, to->id, from->pp ? " (calls)" : "");
    if (crosses && channel->max_rate_per_s) {
        text = arena_printf(svg->arena, "%s, at most %" PRIu64 "/s", text, channel->max_rate_per_s);
    }
    return text;
}

// A label on white, its middle at x, pushed inside the page.
static void label_put(struct svg *svg, double x, double y, const char *text) {
    double width = (double)strlen(text) * SMALL + 6, left = x - width / 2;
    left = left < MARGIN ? MARGIN : left + width > WIDTH - MARGIN ? WIDTH - MARGIN - width : left;
    rect_put(svg, left, y - 10, width, 13, "#ffffff", "none");
    text_put(svg, left + 3, y, "s", text);
}

static void channel_put(struct svg *svg, const struct channel *channel, unsigned side, double y) {
    const struct core *from = channel->end[side].domain->core;
    const struct core *to = channel->end[1 - side].domain->core;
    double x = lane_x(svg, from);
    const char *text = end_text(svg, channel, side, from != to);
    if (from != to) {
        label_put(svg, (x + lane_x(svg, to)) / 2, y - 6, text);
        arrow_put(svg, x, lane_x(svg, to), y, STRONG[from->index]);
    } else {
        fprintf(svg->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y - 4,
                STRONG[from->index]);
        label_put(svg, x, y - 12, text);
    }
}

static void lanes_put(struct svg *svg, double top, double bottom) {
    for (unsigned i = 0; i < svg->system->core_count; i++) {
        const struct core *core = &svg->system->cores[i];
        double x = lane_x(svg, core), width = (double)strlen(core->name) * LETTER + 16;
        line_put(svg, x, top + 20, x, bottom, "#c8c8c8", "stroke-dasharray=\"3 3\"");
        rect_put(svg, x - width / 2, top, width, 20, STRONG[i], "none");
        text_put(svg, x, top + 14, "w m", core->name);
    }
}

static void channels_put(struct svg *svg) {
    const struct system *system = svg->system;
    unsigned count = 0;
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        count += show_end_used(&system->channels[i / 2].end[i % 2]);
    }
    if (!count) {
        return;
    }
    heading_put(
        svg, "Channels",
        "arrows cross from kernel to kernel by a doorbell; dots stay on their core; a number is the "
        "channel's in that domain");
    double top = svg->y, y = top + 54;
    lanes_put(svg, top, top + 40 + 30 * count);
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        if (show_end_used(&system->channels[i / 2].end[i % 2])) {
            channel_put(svg, &system->channels[i / 2], i % 2, y);
            y += 30;
        }
    }
    svg->y = top + 40 + 30 * count;
}

/* ---- Memory ------------------------------------------------------------------------------------ */

static const char *holder_fill(const struct holder *holder) {
    return holder->core ? STRONG[holder->core->index] : holder->pair ? "#d1495b" : "#7a7a7a";
}

static double scale_x(struct range range, u64 address) {
    return MARGIN + (double)(address - range.base) / (double)range.size * INNER;
}

static void bar_put(struct svg *svg, const struct holder *holders, unsigned count,
                    struct range range, double y) {
    rect_put(svg, MARGIN, y, INNER, 30, "#ffffff", "#888888");
    for (unsigned i = 0; i < count; i++) {
        if (ranges_overlap(holders[i].range, range)) {
            double x = scale_x(range, holders[i].range.base);
            rect_put(svg, x, y, scale_x(range, holders[i].range.base + holders[i].range.size) - x,
                     30, holder_fill(&holders[i]), "none");
        }
    }
}

// A name below a bar, tied to the middle of what it names by a line. It stands right of that line, or left of it.
struct label {
    char *text;
    const char *colour;
    double line_x, left, right;
    bool leftward;
    unsigned row;
};

// Leftward are names that would leave the page, and those that would lie across the line of such a one.
static void labels_turn(struct label *labels, unsigned count) {
    double limit = WIDTH - MARGIN;
    for (unsigned i = count; i-- > 0;) {
        struct label *label = &labels[i];
        double width = (double)strlen(label->text) * SMALL + 4;
        label->leftward = label->line_x + width > limit;
        label->left = label->leftward ? label->line_x - width : label->line_x;
        label->right = label->left + width;
        limit = label->leftward ? label->line_x - 2 : limit;
    }
}

// Below every name already there that it would touch; so no line crosses a name.
static void label_row(const struct label *labels, unsigned count, struct label *label) {
    label->row = 1;
    for (unsigned i = 0; i < count; i++) {
        if (labels[i].row && &labels[i] != label && labels[i].left < label->right + 6 &&
            labels[i].right > label->left - 6 && labels[i].row >= label->row) {
            label->row = labels[i].row + 1;
        }
    }
}

static double names_put(struct svg *svg, const struct holder *holders, unsigned count,
                        struct range range, double y) {
    struct label *labels = ARENA_ARRAY(svg->arena, struct label, count);
    unsigned used = 0, rows = 0;
    for (unsigned i = 0; i < count; i++) {
        if (ranges_overlap(holders[i].range, range)) {
            labels[used++] = (struct label){
                .text = arena_printf(svg->arena, "%s, %s", holders[i].name,
                                     units_show_bytes(svg->arena, holders[i].range.size)),
                .colour = holder_fill(&holders[i]),
                .line_x = scale_x(range, holders[i].range.base + holders[i].range.size / 2)};
        }
    }
    labels_turn(labels, used);
    for (unsigned i = used; i-- > 0;) {
        if (!labels[i].leftward) {
            label_row(labels, used, &labels[i]);
        }
    }
    for (unsigned i = 0; i < used; i++) {
        if (labels[i].leftward) {
            label_row(labels, used, &labels[i]);
        }
        rows = labels[i].row > rows ? labels[i].row : rows;
    }
    for (unsigned i = 0; i < used; i++) {
        double bottom = y + 15 * labels[i].row;
        line_put(svg, labels[i].line_x, y - 2, labels[i].line_x, bottom, labels[i].colour, "");
        text_put(svg, labels[i].leftward ? labels[i].line_x - 4 : labels[i].line_x + 4, bottom,
                 labels[i].leftward ? "s e" : "s", labels[i].text);
    }
    return y + 15 * rows;
}

static void memory_put(struct svg *svg) {
    struct arena *arena = svg->arena;
    struct range ram = svg->system->machine.ram, near = {ram.base, 0};
    unsigned count;
    struct holder *holders = holders_find(arena, svg->system, &count);
    for (unsigned i = 0; i < count; i++) {
        u64 end = holders[i].range.base + holders[i].range.size;
        if (holders[i].range.base != svg->system->firmware_tree.base &&
            end > near.base + near.size) {
            near.size = end - near.base;
        }
    }
    heading_put(svg, "Memory",
                arena_printf(arena,
                             "to scale: %s from 0x%" PRIx64
                             "; white is free, grey the firmware's (its device tree "
                             "last) and the package",
                             units_show_bytes(arena, ram.size), ram.base));
    bar_put(svg, holders, count, ram, svg->y);
    svg->y += 30;
    if (near.size && near.size <= ram.size / 2) {
        double right = scale_x(ram, near.base + near.size);
        line_put(svg, MARGIN, svg->y, MARGIN, svg->y + 40, "#888888", "stroke-dasharray=\"4 3\"");
        line_put(svg, right, svg->y, WIDTH - MARGIN, svg->y + 40, "#888888",
                 "stroke-dasharray=\"4 3\"");
        label_put(svg, WIDTH / 2.0, svg->y + 18,
                  arena_printf(arena, "the first %s of it, to scale",
                               units_show_bytes(arena, near.size)));
        svg->y += 40;
        bar_put(svg, holders, count, near, svg->y);
        svg->y = names_put(svg, holders, count, near, svg->y + 32);
    } else {
        svg->y = names_put(svg, holders, count, ram, svg->y + 2);
    }
    svg->y += 4;
}

/* ---- Matrices ---------------------------------------------------------------------------------- */

struct grid {
    unsigned rows, columns;
    const char **row_names, **column_names;
    const u8 *perms; // [row * columns + column]
};

static const char *perms_fill(u32 perms) {
    return !perms                 ? "#ffffff"
           : perms & PERM_EXECUTE ? perms & PERM_WRITE ? "#f2b8a0" : "#f7dcc4"
           : perms & PERM_WRITE   ? "#f9d98c"
                                  : "#dcebd0";
}

static size_t longest(const char **names, unsigned count) {
    size_t most = 0;
    for (unsigned i = 0; i < count; i++) {
        most = strlen(names[i]) > most ? strlen(names[i]) : most;
    }
    return most;
}

// Column names stand upright on their columns, so they need height, not width.
static void grid_put(struct svg *svg, const struct grid *grid) {
    double left = MARGIN + (double)longest(grid->row_names, grid->rows) * LETTER + 12;
    double room = WIDTH - MARGIN - left, width = room / grid->columns;
    width = width > 44 ? 44 : width;
    double top = svg->y + (double)longest(grid->column_names, grid->columns) * SMALL + 8;
    for (unsigned column = 0; column < grid->columns; column++) {
        double x = left + (column + 0.5) * width + 4;
        fprintf(svg->out, "<g transform=\"translate(%.1f %.1f) rotate(-90)\">", x, top - 5);
        text_put(svg, 0, 0, "s", grid->column_names[column]);
        fputs("</g>\n", svg->out);
    }
    for (unsigned row = 0; row < grid->rows; row++) {
        double y = top + row * ROW;
        text_put(svg, left - 8, y + 15, "t e", grid->row_names[row]);
        for (unsigned column = 0; column < grid->columns; column++) {
            u32 perms = grid->perms[row * grid->columns + column];
            rect_put(svg, left + column * width, y, width, ROW, perms_fill(perms), "#c0c0c0");
            if (width >= 3 * SMALL + 2) {
                text_put(svg, left + (column + 0.5) * width, y + 14, "s m",
                         perms_show(svg->arena, perms));
            }
        }
    }
    svg->y = top + grid->rows * ROW;
}

static void access_put(struct svg *svg) {
    const struct system *system = svg->system;
    struct arena *arena = svg->arena;
    struct access *access = access_find(arena, system);
    struct grid domains = {system->domain_count, access->mappable_count,
                           ARENA_ARRAY(arena, const char *, system->domain_count + 1),
                           ARENA_ARRAY(arena, const char *, access->mappable_count + 1),
                           access->perms};
    for (unsigned i = 0; i < system->domain_count; i++) {
        domains.row_names[i] =
            arena_printf(arena, "%s %s", system->domains[i].core->name, system->domains[i].name);
    }
    for (unsigned i = 0; i < access->mappable_count; i++) {
        domains.column_names[i] = access->mappable[i].name;
    }
    if (domains.rows && domains.columns) {
        heading_put(svg, "What each protection domain has mapped",
                    "beside its own image, stack, console ring and statistics");
        grid_put(svg, &domains);
    }
    u8 *perms = ARENA_ARRAY(arena, u8, access->walled_count * system->core_count + 1);
    struct grid walls = {access->walled_count, system->core_count,
                         ARENA_ARRAY(arena, const char *, access->walled_count + 1),
                         ARENA_ARRAY(arena, const char *, system->core_count), perms};
    for (unsigned i = 0; i < access->walled_count; i++) {
        walls.row_names[i] = access->walled[i].name;
        memcpy(perms + i * system->core_count, access->walled[i].perms, system->core_count);
    }
    for (unsigned i = 0; i < system->core_count; i++) {
        walls.column_names[i] = system->cores[i].name;
    }
    heading_put(svg, system->walls ? "What the walls let each kernel touch" : "Walls are OFF",
                system->walls
                    ? "whatever its programs do; the firmware holds this before the first "
                      "instruction of any kernel"
                    : "every kernel can touch everything");
    grid_put(svg, &walls);
}

/* ---- The whole --------------------------------------------------------------------------------- */

static const char STYLE[] =
    "<style>text{font-family:'DejaVu Sans Mono','Liberation Mono',monospace;fill:#222}"
    ".t{font-size:12px}.s{font-size:10px;fill:#444}.h{font-size:15px;font-weight:bold}"
    ".w{font-size:12px;fill:#fff;font-weight:bold}.e{text-anchor:end}.m{text-anchor:middle}"
    ".n{font-size:20px;font-weight:bold}</style>\n";

char *show_svg(struct arena *arena, const struct system *system) {
    char *body, *why;
    size_t size;
    struct svg svg = {arena, system, open_memstream(&body, &size), MARGIN};
    svg.y += 16;
    text_put(&svg, MARGIN, svg.y, "n", system->name);
    svg.y += 20;
    text_put(&svg, MARGIN, svg.y, "s",
             arena_printf(arena, "machine %s, %u hart%s, %s of memory, walls %s",
                          machine_kind_name(system->kind), system->machine.hart_count,
                          system->machine.hart_count == 1 ? "" : "s",
                          units_show_bytes(arena, system->machine.ram.size),
                          system->walls ? "on" : "OFF"));
    struct topology *topology = topology_begin(arena, &system->machine, &why);
    if (topology) {
        harts_put(&svg, topology);
        topology_end(topology);
    }
    channels_put(&svg);
    memory_put(&svg);
    access_put(&svg);
    fclose(svg.out);
    unsigned height = (unsigned)svg.y + MARGIN;
    char *text = arena_printf(
        arena,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\">\n"
        "<title>%s</title>\n%s<rect width=\"%u\" height=\"%u\" fill=\"#ffffff\"/>\n%s</svg>\n",
        WIDTH, height, WIDTH, height, system->name, STYLE, WIDTH, height, body);
    free(body);
    return text;
}
