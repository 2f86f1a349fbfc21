// SPDX-License-Identifier: BSD-2-Clause
// Which registers a system call changes and which values it answers, as measured on seL4.
//
// Every integer register is filled with a pattern before each call and compared afterwards. The expectations
// were observed with a root task of the same making on seL4's MCS release kernel.
#include "examples/root_tasks/kit.h"

enum { ROOM_CHILD, ROOM_COUNT };
enum { RA = 1, SP = 2, T0 = 5, A0 = 10, A1, A2, A3, A4, A5, A6, A7 }; // x registers

#define ANSWER     (0x3fu << A0) // a0..a5: what a Call may change
#define UNRESOLVED (1ul << 40)   // a capability address whose first bits are not the guard
#define EMPTY      (kit_info->empty.end - 1)
#define NOWHERE    0xc0000000ul // in a gigabyte where nothing is mapped
#define ROOT_GUARD (64 - kit_info->initThreadCNodeSizeBits)
#define BADGE      77

KIT_ROOMS(ROOM_COUNT);

void registers_call(seL4_Word registers[32]);
extern seL4_Word entry_registers[32];
extern char fault_load[], fault_store[], fault_ebreak[], fault_syscall[];

static seL4_Word before[32], after[32];
static seL4_CPtr endpoint, notification, signaller, reply;

/* ---- Calls with patterns ------------------------------------------------------------------------- */

static void fill(seL4_Word number, seL4_Word a0, seL4_Word a1) {
    for (unsigned i = 1; i < 32; i++) {
        before[i] = 0x5a00c3c3a5a50000ul | i << 8 | i;
    }
    before[A7] = number;
    before[A0] = a0;
    before[A1] = a1;
}

// Makes the call; returns a bit for each register that is not as it was.
static unsigned go(void) {
    unsigned changed = 0;
    for (unsigned i = 1; i < 32; i++) {
        after[i] = before[i];
    }
    registers_call(after);
    for (unsigned i = 1; i < 32; i++) {
        changed |= (unsigned)(after[i] != before[i]) << i;
    }
    return changed;
}

static unsigned simple(seL4_Word number, seL4_Word a0) {
    fill(number, a0, 0);
    return go();
}

// A Call with up to four words; leaves the answer in after[].
static void invoke(seL4_CPtr cap, seL4_Word label, seL4_Word caps, seL4_Word length, seL4_Word mr0,
                   seL4_Word mr1, seL4_Word mr2, seL4_Word mr3) {
    fill((seL4_Word)seL4_SysCall, cap, label << 12 | caps << 7 | length);
    before[A2] = mr0;
    before[A3] = mr1;
    before[A4] = mr2;
    before[A5] = mr3;
    CHECK_EQUAL(go() & ~ANSWER, 0);
    CHECK_EQUAL(after[A0], 0);
}

static void answered(seL4_Word info, seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3) {
    const seL4_Word wanted[4] = {mr0, mr1, mr2, mr3};
    CHECK_EQUAL(after[A1], info);
    for (unsigned i = 0; i < 4 && i < (info & 0x7f); i++) {
        CHECK_EQUAL(after[A2 + i], wanted[i]);
    }
}

/* ---- What is expected ---------------------------------------------------------------------------- */

static void entry(void) {
    for (unsigned i = 1; i < 32; i++) {
        if (i != A0) {
            CHECK_EQUAL(entry_registers[i], 0);
        }
    }
    CHECK_EQUAL(entry_registers[A0], (seL4_Word)kit_info);
    CHECK_EQUAL(kit_info->sharedFrames.end, 0);
    CHECK_EQUAL(kit_info->ioSpaceCaps.end, 0);
    const seL4_BootInfoHeader *chunk = (const seL4_BootInfoHeader *)((seL4_Word)kit_info + 4096);
    CHECK_EQUAL(chunk->id, 6);
    CHECK(chunk->len > 1000 && chunk->len <= kit_info->extraLen);
    CHECK_EQUAL(*(const seL4_Uint32 *)(chunk + 1), 0xedfe0dd0); // a device tree's magic, big endian
}

static void nothing_changes(void) {
    CHECK_EQUAL(simple((seL4_Word)seL4_SysYield, 1), 0);
    CHECK_EQUAL(simple((seL4_Word)seL4_SysSend, signaller), 0);
    CHECK_EQUAL(simple((seL4_Word)seL4_SysNBSend, signaller), 0);
    CHECK_EQUAL(simple((seL4_Word)seL4_SysNBSend, endpoint), 0);
    CHECK_EQUAL(simple((seL4_Word)seL4_SysNBSend, UNRESOLVED), 0);
    CHECK_EQUAL(simple((seL4_Word)seL4_SysNBSend, EMPTY), 0);
}

static void only_the_badge(void) {
    CHECK_EQUAL(simple((seL4_Word)seL4_SysWait, notification), 1u << A0);
    CHECK_EQUAL(after[A0], 0x55);
    static const seL4_Word polls[] = {(seL4_Word)seL4_SysNBWait, (seL4_Word)seL4_SysNBRecv};
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQUAL(simple(polls[i], notification), 1u << A0);
        CHECK_EQUAL(after[A0], 0);
    }
    CHECK_EQUAL(simple((seL4_Word)seL4_SysNBWait, endpoint), 1u << A0);
    CHECK_EQUAL(after[A0], 0);
    fill((seL4_Word)seL4_SysNBRecv, endpoint, 0);
    before[A6] = reply;
    CHECK_EQUAL(go(), 1u << A0);
    CHECK_EQUAL(after[A0], 0);
}

static void errors(void) {
    invoke(seL4_CapInitThreadTCB, 4095, 0, 0, 1, 2, 3, 4);
    answered(0x3000, 0, 0, 0, 0);
    invoke(EMPTY, 1, 0, 0, 1, 2, 3, 4);
    answered(0x2001, 0, 0, 0, 0);
    seL4_CPtr sc = kit_object(seL4_SchedContextObject, 8);
    seL4_SetCap(0, sc);
    seL4_SetMR(4, 0);
    invoke(kit_info->schedcontrol.start, SchedControlConfigureFlags, 1, 5, 1, 1, 0, 0);
    answered(0x4002, 20, 0x0333333333333333ul, 0, 0);
    seL4_SetCap(0, CNODE);
    seL4_SetMR(4, EMPTY);
    seL4_SetMR(5, 1);
    invoke(kit_arena, UntypedRetype, 1, 6, 99, 0, 0, 0);
    answered(0x1001, 0, 0, 0, 0);
    // As deep as the root CNode's slots, but its guard comes first.
    invoke(CNODE, CNodeDelete, 0, 2, 0, kit_info->initThreadCNodeSizeBits, 0, 0);
    answered(0x6005, 0, 4, kit_info->initThreadCNodeSizeBits, 0);
    CHECK_EQUAL(seL4_GetMR(4), ROOT_GUARD);
}

static void memory(void) {
    seL4_CPtr frame = kit_objects(seL4_RISCV_4K_Page, 0, 2);
    seL4_CPtr table = kit_object(seL4_RISCV_PageTableObject, 0);
    seL4_SetCap(0, VSPACE);
    invoke(frame, RISCVPageMap, 1, 3, NOWHERE, 3, 0, 0);
    answered(0x6003, 0, 2, 30, 0);
    CHECK_OK(seL4_RISCV_PageTable_Map(table, VSPACE, NOWHERE, 0));
    seL4_SetCap(0, VSPACE);
    invoke(frame, RISCVPageMap, 1, 3, NOWHERE, 3, 0, 0);
    answered(0x6003, 0, 2, 21, 0);
    CHECK_OK(seL4_RISCV_PageTable_Unmap(table));
    invoke(frame, RISCVPageGetAddress, 0, 0, 1, 2, 3, 4);
    seL4_Word address = after[A2];
    CHECK(address >= 0x80200000 && address % 4096 == 0);
    invoke(frame + 1, RISCVPageGetAddress, 0, 0, 1, 2, 3, 4);
    answered(1, address + 4096, 0, 0, 0);
}

/* ---- Faults -------------------------------------------------------------------------------------- */

static seL4_CPtr child_tcb;
static seL4_MessageInfo_t told; // the last fault

// Starts the child at pc with a0..a7 given; its fault message is then in the IPC buffer.
static void child_run(const void *pc, seL4_Word number, seL4_Word a0, seL4_Word a6) {
    seL4_UserContext registers = {.pc = (seL4_Word)pc,
                                  .ra = 0xa1,
                                  .sp = 0xa2,
                                  .a0 = a0,
                                  .a1 = 0xb1,
                                  .a2 = 0xb2,
                                  .a3 = 0xb3,
                                  .a4 = 0xb4,
                                  .a5 = 0xb5,
                                  .a6 = a6,
                                  .a7 = number};
    CHECK_OK(seL4_TCB_WriteRegisters(child_tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word),
                                     &registers));
    seL4_Word badge;
    told = seL4_Recv(endpoint, &badge, reply);
    CHECK_EQUAL(badge, BADGE);
}

static void fault_is(seL4_Word label, seL4_Word length, seL4_Word mr0, seL4_Word mr1, seL4_Word mr2,
                     seL4_Word mr3) {
    const seL4_Word wanted[4] = {mr0, mr1, mr2, mr3};
    CHECK_EQUAL(seL4_MessageInfo_get_label(told), label);
    CHECK_EQUAL(seL4_MessageInfo_get_length(told), length);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(seL4_GetMR(i), wanted[i]);
    }
}

static void child_make(void) {
    struct kit_thread thread = {.entry = (void (*)(seL4_Word))(void *)fault_load,
                                .room = ROOM_CHILD,
                                .priority = 100,
                                .mcp = 100,
                                .sc = kit_sc(5000, 5000),
                                .fault_endpoint = kit_mint(endpoint, seL4_AllRights, BADGE)};
    child_tcb = kit_thread_make(&thread, 0);
}

static void faults(void) {
    child_run(fault_load, 0, NOWHERE, 0);
    fault_is(seL4_Fault_VMFault, 4, (seL4_Word)fault_load, NOWHERE, 0, 5);
    child_run(fault_store, 0, NOWHERE, 0);
    fault_is(seL4_Fault_VMFault, 4, (seL4_Word)fault_store, NOWHERE, 0, 7);
    child_run((void *)NOWHERE, 0, 0, 0);
    fault_is(seL4_Fault_VMFault, 4, NOWHERE, NOWHERE, 1, 1);
    child_run(fault_ebreak, 0, 0, 0);
    fault_is(seL4_Fault_UserException, 4, (seL4_Word)fault_ebreak, 0xa2, 3, 0);
}

#ifdef CONFIG_PRINTING
#define UNKNOWN ((seL4_Word)-100)
#else
#define UNKNOWN ((seL4_Word)-12)
#endif

static void unknown_system_call(void) {
    child_run(fault_syscall, UNKNOWN, 0xb0, 0xb6);
    fault_is(seL4_Fault_UnknownSyscall, 11, (seL4_Word)fault_syscall, 0xa2, 0xa1, 0xb0);
    for (int i = 1; i <= 6; i++) {
        CHECK_EQUAL(seL4_GetMR(seL4_UnknownSyscall_A0 + i), 0xb0 + (seL4_Word)i);
    }
    CHECK_EQUAL(seL4_GetMR(seL4_UnknownSyscall_Syscall), UNKNOWN);
    // The handler emulates: the child goes on behind the ecall with other registers, and makes the next one.
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, (seL4_Word)fault_syscall + 4);
    seL4_SetMR(seL4_UnknownSyscall_A0, 0xc0);
    seL4_Word badge;
    told = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 10), &badge, reply);
    fault_is(seL4_Fault_UnknownSyscall, 11, (seL4_Word)fault_syscall + 4, 0xa2, 0xa1, 0xc0);
}

static void cap_faults(void) {
    static const struct {
        seL4_Word number, in_receive;
    } calls[] = {{(seL4_Word)seL4_SysNBWait, 1}, {(seL4_Word)seL4_SysSend, 0}};
    seL4_Word ip = (seL4_Word)fault_syscall;
    for (unsigned i = 0; i < 2; i++) {
        child_run(fault_syscall, calls[i].number, UNRESOLVED, reply);
        fault_is(seL4_Fault_CapFault, 7, ip, UNRESOLVED, calls[i].in_receive, 4);
        CHECK_EQUAL(seL4_GetMR(4), 64);
        CHECK_EQUAL(seL4_GetMR(5), 0);
        CHECK_EQUAL(seL4_GetMR(6), ROOT_GUARD);
    }
    child_run(fault_syscall, (seL4_Word)seL4_SysNBWait, EMPTY, 0);
    fault_is(seL4_Fault_CapFault, 5, ip, EMPTY, 1, 2);
    CHECK_EQUAL(seL4_GetMR(4), 0);
    seL4_CPtr other = kit_object(seL4_EndpointObject, 0);
    child_run(fault_syscall, (seL4_Word)seL4_SysRecv, other, notification);
    fault_is(seL4_Fault_CapFault, 5, ip, notification, 1, 2);
    CHECK_EQUAL(seL4_GetMR(4), 0);
    child_run(fault_syscall, (seL4_Word)seL4_SysNBRecv, other, 0);
    fault_is(seL4_Fault_CapFault, 5, ip, 0, 1, 2);
    CHECK_EQUAL(seL4_GetMR(4), 0);
}

int main(void) {
    kit_begin(20);
    endpoint = kit_object(seL4_EndpointObject, 0);
    notification = kit_object(seL4_NotificationObject, 0);
    reply = kit_object(seL4_ReplyObject, 0);
    signaller = kit_mint(notification, seL4_CanWrite, 0x55);
    entry();
    nothing_changes();
    only_the_badge();
    errors();
    memory();
    child_make();
    faults();
    unknown_system_call();
    cap_faults();
    kit_end();
}
