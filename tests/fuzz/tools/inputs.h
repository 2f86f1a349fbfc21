// SPDX-License-Identifier: BSD-2-Clause
// What the tool reads from strangers: system files, device trees, ELF files.
#pragma once

#include "lib/types.h"

enum input_kind { INPUT_SYSTEM, INPUT_TREE, INPUT_ELF, INPUT_KINDS };

// Lets the tool read `bytes` as a file of that kind and do everything it does with one. Returns normally
// whatever the bytes are; everything else is a bug.
void input_try(enum input_kind kind, const u8 *data, size_t bytes);

// A well-formed file of that kind to start from; `bytes` is set.
const u8 *input_seed(enum input_kind kind, size_t *bytes);
