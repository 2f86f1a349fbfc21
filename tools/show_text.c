// SPDX-License-Identifier: BSD-2-Clause
// The drawing in characters. Every part fits itself to the terminal's width.
#include <inttypes.h>
#include <string.h>

#include "tools/access.h"
#include "tools/show.h"
#include "tools/topology.h"
#include "tools/units.h"

#define BOX_LEAST 30u // columns of a hart's box
#define NAME_MOST 24u // columns of a row's name in a matrix

struct drawing {
    struct arena *arena;
    const struct system *system;
    unsigned columns;
    struct canvas_style style;
    FILE *out;
};

char *show_time(struct arena *arena, const struct domain *domain) {
    return domain->passive
               ? arena_printf(arena, "passive")
               : arena_printf(arena, "%s of %s", units_show_time_ns(arena, domain->budget_ns),
                              units_show_time_ns(arena, domain->period_ns));
}

unsigned show_nesting(const struct domain *domain) {
    unsigned nesting = 0;
    while ((domain = domain->parent)) {
        nesting++;
    }
    return nesting;
}

bool show_end_used(const struct channel_end *end) {
    return end->notify || end->pp;
}

static void heading(struct drawing *drawing, const char *text) {
    fprintf(drawing->out, "\n%s\n", text);
}

static const struct core *core_on(const struct system *system, u64 hart) {
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart == hart) {
            return &system->cores[i];
        }
    }
    return NULL;
}

/* ---- Harts ------------------------------------------------------------------------------------- */

// The machine's tree. A line of one thing inside another that has nothing else is joined to it.
static void topology_draw(struct drawing *drawing, const struct topology *topology) {
    struct canvas *canvas = canvas_new(drawing->arena, drawing->columns, topology->count);
    unsigned y = 0;
    for (unsigned i = 0; i < topology->count; i++) {
        const struct topology_node *node = &topology->nodes[i];
        unsigned x = 2 * node->depth;
        char *line = arena_printf(drawing->arena, "%s", node->label);
        while (i + 1 < topology->count && topology->nodes[i + 1].depth == node->depth + 1 &&
               topology->nodes[i + 1].harts == node->harts) {
            node = &topology->nodes[++i];
            line = arena_printf(drawing->arena, "%s · %s", line, node->label);
        }
        const struct core *core = node->is_hart ? core_on(drawing->system, node->hart) : NULL;
        canvas_text(canvas, x, y, CANVAS_PLAIN, line);
        if (node->is_hart) {
            line = arena_printf(drawing->arena, "%s → %s", line, core ? core->name : "(free)");
            canvas_text(canvas, x, y, core ? (int)core->index : CANVAS_PLAIN, line);
        }
        y++;
    }
    canvas_crop(canvas, y);
    canvas_print(canvas, drawing->style, drawing->out);
    if (!topology->caches) {
        fputs("(the machine's device tree names no caches)\n", drawing->out);
    }
}

static unsigned core_lines(const struct system *system, const struct core *core) {
    unsigned lines = 2 + (core->root_task_path ? 1 : core->domain_count);
    for (unsigned i = 0; i < system->device_count; i++) {
        lines += system->devices[i].core == core;
    }
    return lines;
}

static void core_draw(struct drawing *drawing, struct canvas *canvas, const struct core *core,
                      unsigned x, unsigned width, unsigned height) {
    const struct system *system = drawing->system;
    struct arena *arena = drawing->arena;
    int colour = (int)core->index;
    unsigned room = width - 4, y = 1;
    canvas_box(canvas, x, 0, width, height, colour,
               arena_printf(arena, " %s · hart %" PRIu64 " ", core->name, core->hart));
    canvas_text_in(canvas, x + 2, y++, room, CANVAS_PLAIN,
                   arena_printf(arena, "%s kernel, %s%s", variant_name(core->variant),
                                units_show_bytes(arena, core->ram.size),
                                core->restarts ? ", restarts" : ""));
    canvas_text_in(
        canvas, x + 2, y++, room, CANVAS_PLAIN,
        system->walls ? arena_printf(arena, "%u of %u walls used", core->pmp_count, core->pmp_limit)
                      : "NO WALLS");
    if (core->root_task_path) {
        canvas_text_in(canvas, x + 2, y++, room, colour,
                       arena_printf(arena, "root task %s", core->root_task_path));
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        if (domain->core == core) {
            unsigned indent = show_nesting(domain);
            indent = indent < 4 ? indent : 4;
            canvas_text_in(canvas, x + 2 + indent, y, room - indent, colour, domain->name);
            char *time =
                arena_printf(arena, " %3u %13s", domain->priority, show_time(arena, domain));
            unsigned length = (unsigned)strlen(time);
            if (length + 4 < room) {
                canvas_text(canvas, x + 2 + room - length, y, CANVAS_PLAIN, time);
            }
            y++;
        }
    }
    for (unsigned i = 0; i < system->device_count; i++) {
        if (system->devices[i].core == core) {
            canvas_text_in(canvas, x + 2, y++, room, CANVAS_PLAIN,
                           arena_printf(arena, "device %s %s", system->devices[i].name,
                                        system->devices[i].path));
        }
    }
}

static void cores_draw(struct drawing *drawing) {
    const struct system *system = drawing->system;
    unsigned in_row = drawing->columns / BOX_LEAST;
    in_row = in_row < 1 ? 1 : in_row > system->core_count ? system->core_count : in_row;
    unsigned width = drawing->columns / in_row;
    width = width > 48 ? 48 : width;
    for (unsigned first = 0; first < system->core_count; first += in_row) {
        unsigned height = 0;
        unsigned end = first + in_row < system->core_count ? first + in_row : system->core_count;
        for (unsigned i = first; i < end; i++) {
            unsigned lines = core_lines(system, &system->cores[i]) + 2;
            height = lines > height ? lines : height;
        }
        struct canvas *canvas = canvas_new(drawing->arena, drawing->columns, height);
        for (unsigned i = first; i < end; i++) {
            core_draw(drawing, canvas, &system->cores[i], (i - first) * width, width, height);
        }
        canvas_print(canvas, drawing->style, drawing->out);
    }
    fputs("(of each domain: priority, budget of period)\n", drawing->out);
}

/* ---- Memory ------------------------------------------------------------------------------------ */

// Of a stretch of memory, who holds most of it; -1: nobody holds half.
static int holder_of(const struct holder *holders, unsigned count, struct range cell) {
    for (unsigned i = 0; i < count; i++) {
        u64 low = holders[i].range.base > cell.base ? holders[i].range.base : cell.base;
        u64 high_a = holders[i].range.base + holders[i].range.size, high_b = cell.base + cell.size;
        u64 high = high_a < high_b ? high_a : high_b;
        if (high > low && 2 * (high - low) >= cell.size) {
            return (int)i;
        }
    }
    return -1;
}

static char holder_letter(unsigned index) {
    return index < 26 ? (char)('A' + index) : '?';
}

static void bar_draw(struct drawing *drawing, const struct holder *holders, unsigned count,
                     struct range range, bool *drawn) {
    unsigned columns = drawing->columns;
    // A power of two a column, so that a reader can count.
    u64 each = power_of_two_above((range.size + columns - 1) / columns);
    unsigned used = (unsigned)((range.size + each - 1) / each);
    struct canvas *canvas = canvas_new(drawing->arena, columns, 1);
    for (unsigned x = 0; x < used; x++) {
        int index = holder_of(holders, count, (struct range){range.base + x * each, each});
        char text[2] = {index < 0 ? '.' : holder_letter((unsigned)index), 0};
        const struct core *core = index < 0 ? NULL : holders[index].core;
        canvas_text(canvas, x, 0, core ? (int)core->index : CANVAS_PLAIN, text);
        if (index >= 0) {
            drawn[index] = true;
        }
    }
    fprintf(drawing->out, "0x%" PRIx64 " to 0x%" PRIx64 ", %s a column:\n", range.base,
            range.base + range.size, units_show_bytes(drawing->arena, each));
    canvas_print(canvas, drawing->style, drawing->out);
}

static void memory_draw(struct drawing *drawing) {
    unsigned count;
    struct holder *holders = holders_find(drawing->arena, drawing->system, &count);
    bool *drawn = ARENA_ARRAY(drawing->arena, bool, count);
    struct range ram = drawing->system->machine.ram;
    heading(drawing, "Memory, to scale");
    bar_draw(drawing, holders, count, ram, drawn);
    struct range near = {ram.base, 0};
    for (unsigned i = 0; i < count; i++) {
        u64 end = holders[i].range.base + holders[i].range.size;
        // The firmware keeps its device tree far above everything else.
        if (holders[i].range.base != drawing->system->firmware_tree.base &&
            end > near.base + near.size) {
            near.size = end - near.base;
        }
    }
    if (near.size && near.size <= ram.size / 2) {
        bar_draw(drawing, holders, count, near, drawn);
    }
    for (unsigned i = 0; i < count; i++) {
        fprintf(drawing->out, "  %c  %-28s 0x%010" PRIx64 "  %8s%s\n", holder_letter(i),
                holders[i].name, holders[i].range.base,
                units_show_bytes(drawing->arena, holders[i].range.size),
                drawn[i] ? "" : "  (too small to show)");
    }
}

/* ---- Channels ---------------------------------------------------------------------------------- */

static void channels_draw(struct drawing *drawing) {
    const struct system *system = drawing->system;
    if (!system->channel_count) {
        return;
    }
    heading(drawing, "Channels (a number is the channel's in that domain; => crosses kernels)");
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel *channel = &system->channels[i / 2];
        const struct channel_end *from = &channel->end[i % 2], *to = &channel->end[1 - i % 2];
        if (!show_end_used(from)) {
            continue;
        }
        bool crosses = from->domain->core != to->domain->core;
        fprintf(drawing->out, "  %s:%u %s %s:%u%s", from->domain->name, from->id,
                crosses ? "=>" : "->", to->domain->name, to->id,
                from->pp ? from->notify ? "  notifies and calls" : "  calls" : "");
        if (crosses) {
            fprintf(drawing->out, "  (%s to %s, line %u", from->domain->core->name,
                    to->domain->core->name, channel->line[1 - i % 2]);
            fprintf(drawing->out, channel->max_rate_per_s ? ", at most %" PRIu64 "/s)" : ")",
                    channel->max_rate_per_s);
        }
        fputc('\n', drawing->out);
    }
}

/* ---- Matrices ---------------------------------------------------------------------------------- */

// A table of rights, in as many parts as the width asks for.
struct matrix {
    const char *corner;
    unsigned rows, columns;
    const char **row_names, **column_names;
    const char **cells; // [row * columns + column]
};

static void matrix_part(struct drawing *drawing, const struct matrix *matrix, unsigned first,
                        unsigned end, unsigned name_width) {
    fprintf(drawing->out, "  %-*.*s", (int)name_width, (int)name_width, matrix->corner);
    for (unsigned column = first; column < end; column++) {
        fprintf(drawing->out, "  %-3s", matrix->column_names[column]);
    }
    fputc('\n', drawing->out);
    for (unsigned row = 0; row < matrix->rows; row++) {
        fprintf(drawing->out, "  %-*.*s", (int)name_width, (int)name_width, matrix->row_names[row]);
        for (unsigned column = first; column < end; column++) {
            size_t width = strlen(matrix->column_names[column]);
            const char *cell = matrix->cells[row * matrix->columns + column];
            int room = column + 1 == end ? 0 : width < 3 ? 3 : (int)width;
            fprintf(drawing->out, "  %-*s", room, *cell ? cell : ".");
        }
        fputc('\n', drawing->out);
    }
}

static void matrix_draw(struct drawing *drawing, const struct matrix *matrix) {
    unsigned name_width = (unsigned)strlen(matrix->corner);
    for (unsigned row = 0; row < matrix->rows; row++) {
        unsigned length = (unsigned)strlen(matrix->row_names[row]);
        name_width = length > name_width ? length : name_width;
    }
    name_width = name_width > NAME_MOST ? NAME_MOST : name_width;
    for (unsigned first = 0; first < matrix->columns;) {
        unsigned used = 2 + name_width, end = first;
        while (end < matrix->columns) {
            unsigned length = (unsigned)strlen(matrix->column_names[end]);
            used += 2 + (length < 3 ? 3 : length);
            if (used > drawing->columns && end > first) {
                break;
            }
            end++;
        }
        matrix_part(drawing, matrix, first, end, name_width);
        first = end;
    }
}

static void walls_draw(struct drawing *drawing, const struct access *access) {
    const struct system *system = drawing->system;
    struct arena *arena = drawing->arena;
    struct matrix matrix = {
        "memory and registers",
        access->walled_count,
        system->core_count,
        ARENA_ARRAY(arena, const char *, access->walled_count + 1),
        ARENA_ARRAY(arena, const char *, system->core_count),
        ARENA_ARRAY(arena, const char *, access->walled_count * system->core_count + 1)};
    for (unsigned i = 0; i < access->walled_count; i++) {
        matrix.row_names[i] = access->walled[i].name;
        for (unsigned j = 0; j < system->core_count; j++) {
            matrix.cells[i * system->core_count + j] =
                perms_show(arena, access->walled[i].perms[j]);
        }
    }
    for (unsigned j = 0; j < system->core_count; j++) {
        matrix.column_names[j] = system->cores[j].name;
    }
    heading(drawing, system->walls ? "What the walls let each kernel touch"
                                   : "Walls are OFF: every kernel can touch everything");
    matrix_draw(drawing, &matrix);
}

static void mappings_draw(struct drawing *drawing, const struct access *access) {
    const struct system *system = drawing->system;
    struct arena *arena = drawing->arena;
    if (!access->mappable_count || !system->domain_count) {
        return;
    }
    struct matrix matrix = {
        "protection domain",
        system->domain_count,
        access->mappable_count,
        ARENA_ARRAY(arena, const char *, system->domain_count),
        ARENA_ARRAY(arena, const char *, access->mappable_count),
        ARENA_ARRAY(arena, const char *, system->domain_count * access->mappable_count)};
    for (unsigned i = 0; i < system->domain_count; i++) {
        matrix.row_names[i] =
            arena_printf(arena, "%s %s", system->domains[i].core->name, system->domains[i].name);
        for (unsigned j = 0; j < access->mappable_count; j++) {
            matrix.cells[i * access->mappable_count + j] =
                perms_show(arena, access->perms[i * access->mappable_count + j]);
        }
    }
    for (unsigned j = 0; j < access->mappable_count; j++) {
        matrix.column_names[j] = access->mappable[j].name;
    }
    heading(drawing, "What each protection domain has mapped, beside its own image and stack");
    matrix_draw(drawing, &matrix);
}

void show_text(struct arena *arena, const struct system *system, unsigned columns,
               struct canvas_style style, FILE *out) {
    struct drawing drawing = {arena, system, columns < 40 ? 40 : columns, style, out};
    char *why;
    fprintf(out, "%s: machine %s, %s of memory, walls %s\n\n", system->name,
            machine_kind_name(system->kind), units_show_bytes(arena, system->machine.ram.size),
            system->walls ? "on" : "OFF");
    struct topology *topology = topology_begin(arena, &system->machine, &why);
    if (topology) {
        topology_draw(&drawing, topology);
        topology_end(topology);
    } else {
        fprintf(out, "(%s)\n", why);
    }
    fputc('\n', out);
    cores_draw(&drawing);
    memory_draw(&drawing);
    channels_draw(&drawing);
    struct access *access = access_find(arena, system);
    walls_draw(&drawing, access);
    mappings_draw(&drawing, access);
}
