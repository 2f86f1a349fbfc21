// SPDX-License-Identifier: BSD-2-Clause
/*
 * XXH64. Four lanes each take every fourth 8-byte word of the input; at the end they are merged, the length is
 * added, what is left of the input is mixed in word by word, half word, byte by byte, and an avalanche spreads
 * every bit. All arithmetic is modulo 2^64, all words little endian (as all our machines are).
 *
 * Data at 8-byte aligned addresses is read in place; anything else goes through the tail buffer, because
 * unaligned loads trap to firmware on many RISC-V harts.
 */
#include "lib/digest.h"

#include "lib/bound.h"
#include "lib/string.h"

#define PRIME_1 0x9e3779b185ebca87ull
#define PRIME_2 0xc2b2ae3d27d4eb4full
#define PRIME_3 0x165667b19e3779f9ull
#define PRIME_4 0x85ebca77c2b2ae63ull
#define PRIME_5 0x27d4eb2f165667c5ull

/* The largest input: a partition's user image. */
#define DIGEST_MAX_BYTES GIB(1)

static u64 rotate_left(u64 value, unsigned n) {
    return value << n | value >> (64 - n);
}

static u64 lane_round(u64 lane, u64 word) {
    return rotate_left(lane + word * PRIME_2, 31) * PRIME_1;
}

static u64 lane_merge(u64 hash, u64 lane) {
    return (hash ^ lane_round(0, lane)) * PRIME_1 + PRIME_4;
}

/* Whole blocks at an aligned place. The lanes stay in registers: this loop is most of a partition's boot. */
static void take_blocks(struct digest *d, const u64 *word, u64 blocks) {
    u64 lane0 = d->lane[0];
    u64 lane1 = d->lane[1];
    u64 lane2 = d->lane[2];
    u64 lane3 = d->lane[3];

    BOUND(digest_blocks, DIGEST_MAX_BYTES / DIGEST_BLOCK_BYTES);
    for (const u64 *end = word + blocks * 4; word < end; word += 4) {
        BOUND_STEP(digest_blocks);
        lane0 = lane_round(lane0, word[0]);
        lane1 = lane_round(lane1, word[1]);
        lane2 = lane_round(lane2, word[2]);
        lane3 = lane_round(lane3, word[3]);
    }
    d->lane[0] = lane0;
    d->lane[1] = lane1;
    d->lane[2] = lane2;
    d->lane[3] = lane3;
}

void digest_begin(struct digest *d) {
    d->lane[0] = PRIME_1 + PRIME_2;
    d->lane[1] = PRIME_2;
    d->lane[2] = 0;
    d->lane[3] = 0 - PRIME_1;
    d->total = 0;
}

/* Take what completes the unfinished block (or all, if it does not); returns how many bytes. */
static u64 fill_tail(struct digest *d, const u8 *data, u64 bytes) {
    u64 have = d->total % DIGEST_BLOCK_BYTES;
    u64 take = min_u64(DIGEST_BLOCK_BYTES - have, bytes);

    memcpy(d->tail + have, data, take);
    d->total += take;
    if (have + take == DIGEST_BLOCK_BYTES) {
        take_blocks(d, (const u64 *)d->tail, 1);
    }
    return take;
}

void digest_add(struct digest *d, const void *data, u64 bytes) {
    const u8 *at = data;

    BOUND(digest_portions, DIGEST_MAX_BYTES / DIGEST_BLOCK_BYTES + 2);
    while (bytes > 0) {
        BOUND_STEP(digest_portions);
        u64 taken = align_down(bytes, DIGEST_BLOCK_BITS);

        if (taken != 0 && d->total % DIGEST_BLOCK_BYTES == 0 && is_aligned((uintptr_t)at, 3)) {
            take_blocks(d, (const u64 *)at, taken / DIGEST_BLOCK_BYTES);
            d->total += taken;
        } else {
            taken = fill_tail(d, at, bytes);
        }
        at += taken;
        bytes -= taken;
    }
}

static u64 merge_lanes(const struct digest *d) {
    if (d->total < DIGEST_BLOCK_BYTES) {
        return PRIME_5; /* no block was ever taken: the seed only */
    }
    u64 hash = rotate_left(d->lane[0], 1) + rotate_left(d->lane[1], 7) +
               rotate_left(d->lane[2], 12) + rotate_left(d->lane[3], 18);

    hash = lane_merge(hash, d->lane[0]);
    hash = lane_merge(hash, d->lane[1]);
    hash = lane_merge(hash, d->lane[2]);
    return lane_merge(hash, d->lane[3]);
}

static u64 avalanche(u64 hash) {
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}

u64 digest_end(const struct digest *d) {
    u64 hash = merge_lanes(d) + d->total;
    u64 left = d->total % DIGEST_BLOCK_BYTES;
    u64 at = 0;

    BOUND(digest_words, 3);
    for (; at + 8 <= left; at += 8) {
        BOUND_STEP(digest_words);
        hash ^= lane_round(0, *(const u64 *)(d->tail + at));
        hash = rotate_left(hash, 27) * PRIME_1 + PRIME_4;
    }
    if (at + 4 <= left) {
        hash ^= *(const u32 *)(d->tail + at) * PRIME_1;
        hash = rotate_left(hash, 23) * PRIME_2 + PRIME_3;
        at += 4;
    }
    BOUND(digest_bytes, 3);
    for (; at < left; at++) {
        BOUND_STEP(digest_bytes);
        hash ^= d->tail[at] * PRIME_5;
        hash = rotate_left(hash, 11) * PRIME_1;
    }
    return avalanche(hash);
}

u64 digest_of(const void *data, u64 bytes) {
    struct digest d;

    digest_begin(&d);
    digest_add(&d, data, bytes);
    return digest_end(&d);
}
