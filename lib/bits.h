// SPDX-License-Identifier: BSD-2-Clause
/* Searching bits in words, without loops that depend on data and without a library call. */
#pragma once

#include "lib/types.h"

/* Number of the highest set bit of 1..15: a table of 2 bits for each value, as a constant. */
ALWAYS_INLINE unsigned highest_bit_of_16(u64 value) {
    return (unsigned)((0xffffaa50u >> (2 * value)) & 3);
}

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
    return bit + highest_bit_of_16(word);
}

/*
 * A de Bruijn sequence: its 64 windows of 6 bits are all different, so shifting it left by n (multiplying it by the
 * bit n) and looking at the topmost six tells n. See Leiserson, Prokop and Randall, "Using de Bruijn Sequences to
 * Index a 1 in a Computer Word", 1998.
 */
#define BITS_DE_BRUIJN 0x022fdd63cc95386dull

extern const u8 bits_of_window[64]; /* lib/bits.c */

/* Number of the lowest set bit of a word that is not 0. */
ALWAYS_INLINE unsigned lowest_bit(u64 word) {
    return bits_of_window[((word & (~word + 1)) * BITS_DE_BRUIJN) >> 58];
}
