// SPDX-License-Identifier: BSD-2-Clause
// Threads and scheduling contexts: yielding, parameters, registers.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

static seL4_CPtr bell;
static volatile seL4_Word peer_ran;

static void waiter(void) {
    for (;;) {
        seL4_WaitWithMRs(bell, NULL, NULL, NULL, NULL, NULL);
    }
}

static void spinner(void) {
    for (;;) {
        __asm__ volatile("" : : : "memory");
    }
}

static void peer(void) {
    for (;;) {
        seL4_Yield();
        peer_ran = cycles();
    }
}

void rows_yield(void) {
    static struct series one_way;
    MEASURE("sched.yield-alone", , seL4_Yield(), );
    thread_start(&(struct thread_plan){.entry = peer, .priority = PRIORITY_LAB});
    series_begin(&one_way, "sched.yield-peer");
    for (unsigned run = 0; run < lab_runs(); run++) {
        lab_mark_begin();
        seL4_Word from = cycles();
        seL4_Yield();
        lab_mark_end();
        // In the first run the peer begins, and stamps nothing.
        series_add(&one_way, peer_ran - from);
    }
    series_end(&one_way);
}

static struct thread blocked_thread(void) {
    bell = object_make(seL4_NotificationObject, 0);
    return thread_start(&(struct thread_plan){.entry = waiter, .priority = PRIORITY_HIGH});
}

void rows_priority(void) {
    struct thread thread = blocked_thread();
    MEASURE("tcb.set-priority", ,
            seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, PRIORITY_HIGH), );
}

void rows_sched_context(void) {
    struct thread thread = blocked_thread();
    seL4_CPtr spare = sc_make(1000, 10000);
    MEASURE("sc.configure", ,
            seL4_SchedControl_Configure(lab_schedcontrol(), spare, 1000, 10000, 0, 0), );
    MEASURE("sc.consumed", , seL4_SchedContext_Consumed(thread.sc), );
    MEASURE("sc.unbind", , seL4_SchedContext_Unbind(thread.sc),
            must(seL4_SchedContext_Bind(thread.sc, thread.tcb), "Bind"));
    seL4_SchedContext_Unbind(thread.sc);
    MEASURE("sc.bind", , seL4_SchedContext_Bind(thread.sc, thread.tcb),
            must(seL4_SchedContext_Unbind(thread.sc), "Unbind"));
}

void rows_registers(void) {
    static seL4_UserContext registers;
    struct thread thread =
        thread_start(&(struct thread_plan){.entry = spinner, .priority = PRIORITY_LOW});
    seL4_TCB_Suspend(thread.tcb);
    MEASURE("tcb.read-registers", , seL4_TCB_ReadRegisters(thread.tcb, 0, 0, 32, &registers), );
    MEASURE("tcb.write-registers", , seL4_TCB_WriteRegisters(thread.tcb, 0, 0, 32, &registers), );
}

void rows_suspend(void) {
    struct thread thread =
        thread_start(&(struct thread_plan){.entry = spinner, .priority = PRIORITY_LOW});
    MEASURE("tcb.suspend", , seL4_TCB_Suspend(thread.tcb), seL4_TCB_Resume(thread.tcb));
    seL4_TCB_Suspend(thread.tcb);
    MEASURE("tcb.resume", , seL4_TCB_Resume(thread.tcb), seL4_TCB_Suspend(thread.tcb));
}
