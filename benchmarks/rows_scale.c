// SPDX-License-Identifier: BSD-2-Clause
// Cost against size: ready queues, the release queue, queues of waiting threads, revocation.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

static struct series series, other;
static seL4_CPtr bell;

/* ---- Ready threads --------------------------------------------------------------------------------- */

static volatile seL4_Word next_ran; // when the thread behind the lab did; 0: not yet in this round

static void yielder(void) {
    for (;;) {
        seL4_Word now = cycles();
        next_ran = next_ran ? next_ran : now;
        seL4_Yield();
    }
}

// `count` ready threads of one priority yield in turn until the lab runs again; a sample is the step from the lab,
// which goes behind all others, to the next.
void rows_scale_ready(void) {
    unsigned started = 1; // the lab itself
    for (unsigned count = 2; count <= 256; count *= 2) {
        for (; started < count; started++) {
            small_thread_start(yielder, PRIORITY_LAB, LAB_BUDGET_US, LAB_BUDGET_US);
        }
        seL4_Yield(); // all stand in their loop
        series_begin(&series, "scale.ready");
        for (unsigned run = 0; run < lab_runs(); run++) {
            next_ran = 0;
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_Yield();
            lab_mark_end();
            series_add(&series, next_ran - from);
        }
        series_end_with(&series, count);
    }
}

/* ---- Contexts that wait for their release ---------------------------------------------------------- */

#define HOUR_US (3600ul * 1000 * 1000)

static volatile seL4_Word gave_up;

static void giver(void) {
    for (;;) {
        gave_up = cycles();
        seL4_Yield();
    }
}

// A thread gives up its budget and enters the release queue before, or behind, `count` others.
static void release_row(const char *row, unsigned count, seL4_Time period_us) {
    struct thread thread = thread_prepare(&(struct thread_plan){
        .entry = giver, .priority = PRIORITY_HIGH, .budget_us = 1000, .period_us = period_us});
    series_begin_at(&series, row, -2, -1);
    for (unsigned run = 0; run < lab_runs(); run++) {
        lab_mark_begin();
        must(seL4_TCB_Resume(thread.tcb), "Resume");
        seL4_Word back = cycles();
        lab_mark_end();
        series_add(&series, back - gave_up);
        must(seL4_TCB_Suspend(thread.tcb), "Suspend");
        must(seL4_SchedContext_Unbind(thread.sc), "Unbind");
        sc_configure(thread.sc, 1000, period_us);
        must(seL4_SchedContext_Bind(thread.sc, thread.tcb), "Bind");
    }
    series_end_with(&series, count);
    thread_forget(&thread);
}

void rows_scale_release(void) {
    unsigned waiting = 0;
    for (unsigned count = 1; count <= 64; count *= 2) {
        for (; waiting < count; waiting++) {
            small_thread_start(giver, PRIORITY_HIGH, 1000, HOUR_US + 1000 * waiting);
        }
        release_row("scale.release-first", count, HOUR_US / 2);
        release_row("scale.release-last", count, HOUR_US * 2);
    }
}

/* ---- Threads that wait ----------------------------------------------------------------------------- */

static void waiter(void) {
    for (;;) {
        seL4_WaitWithMRs(bell, NULL, NULL, NULL, NULL, NULL);
    }
}

// A signal wakes the first of `count` waiting threads, which waits again, behind the others.
void rows_scale_waiting(void) {
    unsigned started = 0;
    bell = object_make(seL4_NotificationObject, 0);
    for (unsigned count = 2; count <= 256; count *= 2) {
        for (; started < count; started++) {
            small_thread_start(waiter, PRIORITY_HIGH, LAB_BUDGET_US, LAB_BUDGET_US);
        }
        series_begin(&series, "scale.waiting");
        for (unsigned run = 0; run < lab_runs(); run++) {
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_Signal(bell);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
        }
        series_end_with(&series, count);
    }
}

static void sender(void) {
    for (;;) {
        seL4_SendWithMRs(bell, MESSAGE(0), NULL, NULL, NULL, NULL);
    }
}

// A receiver takes the message of the first of `count` waiting senders, which sends again, behind the others.
void rows_scale_senders(void) {
    unsigned started = 0;
    seL4_CPtr reply = object_make(seL4_ReplyObject, 0);
    bell = object_make(seL4_EndpointObject, 0);
    for (unsigned count = 2; count <= 256; count *= 2) {
        for (; started < count; started++) {
            small_thread_start(sender, PRIORITY_HIGH, LAB_BUDGET_US, LAB_BUDGET_US);
        }
        series_begin(&series, "scale.senders");
        for (unsigned run = 0; run < lab_runs(); run++) {
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_RecvWithMRs(bell, NULL, reply, NULL, NULL, NULL, NULL);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
        }
        series_end_with(&series, count);
    }
}

/* ---- Objects by number ------------------------------------------------------------------------------- */

#define CNODE seL4_CapInitThreadCNode

// `count` endpoints in one call, and all of them revoked at once.
void rows_scale_retype(void) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, 14);
    seL4_CPtr first = slots_take(256);
    for (unsigned count = 1; count <= 256; count *= 4) {
        series_begin(&series, "scale.retype");
        for (unsigned run = 0; run < lab_runs(); run++) {
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, first, count);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
            must(seL4_CNode_Revoke(CNODE, untyped, DEPTH), "Revoke");
        }
        series_end_with(&series, count);
    }
}

// The only capability of a CNode whose `count` slots hold the only capabilities of endpoints.
void rows_scale_delete(void) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, 16);
    seL4_CPtr slot = slots_take(1);
    for (unsigned bits = 1; 1u << bits <= 256; bits++) {
        series_begin(&series, "scale.delete");
        for (unsigned run = 0; run < lab_runs(); run++) {
            must(seL4_Untyped_Retype(untyped, seL4_CapTableObject, bits, CNODE, 0, 0, slot, 1),
                 "Retype");
            must(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, slot, DEPTH, 0,
                                     1ul << bits),
                 "Retype");
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_CNode_Delete(CNODE, slot, DEPTH);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
            must(seL4_CNode_Revoke(CNODE, untyped, DEPTH), "Revoke");
        }
        series_end_with(&series, 1u << bits);
    }
}

/* ---- Revocation ------------------------------------------------------------------------------------ */

void rows_scale_revoke(void) {
    seL4_CPtr endpoint = object_make(seL4_EndpointObject, 0);
    seL4_CPtr first = slots_take(256);
    for (unsigned count = 1; count <= 256; count *= 4) {
        series_begin(&other, "scale.revoke");
        for (unsigned run = 0; run < lab_runs(); run++) {
            for (unsigned i = 0; i < count; i++) {
                must(seL4_CNode_Mint(seL4_CapInitThreadCNode, first + i, DEPTH,
                                     seL4_CapInitThreadCNode, endpoint, DEPTH, seL4_AllRights,
                                     i + 1),
                     "CNode.Mint");
            }
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_CNode_Revoke(seL4_CapInitThreadCNode, endpoint, DEPTH);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&other, to - from);
        }
        series_end_with(&other, count);
    }
}
