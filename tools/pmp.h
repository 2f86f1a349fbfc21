// SPDX-License-Identifier: BSD-2-Clause
// Walls: which PMP entries each partition needs, and whether the hart has as many.
#pragma once

#include "tools/model.h"

// Fills in pmp of every core and reports SK033 where the hart's entries do not suffice.
void pmp_fit(struct arena *arena, struct diagnostics *diags, struct system *system);

// Cuts page ranges into the fewest naturally aligned powers of two that cover exactly them. `blocks` has
// room for `limit`; returns how many are needed, which may be more.
unsigned pmp_cover(struct range *ranges, unsigned count, struct range *blocks, unsigned limit);
