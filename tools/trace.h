// SPDX-License-Identifier: BSD-2-Clause
// QEMU's trace of executed instructions (PLATFORM-FACTS 6.2), read while the emulator runs.
//
//     Trace HART: host [flags/PC/flags/flags] symbol             an instruction is about to be executed
//     Stopped execution of TB chain before host [PC] symbol      … after all it was not: the slice was over
//     riscv_cpu_do_interrupt: hart:H, async:A, cause:C, …        a trap, on whatever level
//     serial_write write addr 0x00 val 0xCC                      a character for the console
//
// An instruction is handed on when the next line has shown that it was executed. All harts run on one thread of the
// emulator, so the order of lines is the order of execution.
//
// A trace is over when the console has said "@skerry exit N", as the run is for whoever follows it. What the emulator goes
// on to execute until it has been ended, or has noticed that the machine is off, depends on the host.
#pragma once

#include "tools/qemu.h"

enum trace_kind { TRACE_STEP, TRACE_TRAP };

struct trace_event {
    enum trace_kind kind;
    unsigned hart;
    u64 pc;     // TRACE_STEP
    u64 cause;  // TRACE_TRAP: scause or mcause without its top bit
    bool async; // TRACE_TRAP: an interrupt
};

typedef void trace_taker(void *context, const struct trace_event *event);

struct trace;

// Makes a pipe at `path` that the emulator will write to, and a reader of it. NULL: errno says why.
struct trace *trace_open(struct arena *arena, const char *path, trace_taker *take, void *context);
void trace_close(struct trace *trace);

// Hands on what there is to read; waits up to `patience_ms` for something. False: nothing came.
bool trace_read(struct trace *trace, int patience_ms);

// No more events are handed on.
void trace_stop(struct trace *trace);

// Whether it is over: the console said so, or trace_stop() was called.
bool trace_is_over(const struct trace *trace);

// The emulator's arguments for a trace of the address ranges in `filter` ("0xSTART+0xLENGTH,…"), and of traps if
// they are wanted. Ends with NULL.
const char *const *trace_arguments(struct arena *arena, const char *filter, bool traps,
                                   const char *path);

// Whether OpenSBI's M-mode sees a trap: what it does not delegate (PLATFORM-FACTS 6.4).
bool trace_is_firmware_trap(const struct trace_event *event);
