// SPDX-License-Identifier: BSD-2-Clause
// Files that fill regions (prefill_path): found, read, and measured against the region.
#pragma once

#include "tools/model.h"

// Reads every such file; a region without a size gets the file's, rounded up to whole pages. Sizes of
// mappings follow. Reports SK078, SK008 for a region with neither, and SK038 for one that two cores share.
void prefill_load(struct arena *arena, struct diagnostics *diags, struct system *system,
                  const char *build_folder);
