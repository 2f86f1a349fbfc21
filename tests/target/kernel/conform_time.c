// SPDX-License-Identifier: BSD-2-Clause
// Scheduling contexts, priorities, timeout faults, YieldTo: manual chapter 6, SEL4-ABI sections 7, 9 and 10.
#include "tests/target/kernel/conform.h"

static volatile seL4_Word rounds[ROOMS], seen[ROOMS];

static seL4_Error configure(seL4_CPtr sc, seL4_Time budget, seL4_Time period, seL4_Word extra) {
    return seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, sc, budget, period, extra,
                                            sc, 0);
}

static void spin(seL4_Word room) {
    for (;;) {
        rounds[room]++;
    }
}

static void spin_in_calls(seL4_Word how) {
    for (;;) {
        rounds[ROOM_A]++;
        if (how == 0) {
            seL4_NBSend(0, info(0, 0, 0));
        } else if (how == 1) {
            seL4_Word badge;
            seL4_Poll(seL4_GetUserData(), &badge);
        } else {
            seL4_CNode_Delete(CNODE, 0, 1);
        }
    }
}

#define MAX_US 0x0333333333333333ul

static void configure_refuses(void) {
    seL4_CPtr sc = kit_object(seL4_SchedContextObject, 8);
    seL4_CPtr small = kit_object(seL4_SchedContextObject, 7), tcb = kit_object(seL4_TCBObject, 0);

    CHECK_ERROR_1(configure(tcb, 1000, 1000, 0), seL4_InvalidCapability, 1);
    CHECK_ERROR_2(configure(sc, 19, 1000, 0), seL4_RangeError, 20, MAX_US);
    CHECK_ERROR_2(configure(sc, MAX_US + 1, 1000, 0), seL4_RangeError, 20, MAX_US);
    CHECK_ERROR_2(configure(sc, 1000, 19, 0), seL4_RangeError, 20, MAX_US);
    CHECK_ERROR_2(configure(sc, 1000, MAX_US + 1, 0), seL4_RangeError, 20, MAX_US);
    CHECK_ERROR_2(configure(sc, 1000, 999, 0), seL4_RangeError, 20, 999);
    CHECK_ERROR_2(configure(sc, 1000, 2000, 9), seL4_RangeError, 0, 8);
    CHECK_ERROR_2(configure(small, 1000, 2000, 1), seL4_RangeError, 0, 0);
    CHECK_OK(configure(sc, 1000, 2000, 8));
    CHECK_OK(configure(sc, 20, 20, 0));
    CHECK_OK(configure(sc, MAX_US, MAX_US, 0));
    CHECK_OK(configure(small, 1000, 2000, 0));
}

static void binding(void) {
    seL4_CPtr sc = round_robin(), other = round_robin(),
              empty = kit_object(seL4_SchedContextObject, 7);
    seL4_CPtr tcb = kit_object(seL4_TCBObject, 0), second = kit_object(seL4_TCBObject, 0);
    seL4_CPtr self = seL4_CapInitThreadTCB, self_sc = seL4_CapInitThreadSC;

    CHECK_ERROR_1(seL4_SchedContext_Bind(sc, sc), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(seL4_SchedContext_UnbindObject(sc, sc), seL4_InvalidCapability, 1);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, tcb), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, self, 10, 10, sc, 0));
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, self, 10, 10, sc, 0)); // the one it has
    CHECK_ERROR(seL4_TCB_SetSchedParams(tcb, self, 10, 10, other, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSchedParams(second, self, 10, 10, sc, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_Bind(other, tcb), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_Bind(sc, second), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, self, 10, 10, 0, 0)); // null: unbound
    CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, tcb), seL4_IllegalOperation);
    CHECK_OK(seL4_SchedContext_Bind(empty, tcb)); // without time, but it may have it
    CHECK_OK(seL4_SchedContext_Unbind(empty));
    CHECK_OK(seL4_SchedContext_Unbind(empty));
    CHECK_ERROR(seL4_SchedContext_Unbind(self_sc), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(self_sc, self), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSchedParams(self, self, 255, 255, 0, 0), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_SetSchedParams(self, self, 255, 255, self_sc, 0));
    CHECK_ERROR(seL4_SchedContext_YieldTo(self_sc).error, seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_YieldTo(other).error, seL4_IllegalOperation);
    // Authority: the priority may be at most the maximum of the thread that is named.
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, self, 20, 10, 0, 0));
    CHECK_ERROR_2(seL4_TCB_SetPriority(second, tcb, 21), seL4_RangeError, 0, 20);
    CHECK_ERROR_2(seL4_TCB_SetMCPriority(second, tcb, 21), seL4_RangeError, 0, 20);
    CHECK_ERROR_2(seL4_TCB_SetSchedParams(second, tcb, 21, 0, 0, 0), seL4_RangeError, 0, 20);
    CHECK_ERROR_2(seL4_TCB_SetSchedParams(second, tcb, 0, 21, 0, 0), seL4_RangeError, 0, 20);
    CHECK_OK(seL4_TCB_SetPriority(second, tcb, 20));
    CHECK_ERROR_2(seL4_TCB_SetPriority(second, self, 256), seL4_RangeError, 0, 255);
}

/* ---- Budgets ------------------------------------------------------------------------------------- */

// Whatever a thread does with its time, it has its budget, and no more.
static void calls_are_bounded(void) {
    for (seL4_Word how = 0; how < 3; how++) {
        seL4_CPtr sc = kit_sc(1000, 10000), tcb;
        buffer_of(ROOM_A)->userData = kit_object(seL4_NotificationObject, 0);
        tcb = helper(ROOM_A, 100, sc, spin_in_calls, how);
        kit_sleep(1);
        seL4_SchedContext_Consumed(sc);
        seL4_Word begin = now_ticks();
        kit_sleep(10);
        seL4_Word us = (now_ticks() - begin) / TICKS_PER_US;
        seL4_Word used = seL4_SchedContext_Consumed(sc).consumed;
        CHECK(used <= us / 10 + 1000 + 200);
        CHECK(used >= us / 10 - 1000);
        CHECK_OK(seL4_TCB_Suspend(tcb));
    }
}

static seL4_CPtr timeout_endpoint, timeout_reply;

static seL4_CPtr overrunner(seL4_CPtr sc) {
    struct kit_thread thread = {
        .entry = spin, .argument = ROOM_A, .room = ROOM_A, .priority = 100, .mcp = 100, .sc = sc};
    seL4_CPtr tcb = kit_thread_make(&thread, 0);
    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(tcb, kit_mint(timeout_endpoint, seL4_AllRights, 5)));
    return tcb;
}

static seL4_Word timeout_receive(seL4_Word data) {
    seL4_Word badge;
    seL4_MessageInfo_t tag = seL4_Recv(timeout_endpoint, &badge, timeout_reply);
    CHECK_EQUAL(badge, 5);
    CHECK(seL4_isTimeoutFault_tag(tag));
    CHECK_EQUAL(seL4_MessageInfo_get_length(tag), seL4_Timeout_Length);
    CHECK_EQUAL(seL4_GetMR(seL4_Timeout_Data), data);
    return seL4_GetMR(seL4_Timeout_Consumed);
}

static void restarted(seL4_Word argument) {
    seen[ROOM_A] = argument;
    stop();
}

static void timeouts(void) {
    timeout_endpoint = kit_object(seL4_EndpointObject, 0);
    timeout_reply = kit_object(seL4_ReplyObject, 0);
    seL4_CPtr sc = kit_sc(1000, 20000), tcb = overrunner(sc);
    seL4_UserContext registers;

    CHECK_OK(seL4_TCB_Resume(tcb));
    seL4_Word used = timeout_receive(sc);
    CHECK(used >= 990 && used <= 1000);
    // Not answered: it stays. A larger budget alone does not wake it; with the answer it goes on at once.
    seL4_Word before = rounds[ROOM_A];
    kit_sleep(3);
    CHECK_EQUAL(rounds[ROOM_A], before);
    CHECK_OK(configure(sc, 3000, 20000, 0));
    kit_sleep(1);
    CHECK_EQUAL(rounds[ROOM_A], before);
    seL4_Send(timeout_reply, info(0, 0, 0));
    used = timeout_receive(sc);
    CHECK(used >= 1900 && used <= 3000);
    CHECK(rounds[ROOM_A] > before);
    // Sent elsewhere by the answer: 32 registers.
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, sizeof(registers) / sizeof(seL4_Word), &registers));
    registers.pc = (seL4_Word)restarted;
    registers.a0 = 0x51;
    seL4_Send(timeout_reply, seL4_TimeoutReply_new(1, registers, seL4_TimeoutReply_Length));
    kit_sleep(5); // its next refill
    CHECK_EQUAL(seen[ROOM_A], 0x51);
    CHECK_OK(seL4_TCB_Suspend(tcb));
    // Label 1: stopped for good.
    seL4_CPtr second_sc = kit_sc(1000, 20000), second = overrunner(second_sc);
    CHECK_OK(seL4_TCB_Resume(second));
    timeout_receive(second_sc);
    before = rounds[ROOM_A];
    seL4_Send(timeout_reply, info(1, 0, 0));
    kit_sleep(6);
    CHECK_EQUAL(rounds[ROOM_A], before);
    // Round robin never times out.
    CHECK_OK(configure(second_sc, 1000, 1000, 0));
    CHECK_OK(seL4_TCB_Resume(second));
    kit_sleep(3);
    seL4_Word badge = 1;
    seL4_NBRecv(timeout_endpoint, &badge, timeout_reply);
    CHECK_EQUAL(badge, 0);
    CHECK(rounds[ROOM_A] > before);
    CHECK_OK(seL4_TCB_Suspend(second));
}

// A passive server that uses up its caller's time: its own handler hears of it, with the context's data, and can answer
// the caller in its place.
static seL4_CPtr slow_endpoint, slow_reply;

static void serve_slowly(seL4_Word unused) {
    seL4_Word badge;
    (void)unused;
    seL4_Recv(slow_endpoint, &badge, slow_reply);
    for (;;) {
        rounds[ROOM_B]++;
    }
}

static void call_slow(seL4_Word unused) {
    (void)unused;
    seen[ROOM_A] = seL4_MessageInfo_get_label(seL4_Call(slow_endpoint, info(0, 0, 0)));
    stop();
}

static void servers_time_out(void) {
    slow_endpoint = kit_object(seL4_EndpointObject, 0);
    slow_reply = kit_object(seL4_ReplyObject, 0);
    seL4_CPtr sc = kit_sc(2000, 30000), launch = round_robin();
    seL4_CPtr server = helper(ROOM_B, 150, launch, serve_slowly, 0);
    kit_sleep(1);
    CHECK_OK(seL4_SchedContext_Unbind(launch));
    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(server, kit_mint(timeout_endpoint, seL4_AllRights, 5)));
    seen[ROOM_A] = 0;
    helper(ROOM_A, 100, sc, call_slow, 0);
    seL4_Word used = timeout_receive(sc); // the caller's context, by its data
    CHECK(used >= 1990 && used <= 2000);
    CHECK_OK(seL4_TCB_Suspend(server));
    seL4_Send(slow_reply, info(99, 0, 0)); // the caller has its context again, and waits for time
    CHECK_EQUAL(seen[ROOM_A], 0);
    kit_sleep(7);
    CHECK_EQUAL(seen[ROOM_A], 99);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, server), seL4_IllegalOperation);
}

/* ---- YieldTo ------------------------------------------------------------------------------------- */

static volatile seL4_Word trail[8], steps;
static seL4_CPtr yield_target;

static void leave_mark(seL4_Word room) {
    trail[steps++] = room;
    stop();
}

static void yield_and_mark(seL4_Word room) {
    trail[steps++] = room;
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(yield_target);
    seen[room] = result.error;
    trail[steps++] = room;
    stop();
}

static void yielding(void) {
    steps = 0;
    seL4_CPtr sc = round_robin();
    yield_target = sc;
    // All of one priority: A yields to C, before B which has waited longer.
    helper(ROOM_A, 100, round_robin(), yield_and_mark, ROOM_A);
    struct kit_thread thread = {.entry = leave_mark,
                                .argument = ROOM_B,
                                .room = ROOM_B,
                                .priority = 100,
                                .sc = round_robin()};
    kit_thread_make(&thread, 1);
    thread = (struct kit_thread){
        .entry = leave_mark, .argument = ROOM_C, .room = ROOM_C, .priority = 100, .sc = sc};
    seL4_CPtr target = kit_thread_make(&thread, 1);
    settle();
    CHECK_EQUAL(steps, 4);
    static const seL4_Word order[] = {ROOM_A, ROOM_C, ROOM_A, ROOM_B};
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQUAL(trail[i], order[i]);
    }
    CHECK_OK(seen[ROOM_A]);
    // A blocked thread: there is nothing to wait for, only what it used is told.
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(sc);
    CHECK_OK(result.error);
    CHECK_OK(seL4_TCB_Suspend(target));
    CHECK_OK(seL4_SchedContext_YieldTo(sc).error);
    CHECK_EQUAL(seL4_SchedContext_YieldTo(sc).consumed, 0);
}

/* ---- Registers ----------------------------------------------------------------------------------- */

static void registers(void) {
    seL4_CPtr tcb = kit_object(seL4_TCBObject, 0), other = kit_object(seL4_TCBObject, 0);
    enum { COUNT = sizeof(seL4_UserContext) / sizeof(seL4_Word) };
    seL4_Word values[COUNT], back[COUNT];
    seL4_UserContext *in = (seL4_UserContext *)values, *out = (seL4_UserContext *)back;

    for (unsigned i = 0; i < COUNT; i++) {
        values[i] = 0x1111111111111111ul * (i % 15) + i;
    }
    CHECK_ERROR(seL4_TCB_WriteRegisters(seL4_CapInitThreadTCB, 0, 0, COUNT, in),
                seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, 0, 0, COUNT, out),
                seL4_IllegalOperation);
    CHECK_ERROR_2(seL4_TCB_ReadRegisters(tcb, 0, 0, 0, out), seL4_RangeError, 1, COUNT);
    CHECK_ERROR_2(seL4_TCB_ReadRegisters(tcb, 0, 0, COUNT + 1, out), seL4_RangeError, 1, COUNT);
    CHECK_OK(seL4_TCB_WriteRegisters(tcb, 0, 0, COUNT, in));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, COUNT, out));
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_EQUAL(back[i], values[i]);
    }
    // Fewer: the others keep their values.
    seL4_Word first[COUNT] = {1, 2, 3};
    CHECK_OK(seL4_TCB_WriteRegisters(tcb, 0, 0, 3, (seL4_UserContext *)first));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, COUNT, out));
    CHECK(back[0] == 1 && back[2] == 3 && back[3] == values[3] && back[31] == values[31]);
    CHECK_OK(seL4_TCB_SetTLSBase(tcb, 0xabcdef));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, COUNT, out));
    CHECK_EQUAL(out->tp, 0xabcdef);
    // The first sixteen are the frame, the others the integer registers.
    CHECK_OK(seL4_TCB_WriteRegisters(other, 0, 0, COUNT, in));
    CHECK_OK(seL4_TCB_CopyRegisters(other, tcb, 0, 0, 1, 0, 0));
    CHECK_OK(seL4_TCB_ReadRegisters(other, 0, 0, COUNT, out));
    CHECK(back[0] == 1 && back[15] == values[15] && out->tp == values[31]);
    CHECK_OK(seL4_TCB_CopyRegisters(other, tcb, 0, 0, 0, 1, 0));
    CHECK_OK(seL4_TCB_ReadRegisters(other, 0, 0, COUNT, out));
    CHECK_EQUAL(out->tp, 0xabcdef);
    CHECK_ERROR_1(seL4_TCB_CopyRegisters(other, CNODE, 0, 0, 1, 1, 0), seL4_InvalidCapability, 1);
    // A message that is too short for what it announces.
    seL4_SetMR(0, 0);
    seL4_SetMR(1, 4);
    CHECK_EQUAL(seL4_Call(tcb, info(TCBWriteRegisters, 0, 5)).words[0],
                (seL4_Word)seL4_TruncatedMessage << 12);
    seL4_TCB_SetFlags_t flags = seL4_TCB_SetFlags(tcb, 0, 0);
    CHECK_OK(flags.error);
    CHECK_EQUAL(flags.flags, 0);
    CHECK_EQUAL(seL4_TCB_SetFlags(tcb, 0, ~0ul).flags, seL4_TCBFlag_fpuDisabled);
    CHECK_EQUAL(seL4_TCB_SetFlags(tcb, 1, 1).flags, seL4_TCBFlag_fpuDisabled); // set comes last
    CHECK_EQUAL(seL4_TCB_SetFlags(tcb, ~0ul, 0).flags, 0);
}

static void float_add(seL4_Word unused) {
    (void)unused;
    seL4_Word one = 0x3ff0000000000000ul, sum;
    __asm__ volatile("fmv.d.x fa0, %1\n fadd.d fa0, fa0, fa0\n fmv.x.d %0, fa0"
                     : "=r"(sum)
                     : "r"(one)
                     : "fa0");
    seen[ROOM_A] = sum;
    stop();
}

// Floating point: on unless it is taken away; then an instruction of it is an exception.
static void floats(void) {
    seL4_Word badge;
    seL4_CPtr endpoint = kit_object(seL4_EndpointObject, 0),
              reply = kit_object(seL4_ReplyObject, 0);
    struct kit_thread thread = {.entry = float_add,
                                .room = ROOM_A,
                                .priority = 100,
                                .sc = round_robin(),
                                .fault_endpoint = endpoint};
    settle();
    seL4_CPtr tcb = kit_thread_make(&thread, 0);
    CHECK_OK(seL4_TCB_SetFlags(tcb, 0, seL4_TCBFlag_fpuDisabled).error);
    CHECK_OK(seL4_TCB_Resume(tcb));
    seL4_MessageInfo_t tag = seL4_Recv(endpoint, &badge, reply);
    CHECK(seL4_isUserException_tag(tag));
    CHECK_EQUAL(seL4_GetMR(seL4_UserException_Number), 2);
    CHECK_OK(seL4_TCB_SetFlags(tcb, seL4_TCBFlag_fpuDisabled, 0).error);
    seL4_Send(reply, info(0, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_A], 0x4000000000000000ul);
}

/* ---- Domains ------------------------------------------------------------------------------------- */

static void domains(void) {
    seL4_CPtr tcb = kit_object(seL4_TCBObject, 0);

    CHECK_ERROR_1(seL4_DomainSet_Set(seL4_CapDomain, 1, tcb), seL4_InvalidArgument, 0);
    CHECK_ERROR_1(seL4_DomainSet_Set(seL4_CapDomain, 0, CNODE), seL4_InvalidArgument, 1);
    CHECK_OK(seL4_DomainSet_Set(seL4_CapDomain, 0, tcb));
    CHECK_ERROR(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, ~0ul, 0, 1), seL4_RangeError);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, ~0ul), seL4_RangeError);
    CHECK_ERROR_1(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, 0), seL4_InvalidArgument,
                  2);
}

void scheduling(void) {
    configure_refuses();
    binding();
    registers();
    floats();
    domains();
    yielding();
    kit_sleeper(2000, 5000); // from here on Yield sleeps
    calls_are_bounded();
    timeouts();
    servers_time_out();
    CHECK_OK(configure(seL4_CapInitThreadSC, 5000, 5000, 0));
}
