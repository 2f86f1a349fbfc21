// SPDX-License-Identifier: BSD-2-Clause
// Ten thousand threads wait on one endpoint, and a thread above all wakes every millisecond. The endpoint is deleted, and
// everybody runs into the hole; they wait on another one, and are deleted themselves. Meanwhile the periodic thread is
// never later than LATEST_US: nobody's number delays it.
//
// Made to be run with the emulator's clock counting instructions (a microsecond is a thousand), so that lateness is the
// kernel's and not the host's.
#include "examples/root_tasks/kit.h"

enum {
    WAITERS = 10000,
    ARENA_BITS = 26,
    PERIOD_US = 1000,
    LATEST_US = 60,
    PRIORITY_TIMER = 254,
    PRIORITY_ROOT = 200,
    ROOM_TIMER = 0
};

KIT_ROOMS(1);

void wait_once(void);
__asm__(".text\n"
        ".globl wait_once\n"
        "wait_once:\n"
        "    ecall\n"
        "    j wait_once\n");

static struct { volatile seL4_Word wakings, latest_ticks, begin; } timer;

// Its context has a refill every period; Yield gives up the rest of one. Late is what is behind the earliest waking seen.
static void keep_time(seL4_Word unused) {
    const seL4_Word period = PERIOD_US * TICKS_PER_US;
    (void)unused;
    seL4_Yield();
    timer.begin = now_ticks();
    for (;;) {
        seL4_Yield();
        seL4_Word late = (now_ticks() - timer.begin) % period;
        timer.wakings++;
        if (late > period * 9 / 10) {
            timer.begin -= period - late;
        } else if (late > timer.latest_ticks) {
            timer.latest_ticks = late;
        }
    }
}

static void timer_start(void) {
    struct kit_thread thread = {.entry = keep_time,
                                .room = ROOM_TIMER,
                                .priority = PRIORITY_TIMER,
                                .sc = kit_sc(100, PERIOD_US)};
    kit_thread_make(&thread, 1);
}

// Since the last time: it was never late, and woke in every period.
static void timer_check(const char *what) {
    static seL4_Word wakings, since;
    seL4_Word now = now_ticks(), periods = (now - since) / (PERIOD_US * TICKS_PER_US);
    say(what);
    say(": late by at most ");
    say_number(timer.latest_ticks / TICKS_PER_US);
    say(" us in ");
    say_number(timer.wakings - wakings);
    say(" periods\n");
    if (since != 0) {
        CHECK(timer.wakings - wakings + 1 >= periods && timer.wakings - wakings <= periods + 1);
    }
    CHECK(timer.latest_ticks < LATEST_US * TICKS_PER_US);
    timer.latest_ticks = 0;
    wakings = timer.wakings;
    since = now;
}

static seL4_CPtr tcbs, contexts;

static void waiters_make(seL4_CPtr memory) {
    seL4_CPtr all = kit_arena;
    kit_arena = memory;
    tcbs = kit_objects(seL4_TCBObject, 0, WAITERS);
    contexts = kit_objects(seL4_SchedContextObject, seL4_MinSchedContextBits, WAITERS);
    kit_arena = all;
    for (unsigned i = 0; i < WAITERS; i++) {
        CHECK_OK(seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, contexts + i, 100,
                                                  100, 0, i, 0));
        CHECK_OK(seL4_TCB_Configure(tcbs + i, CNODE, 0, VSPACE, 0, 0, 0));
        CHECK_OK(seL4_TCB_SetSchedParams(tcbs + i, seL4_CapInitThreadTCB, 0, 1 + i * 7919u % 190,
                                         contexts + i, 0));
    }
}

// All run until they wait; the root task is below them meanwhile.
static void all_wait(seL4_CPtr endpoint) {
    seL4_UserContext registers = {
        .pc = (seL4_Word)wait_once, .a0 = endpoint, .a7 = (seL4_Word)seL4_SysWait};
    for (unsigned i = 0; i < WAITERS; i++) {
        CHECK_OK(seL4_TCB_WriteRegisters(tcbs + i, 1, 0, sizeof(registers) / sizeof(seL4_Word),
                                         &registers));
    }
}

static void let_them_run(void) {
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 0));
    seL4_Yield();
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY_ROOT));
}

int main(void) {
    kit_begin(ARENA_BITS);
    seL4_CPtr memory = kit_object(seL4_UntypedObject, ARENA_BITS - 1);
    seL4_CPtr endpoint = kit_object(seL4_EndpointObject, 0);
    seL4_CPtr second = kit_object(seL4_EndpointObject, 0);
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY_ROOT));
    timer_start();
    timer_check("beginning");
    waiters_make(memory);
    timer_check("threads made");
    all_wait(endpoint);
    let_them_run();
    timer_check("all wait");
    // One of the first priority takes the first message.
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_OK(seL4_CNode_Delete(CNODE, endpoint, KIT_DEPTH));
    timer_check("endpoint deleted");
    let_them_run(); // everybody asks for what is no more: a fault that nobody hears
    timer_check("all stopped");
    all_wait(second);
    let_them_run();
    for (unsigned i = 0; i < WAITERS; i += 100) {
        CHECK_OK(seL4_TCB_SetPriority(tcbs + i, seL4_CapInitThreadTCB, 199 - i / 100));
    }
    timer_check("all wait again");
    CHECK_OK(seL4_CNode_Revoke(CNODE, memory, KIT_DEPTH));
    timer_check("threads deleted");
    // Nobody is left: the endpoint is idle.
    seL4_NBSend(second, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_OK(seL4_CNode_Delete(CNODE, second, KIT_DEPTH));
    kit_end();
}
