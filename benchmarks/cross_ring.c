// SPDX-License-Identifier: BSD-2-Clause
// Rings the domain on the other kernel, and again when it has rung back. The marks are for the tool, which finds
// them in the emulator's trace; between them is one system call.
#include <microkit.h>

#include "user/rt/rt.h"

enum { ANSWER = 1, ROUNDS = 64 };

static unsigned rounds;

__attribute__((noinline)) static void cross_send_begins(void) {
    __asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) static void cross_send_ends(void) {
    __asm__ volatile(" " : : : "memory");
}

static void ring(void) {
    cross_send_begins();
    microkit_notify(ANSWER);
    cross_send_ends();
}

void init(void) {
    ring();
}

void notified(microkit_channel ch) {
    (void)ch;
    if (++rounds == ROUNDS) {
        rt_exit(0);
    }
    ring();
}
