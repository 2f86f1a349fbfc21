// SPDX-License-Identifier: BSD-2-Clause
/*
 * A step: what a thread, the peer, a device or time does. It is done on both sides, kernel and model, and then these are
 * compared (compare.h).
 */
#pragma once

#include "tests/model/kernel/model.h"
#include "tests/support/words.h"

#define STEP_WORDS 16 /* that a step writes into the IPC buffer */
#define CHECK_EACH                                                                                 \
    64 /* steps from one look at the kernel's invariants (and all page tables) to the next */

enum step_kind {
    STEP_SYSCALL,
    STEP_VM_FAULT,
    STEP_EXCEPTION,
    STEP_TIME,
    STEP_LATE, /* time that nobody notices until it has passed: interrupts come late */
    STEP_IRQ,
    STEP_RING, /* the peer sends on doorbell lines … */
    STEP_TAKE  /* … and takes what was sent to it */
};

struct step_record {
    enum step_kind kind;
    int who;          /* the thread that does it; nothing happens while another one runs */
    s64 number;       /* system call */
    u64 value;        /* ticks, line, address, cause; doorbell lines as bits */
    u64 cap;          /* a0 */
    u64 info;         /* a1 */
    u64 mr[4];        /* a2..a5 */
    u64 reply;        /* a6 */
    u64 dest;         /* t0 */
    bool interrupted; /* long work stops at every look for interrupts, and starts
                       again */
    unsigned words;
    struct {
        unsigned at;
        u64 value;
    } word[STEP_WORDS]; /* written into the buffer */
};

/* What was done, and how often well: a run that is refused everything shows nothing. */
struct step_counts {
    u64 calls;
    u64 method[METHOD_TABLE_LENGTH];
    u64 method_good[METHOD_TABLE_LENGTH];
    u64 syscall[12]; /* by -number */
    u64 syscall_waits[12];
    u64 by_keeper;
    u64 restarts; /* of calls that were interrupted */
};

extern struct step_counts counts;

/* What a step writes into the caller's buffer; a whole message, of which the first words are in registers. */
void step_word(struct step_record *step, unsigned at, u64 value);
void step_message(struct step_record *step, u64 label, struct words words, struct words caps);

/* Do the step on both sides and compare; it is the number-th. False: kernel and model differ, see `difference`. */
bool step_run(const struct step_record *step, int number);
