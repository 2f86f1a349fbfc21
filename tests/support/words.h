// SPDX-License-Identifier: BSD-2-Clause
/* Lists of words or capability addresses, written where they are used: W(1, 2), W(). */
#pragma once

#include "lib/types.h"

struct words {
    const u64 *at;
    unsigned count;
};

#define W(...) ((struct words){(const u64[]){__VA_ARGS__}, sizeof((const u64[]){__VA_ARGS__}) / 8})
#define C(...) W(__VA_ARGS__)
