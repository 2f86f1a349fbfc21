// SPDX-License-Identifier: BSD-2-Clause
// A sheet of characters to draw on: text, boxes, bars. Coordinates count from 0, x to the right, y down; what lies
// outside is cut off.
#pragma once

#include <stdio.h>

#include "tools/arena.h"

#define CANVAS_PLAIN (-1)

struct canvas_style {
    bool unicode; // lines and blocks; otherwise + - | and #
    bool colour;  // ANSI colours
};

struct canvas;
struct canvas *canvas_new(struct arena *arena, unsigned width, unsigned height);

// `colour` is 0..7, or CANVAS_PLAIN. UTF-8; each character takes one column.
void canvas_text(struct canvas *canvas, unsigned x, unsigned y, int colour, const char *text);

// At most `columns` of the text; a cut is marked with an ellipsis ("~" in print without unicode).
void canvas_text_in(struct canvas *canvas, unsigned x, unsigned y, unsigned columns, int colour,
                    const char *text);

// A frame, with a title in its upper line. Width and height count the frame; both are at least 2.
void canvas_box(struct canvas *canvas, unsigned x, unsigned y, unsigned width, unsigned height,
                int colour, const char *title);

// Cuts off all rows from `height` on.
void canvas_crop(struct canvas *canvas, unsigned height);

// Prints all rows, without blanks at their ends.
void canvas_print(const struct canvas *canvas, struct canvas_style style, FILE *out);

// Colour of a core, as an ANSI sequence.
const char *canvas_colour(int colour);
