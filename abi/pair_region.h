// SPDX-License-Identifier: BSD-2-Clause
/*
 * The pair region: the only memory two kernels share. Naturally aligned power of two; its first page is
 * for the kernels alone, the rest is data that user space maps (device untyped of both partitions).
 *
 * Each direction has a summary word over sixteen words of 64 lines. Writer and reader of every field:
 *   way[s].summary, way[s].word[]   set by the kernel with side s, taken by the other (atomic OR / swap)
 *   up[s]                           written by the kernel with side s: PAIR_UP when it is up, 0 when it panics
 * Ordering: docs/cross-core.md.
 */
#pragma once

#include "lib/types.h"

#define PAIR_WORDS      16
#define PAIR_WORD_LINES 64
#define PAIR_MAX_LINES  (PAIR_WORDS * PAIR_WORD_LINES)
#define PAIR_UP         0x5055204c454e524bull /* "KRNEL UP": value of `up` */

struct pair_way {
    u64 summary; /* bit w: word[w] may be non-zero */
    u64 word[PAIR_WORDS];
    u64 reserved[7];
};

struct pair_page {
    struct pair_way way[2];
    u64 up[2];
    u64 reserved[62];
    u8 unused[4096 - 2 * 192 - 512];
};

_Static_assert(sizeof(struct pair_way) == 192, "layout is shared between kernels");
_Static_assert(sizeof(struct pair_page) == 4096, "one page");
