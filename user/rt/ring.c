// SPDX-License-Identifier: BSD-2-Clause
/* Console rings, both ends: pure, so the host tests them (rt/ring.h). */
#include "user/rt/ring.h"

static char *place(struct console_ring *ring, u64 count) {
    return &ring->data[count % CONSOLE_RING_BYTES];
}

/* Append zero-terminated text to the name at `at`, leaving room for its end; returns where it ends. */
static u32 name_append(struct console_ring *ring, u32 at, const char *text) {
    for (u32 i = 0; text[i] != '\0' && at + 1 < sizeof(ring->name); i++) {
        ring->name[at++] = text[i];
    }
    return at;
}

void ring_begin(struct console_ring *ring, const char *core, const char *who) {
    if (ring->magic != CONSOLE_RING_MAGIC || ring->head - ring->tail > CONSOLE_RING_BYTES) {
        ring->head = 0;
        ring->tail = 0;
        ring->dropped = 0;
    }
    u32 at = name_append(ring, 0, core);
    at = name_append(ring, at, " ");
    at = name_append(ring, at, who);
    for (; at < sizeof(ring->name); at++) {
        ring->name[at] = '\0';
    }
    __atomic_store_n(&ring->magic, CONSOLE_RING_MAGIC, __ATOMIC_RELEASE);
}

bool ring_put_line(struct console_ring *ring, const char *text, u32 length) {
    bool ended = length != 0 && text[length - 1] == '\n';
    u64 need = (u64)length + (ended ? 0 : 1);
    u64 head = ring->head;
    /* Acquire: the reader is done with the bytes below its tail before we overwrite them. */
    u64 used = head - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
    if (used > CONSOLE_RING_BYTES || need > CONSOLE_RING_BYTES - used) {
        ring->dropped++;
        return false;
    }
    for (u32 i = 0; i < length; i++) {
        *place(ring, head + i) = text[i];
    }
    if (!ended) {
        *place(ring, head + length) = '\n';
    }
    __atomic_store_n(&ring->head, head + need, __ATOMIC_RELEASE);
    return true;
}

bool ring_ready(const struct console_ring *ring) {
    if (__atomic_load_n(&ring->magic, __ATOMIC_ACQUIRE) != CONSOLE_RING_MAGIC) {
        return false;
    }
    for (u32 i = 0; i < sizeof(ring->name); i++) {
        u8 c = (u8)ring->name[i];
        if (c == '\0') {
            return true;
        }
        if (c < ' ' || c == 0x7f || c == ']') {
            return false;
        }
    }
    return false;
}

/* Text as it may be printed: every byte of a control character is replaced, UTF-8 passes. */
static char printable(char c) {
    u8 byte = (u8)c;
    return (byte < ' ' && byte != '\t') || byte == 0x7f ? '?' : c;
}

int ring_take_line(struct console_ring *ring, char line[RING_LINE_BYTES]) {
    u64 tail = ring->tail;
    u64 head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
    if (head - tail > CONSOLE_RING_BYTES) {
        __atomic_store_n(&ring->tail, head, __ATOMIC_RELEASE);
        return -1;
    }
    int length = 0;
    /* At most CONSOLE_RING_BYTES turns: head - tail was checked above, and head is a copy. */
    for (u64 at = tail; at != head; at++) {
        char c = *place(ring, at);
        if (c == '\n') {
            line[length] = '\0';
            __atomic_store_n(&ring->tail, at + 1, __ATOMIC_RELEASE);
            return length;
        }
        if (length + 1 < RING_LINE_BYTES) {
            line[length++] = printable(c);
        }
    }
    /* Writers publish whole lines only; a rest without its end comes from a writer that is not ours. */
    if (head - tail == CONSOLE_RING_BYTES) {
        __atomic_store_n(&ring->tail, head, __ATOMIC_RELEASE);
    }
    return -1;
}
