// SPDX-License-Identifier: BSD-2-Clause
// Did-you-mean: the candidate nearest to a word that was not found.
#pragma once

#include "lib/types.h"

struct suggestion {
    const char *word;
    const char *nearest; // NULL: nothing is near enough to be worth a guess
    unsigned distance;
};

struct suggestion suggest_begin(const char *word);
void suggest_offer(struct suggestion *suggestion, const char *candidate);
