// SPDX-License-Identifier: BSD-2-Clause
/* Benchmark system calls; see kernel/entry/bench.h. Answers go where SEL4-ABI section 1 says. */
#include "kernel/entry/bench.h"

#include "arch/memory.h"
#include "kernel/cspace/lookup.h"
#include "kernel/ipc/transfer.h"
#include "lib/bound.h"
#include "lib/string.h"
#include "mcs/budget.h"

static struct cslot *slot_of_argument(const struct tcb *caller) {
    return cspace_lookup(caller, caller->context.reg[REG_CAP]).slot;
}

static u64 set_log_buffer(const struct tcb *caller) {
    struct cslot *slot = slot_of_argument(caller);

    if (slot == NULL || !cap_is(slot->cap, CAP_FRAME) || frame_cap_is_device(slot->cap) ||
        frame_cap_bits(slot->cap) != SEL4_MEGA_PAGE_BITS) {
        return SEL4_ILLEGAL_OPERATION;
    }
    kernel.bench_log = arch_ptr(cap_address(slot->cap));
    kernel.bench_entries = 0;
    return SEL4_NO_ERROR;
}

/*
 * Places in the answer to GetThreadUtilisation, message registers of the caller's buffer (libsel4's
 * benchmark_utilisation_types.h). The kernel's time is not told apart from that of the thread it serves, and
 * nobody's idle time is kept: these words are 0.
 */
enum utilisation_word {
    UTILISATION_TICKS = 0,
    UTILISATION_SCHEDULED = 1,
    UTILISATION_ENTRIES = 3,
    UTILISATION_TOTAL_TICKS = 9,
    UTILISATION_TOTAL_ENTRIES = 12,
    UTILISATION_WORDS = 13
};

static u64 entries_of_all_kinds(void) {
    u64 sum = 0;

    BOUND(bench_entries, ENTRY_KINDS);
    for (unsigned kind = 0; kind < ENTRY_KINDS; kind++) {
        BOUND_STEP(bench_entries);
        sum += kernel.entries[kind];
    }
    return sum;
}

/* Totals count from here. */
static void reset_totals(void) {
    kernel.bench_start = kernel.now;
    kernel.bench_start_entries = entries_of_all_kinds();
}

static void get_utilisation(struct tcb *caller) {
    struct cslot *slot = slot_of_argument(caller);
    u64 *buffer = tcb_buffer(caller, true);

    if (slot == NULL || !cap_is(slot->cap, CAP_THREAD) || buffer == NULL) {
        return;
    }
    const struct tcb *tcb = arch_ptr(cap_address(slot->cap));
    (void)budget_charge();
    memset(&buffer[BUFFER_MSG], 0, UTILISATION_WORDS * sizeof(u64));
    buffer[BUFFER_MSG + UTILISATION_TICKS] = tcb->used_ticks;
    buffer[BUFFER_MSG + UTILISATION_SCHEDULED] = tcb->scheduled;
    buffer[BUFFER_MSG + UTILISATION_ENTRIES] = tcb->used_entries;
    buffer[BUFFER_MSG + UTILISATION_TOTAL_TICKS] = kernel.now - kernel.bench_start;
    buffer[BUFFER_MSG + UTILISATION_TOTAL_ENTRIES] =
        entries_of_all_kinds() - kernel.bench_start_entries;
}

static void reset_utilisation(const struct tcb *caller) {
    struct cslot *slot = slot_of_argument(caller);

    if (slot != NULL && cap_is(slot->cap, CAP_THREAD)) {
        struct tcb *tcb = arch_ptr(cap_address(slot->cap));

        tcb->used_ticks = 0;
        tcb->used_entries = 0;
        tcb->scheduled = 0;
    }
}

bool bench_syscall(struct tcb *caller) {
    u64 *answer = &caller->context.reg[REG_CAP];

    switch ((s64)caller->context.reg[REG_SYSCALL]) {
    case SYSCALL_BENCHMARK_NULL_SYSCALL:
    case SYSCALL_BENCHMARK_FLUSH_CACHES: /* the emulator has none; a board's caches are coherent */
        return true;
    case SYSCALL_BENCHMARK_RESET_LOG:
        kernel.bench_entries = 0;
        reset_totals();
        *answer = kernel.bench_log != NULL ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
        return true;
    case SYSCALL_BENCHMARK_FINALIZE_LOG:
        *answer = kernel.bench_entries;
        return true;
    case SYSCALL_BENCHMARK_SET_LOG_BUFFER:
        *answer = set_log_buffer(caller);
        return true;
    case SYSCALL_BENCHMARK_GET_THREAD_UTILISATION:
        get_utilisation(caller);
        return true;
    case SYSCALL_BENCHMARK_RESET_THREAD_UTILISATION:
        reset_utilisation(caller);
        return true;
    default:
        return false;
    }
}
