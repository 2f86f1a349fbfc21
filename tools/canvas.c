// SPDX-License-Identifier: BSD-2-Clause
// One cell holds one character in UTF-8 and its colour. Lines are drawn in Unicode and replaced when printed, so
// drawing code need not know what the terminal can show.
#include "tools/canvas.h"

#include <string.h>

struct cell {
    char glyph[5]; // empty: a blank
    int colour;
};

struct canvas {
    unsigned width, height;
    struct cell *cells;
};

struct canvas *canvas_new(struct arena *arena, unsigned width, unsigned height) {
    struct canvas *canvas = ARENA_NEW(arena, struct canvas);
    canvas->width = width;
    canvas->height = height;
    canvas->cells = ARENA_ARRAY(arena, struct cell, (size_t)width * height + 1);
    return canvas;
}

static unsigned glyph_bytes(const char *text) {
    unsigned char c = (unsigned char)*text;
    unsigned length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    unsigned bytes = 1;
    while (bytes < length && ((unsigned char)text[bytes] & 0xc0) == 0x80) {
        bytes++;
    }
    return bytes;
}

static void glyph_put(struct canvas *canvas, unsigned x, unsigned y, int colour, const char *glyph,
                      unsigned bytes) {
    if (x >= canvas->width || y >= canvas->height) {
        return;
    }
    struct cell *cell = &canvas->cells[(size_t)y * canvas->width + x];
    memset(cell->glyph, 0, sizeof(cell->glyph));
    memcpy(cell->glyph, glyph, bytes);
    cell->colour = colour;
}

void canvas_text(struct canvas *canvas, unsigned x, unsigned y, int colour, const char *text) {
    canvas_text_in(canvas, x, y, canvas->width, colour, text);
}

static unsigned columns_of(const char *text) {
    unsigned columns = 0;
    for (; *text; text += glyph_bytes(text)) {
        columns++;
    }
    return columns;
}

void canvas_text_in(struct canvas *canvas, unsigned x, unsigned y, unsigned columns, int colour,
                    const char *text) {
    bool cut = columns_of(text) > columns;
    for (unsigned i = 0; *text && i < columns; i++) {
        unsigned bytes = glyph_bytes(text);
        bool last = cut && i + 1 == columns;
        glyph_put(canvas, x + i, y, colour, last ? "…" : text, last ? 3 : bytes);
        text += bytes;
    }
}

void canvas_box(struct canvas *canvas, unsigned x, unsigned y, unsigned width, unsigned height,
                int colour, const char *title) {
    unsigned right = x + width - 1, bottom = y + height - 1;
    for (unsigned i = x + 1; i < right; i++) {
        glyph_put(canvas, i, y, colour, "─", 3);
        glyph_put(canvas, i, bottom, colour, "─", 3);
    }
    for (unsigned i = y + 1; i < bottom; i++) {
        glyph_put(canvas, x, i, colour, "│", 3);
        glyph_put(canvas, right, i, colour, "│", 3);
    }
    glyph_put(canvas, x, y, colour, "┌", 3);
    glyph_put(canvas, right, y, colour, "┐", 3);
    glyph_put(canvas, x, bottom, colour, "└", 3);
    glyph_put(canvas, right, bottom, colour, "┘", 3);
    if (width > 6) {
        canvas_text_in(canvas, x + 2, y, width - 4, colour, title);
    }
}

const char *canvas_colour(int colour) {
    static const char *const SEQUENCES[] = {"\033[36m", "\033[32m", "\033[33m", "\033[35m",
                                            "\033[34m", "\033[31m", "\033[96m", "\033[92m"};
    return SEQUENCES[(unsigned)colour % ARRAY_LENGTH(SEQUENCES)];
}

// What stands for a glyph where only ASCII can be shown.
static const char *ascii(const char *glyph) {
    static const struct {
        const char *glyph, *ascii;
    } PLAIN[] = {{"─", "-"}, {"│", "|"}, {"┌", "+"}, {"┐", "+"}, {"└", "+"},
                 {"┘", "+"}, {"├", "+"}, {"…", "~"}, {"→", ">"}, {"↔", "="},
                 {"·", "."}, {"█", "#"}, {"▒", "%"}, {"═", "="}};
    for (unsigned i = 0; i < ARRAY_LENGTH(PLAIN); i++) {
        if (!strcmp(PLAIN[i].glyph, glyph)) {
            return PLAIN[i].ascii;
        }
    }
    return (unsigned char)*glyph < 0x80 ? glyph : "?";
}

static void row_print(const struct canvas *canvas, unsigned y, struct canvas_style style,
                      FILE *out) {
    const struct cell *row = &canvas->cells[(size_t)y * canvas->width];
    unsigned end = canvas->width;
    while (end && !row[end - 1].glyph[0]) {
        end--;
    }
    int colour = CANVAS_PLAIN;
    for (unsigned x = 0; x < end; x++) {
        int wanted = row[x].glyph[0] ? row[x].colour : CANVAS_PLAIN;
        if (style.colour && wanted != colour) {
            fputs(wanted == CANVAS_PLAIN ? "\033[0m" : canvas_colour(wanted), out);
            colour = wanted;
        }
        const char *glyph = row[x].glyph[0] ? row[x].glyph : " ";
        fputs(style.unicode ? glyph : ascii(glyph), out);
    }
    fputs(colour == CANVAS_PLAIN ? "\n" : "\033[0m\n", out);
}

void canvas_crop(struct canvas *canvas, unsigned height) {
    canvas->height = height < canvas->height ? height : canvas->height;
}

void canvas_print(const struct canvas *canvas, struct canvas_style style, FILE *out) {
    for (unsigned y = 0; y < canvas->height; y++) {
        row_print(canvas, y, style, out);
    }
}
