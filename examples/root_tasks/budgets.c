// SPDX-License-Identifier: BSD-2-Clause
// Scheduling contexts: budgets, timeout handlers, round robin, Yield, YieldTo, what was consumed.
//
// The root task has the highest priority and 5 ms in each 20 ms; it sleeps by giving up the rest of its budget
// (kit_sleep), and then the others show what their contexts let them do.
#include "examples/root_tasks/kit.h"

enum { ROOM_A, ROOM_B, ROOM_COUNT };
enum { PRIORITY_LOW = 50, PRIORITY_PEER = 100, PRIORITY_ROOT = 255 };

#define PERIOD_US 20000ul // of the root task

KIT_ROOMS(ROOM_COUNT);

static volatile seL4_Word rounds[ROOM_COUNT];
static volatile char trail[64]; // who ran, in order
static volatile unsigned steps;

static void spin(seL4_Word who) {
    for (;;) {
        rounds[who]++;
    }
}

static void leave_trail(seL4_Word who) {
    for (unsigned i = 0; i < 8; i++) {
        trail[steps++] = (char)('A' + who);
        seL4_Yield();
    }
    seL4_TCB_Suspend(rounds[who]); // its own TCB
}

static seL4_CPtr start(void (*entry)(seL4_Word), unsigned room, unsigned priority, seL4_CPtr sc) {
    struct kit_thread thread = {.entry = entry,
                                .argument = room,
                                .room = room,
                                .priority = priority,
                                .mcp = priority,
                                .sc = sc};
    rounds[room] = 0;
    return kit_thread_make(&thread, 1);
}

static seL4_Error configure(seL4_CPtr sc, seL4_Time budget_us, seL4_Time period_us) {
    return seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, sc, budget_us, period_us,
                                            0, sc, 0);
}

static seL4_Word consumed(seL4_CPtr sc) {
    return seL4_SchedContext_Consumed(sc).consumed;
}

static void refusals(void) {
    seL4_CPtr sc = kit_sc(1000, 10000);
    CHECK_EQUAL(configure(sc, 1, 1000), seL4_RangeError);
    CHECK_EQUAL(seL4_GetMR(0), 20);
    CHECK_EQUAL(configure(sc, 2000, 1000), seL4_RangeError);
    CHECK_EQUAL(seL4_GetMR(1), 1000);
    CHECK_EQUAL(
        seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, sc, 1000, 10000, 99, 0, 0),
        seL4_RangeError);
    CHECK_EQUAL(seL4_GetMR(1), 8); // 256 bytes hold eight extra refills
    CHECK_EQUAL(seL4_SchedContext_Unbind(seL4_CapInitThreadSC), seL4_IllegalOperation);
    seL4_CPtr tcb = kit_object(seL4_TCBObject, 0);
    CHECK_OK(seL4_SchedContext_Bind(sc, tcb));
    CHECK_EQUAL(seL4_SchedContext_Bind(sc, tcb), seL4_IllegalOperation);
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, tcb));
    CHECK_EQUAL(seL4_TCB_SetPriority(tcb, tcb, 1), seL4_RangeError); // its own MCP is 0
}

// A spinning thread gets its budget in every period, not more, and time is left for others.
static void budget_holds(void) {
    seL4_CPtr sc = kit_sc(2000, PERIOD_US), low_sc = kit_sc(1000, 1000);
    seL4_CPtr a = start(spin, ROOM_A, PRIORITY_PEER, sc);
    seL4_CPtr b = start(spin, ROOM_B, PRIORITY_LOW, low_sc);
    consumed(sc);
    kit_sleep(10);
    seL4_Word used = consumed(sc), low = consumed(low_sc);
    CHECK(used >= 9 * 2000 && used <= 11 * 2000 + 200);
    CHECK(low > 100000);
    CHECK(rounds[ROOM_B] > 2 * rounds[ROOM_A]);
    CHECK_EQUAL(consumed(sc), 0); // nothing since it was asked
    // Without its context it does not run; with it again, it does.
    CHECK_OK(seL4_SchedContext_Unbind(sc));
    seL4_Word before = rounds[ROOM_A];
    kit_sleep(2);
    CHECK_EQUAL(rounds[ROOM_A], before);
    CHECK_OK(seL4_SchedContext_Bind(sc, a));
    kit_sleep(2);
    CHECK(rounds[ROOM_A] > before);
    // A budget can grow while it runs.
    consumed(sc);
    CHECK_OK(configure(sc, 8000, PERIOD_US));
    consumed(sc);
    kit_sleep(10);
    used = consumed(sc);
    CHECK(used >= 9 * 8000 && used <= 11 * 8000 + 200);
    CHECK_OK(seL4_TCB_Suspend(a));
    CHECK_OK(seL4_TCB_Suspend(b));
}

// Budget == period is round robin: equal shares, and nobody waits for a release.
static void round_robin(void) {
    seL4_CPtr a = start(spin, ROOM_A, PRIORITY_PEER, kit_sc(1000, 1000));
    seL4_CPtr b = start(spin, ROOM_B, PRIORITY_PEER, kit_sc(1000, 1000));
    kit_sleep(10);
    seL4_Word first = rounds[ROOM_A], second = rounds[ROOM_B];
    CHECK(first > 0 && first < 2 * second);
    CHECK(second < 2 * first);
    CHECK_OK(seL4_TCB_Suspend(a));
    CHECK_OK(seL4_TCB_Suspend(b));
}

static seL4_CPtr trail_start(unsigned room) {
    seL4_CPtr tcb = start(leave_trail, room, PRIORITY_PEER, kit_sc(5000, 5000));
    rounds[room] = tcb;
    return tcb;
}

static void yields(void) {
    steps = 0;
    trail_start(ROOM_A);
    trail_start(ROOM_B);
    kit_sleep(2);
    CHECK_EQUAL(steps, 16);
    for (unsigned i = 0; i < 16; i++) {
        CHECK_EQUAL(trail[i], 'A' + i % 2);
    }
}

// At equal priority YieldTo runs the thread of that context, ahead of one that has waited longer.
static void yield_to(void) {
    steps = 0;
    trail_start(ROOM_A);
    seL4_CPtr sc = kit_sc(5000, 5000);
    rounds[ROOM_B] = start(leave_trail, ROOM_B, PRIORITY_PEER, sc);
    rounds[ROOM_B] = kit_slot_next - 1;
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY_PEER));
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(sc);
    CHECK_OK(result.error);
    CHECK(steps > 0 && trail[0] == 'B');
    CHECK(result.consumed < 5000);
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY_ROOT));
    kit_sleep(2);
    CHECK_EQUAL(steps, 16);
    CHECK_EQUAL(seL4_SchedContext_YieldTo(seL4_CapInitThreadSC).error, seL4_IllegalOperation);
}

// A handler hears of the end of each budget and decides: goes on as it is, with more, or not at all.
static void timeout_handler(void) {
    seL4_CPtr endpoint = kit_object(seL4_EndpointObject, 0),
              reply = kit_object(seL4_ReplyObject, 0);
    seL4_CPtr sc = kit_sc(1000, PERIOD_US), tcb = kit_object(seL4_TCBObject, 0);
    struct kit_thread thread = {.entry = spin,
                                .argument = ROOM_A,
                                .room = ROOM_A,
                                .priority = PRIORITY_PEER,
                                .mcp = PRIORITY_PEER,
                                .tcb = tcb,
                                .sc = sc};
    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(tcb, kit_mint(endpoint, seL4_AllRights, 33)));
    seL4_Word began = now_ticks();
    kit_thread_make(&thread, 1);
    static const seL4_Time budgets[] = {1000, 1000, 3000, 5000};
    for (unsigned i = 0; i < 4; i++) {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);
        CHECK_EQUAL(badge, 33);
        CHECK_EQUAL(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
        CHECK_EQUAL(seL4_MessageInfo_get_length(info), 2);
        CHECK_EQUAL(seL4_GetMR(seL4_Timeout_Data), sc);
        seL4_Word us = seL4_GetMR(seL4_Timeout_Consumed);
        CHECK(us + 1 >= budgets[i] && us <= budgets[i] + 50);
        if (i == 1) {
            CHECK((now_ticks() - began) / TICKS_PER_US >= PERIOD_US); // it waited for its refill
        }
        if (i >= 1 && i < 3) {
            CHECK_OK(configure(sc, budgets[i + 1], PERIOD_US)); // more, from now on
        }
        if (i < 3) {
            seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
        }
    }
    seL4_Word before = rounds[ROOM_A];
    seL4_Send(reply, seL4_MessageInfo_new(1, 0, 0, 0)); // not to be resumed
    kit_sleep(3);
    CHECK_EQUAL(rounds[ROOM_A], before);
}

int main(void) {
    kit_begin(20);
    kit_sleeper(5000, PERIOD_US);
    refusals();
    budget_holds();
    round_robin();
    yields();
    yield_to();
    timeout_handler();
    kit_end();
}
