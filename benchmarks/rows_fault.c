// SPDX-License-Identifier: BSD-2-Clause
// Faults and their handlers: an exception, and the end of a budget.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

static seL4_CPtr endpoint, reply, begin, done;
static struct series there, back;

/* ---- Exception ------------------------------------------------------------------------------------- */

#define EBREAK_BYTES 4

static volatile seL4_Word faulting, handled, answered;

static void exception_victim(void) {
    for (;;) {
        seL4_WaitWithMRs(begin, NULL, NULL, NULL, NULL, NULL);
        lab_mark_begin();
        faulting = cycles();
        __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
        seL4_Word resumed = cycles();
        lab_mark_end();
        series_add(&there, handled - faulting);
        series_add(&back, resumed - answered);
    }
}

// Answers with the address of the next instruction.
static void exception_handler(void) {
    seL4_Word address, sp, cause, code;
    seL4_RecvWithMRs(endpoint, NULL, reply, &address, &sp, &cause, &code);
    for (;;) {
        handled = cycles();
        address += EBREAK_BYTES;
        answered = cycles();
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(1), NULL, &address, &sp, &cause, &code, reply);
    }
}

void rows_exception(void) {
    endpoint = object_make(seL4_EndpointObject, 0);
    reply = object_make(seL4_ReplyObject, 0);
    begin = object_make(seL4_NotificationObject, 0);
    series_begin_at(&there, "fault.exception", 0, 1);
    series_begin_at(&back, "fault.exception-reply", 2, 3);
    thread_start(&(struct thread_plan){.entry = exception_handler, .priority = PRIORITY_HIGH});
    thread_start(&(struct thread_plan){
        .entry = exception_victim, .priority = PRIORITY_MIDDLE, .fault_endpoint = endpoint});
    for (unsigned run = 0; run < lab_runs(); run++) {
        seL4_Signal(begin);
    }
    series_end(&there);
    series_end(&back);
}

/* ---- End of a budget ------------------------------------------------------------------------------- */

#define VICTIM_BUDGET_US 100
#define VICTIM_PERIOD_US 1000
#define GAP              150 // between two readings: somebody else ran

static volatile seL4_Word last_seen, resumed_at;
static volatile int expecting; // the next gap is the answer's; others are stray timer interrupts
static seL4_CPtr victim_tcb, victim_sc;

// Its loop is some instructions long: so much can be missing between `last_seen` and the end.
static void timeout_victim(void) {
    for (;;) {
        seL4_Word now = cycles();
        if (now - last_seen > GAP && expecting) {
            resumed_at = now;
            expecting = 0;
            lab_mark_end();
            lab_mark_begin_of(&there);
            now = cycles();
        }
        last_seen = now;
    }
}

// Gives the victim a new budget before it answers: without one it would wait for its period.
static void timeout_handler(void) {
    seL4_RecvWithMRs(endpoint, NULL, reply, NULL, NULL, NULL, NULL);
    for (unsigned run = 0; run < lab_runs(); run++) {
        seL4_Word arrived = cycles();
        series_add(&there, arrived - last_seen);
        lab_mark_end();
        sc_configure(victim_sc, VICTIM_BUDGET_US, VICTIM_PERIOD_US);
        expecting = 1;
        lab_mark_begin_of(&back);
        seL4_Word from = cycles();
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(0), NULL, NULL, NULL, NULL, NULL, reply);
        series_add(&back, resumed_at - from);
    }
    seL4_TCB_Suspend(victim_tcb);
    for (;;) {
        seL4_Signal(done);
        seL4_WaitWithMRs(begin, NULL, NULL, NULL, NULL, NULL);
    }
}

void rows_timeout(void) {
    endpoint = object_make(seL4_EndpointObject, 0);
    reply = object_make(seL4_ReplyObject, 0);
    begin = object_make(seL4_NotificationObject, 0);
    done = object_make(seL4_NotificationObject, 0);
    series_begin_at(&there, "fault.timeout", -2, -1);
    series_begin(&back, "fault.timeout-reply");
    series_apart(&back);
    thread_start(&(struct thread_plan){.entry = timeout_handler, .priority = PRIORITY_HIGH});
    struct thread victim = thread_prepare(&(struct thread_plan){.entry = timeout_victim,
                                                                .priority = PRIORITY_MIDDLE,
                                                                .budget_us = VICTIM_BUDGET_US,
                                                                .period_us = VICTIM_PERIOD_US});
    victim_tcb = victim.tcb;
    victim_sc = victim.sc;
    must(seL4_TCB_SetTimeoutEndpoint(victim.tcb, endpoint), "SetTimeoutEndpoint");
    must(seL4_TCB_Resume(victim.tcb), "Resume");
    seL4_Wait(done, NULL);
    series_end(&there);
    series_end(&back);
}
