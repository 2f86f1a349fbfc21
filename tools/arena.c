// SPDX-License-Identifier: BSD-2-Clause
// The arena: a list of malloc'ed blocks, each freed once, at the end.
#include "tools/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    max_align_t data[];
};

struct arena {
    struct block *blocks;
};

static void *memory_or_exit(size_t bytes) {
    void *memory = calloc(1, bytes);
    if (!memory) {
        fprintf(stderr, "skerry: error: out of memory (%zu bytes asked for)\n", bytes);
        exit(2);
    }
    return memory;
}

struct arena *arena_new(void) {
    return memory_or_exit(sizeof(struct arena));
}

void arena_free(struct arena *arena) {
    struct block *block = arena->blocks;
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

// One block per allocation: a system file makes a few hundred, and the address sanitizer can then
// tell them apart, which a bump pointer would hide from it.
void *arena_alloc(struct arena *arena, size_t bytes) {
    struct block *block = memory_or_exit(sizeof(struct block) + bytes);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

char *arena_copy(struct arena *arena, const char *text, size_t bytes) {
    char *copy = arena_alloc(arena, bytes + 1);
    memcpy(copy, text, bytes);
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
