// SPDX-License-Identifier: BSD-2-Clause
// User mode cannot break the kernel: fifty threads make random system calls with random arguments.
//
// They share a CNode with a capability to nearly everything, themselves included, in an address space where
// only their rooms can be written. The root task, above all of them, starts them anew from time to time and, after
// some such times, throws their world away and builds another. It passes if it is still there in the end; that
// the kernel is well is said by the kernel, whose debug variant counts its loops and panics on excess.
//
// The debug kernel checks its whole state now and then (--check-interval), besides its assertions and loop bounds. The
// threads have the domain capability, and whoever has it may cut everybody's time into slots of 20 us; so the root task
// restores the schedule whenever it comes by. A round takes 160 ms of the emulator's time, which is the host's.
#include "examples/root_tasks/kit.h"

enum { THREADS = 50, RADIX = 8, GUARD = 64 - RADIX, REVIVALS = 8, ARENA_BITS = 23 };

KIT_ROOMS(THREADS);

volatile struct {
    char magic[16];
    seL4_Word seed, rounds;
} test_control = {"skerry-test-word", 1, 150}; // patched by root_tasks.py

static seL4_CPtr world, vspace, sandbox, tcbs, contexts;
static unsigned slot;

static seL4_Word random_next(seL4_Word *state) {
    seL4_Word x = *state += 0x9e3779b97f4a7c15ul;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ul;
    x = (x ^ x >> 27) * 0x94d049bb133111ebul;
    return x ^ x >> 31;
}

// Mostly values that get past the first check.
static seL4_Word random_word(seL4_Word *state) {
    seL4_Word x = random_next(state), y = x >> 8;
    switch (x % 8) {
    case 0:
        return y;
    case 1:
        return 1ul << y % 64;
    case 2:
        return 64;
    case 3:
        return 0x70000000ul + y % 64 * 4096;
    case 4:
        return y % 12;
    default:
        return y % 256;
    }
}

// Not the calls that stop the machine or print: PutChar, DumpScheduler, Halt, Snapshot, NameThread.
static seL4_Word random_number(seL4_Word *state) {
    seL4_Word x = random_next(state);
    seL4_Word number = x % 32 < 24 ? 1 : x % 32 ? 1 + x / 32 % 11 : 18 + x / 32 % 30;
    return -number;
}

static seL4_Word random_info(seL4_Word *state) {
    seL4_Word x = random_next(state), label = x / 16 % (x % 16 ? 50 : 1ul << 52);
    return label << 12 | (x >> 20) % 4 << 7 | (x >> 24) % (x % 8 ? 9 : 128);
}

static void chaos(seL4_Word who) {
    struct kit_room *room = &kit_rooms[who % THREADS];
    seL4_Word *buffer = (seL4_Word *)room->buffer, *count = (seL4_Word *)room->stack;
    seL4_Word state = who;
    for (;;) {
        for (unsigned i = 0; i < 12; i++) {
            buffer[1 + i] = random_word(&state);
        }
        for (unsigned i = 122; i < 128; i++) {
            buffer[i] = random_word(&state);
        }
        ++*count;
        // All values first: a call between the assignments would spoil the registers.
        seL4_Word v[9];
        for (unsigned i = 0; i < 9; i++) {
            v[i] = i == 1   ? random_info(&state)
                   : i == 7 ? random_number(&state)
                            : random_word(&state);
        }
        v[0] = v[0] % 32 ? v[0] % 160 : v[0]; // what does not resolve ends the thread by a fault
        register seL4_Word a0 __asm__("a0") = v[0];
        register seL4_Word a1 __asm__("a1") = v[1];
        register seL4_Word a2 __asm__("a2") = v[2];
        register seL4_Word a3 __asm__("a3") = v[3];
        register seL4_Word a4 __asm__("a4") = v[4];
        register seL4_Word a5 __asm__("a5") = v[5];
        register seL4_Word a6 __asm__("a6") = v[6];
        register seL4_Word a7 __asm__("a7") = v[7];
        register seL4_Word t0 __asm__("t0") = v[8];
        __asm__ volatile("ecall"
                         : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5), "+r"(a6),
                           "+r"(a7), "+r"(t0)
                         :
                         : "memory");
    }
}

/* ---- The root task's side: nothing here insists, since the world may be in any state ------------------ */

static void put(seL4_CPtr cap, seL4_Word badge) {
    seL4_CNode_Mint(sandbox, slot++, RADIX, CNODE, cap, KIT_DEPTH, seL4_AllRights, badge);
}

static void put_objects(seL4_Word type, seL4_Word bits, unsigned count) {
    seL4_CPtr first = kit_objects(type, bits, count);
    for (unsigned i = 0; i < count; i++) {
        put(first + i, 0);
        seL4_CNode_Delete(CNODE, first + i, KIT_DEPTH);
    }
}

// The image for reading, the rooms for writing too.
static void vspace_make(void) {
    vspace = kit_object(seL4_RISCV_PageTableObject, 0);
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace));
    seL4_Word frames = kit_info->userImageFrames.end - kit_info->userImageFrames.start;
    for (seL4_Word i = 0; i < frames; i++) {
        seL4_Word at = 0x10000 + i * 4096, rooms = (seL4_Word)kit_rooms;
        int mine = at >= rooms && at < rooms + sizeof(struct kit_room) * THREADS;
        CHECK_OK(kit_map(
            kit_mint(kit_info->userImageFrames.start + i, mine ? seL4_AllRights : seL4_CanRead, 0),
            vspace, at));
    }
}

static void world_make(void) {
    sandbox = kit_object(seL4_CapTableObject, RADIX);
    slot = 1;
    put(sandbox, GUARD);
    put(seL4_CapASIDControl, 0);
    put(seL4_CapInitThreadASIDPool, 0);
    put(seL4_CapDomain, 0);
    put(kit_info->schedcontrol.start, 0);
    put(vspace, 0);
    put(sandbox, 0);
    tcbs = kit_objects(seL4_TCBObject, 0, THREADS);
    contexts = kit_objects(seL4_SchedContextObject, 8, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        put(tcbs + i, 0);
        put(contexts + i, 0);
    }
    put_objects(seL4_EndpointObject, 0, 8);
    put_objects(seL4_NotificationObject, 0, 8);
    put_objects(seL4_ReplyObject, 0, 16);
    put_objects(seL4_UntypedObject, 14, 4);
    put_objects(seL4_UntypedObject, 12, 4);
    put_objects(seL4_RISCV_4K_Page, 0, 8);
    put_objects(seL4_RISCV_PageTableObject, 0, 8);
    put_objects(seL4_CapTableObject, 3, 4);
}

static void revive(seL4_Word seed) {
    seL4_CPtr root = kit_slots(1);
    seL4_CNode_Mint(CNODE, root, KIT_DEPTH, CNODE, sandbox, KIT_DEPTH, seL4_AllRights, GUARD);
    for (unsigned i = 0; i < THREADS; i++) {
        seL4_UserContext registers = {.pc = (seL4_Word)chaos,
                                      .sp = (seL4_Word)(kit_rooms[i].stack + 3800),
                                      .tp = (seL4_Word)kit_rooms[i].tls,
                                      .a0 = seed * THREADS + i};
        seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, contexts + i, 500, 500, 0, i,
                                         0);
        seL4_TCB_Configure(tcbs + i, root, 0, vspace, 0, (seL4_Word)kit_rooms[i].buffer,
                           kit_frame_of(kit_rooms[i].buffer));
        seL4_TCB_SetSchedParams(tcbs + i, seL4_CapInitThreadTCB, 100, 90 + i % 8, contexts + i, 0);
        seL4_TCB_WriteRegisters(tcbs + i, 1, 0, 32, &registers);
    }
    seL4_CNode_Delete(CNODE, root, KIT_DEPTH);
}

static void schedule_restore(void) {
    CHECK_OK(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, (1ul << 56) - 1));
    CHECK_OK(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
}

static seL4_Word calls_count(void) {
    seL4_Word sum = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        sum += *(volatile seL4_Word *)kit_rooms[i].stack;
        *(volatile seL4_Word *)kit_rooms[i].stack = 0;
    }
    return sum;
}

int main(void) {
    kit_begin(ARENA_BITS);
    vspace_make();
    seL4_CPtr all = kit_arena;
    world = kit_object(seL4_UntypedObject, 21);
    kit_sleeper(15000, 20000);
    seL4_Word calls = 0, seed = test_control.seed << 20, begin = now_ticks();
    for (seL4_Word round = 0; round < test_control.rounds; round++) {
        seL4_CPtr first = kit_slot_next;
        kit_arena = world;
        world_make();
        for (unsigned i = 0; i < REVIVALS; i++) {
            schedule_restore();
            revive(seed++);
            kit_sleep(1);
        }
        seL4_Word made = calls_count();
        CHECK(made > 0);
        calls += made;
        CHECK_OK(seL4_CNode_Revoke(CNODE, world, KIT_DEPTH));
        for (; kit_slot_next > first; kit_slot_next--) {
            CHECK_OK(seL4_CNode_Delete(CNODE, kit_slot_next - 1, KIT_DEPTH));
        }
    }
    kit_arena = all;
    say("did ");
    say_number(calls);
    say(" calls in ");
    say_number((now_ticks() - begin) / (1000 * TICKS_PER_US));
    say(" ms\n");
    kit_end();
}
