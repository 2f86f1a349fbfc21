// SPDX-License-Identifier: BSD-2-Clause
/*
 * XXH64 with seed 0: finds damage, not attackers. Written from the algorithm's public description ("xxHash fast
 * digest algorithm", version 0.2, the section on XXH64).
 *
 *     struct digest d;
 *     digest_begin(&d);
 *     digest_add(&d, first, n);      any number of times, in any portions
 *     u64 value = digest_end(&d);
 */
#pragma once

#include "lib/types.h"

#define DIGEST_BLOCK_BITS  5
#define DIGEST_BLOCK_BYTES (1 << DIGEST_BLOCK_BITS)

struct digest {
    u64 lane[4]; /* accumulators, one per 8 bytes of a block */
    u64 total;   /* bytes seen */
    u8 ALIGNED(
        8) tail[DIGEST_BLOCK_BYTES]; /* the bytes of the unfinished block: total % 32 of them */
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *data, u64 bytes);
MUST_USE u64 digest_end(const struct digest *d);

/* The digest of one piece of memory. */
MUST_USE u64 digest_of(const void *data, u64 bytes);
