// SPDX-License-Identifier: BSD-2-Clause
// Calls the server of its own kernel, between the marks that cross_ring.c has too.
#include <microkit.h>

#include "user/rt/rt.h"

enum { SERVER = 1, ROUNDS = 256, SETTLE_US = 300 };

__attribute__((noinline)) static void cross_send_begins(void) {
    __asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) static void cross_send_ends(void) {
    __asm__ volatile(" " : : : "memory");
}

// The other kernel is to be up first.
static void settle(void) {
    u64 until = rt_now() + rt_ticks_from_us(SETTLE_US);
    while (rt_now() < until) {
    }
}

void init(void) {
    settle();
    for (unsigned round = 0; round < ROUNDS; round++) {
        cross_send_begins();
        microkit_ppcall(SERVER, microkit_msginfo_new(0, 0));
        cross_send_ends();
    }
    rt_exit(0);
}

void notified(microkit_channel ch) {
    (void)ch;
}
