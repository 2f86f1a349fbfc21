// SPDX-License-Identifier: BSD-2-Clause
/*
 * Debug system calls (SEL4-ABI section 1, second table). They are for people: what they
 * print is for reading, and only their numbers, arguments and results are fixed.
 */
#include "kernel/entry/debug.h"

#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/memory.h"
#include "kernel/cspace/lookup.h"
#include "kernel/entry/log.h"
#include "kernel/ipc/transfer.h"
#include "lib/bound.h"
#include "mcs/ready.h"

/* DebugDumpScheduler prints at most so many threads. */
#define DUMP_THREADS 256

/* A line of DebugPutChar output collects here unless the console takes bytes (root-task mode). */
static void put_char(char c) {
    if (kernel.partition->flags & BOOT_CONSOLE_BYTES) {
        arch_console_write(&c, 1);
        return;
    }
    kernel.put_line[kernel.put_count++] = c;
    if (c != '\n' && kernel.put_count < sizeof kernel.put_line) {
        return;
    }
    if (kernel.log != NULL) {
        log_ring_write(kernel.log, kernel.put_line, kernel.put_count);
    } else {
        arch_console_write(kernel.put_line, kernel.put_count);
    }
    kernel.put_count = 0;
}

static void put_text(const char *text) {
    BOUND(put_text, TCB_NAME_BYTES);
    for (; *text != 0; text++) {
        BOUND_STEP(put_text);
        put_char(*text);
    }
}

static void dump_scheduler(void) {
    static const char *const states[] = {"inactive", "runnable",  "receiving",
                                         "sending",  "in a call", "waiting"};
    unsigned printed = 0;

    BOUND(dump_priorities, PRIORITIES);
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
        BOUND_STEP(dump_priorities);
        struct tcb *first = kernel.ready[kernel.domain].head[priority];

        BOUND(dump_threads, DUMP_THREADS);
        for (struct tcb *tcb = first; tcb != NULL;
             tcb = tcb->ready_next == first ? NULL : tcb->ready_next) {
            if (printed++ == DUMP_THREADS) {
                return;
            }
            BOUND_STEP(dump_threads);
            log_line("priority %3d %-24s %s", priority, tcb->name, states[tcb->state]);
        }
    }
    log_line("running: %s, priority %d", kernel.current->name, kernel.current->priority);
}

static u64 cap_identify(const struct tcb *caller) {
    struct cslot *slot = cspace_lookup(caller, caller->context.reg[REG_CAP]).slot;

    return slot != NULL ? (u64)cap_kind(slot->cap) : CAP_NULL;
}

static void name_thread(struct tcb *caller) {
    struct cslot *slot = cspace_lookup(caller, caller->context.reg[REG_CAP]).slot;
    const u64 *buffer = tcb_buffer(caller, false);

    if (slot == NULL || !cap_is(slot->cap, CAP_THREAD)) {
        log_line("DebugNameThread: the capability is no TCB; halting");
        arch_machine_reset(true);
    }
    if (buffer == NULL) {
        return;
    }
    struct tcb *tcb = arch_ptr(cap_address(slot->cap));
    const char *name = (const char *)&buffer[BUFFER_MSG];
    BOUND(name_thread, TCB_NAME_BYTES);
    for (unsigned i = 0; i < TCB_NAME_BYTES - 1; i++) {
        BOUND_STEP(name_thread);
        tcb->name[i] = name[i];
        if (name[i] == 0) {
            return;
        }
    }
}

bool debug_syscall(struct tcb *caller) {
    switch ((s64)caller->context.reg[REG_SYSCALL]) {
    case SYSCALL_DEBUG_PUT_CHAR:
        put_char((char)caller->context.reg[REG_CAP]);
        return true;
    case SYSCALL_DEBUG_DUMP_SCHEDULER:
        dump_scheduler();
        return true;
    case SYSCALL_DEBUG_HALT:
        put_text("halted\n");
        arch_machine_reset(false);
    case SYSCALL_DEBUG_CAP_IDENTIFY:
        caller->context.reg[REG_CAP] = cap_identify(caller);
        return true;
    case SYSCALL_DEBUG_SNAPSHOT:
        return true;
    case SYSCALL_DEBUG_NAME_THREAD:
        name_thread(caller);
        return true;
    default:
        return false;
    }
}
