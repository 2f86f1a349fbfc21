// SPDX-License-Identifier: BSD-2-Clause
// Messages: failing and succeeding calls, legs and round trips to passive and active servers.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"
#include "benchmarks/output.h"

#define FPU_OFF ((seL4_Word)seL4_TCBFlag_fpuDisabled)

static seL4_CPtr endpoint, reply;
static volatile seL4_Word arrived, left; // stamped by server_stamping()
static volatile double number = 1.5;     // what makes a thread use the FPU

static inline void call_empty(seL4_CPtr service) {
    seL4_CallWithMRs(service, MESSAGE(0), NULL, NULL, NULL, NULL);
}

/* ---- Calls that reach nobody ----------------------------------------------------------------------- */

void rows_null(void) {
    seL4_CPtr empty = slots_take(1);
    seL4_CPtr lonely = object_make(seL4_EndpointObject, 0);
    MEASURE("null.nbsend-empty", , seL4_NBSendWithMRs(empty, MESSAGE(0), NULL, NULL, NULL, NULL), );
    MEASURE("ep.nbsend", , seL4_NBSendWithMRs(lonely, MESSAGE(0), NULL, NULL, NULL, NULL), );
    MEASURE("ep.call-unknown", ,
            seL4_CallWithMRs(seL4_CapInitThreadTCB, seL4_MessageInfo_new(99, 0, 0, 0), NULL, NULL,
                             NULL, NULL), );
}

/* ---- Servers --------------------------------------------------------------------------------------- */

static void server_empty(void) {
    seL4_RecvWithMRs(endpoint, NULL, reply, NULL, NULL, NULL, NULL);
    for (;;) {
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(0), NULL, NULL, NULL, NULL, NULL, reply);
    }
}

static void server_four(void) {
    seL4_Word a = 1, b = 2, c = 3, d = 4;
    seL4_RecvWithMRs(endpoint, NULL, reply, &a, &b, &c, &d);
    for (;;) {
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(4), NULL, &a, &b, &c, &d, reply);
    }
}

// Answers with as many words as came.
static void server_same_length(void) {
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL, reply);
    for (;;) {
        info = seL4_ReplyRecv(endpoint, MESSAGE(seL4_MessageInfo_get_length(info)), NULL, reply);
    }
}

static void server_stamping(void) {
    seL4_RecvWithMRs(endpoint, NULL, reply, NULL, NULL, NULL, NULL);
    for (;;) {
        arrived = cycles();
        left = cycles();
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(0), NULL, NULL, NULL, NULL, NULL, reply);
    }
}

static void server_with_fpu(void) {
    seL4_RecvWithMRs(endpoint, NULL, reply, NULL, NULL, NULL, NULL);
    for (;;) {
        number = number * 1.25;
        seL4_ReplyRecvWithMRs(endpoint, MESSAGE(0), NULL, NULL, NULL, NULL, NULL, reply);
    }
}

static struct thread server_start(void (*server)(void), seL4_Word flags, seL4_CPtr vspace) {
    endpoint = object_make(seL4_EndpointObject, 0);
    reply = object_make(seL4_ReplyObject, 0);
    lab_flags(flags);
    return thread_start(&(struct thread_plan){
        .entry = server, .priority = PRIORITY_HIGH, .flags = flags, .vspace = vspace});
}

static void passive_start(void (*server)(void), seL4_Word flags, seL4_CPtr vspace) {
    struct thread thread = server_start(server, flags, vspace);
    thread_make_passive(&thread);
}

/* ---- Legs ------------------------------------------------------------------------------------------ */

static void legs(const char *call_row, const char *reply_row, seL4_CPtr vspace) {
    static struct series call, answer;
    passive_start(server_stamping, FPU_OFF, vspace);
    series_begin_at(&call, call_row, 0, 1);
    series_begin_at(&answer, reply_row, 2, 3);
    for (unsigned run = 0; run < lab_runs(); run++) {
        lab_mark_begin();
        seL4_Word from = cycles();
        call_empty(endpoint);
        seL4_Word to = cycles();
        lab_mark_end();
        series_add(&call, arrived - from);
        series_add(&answer, to - left);
    }
    series_end(&call);
    series_end(&answer);
}

void rows_legs_same(void) {
    legs("ipc.call-leg", "ipc.reply-leg", 0);
}

void rows_legs_other(void) {
    legs("ipc.call-leg-vspace", "ipc.reply-leg-vspace", vspace_clone());
}

/* ---- Round trips ----------------------------------------------------------------------------------- */

static void round_trip(const char *row) {
    MEASURE(row, , call_empty(endpoint), );
}

static void round_trip_of(const char *row, unsigned words) {
    MEASURE(row, , seL4_Call(endpoint, MESSAGE(words)), );
}

void rows_passive(void) {
    passive_start(server_empty, FPU_OFF, 0);
    round_trip("ipc.passive-0");
    passive_start(server_four, FPU_OFF, 0);
    seL4_Word a = 1, b = 2, c = 3, d = 4;
    MEASURE("ipc.passive-4", , seL4_CallWithMRs(endpoint, MESSAGE(4), &a, &b, &c, &d), );
}

void rows_passive_fpu(void) {
    passive_start(server_empty, 0, 0);
    round_trip("ipc.passive-0-fpu");
}

void rows_passive_fpu_used(void) {
    passive_start(server_with_fpu, 0, 0);
    MEASURE("ipc.passive-0-fpu-used", number = number * 0.75, call_empty(endpoint), );
}

void rows_passive_long(void) {
    passive_start(server_same_length, 0, 0);
    round_trip_of("ipc.passive-10", 10);
}

void rows_active(void) {
    server_start(server_empty, FPU_OFF, 0);
    round_trip("ipc.active-0");
}

void rows_active_fpu(void) {
    server_start(server_empty, 0, 0);
    round_trip("ipc.active-0-fpu");
}

/* ---- By size --------------------------------------------------------------------------------------- */

void rows_length(void) {
    static const unsigned char LENGTHS[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,   10,
                                            12, 16, 24, 32, 48, 64, 80, 96, 112, 120};
    static struct series series;
    passive_start(server_same_length, 0, 0);
    for (unsigned i = 0; i < sizeof(LENGTHS); i++) {
        series_begin(&series, "ipc.length");
        for (unsigned run = 0; run < lab_runs(); run++) {
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_Call(endpoint, MESSAGE(LENGTHS[i]));
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
        }
        series_end_with(&series, LENGTHS[i]);
    }
}

// A call that carries one capability; its receiver has a slot for it, which is emptied after each run.
void rows_cap_transfer(void) {
    seL4_CPtr gift = object_make(seL4_NotificationObject, 0);
    seL4_CPtr place = slots_take(1);
    struct thread thread = server_start(server_empty, FPU_OFF, 0);
    seL4_IPCBuffer *buffer = thread_buffer(&thread);
    buffer->receiveCNode = seL4_CapInitThreadCNode;
    buffer->receiveIndex = place;
    buffer->receiveDepth = DEPTH;
    thread_make_passive(&thread);
    seL4_SetCap(0, gift);
    MEASURE("ipc.cap-transfer", ,
            seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 1, 0), NULL, NULL, NULL, NULL),
            seL4_CNode_Delete(seL4_CapInitThreadCNode, place, DEPTH));
}

// As above, by the number of capabilities: the last one is transferred, those before it are copies of the endpoint's
// own, whose badges go over instead (seL4's unwrapping).
void rows_caps(void) {
    static struct series series;
    seL4_CPtr gift = object_make(seL4_NotificationObject, 0);
    seL4_CPtr place = slots_take(1);
    struct thread thread = server_start(server_empty, FPU_OFF, 0);
    seL4_IPCBuffer *buffer = thread_buffer(&thread);
    buffer->receiveCNode = seL4_CapInitThreadCNode;
    buffer->receiveIndex = place;
    buffer->receiveDepth = DEPTH;
    thread_make_passive(&thread);
    for (unsigned caps = 0; caps <= 3; caps++) {
        series_begin(&series, "ipc.caps");
        for (unsigned run = 0; run < lab_runs(); run++) {
            for (unsigned i = 0; i < caps; i++) {
                seL4_SetCap((int)i, i + 1 == caps ? gift : endpoint);
            }
            lab_mark_begin();
            seL4_Word from = cycles();
            seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, caps, 0), NULL, NULL, NULL, NULL);
            seL4_Word to = cycles();
            lab_mark_end();
            series_add(&series, to - from);
            seL4_CNode_Delete(seL4_CapInitThreadCNode, place, DEPTH);
        }
        series_end_with(&series, caps);
    }
}
