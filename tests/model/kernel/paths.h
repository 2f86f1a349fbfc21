// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which of the kernel's fast paths random calls took, and how often: a path that is never taken has not been
 * compared with the model. The linker puts the counters between the kernel and its fast paths (--wrap).
 */
#pragma once

#include "lib/types.h"

/* Print every path that was taken. */
void paths_print(void);

/* The name of a path that ought to be taken now and then and never was; NULL if there is none. */
const char *paths_missing(void);
