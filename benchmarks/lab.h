// SPDX-License-Identifier: BSD-2-Clause
// What experiments are made of: counting instructions, series of samples, objects and threads.
//
// Each experiment has the machine for itself: its objects come from one untyped, the arena, which is revoked
// after it, and its capabilities from one run of slots, which are deleted. So no experiment sees
// another's leavings, and the order of experiments does not matter.
//
// How a figure is taken. `rdcycle` counts executed instructions when the emulator runs with -icount shift=0.
// A sample is the difference of two readings, less what two readings with nothing between them
// differ by (measured at the start). WARM_UPS runs are thrown away, then RUNS are kept, all of them.
// Readings stand around the system call function of libsel4, so a sample spans user stub, kernel and firmware.
//
// What happens between lab_mark_begin() and lab_mark_end() is one sample, or several of a group of rows that are
// measured together. The tool finds the marks and the readings of `cycle` between them in a trace of the emulator, and
// splits each sample by mode and by kernel function.
#pragma once

#include <stddef.h>

#include <sel4/sel4.h>

#define WARM_UPS 16
#define RUNS     128

enum priority {
    PRIORITY_LOW = 50,
    PRIORITY_LAB = 100,
    PRIORITY_MIDDLE = 120,
    PRIORITY_HIGH = 150,
    PRIORITY_DRIVER = 200
};

#define LAB_BUDGET_US (1000ul * 1000 * 1000) // so long that no budget ends by chance
#define DEPTH         64                     // of capability addresses in the root task's CNode

#define MESSAGE(words) seL4_MessageInfo_new(0, 0, 0, (words))

/* ---- Counting ------------------------------------------------------------------------------------ */

static inline seL4_Word cycles(void) {
    seL4_Word count;
    __asm__ volatile("rdcycle %0" : "=r"(count) : : "memory");
    return count;
}

// The row that the tool asked for, or an empty text: all.
const char *lab_only(void);

struct series {
    const char *name;
    unsigned runs;          // begun, warm-ups included
    unsigned count;         // kept
    seL4_Word overhead;     // taken off each sample
    seL4_Word sample[RUNS]; // in the order they were taken
    unsigned group;         // number of its marks
    int from, to; // its readings of `cycle` between the marks: from 0; from -1, the last, backwards
    const char *unit; // NULL: instructions
    // What differed from run to run, or NULL: its value in the first kept run, and by how much it grew.
    const char *input;
    seL4_Word input_first, input_step;
};

// Places that a trace can be cut at, around a sample of the group that was begun last, or of a group that is named;
// they do nothing.
void lab_mark_begin(void);
void lab_mark_begin_of(const struct series *series);
void lab_mark_end(void);

// Runs of one series, warm-ups included; fewer when the tool wants a trace.
unsigned lab_runs(void);

// Everything is traced: what only waits for time to pass is left out.
int lab_traced(void);

// Series that are begun before any of them is ended are a group and have the same marks.
void series_begin(struct series *series, const char *name);

// As series_begin(), for a sample between the readings `from` and `to` (struct series).
void series_begin_at(struct series *series, const char *name, int from, int to);

// Gives a series marks of its own.
void series_apart(struct series *series);

// Says what the number of a run stood for: `first` in the first run, warm-ups included, and `step` more in each.
void series_input(struct series *series, const char *what, seL4_Word first, seL4_Word step);

void series_add(struct series *series, seL4_Word instructions);

// Prints the series. Nothing is printed while an experiment runs.
void series_end(const struct series *series);

// As series_end(), for a row "name-parameter".
void series_end_with(const struct series *series, unsigned parameter);

// One series of the instructions of `expression`; `before` and `after` each run are not counted.
#define MEASURE(row, before, expression, after)                                                    \
    do {                                                                                           \
        static struct series measured;                                                             \
        series_begin(&measured, (row));                                                            \
        for (unsigned run = 0; run < lab_runs(); run++) {                                          \
            before;                                                                                \
            lab_mark_begin();                                                                      \
            seL4_Word measured_from = cycles();                                                    \
            expression;                                                                            \
            seL4_Word measured_to = cycles();                                                      \
            lab_mark_end();                                                                        \
            series_add(&measured, measured_to - measured_from);                                    \
            after;                                                                                 \
        }                                                                                          \
        series_end(&measured);                                                                     \
    } while (0)

/* ---- Objects ------------------------------------------------------------------------------------- */

// Sets the lab up: time, output, arena. `info` is the root task's boot information.
void lab_begin(seL4_BootInfo *info);

// Frees everything since lab_begin() or the last lab_clear().
void lab_clear(void);

// Says that the lab is over, as the runs of systems do (docs/user-level.md), and turns the machine off.
void lab_end(int status) __attribute__((noreturn));

// Ends the lab with a message unless `error` is seL4_NoError.
void must(seL4_Error error, const char *what);

seL4_CPtr slots_take(unsigned count);
seL4_CPtr objects_make(seL4_CPtr untyped, seL4_Word type, seL4_Word bits, unsigned count);
seL4_CPtr object_make(seL4_Word type, seL4_Word bits);

// A scheduling context of 256 bytes; budget == period is round robin.
seL4_CPtr sc_make(seL4_Time budget_us, seL4_Time period_us);
void sc_configure(seL4_CPtr sc, seL4_Time budget_us, seL4_Time period_us);

// Maps a frame into `vspace`, with the page tables that are missing.
void frame_map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address);

// A new address space that looks like the lab's own. Its frames are copies of the lab's.
seL4_CPtr vspace_clone(void);

volatile seL4_Uint8 *lab_uart(void); // its registers
volatile unsigned *lab_clock(void);  // registers of the goldfish RTC

seL4_CPtr lab_schedcontrol(void);

/* ---- Threads ------------------------------------------------------------------------------------- */

#define LAB_THREADS   4   // with stack, thread-local memory and IPC buffer
#define SMALL_THREADS 256 // with a few words of stack: `entry` must not send messages

struct thread {
    seL4_CPtr tcb, sc;
    unsigned index; // of its stack
};

struct thread_plan {
    void (*entry)(void);
    enum priority priority;
    seL4_Word flags;          // of TCB.SetFlags
    seL4_CPtr vspace;         // 0: the lab's own
    seL4_CPtr fault_endpoint; // 0: none
    seL4_Time budget_us;      // 0: LAB_BUDGET_US, round robin
    seL4_Time period_us;
};

// Makes a thread that Resume starts.
struct thread thread_prepare(const struct thread_plan *plan);

// Makes and starts a thread. If its priority is above the lab's it has run until it blocked.
struct thread thread_start(const struct thread_plan *plan);
struct thread small_thread_start(void (*entry)(void), seL4_Word priority, seL4_Time budget_us,
                                 seL4_Time period_us);

// Takes a thread's scheduling context away: from now on it runs on its callers' time.
void thread_make_passive(const struct thread *thread);

// Deletes the youngest of thread_start()'s and thread_prepare()'s threads; its stack is free again.
void thread_forget(const struct thread *thread);

seL4_IPCBuffer *thread_buffer(const struct thread *thread);

// Flags and priority of the lab's own thread.
void lab_flags(seL4_Word flags);
void lab_priority(seL4_Word priority);
