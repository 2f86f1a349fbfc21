// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory functions for kernel and bootloader. By words where the alignment allows, since that is how these
 * programs lay out what they copy; bytes otherwise. The kernel's own hot copies are short and inline.
 *
 * Callers bound the size; the records below say what the largest caller (the bootloader's pieces) may ask.
 */
#include "lib/string.h"

#include "lib/bound.h"

#define COPY_MAX_WORDS MIB(128)

/*
 * An empty instruction the compiler cannot see through: without it, it would recognise these loops as memcpy or
 * memset and replace them by calls to themselves.
 */
#define KEEP_LOOP() __asm__ volatile("")

static bool all_aligned(const void *a, const void *b, size_t bytes) {
    return (((uintptr_t)a | (uintptr_t)b | bytes) & 7) == 0;
}

static void copy_up(u8 *to, const u8 *from, size_t bytes) {
    BOUND(copy_up, COPY_MAX_WORDS * 8);
    for (size_t i = 0; i < bytes; i++) {
        BOUND_STEP(copy_up);
        KEEP_LOOP();
        to[i] = from[i];
    }
}

/* Four words a turn, since the bootloader copies whole partitions. */
static void copy_up_words(u64 *to, const u64 *from, size_t words) {
    size_t i = 0;

    BOUND(copy_up_fours, COPY_MAX_WORDS / 4);
    for (; i + 4 <= words; i += 4) {
        BOUND_STEP(copy_up_fours);
        KEEP_LOOP();
        to[i] = from[i];
        to[i + 1] = from[i + 1];
        to[i + 2] = from[i + 2];
        to[i + 3] = from[i + 3];
    }
    BOUND(copy_up_words, 3);
    for (; i < words; i++) {
        BOUND_STEP(copy_up_words);
        KEEP_LOOP();
        to[i] = from[i];
    }
}

USED void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    if (all_aligned(to, from, bytes)) {
        copy_up_words(to, from, bytes / 8);
    } else {
        copy_up(to, from, bytes);
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    u8 *t = to;
    const u8 *f = from;

    /* Also true when `to` is below `from`: the difference wraps to something large. */
    if ((uintptr_t)t - (uintptr_t)f >= bytes) {
        copy_up(t, f, bytes);
        return to;
    }
    BOUND(copy_down, COPY_MAX_WORDS * 8);
    for (size_t i = bytes; i > 0; i--) {
        BOUND_STEP(copy_down);
        KEEP_LOOP();
        t[i - 1] = f[i - 1];
    }
    return to;
}

USED void *memset(void *at, int value, size_t bytes) {
    u64 word = (u8)value * 0x0101010101010101ull;
    size_t words = all_aligned(at, at, bytes) ? bytes / 8 : 0;

    BOUND(set_words, COPY_MAX_WORDS);
    for (size_t i = 0; i < words; i++) {
        BOUND_STEP(set_words);
        KEEP_LOOP();
        ((u64 *)at)[i] = word;
    }
    BOUND(set_bytes, COPY_MAX_WORDS * 8);
    for (size_t i = words * 8; i < bytes; i++) {
        BOUND_STEP(set_bytes);
        KEEP_LOOP();
        ((u8 *)at)[i] = (u8)value;
    }
    return at;
}

int memcmp(const void *a, const void *b, size_t bytes) {
    const u8 *x = a;
    const u8 *y = b;

    BOUND(compare, COPY_MAX_WORDS * 8);
    for (size_t i = 0; i < bytes; i++) {
        BOUND_STEP(compare);
        if (x[i] != y[i]) {
            return x[i] - y[i];
        }
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t n = 0;

    BOUND(string_length, 4096);
    while (text[n] != '\0') {
        BOUND_STEP(string_length);
        KEEP_LOOP();
        n++;
    }
    return n;
}
