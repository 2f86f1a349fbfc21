// SPDX-License-Identifier: BSD-2-Clause
// Drawings of a whole system: harts and what runs on them, memory to scale, channels, who can touch what.
#pragma once

#include "tools/canvas.h"
#include "tools/model.h"

// For a terminal of `columns` (at least 40).
void show_text(struct arena *arena, const struct system *system, unsigned columns,
               struct canvas_style style, FILE *out);

// A picture of its own, as one SVG document.
char *show_svg(struct arena *arena, const struct system *system);

// "1ms of 5ms", or "passive".
char *show_time(struct arena *arena, const struct domain *domain);

// How deep a domain stands in its parents: 0 for a child of nobody.
unsigned show_nesting(const struct domain *domain);

// Whether a channel's end may be used towards the other: a notification or a call.
bool show_end_used(const struct channel_end *end);
