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

/* ---- Switches and the FPU ---------------------------------------------------------------------------- */

static seL4_CPtr begin, done;
static volatile int counter_uses_fpu, partner_uses_fpu;
static volatile double of_counter = 1.5, of_partner = 2.5;
static struct series switches;

static void partner(void) {
    for (;;) {
        seL4_Yield();
        peer_ran = cycles();
        if (partner_uses_fpu) {
            of_partner = of_partner * 1.25;
        }
    }
}

// Yields to the partner, which has the same priority; the lab waits meanwhile.
static void counter(void) {
    for (;;) {
        seL4_WaitWithMRs(begin, NULL, NULL, NULL, NULL, NULL);
        for (unsigned run = 0; run < lab_runs(); run++) {
            if (counter_uses_fpu) {
                of_counter = of_counter * 0.75;
            }
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_Yield();
            lab_mark_end();
            series_add(&switches, peer_ran - from);
        }
        seL4_Signal(done);
    }
}

// Threads that never used the FPU come first: once used, its state is the thread's for ever.
void rows_switch_fpu(void) {
    static const struct {
        const char *row;
        int counter, partner;
    } CASES[] = {{"switch.fpu-none", 0, 0}, {"switch.fpu-one", 0, 1}, {"switch.fpu-both", 1, 1}};
    begin = object_make(seL4_NotificationObject, 0);
    done = object_make(seL4_NotificationObject, 0);
    thread_start(&(struct thread_plan){.entry = counter, .priority = PRIORITY_MIDDLE});
    lab_priority(PRIORITY_HIGH);
    thread_start(&(struct thread_plan){.entry = partner, .priority = PRIORITY_MIDDLE});
    for (unsigned i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        counter_uses_fpu = CASES[i].counter;
        partner_uses_fpu = CASES[i].partner;
        series_begin(&switches, CASES[i].row);
        seL4_Signal(begin);
        seL4_Wait(done, NULL);
        series_end(&switches);
    }
}

/* ---- Parameters -------------------------------------------------------------------------------------- */

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
