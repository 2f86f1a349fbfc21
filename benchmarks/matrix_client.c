// SPDX-License-Identifier: BSD-2-Clause
// The victim of benchmarks/matrix.system: performs each operation many times, each between marks for the tool.
#include <microkit.h>

#include "benchmarks/marks.h"
#include "user/rt/rt.h"

enum { SERVER = 1, LISTENER = 2, SINK = 3, NOISE = 4, ROUNDS = 32, NOISE_KINDS = 8 };

#define EMPTY_SLOT 1000ul // of the domain's CNode, or beyond it: nothing is there

MARKS(matrix_kinds, "16"); // of noise: what follows is beside it
MARKS(matrix_begins, "16");
MARKS(matrix_ends, "1");

seL4_Word matrix_wanted = 0; // address of the word that the noise obeys

static void null(void) {
    seL4_NBSend(EMPTY_SLOT, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void yield(void) {
    seL4_Yield();
}

// The listener has a higher priority: it runs, waits again, and we go on.
static void signal(void) {
    microkit_notify(LISTENER);
}

static void call(void) {
    microkit_ppcall(SERVER, microkit_msginfo_new(0, 0));
}

// Our parent answers it with the address of the next instruction.
static void fault_and_go_on(void) {
    __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
}

static void ring(void) {
    microkit_notify(SINK);
}

// In the order of the tool's list (tools/bench_matrix.c).
static void (*const OPERATIONS[])(void) = {null, yield, signal, call, fault_and_go_on, ring};
enum { RING = 5 };

static void perform(unsigned which) {
    mark_call(matrix_begins, which);
    OPERATIONS[which]();
    mark_call(matrix_ends, 0);
}

static unsigned kind, rings;

static void noise_want(void) {
    rings = 0;
    *(volatile seL4_Word *)matrix_wanted = kind;
    microkit_notify(NOISE);
}

void init(void) {
    noise_want();
}

// The noise says that it begins. Rings go one by one: the sink rings back when it has heard one.
void notified(microkit_channel ch) {
    if (ch == NOISE) {
        mark_call(matrix_kinds, kind);
        for (unsigned which = 0; which < RING; which++) {
            for (unsigned round = 0; round < ROUNDS; round++) {
                perform(which);
            }
        }
    } else if (++rings == ROUNDS) {
        if (++kind == NOISE_KINDS) {
            rt_exit(0);
        }
        noise_want();
        return;
    }
    perform(RING);
}
