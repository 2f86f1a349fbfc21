// SPDX-License-Identifier: BSD-2-Clause
// Replaying the init task's allocation. The kernel cuts its free memory into the largest aligned powers of two, from
// the bottom up; the init task takes each object from the one where alignment wastes least.
#include "tools/fit.h"

#define MAX_CHUNKS 128u // a range has at most two of each power of two

// Memory of one untyped: [next, end) is free.
struct chunk {
    u64 next, end;
};

static u64 round_up(u64 value, u64 align) {
    return (value + align - 1) & ~(align - 1);
}

static unsigned chunks_cut(struct range free, struct chunk *chunks) {
    unsigned count = 0;
    while (free.size && count < MAX_CHUNKS) {
        u64 bytes = free.base ? free.base & -free.base : 1ull << 63;
        while (bytes > free.size) {
            bytes >>= 1;
        }
        chunks[count++] = (struct chunk){free.base, free.base + bytes};
        free.base += bytes;
        free.size -= bytes;
    }
    return count;
}

// The chunk for an object, or NULL: least waste first, then least left.
static struct chunk *chunk_choose(struct chunk *chunks, unsigned count, u64 bytes) {
    struct chunk *best = NULL;
    u64 best_waste = 0;
    for (unsigned i = 0; i < count; i++) {
        u64 start = round_up(chunks[i].next, bytes);
        if (start >= chunks[i].end || chunks[i].end - start < bytes) {
            continue;
        }
        u64 waste = start - chunks[i].next;
        if (!best || waste < best_waste ||
            (waste == best_waste && chunks[i].end - chunks[i].next < best->end - best->next)) {
            best = &chunks[i];
            best_waste = waste;
        }
    }
    return best;
}

bool fit_objects(struct range free, const struct object_list *objects) {
    struct chunk chunks[MAX_CHUNKS];
    unsigned count = chunks_cut(free, chunks);
    for (unsigned i = 0; i < objects->count; i++) {
        u64 bytes = 1ull << objects->bits[i];
        struct chunk *chunk = chunk_choose(chunks, count, bytes);
        if (!chunk) {
            return false;
        }
        chunk->next = round_up(chunk->next, bytes) + bytes;
    }
    return true;
}
