// SPDX-License-Identifier: BSD-2-Clause
// User mode cannot break the kernel, in order: all system call numbers, all labels on capabilities of all kinds, all object
// sizes, each with words at their limits. What they answer is other tests' business; here the root task is still there
// in the end, and a debug kernel checks its whole state now and then (--check-interval).
#include <stddef.h>

#include "examples/root_tasks/kit.h"

enum { ARENA_BITS = 22, RADIX = 4, PAST = 1000, ROOM_CHILD = 0 };

KIT_ROOMS(1);

/* ---- System calls -------------------------------------------------------------------------------- */

void call_and_tell(void);
__asm__(".text\n"
        ".globl call_and_tell\n"
        "call_and_tell:\n"
        "    ecall\n"
        "    li a7, -1000\n" // -PAST
        "    ecall\n");

static seL4_CPtr child, endpoint, reply, deaf;

// What a call with this number did: a fault's label, or 0 if it went through.
static seL4_Word outcome(seL4_Word number, seL4_Word cap) {
    seL4_Word badge;
    seL4_UserContext registers = {.pc = (seL4_Word)call_and_tell,
                                  .a0 = cap,
                                  .a1 = 3ul << 7 | 120,
                                  .a2 = ~0ul,
                                  .a3 = 1ul << 63,
                                  .a4 = 0x7fffffff,
                                  .a6 = cap,
                                  .a7 = number,
                                  .t0 = cap};
    CHECK_OK(
        seL4_TCB_WriteRegisters(child, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers));
    seL4_MessageInfo_t tag = seL4_Recv(endpoint, &badge, reply);
    if (seL4_isUnknownSyscall_tag(tag) &&
        seL4_GetMR(seL4_UnknownSyscall_Syscall) == (seL4_Word)-PAST && number != (seL4_Word)-PAST) {
        return 0;
    }
    return seL4_MessageInfo_get_label(tag);
}

// What this build of the kernel has; DebugHalt is left out, and DebugNameThread stops the machine unless its argument
// is a thread.
#ifdef CONFIG_DEBUG_BUILD
#define LAST_NUMBER (-17)
#else
#define LAST_NUMBER (-11)
#endif

static int is_known(long number) {
    return number >= LAST_NUMBER && number <= -1;
}

static void all_numbers(void) {
    static const long far[] = {-4096,
                               4096,
                               -0x80000000l,
                               0x7fffffff,
                               0xffffffffl,
                               0x100000000,
                               (long)(1ul << 63),
                               (long)(~0ul >> 1),
                               0xfffffffdl,
                               -0x10000000l,
                               (long)0xffffffff00000000ul,
                               0xfffeffffl};
    for (long number = -512; number <= 512; number++) {
        if (number == -14) {
            continue;
        }
        seL4_Word fault = outcome((seL4_Word)number, number == -17 ? child : deaf);
        if (is_known(number)) {
            CHECK(fault == 0 || fault == seL4_Fault_CapFault);
        } else {
            CHECK_EQUAL(fault, seL4_Fault_UnknownSyscall);
        }
    }
    for (unsigned i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        CHECK_EQUAL(outcome((seL4_Word)far[i], 0), seL4_Fault_UnknownSyscall);
        CHECK_EQUAL(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)far[i]);
    }
    // The rest of them on capabilities of other kinds, and on addresses that lead nowhere.
    const seL4_Word caps[] = {0, reply, child, 1ul << 63, ~0ul};
    for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        for (long number = -13; number <= -1; number++) {
            if (number == -11 || caps[i] == reply) {
                continue; // the handler's own reply object would end its wait
            }
            outcome((seL4_Word)number, caps[i]);
        }
    }
}

/* ---- Labels -------------------------------------------------------------------------------------- */

static const seL4_Word words[] = {0, 1, 12, 64, 0x1000, 1ul << 38, 1ul << 63, ~0ul};
#define WORDS (sizeof(words) / sizeof(words[0]))

// One kind's victim, and what becomes its extra capabilities.
static seL4_CPtr victims[24], extras[6];
static unsigned victim_count;

static void victim(seL4_CPtr cap) {
    victims[victim_count++] = cap;
}

static void victims_make(void) {
    victim_count = 0;
    victim(0);
    victim(kit_object(seL4_UntypedObject, 14));
    victim(kit_object(seL4_TCBObject, 0));
    victim(kit_object(seL4_NotificationObject, 0));
    victim(kit_object(seL4_CapTableObject, RADIX));
    victim(kit_object(seL4_SchedContextObject, 8));
    victim(kit_object(seL4_ReplyObject, 0));
    victim(kit_object(seL4_RISCV_4K_Page, 0));
    victim(kit_object(seL4_RISCV_PageTableObject, 0));
    victim(kit_mint(kit_object(seL4_EndpointObject, 0), seL4_CanRead, 0));
    victim(kit_mint(VSPACE, seL4_AllRights, 0));
    victim(seL4_CapIRQControl);
    victim(seL4_CapASIDControl);
    victim(seL4_CapDomain);
    victim(kit_info->schedcontrol.start);
    seL4_CPtr handler = kit_slots(1), pool = kit_slots(1);
    CHECK_OK(seL4_IRQControl_Get(seL4_CapIRQControl, 20, CNODE, handler, KIT_DEPTH));
    victim(handler);
    CHECK_OK(seL4_RISCV_ASIDControl_MakePool(
        seL4_CapASIDControl, kit_object(seL4_UntypedObject, 12), CNODE, pool, KIT_DEPTH));
    victim(pool);
    extras[0] = 0;
    extras[1] = victims[4];
    extras[2] = victims[2];
    extras[3] = victims[5];
    extras[4] = victims[3];
    extras[5] = kit_object(seL4_RISCV_4K_Page, 0);
}

static void one_label(seL4_CPtr cap, seL4_Word label, unsigned seed) {
    static const unsigned lengths[] = {0, 1, 2, 3, 5, 6, 8, 34, 120, 127};
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (unsigned at = 0; at < 120; at++) {
            seL4_SetMR((int)at, words[(seed + at * (1 + i)) % WORDS]);
        }
        for (int at = 0; at < 3; at++) {
            seL4_SetCap(at, extras[(seed / 3 + i * 2 + (unsigned)at) % 6]);
        }
        seL4_MessageInfo_t tag = {{label << 12 | (seed + i) % 4 << 7 | lengths[i]}};
        tag = seL4_Call(cap, tag);
        CHECK(seL4_MessageInfo_get_label(tag) < seL4_NumErrors);
        CHECK_EQUAL(seL4_MessageInfo_get_extraCaps(tag), 0);
    }
}

// Domains have one schedule: what the sweep made of it would be everybody's.
static void schedule_restore(void) {
    CHECK_OK(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, (1ul << 56) - 1));
    CHECK_OK(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
}

static void all_labels(void) {
    static const seL4_Word far[] = {1ul << 51, (1ul << 52) - 1, 0x10000, 1ul << 32, 0x100000001};
    seL4_CPtr arena = kit_object(seL4_UntypedObject, ARENA_BITS - 2), all = kit_arena;
    for (unsigned round = 0; round < 3; round++) {
        seL4_CPtr first = kit_slot_next;
        kit_arena = arena;
        victims_make();
        for (unsigned i = 0; i < victim_count; i++) {
            for (seL4_Word label = 0; label < 260; label++) {
                one_label(victims[i], label, round * 1000 + i * 31 + (unsigned)label);
            }
            for (unsigned j = 0; j < sizeof(far) / sizeof(far[0]); j++) {
                one_label(victims[i], far[j], round);
            }
        }
        schedule_restore();
        kit_arena = all;
        CHECK_OK(seL4_CNode_Revoke(CNODE, seL4_CapIRQControl, KIT_DEPTH));
        CHECK_OK(seL4_CNode_Revoke(CNODE, arena, KIT_DEPTH));
        for (; kit_slot_next > first; kit_slot_next--) {
            CHECK_OK(seL4_CNode_Delete(CNODE, kit_slot_next - 1, KIT_DEPTH));
        }
    }
}

/* ---- Sizes --------------------------------------------------------------------------------------- */

static void all_sizes(seL4_CPtr untyped) {
    static const seL4_Word counts[] = {0, 1, 2, 255, 256, 257, ~0ul};
    seL4_CPtr node = kit_object(seL4_CapTableObject, 8);
    for (seL4_Word type = 0; type <= seL4_ObjectTypeCount; type++) {
        for (seL4_Word bits = 0; bits <= 66; bits++) {
            for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
                seL4_Word offset = (bits + i) % 3 == 0 ? 0 : (bits + i) % 3 == 1 ? 255 : 256;
                seL4_Error error = seL4_Untyped_Retype(untyped, type, bits == 66 ? ~0ul : bits,
                                                       node, 0, 0, offset, counts[i]);
                CHECK(error < seL4_NumErrors);
                if (error == seL4_NoError) {
                    CHECK_OK(seL4_CNode_Revoke(CNODE, untyped, KIT_DEPTH));
                }
            }
        }
    }
}

int main(void) {
    kit_begin(ARENA_BITS + 1);
    seL4_CPtr all = kit_arena;
    endpoint = kit_object(seL4_EndpointObject, 0);
    reply = kit_object(seL4_ReplyObject, 0);
    deaf = kit_mint(kit_object(seL4_EndpointObject, 0), seL4_NoRights, 0);
    struct kit_thread thread = {.entry = (void (*)(seL4_Word))(void *)call_and_tell,
                                .room = ROOM_CHILD,
                                .priority = 100,
                                .sc = kit_sc(5000, 5000),
                                .fault_endpoint = endpoint};
    child = kit_thread_make(&thread, 0);
    say("numbers\n");
    all_numbers();
    say("labels\n");
    all_labels();
    say("sizes\n");
    kit_arena = all;
    all_sizes(kit_object(seL4_UntypedObject, 16));
    for (seL4_Word i = 0; i < kit_info->untyped.end - kit_info->untyped.start; i++) {
        if (kit_info->untypedList[i].isDevice && kit_info->untypedList[i].sizeBits > 36) {
            all_sizes(kit_info->untyped.start + i); // the largest there are, of device memory
            break;
        }
    }
    kit_end();
}
