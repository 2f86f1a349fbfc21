// SPDX-License-Identifier: BSD-2-Clause
// What a small root task needs around it: slots, objects, threads, output, and a count of checks.
//
// Written against the reference manual of the seL4 interface only: nothing here is special to Skerry. A program
// has KIT_ROOMS(n) once and says kit_begin(), then CHECK()s, then kit_end(), which tells PASS or FAIL and
// stops the machine.
#pragma once

#include <sel4/sel4.h>

#define KIT_DEPTH 64 // of capability addresses in the root task's CNode
#define CNODE     seL4_CapInitThreadCNode
#define VSPACE    seL4_CapInitThreadVSpace

/* ---- Output (output_debug.c or output_release.c) ------------------------------------------------- */

void output_begin(seL4_BootInfo *info);
void output_byte(char byte);
void output_halt(void) __attribute__((noreturn));

void say(const char *text);
void say_number(seL4_Word number);
void say_hex(seL4_Word number);

/* ---- Checks -------------------------------------------------------------------------------------- */

// Counts a check; a failed one is told with its line and both values. Each argument is evaluated once.
void check(const char *what, unsigned line, seL4_Word got, seL4_Word wanted);

#define CHECK(condition)         check(#condition, __LINE__, (condition) != 0, 1)
#define CHECK_EQUAL(got, wanted) check(#got, __LINE__, (seL4_Word)(got), (seL4_Word)(wanted))
#define CHECK_OK(call)           CHECK_EQUAL(call, seL4_NoError)

/* ---- Objects ------------------------------------------------------------------------------------- */

// Objects come from one untyped of 2^arena_bits bytes, kit_arena, so that one Revoke frees all of them.
void kit_begin(unsigned arena_bits);
void kit_end(void) __attribute__((noreturn));

extern seL4_CPtr kit_arena;
extern seL4_BootInfo *kit_info;

// Where slots are free from; a program that has revoked the arena may set it back.
extern seL4_CPtr kit_slot_next;

seL4_CPtr kit_slots(unsigned count);
seL4_CPtr kit_objects(seL4_Word type, seL4_Word bits, unsigned count);
seL4_CPtr kit_object(seL4_Word type, seL4_Word bits);
seL4_CPtr kit_mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge);
seL4_CPtr kit_sc(seL4_Time budget_us, seL4_Time period_us);

// The frame that holds a page of this program.
seL4_CPtr kit_frame_of(const void *address);

// Maps a frame and the page tables that are missing.
seL4_Error kit_map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address);

// An address space with copies of this program's pages.
seL4_CPtr kit_vspace_clone(void);

/* ---- Threads ------------------------------------------------------------------------------------- */

struct kit_room {
    char buffer[4096];
    char stack[4096 - 256];
    char tls[256];
} __attribute__((aligned(4096)));

extern struct kit_room kit_rooms[];
#define KIT_ROOMS(count) struct kit_room kit_rooms[count]

struct kit_thread {
    void (*entry)(seL4_Word argument);
    seL4_Word argument;
    unsigned room;
    unsigned priority, mcp;
    seL4_CPtr tcb;            // made if 0
    seL4_CPtr sc;             // 0: none
    seL4_CPtr fault_endpoint; // 0: none
    seL4_CPtr cspace, vspace; // 0: the root task's
};

// Configures the thread and, if `start`, resumes it. Returns its TCB.
seL4_CPtr kit_thread_make(const struct kit_thread *thread, int start);

/* ---- Time ---------------------------------------------------------------------------------------- */

#define TICKS_PER_US 10ul

static inline seL4_Word now_ticks(void) {
    seL4_Word ticks;
    __asm__ volatile("rdtime %0" : "=r"(ticks) : : "memory");
    return ticks;
}

static inline void spin_us(seL4_Word us) {
    seL4_Word from = now_ticks();
    while (now_ticks() - from < us * TICKS_PER_US) {
    }
}

// Gives the root task a budget in each period, so that Yield sleeps until the next one.
void kit_sleeper(seL4_Time budget_us, seL4_Time period_us);
void kit_sleep(unsigned periods);
