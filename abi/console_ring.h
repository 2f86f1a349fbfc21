// SPDX-License-Identifier: BSD-2-Clause
/*
 * A console ring: one page of bytes from one writer (a protection domain or a kernel) to one reader (the
 * console program on core 0). Lines end with '\n'. The writer never waits: a line that does not fit is
 * dropped and counted, so a dead console cannot delay anybody.
 *
 * head: bytes ever written, by the writer (release after the bytes); tail: bytes ever read, by the reader.
 * Neither side trusts the other: indices are taken modulo the size, a difference above it means "resync".
 */
#pragma once

#include "lib/types.h"

#define CONSOLE_RING_MAGIC 0x3147524e4f43ull /* "CONRG1" */
#define CONSOLE_RING_BYTES 3968
#define CONSOLE_COUNTERS   8

struct console_ring {
    u64 magic; /* written by the writer when it starts */
    u64 head;
    u64 tail;
    u64 dropped;   /* lines lost, by the writer */
    char name[32]; /* who writes, for the prefix */
    u64 counter
        [CONSOLE_COUNTERS]; /* a kernel's entries by kind (enum entry_kind); 0 for programs */
    char data[CONSOLE_RING_BYTES];
};

_Static_assert(sizeof(struct console_ring) == 4096, "one page");
