// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole-state checker: docs/invariants.md lists what must hold between two entries, by id; this looks.
 * Linked in debug kernels and host tests; a release kernel never calls it.
 */
#pragma once

#include "kernel/model/kernel.h"

/* NULL if all invariants hold, otherwise the id and sentence of the first that does not ("INV-SC-2: …"). */
const char *check_all(void);

/* Did the last look see every object? Its list has room for 2,048. */
bool check_saw_all(void);

/*
 * Check every config->check_interval-th time; panics when an invariant is broken. Says once if there are more
 * objects than it can look at.
 */
void check_sometimes(void);
