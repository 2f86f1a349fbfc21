// SPDX-License-Identifier: BSD-2-Clause
// As cross_ring.c, for a trace that lacks the firmware: its marks also read `cycle`, which counts the instructions of all
// harts and modes, and at the end it says the counts, by calling one of sixteen further marks for each digit.
#include <microkit.h>

#include "benchmarks/marks.h"
#include "user/rt/rt.h"

enum { ANSWER = 1, ROUNDS = 64, DIGITS = 6 };

static u64 began[ROUNDS], ended[ROUNDS];
static unsigned rounds;

u64 cross_send_begins(void);
u64 cross_send_ends(void);
__asm__(".pushsection .text.cross_marks, \"ax\"\n"
        ".globl cross_send_begins, cross_send_ends\n"
        "cross_send_begins: rdcycle a0\n"
        "ret\n"
        "cross_send_ends: rdcycle a0\n"
        "ret\n"
        ".popsection\n");
MARKS(cross_digits, "16");

static void ring(void) {
    u64 begin = cross_send_begins();
    microkit_notify(ANSWER);
    ended[rounds] = cross_send_ends();
    began[rounds] = begin;
}

// The least digit first.
static void say(u64 count) {
    for (unsigned i = 0; i < DIGITS; i++) {
        mark_call(cross_digits, count >> 4 * i & 0xf);
    }
}

void init(void) {
    ring();
}

void notified(microkit_channel ch) {
    (void)ch;
    if (++rounds < ROUNDS) {
        ring();
        return;
    }
    for (unsigned i = 0; i + 1 < ROUNDS; i++) {
        say(ended[i] - began[i]);
        say(began[i + 1] - began[i]);
    }
    rt_exit(0);
}
