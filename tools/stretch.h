// SPDX-License-Identifier: BSD-2-Clause
// Stretches with interrupts off, seen in a trace of executed instructions.
//
// The kernel runs with interrupts off from the trap vector to `sret`. A stretch is what comes between two instants at
// which an interrupt would be taken: a PC at the vector, a wait for work, or a look at `sip` (a preemption point; what
// is pending is then served next). Only the kernel's own instructions count; firmware's are not traced.
#pragma once

#include "tools/functions.h"
#include "tools/files.h"

#define STRETCH_MAX_LOOKS 64
#define STRETCH_MAX_PATH  24 // functions that are remembered of one stretch

// What a stretch began with, as far as the kernel's upcalls tell.
enum stretch_kind {
    STRETCH_SYSCALL,
    STRETCH_FAULT,
    STRETCH_INTERRUPT,
    STRETCH_CONTINUED, // behind a preemption point or a wait, without a new upcall
    STRETCH_KINDS
};

// Where a kernel's code has the places that matter.
struct stretch_kernel {
    u64 base, end;               // of its code
    u64 vector;                  // of traps
    u64 enter;                   // where it first leaves for user mode
    u64 wait;                    // its wfi
    u64 upcall[STRETCH_KINDS];   // functions that tell the kind; 0: none
    u64 look[STRETCH_MAX_LOOKS]; // instructions that end a stretch
    unsigned looks;
    struct functions functions;
};

// The functions of one stretch in the order they were first entered, with their instructions.
struct stretch_path {
    u64 length;
    enum stretch_kind kind;
    unsigned functions;
    const struct function
        *function[STRETCH_MAX_PATH]; // the last one stands for all that found no room
    unsigned instructions[STRETCH_MAX_PATH];
};

struct stretch_lengths {
    u64 *list; // in the order they were seen
    unsigned count, room;
};

struct stretch {
    struct arena *arena;
    const struct stretch_kernel *kernel;
    bool entered;                               // it has left for user mode once …
    bool counting;                              // … and come back: boot is not a stretch
    struct stretch_path path;                   // the one that is going on
    struct stretch_path longest[STRETCH_KINDS]; // seen so far
    struct stretch_lengths lengths[STRETCH_KINDS];
};

// Reads the kernel's ELF file. False: *why says what is missing.
bool stretch_kernel_read(struct arena *arena, const char *elf, struct stretch_kernel *kernel,
                         char **why);

void stretch_begin(struct stretch *stretch, struct arena *arena,
                   const struct stretch_kernel *kernel);

// What stretch_step() returns.
enum stretch_event {
    STRETCH_GOES_ON,
    STRETCH_ENDED, // one ended before this instruction, or with it
    STRETCH_RECORD // … and is longer than all of its kind before
};

// The hart executed the kernel's instruction at `pc`.
enum stretch_event stretch_step(struct stretch *stretch, u64 pc);

// "a function (1,234), another (56), …": the functions with the most instructions first, at most `most` of them.
char *stretch_path_show(struct arena *arena, const struct stretch_path *path, unsigned most);

// As the names of rows end: "syscall", "fault", …
const char *stretch_kind_name(enum stretch_kind kind);
