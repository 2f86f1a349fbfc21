// SPDX-License-Identifier: BSD-2-Clause
/* Searching bits in words, without loops that depend on data and without a library call. */
#pragma once

#include "lib/types.h"

/* Number of the highest set bit of a word that is not 0. Six steps of halving: rv64gc has no clz. */
ALWAYS_INLINE unsigned highest_bit(u64 word) {
    unsigned bit = 0;

    if (word >> 32) {
        bit += 32;
        word >>= 32;
    }
    if (word >> 16) {
        bit += 16;
        word >>= 16;
    }
    if (word >> 8) {
        bit += 8;
        word >>= 8;
    }
    if (word >> 4) {
        bit += 4;
        word >>= 4;
    }
    /* The highest bit of a value below 16, as a table in a constant: 2 bits for each value. */
    return bit + (unsigned)((0xffffaa50u >> (2 * (word & 15))) & 3);
}

/* Number of the lowest set bit of a word that is not 0. */
ALWAYS_INLINE unsigned lowest_bit(u64 word) {
    return highest_bit(word & (~word + 1));
}
