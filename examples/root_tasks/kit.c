// SPDX-License-Identifier: BSD-2-Clause
// Slots, objects, threads, checks (kit.h).
#include "examples/root_tasks/kit.h"

#include "user/start/root.h"

#define PAGE_BYTES 4096ul

extern char image_start[] __asm__("_start");
extern char image_end[] __asm__("_end");

seL4_CPtr kit_arena, kit_slot_next;
seL4_BootInfo *kit_info;
static unsigned checks, failures;

/* ---- Output and checks --------------------------------------------------------------------------- */

void say(const char *text) {
    for (; *text; text++) {
        output_byte(*text);
    }
}

static void say_in_base(seL4_Word number, unsigned base) {
    char digits[24], *at = digits + sizeof(digits) - 1;
    *at = 0;
    do {
        *--at = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    say(at);
}

void say_number(seL4_Word number) {
    say_in_base(number, 10);
}

void say_hex(seL4_Word number) {
    say("0x");
    say_in_base(number, 16);
}

void check(const char *what, unsigned line, seL4_Word got, seL4_Word wanted) {
    checks++;
    if (got == wanted) {
        return;
    }
    failures++;
    say("FAIL line ");
    say_number(line);
    say(": ");
    say(what);
    say(" is ");
    say_hex(got);
    say(", not ");
    say_hex(wanted);
    say("\n");
}

void kit_end(void) {
    if (failures) {
        say("FAIL ");
        say_number(failures);
    } else {
        say("PASS");
    }
    say(" (");
    say_number(checks);
    say(" checks)\n");
    output_halt();
}

/* ---- Objects ------------------------------------------------------------------------------------- */

seL4_CPtr kit_slots(unsigned count) {
    seL4_CPtr first = kit_slot_next;
    kit_slot_next += count;
    CHECK(kit_slot_next <= kit_info->empty.end);
    return first;
}

seL4_CPtr kit_objects(seL4_Word type, seL4_Word bits, unsigned count) {
    seL4_CPtr first = kit_slots(count);
    for (unsigned done = 0; done < count;) {
        unsigned some = count - done < 256 ? count - done : 256; // the most of one call
        CHECK_OK(seL4_Untyped_Retype(kit_arena, type, bits, CNODE, 0, 0, first + done, some));
        done += some;
    }
    return first;
}

seL4_CPtr kit_object(seL4_Word type, seL4_Word bits) {
    return kit_objects(type, bits, 1);
}

seL4_CPtr kit_mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge) {
    seL4_CPtr slot = kit_slots(1);
    CHECK_OK(seL4_CNode_Mint(CNODE, slot, KIT_DEPTH, CNODE, cap, KIT_DEPTH, rights, badge));
    return slot;
}

seL4_CPtr kit_sc(seL4_Time budget_us, seL4_Time period_us) {
    seL4_CPtr sc = kit_object(seL4_SchedContextObject, 8);
    CHECK_OK(seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, sc, budget_us,
                                              period_us, 0, sc, 0));
    return sc;
}

seL4_CPtr kit_frame_of(const void *address) {
    seL4_Word first = (seL4_Word)image_start & ~(PAGE_BYTES - 1);
    return kit_info->userImageFrames.start + ((seL4_Word)address - first) / PAGE_BYTES;
}

seL4_Error kit_map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address) {
    seL4_Error error = seL4_RISCV_Page_Map(frame, vspace, address, seL4_AllRights, 0);
    for (int level = 0; error == seL4_FailedLookup && level < 2; level++) {
        seL4_CPtr table = kit_object(seL4_RISCV_PageTableObject, 0);
        CHECK_OK(seL4_RISCV_PageTable_Map(table, vspace, address, 0));
        error = seL4_RISCV_Page_Map(frame, vspace, address, seL4_AllRights, 0);
    }
    return error;
}

seL4_CPtr kit_vspace_clone(void) {
    seL4_CPtr root = kit_object(seL4_RISCV_PageTableObject, 0);
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root));
    for (seL4_Word at = (seL4_Word)image_start & ~(PAGE_BYTES - 1); at < (seL4_Word)image_end;
         at += PAGE_BYTES) {
        CHECK_OK(kit_map(kit_mint(kit_frame_of((void *)at), seL4_AllRights, 0), root, at));
    }
    return root;
}

static void arena_find(unsigned bits) {
    for (seL4_Word i = 0; i < kit_info->untyped.end - kit_info->untyped.start; i++) {
        const seL4_UntypedDesc *untyped = &kit_info->untypedList[i];
        if (!untyped->isDevice && untyped->sizeBits >= bits) {
            kit_arena = kit_info->untyped.start + i;
            kit_arena = kit_object(seL4_UntypedObject, bits);
            return;
        }
    }
    CHECK(!"memory for the arena");
    kit_end();
}

void kit_begin(unsigned arena_bits) {
    kit_info = root_boot_info;
    kit_slot_next = kit_info->empty.start;
    output_begin(kit_info);
    arena_find(arena_bits);
}

/* ---- Threads ------------------------------------------------------------------------------------- */

// libsel4 keeps the address of a thread's IPC buffer in thread-local memory; so set it in the new thread's.
static void room_prepare(struct kit_room *room) {
    seL4_Word tp;
    __asm__("mv %0, tp" : "=r"(tp));
    *(void **)(room->tls + ((seL4_Word)&__sel4_ipc_buffer - tp)) = room->buffer;
}

seL4_CPtr kit_thread_make(const struct kit_thread *thread, int start) {
    struct kit_room *room = &kit_rooms[thread->room];
    seL4_CPtr tcb = thread->tcb ? thread->tcb : kit_object(seL4_TCBObject, 0);
    seL4_UserContext registers = {.pc = (seL4_Word)thread->entry,
                                  .sp = (seL4_Word)(room->stack + sizeof(room->stack)),
                                  .tp = (seL4_Word)room->tls,
                                  .a0 = thread->argument};
    __asm__("mv %0, gp" : "=r"(registers.gp));
    room_prepare(room);
    CHECK_OK(seL4_TCB_Configure(tcb, thread->cspace ? thread->cspace : CNODE, 0,
                                thread->vspace ? thread->vspace : VSPACE, 0,
                                (seL4_Word)room->buffer, kit_frame_of(room->buffer)));
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, thread->mcp, thread->priority,
                                     thread->sc, thread->fault_endpoint));
    CHECK_OK(
        seL4_TCB_WriteRegisters(tcb, start, 0, sizeof(registers) / sizeof(seL4_Word), &registers));
    return tcb;
}

/* ---- Time ---------------------------------------------------------------------------------------- */

void kit_sleeper(seL4_Time budget_us, seL4_Time period_us) {
    CHECK_OK(seL4_SchedControl_ConfigureFlags(kit_info->schedcontrol.start, seL4_CapInitThreadSC,
                                              budget_us, period_us, 0, 0, 0));
}

void kit_sleep(unsigned periods) {
    for (unsigned i = 0; i < periods; i++) {
        seL4_Yield();
    }
}
