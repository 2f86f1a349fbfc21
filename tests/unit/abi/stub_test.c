// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the user library's functions put into registers and into the IPC buffer, and what they make of the
 * answer. The ecall is replaced (mock/); every method is called once with different values everywhere, from
 * an independent transcription of labels, lengths and signatures (expected.toml).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sel4/sel4.h>

#define SERVICE    ((seL4_CPtr)99)
#define MESSAGE(i) ((seL4_Word)(11 + (i)))
#define CAP(i)     ((seL4_CPtr)(201 + (i)))

struct ecall_registers ecall_in;
struct ecall_registers ecall_out;

static seL4_IPCBuffer buffer;
__thread seL4_IPCBuffer *__sel4_ipc_buffer;

/* Registers with values of their own, for WriteRegisters. */
static seL4_UserContext regs;

static int setup(void **state) {
    (void)state;
    __sel4_ipc_buffer = &buffer;
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, (seL4_Word)(5000 + i));
    }
    for (seL4_Word i = 0; i < sizeof(regs) / sizeof(seL4_Word); i++) {
        ((seL4_Word *)&regs)[i] = 700 + i;
    }
    ecall_in = (struct ecall_registers){0};
    ecall_out = (struct ecall_registers){0};
    return 0;
}

/* The kernel will answer with this label and length, and with first, first + 1, ... in the registers. */
static void answer(seL4_Word label, seL4_Word length, seL4_Word first) {
    ecall_out.a1 = seL4_MessageInfo_new(label, 0, 0, length).words[0];
    for (seL4_Word i = 0; i < 4; i++) {
        ecall_out.mr[i] = first + i;
    }
}

/* The last ecall was a Call of SERVICE with this label, these message registers and capabilities. */
static void expect_invocation(seL4_Word label, const seL4_Word *words, seL4_Word length,
                              const seL4_Word *caps, seL4_Word cap_count) {
    seL4_MessageInfo_t info = {{ecall_in.a1}};

    assert_int_equal(ecall_in.shape, ECALL_CALL);
    assert_int_equal((seL4_Int64)ecall_in.a7, -1);
    assert_int_equal(ecall_in.a0, SERVICE);
    assert_int_equal(seL4_MessageInfo_get_label(info), label);
    assert_int_equal(seL4_MessageInfo_get_length(info), length);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), cap_count);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 0);
    for (seL4_Word i = 0; i < length; i++) {
        assert_int_equal(i < 4 ? ecall_in.mr[i] : seL4_GetMR((int)i), words[i]);
    }
    for (seL4_Word i = 0; i < cap_count; i++) {
        assert_int_equal(seL4_GetCap((int)i), caps[i]);
    }
}

/* After an error the details are in the buffer, where programs look for them. */
static void expect_error_words(seL4_Word first) {
    for (int i = 0; i < 4; i++) {
        assert_int_equal(seL4_GetMR(i), first + (seL4_Word)i);
    }
}

#include "stub_cases.inc.h"

/* Only as many registers as asked for are written, the first four from CPU registers. */
static void test_read_registers_result(void **state) {
    (void)state;
    seL4_UserContext got = {.s1 = 1, .s2 = 2};

    answer(0, 6, 301);
    assert_int_equal(seL4_TCB_ReadRegisters(SERVICE, 0, 0, 6, &got), 0);
    assert_int_equal(got.pc, 301);
    assert_int_equal(got.gp, 304);
    assert_int_equal(got.s0, 5004);
    assert_int_equal(got.s1, 5005);
    assert_int_equal(got.s2, 2);
}

static void test_configure_without_flags(void **state) {
    (void)state;
    answer(0, 0, 0);
    assert_int_equal(seL4_SchedControl_Configure(SERVICE, CAP(0), 11, 12, 13, 14), 0);
    expect_invocation(33, (seL4_Word[]){11, 12, 13, 14, 0}, 5, (seL4_Word[]){CAP(0)}, 1);
}

static void test_mapping_level(void **state) {
    (void)state;
    answer(seL4_FailedLookup, 3, 20);
    assert_int_equal(seL4_RISCV_Page_Map(SERVICE, 1, 2, seL4_CanRead, 0), seL4_FailedLookup);
    assert_int_equal(seL4_MappingFailedLookupLevel(), 22);
}

/* --- System calls ---------------------------------------------------------------------------------- */

static void expect_sent(enum ecall_shape shape, seL4_Int64 number, seL4_Word cap, seL4_Word first) {
    assert_int_equal(ecall_in.shape, shape);
    assert_int_equal((seL4_Int64)ecall_in.a7, number);
    assert_int_equal(ecall_in.a0, cap);
    for (seL4_Word i = 0; i < 4; i++) {
        assert_int_equal(ecall_in.mr[i], first + i);
    }
}

static void test_send(void **state) {
    (void)state;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(3, 0, 1, 4);

    seL4_Send(7, info);
    expect_sent(ECALL_SEND, -5, 7, 5000);
    assert_int_equal(ecall_in.a1, info.words[0]);
    seL4_NBSend(8, info);
    expect_sent(ECALL_SEND, -6, 8, 5000);
}

/* Registers beyond the length, and null pointers, send 0. */
static void test_send_with_mrs(void **state) {
    (void)state;
    seL4_Word one = 1;
    seL4_Word two = 2;

    seL4_SendWithMRs(7, seL4_MessageInfo_new(0, 0, 0, 2), &one, NULL, &two, &two);
    assert_int_equal((seL4_Int64)ecall_in.a7, -5);
    assert_int_equal(ecall_in.mr[0], 1);
    assert_int_equal(ecall_in.mr[1], 0);
    assert_int_equal(ecall_in.mr[2], 0);
    seL4_NBSendWithMRs(7, seL4_MessageInfo_new(0, 0, 0, 4), &one, &two, &two, &two);
    assert_int_equal((seL4_Int64)ecall_in.a7, -6);
    assert_int_equal(ecall_in.mr[3], 2);
}

/* Signal uses the shape that leaves message registers alone. */
static void test_signal_and_yield(void **state) {
    (void)state;
    seL4_Signal(7);
    assert_int_equal(ecall_in.shape, ECALL_SHORT);
    assert_int_equal((seL4_Int64)ecall_in.a7, -5);
    assert_int_equal(ecall_in.a0, 7);
    assert_int_equal(ecall_in.a1, 0);
    seL4_Yield();
    assert_int_equal(ecall_in.shape, ECALL_NULL);
    assert_int_equal((seL4_Int64)ecall_in.a7, -11);
}

static void test_call(void **state) {
    (void)state;
    answer(9, 2, 40);
    seL4_MessageInfo_t info = seL4_Call(7, seL4_MessageInfo_new(3, 0, 0, 4));

    expect_sent(ECALL_CALL, -1, 7, 5000);
    assert_int_equal(seL4_MessageInfo_get_label(info), 9);
    expect_error_words(40);
}

/* The WithMRs form leaves the buffer alone. */
static void test_call_with_mrs(void **state) {
    (void)state;
    seL4_Word mr[4] = {21, 22, 23, 24};

    answer(9, 2, 40);
    (void)seL4_CallWithMRs(7, seL4_MessageInfo_new(3, 0, 0, 4), &mr[0], &mr[1], &mr[2], NULL);
    assert_int_equal(ecall_in.mr[2], 23);
    assert_int_equal(ecall_in.mr[3], 0);
    assert_int_equal(mr[0], 40);
    assert_int_equal(mr[2], 42);
    assert_int_equal(mr[3], 24);
    assert_int_equal(seL4_GetMR(0), 5000);
}

static void expect_received(seL4_Int64 number, seL4_Word cap, seL4_Word reply, seL4_Word badge) {
    assert_int_equal((seL4_Int64)ecall_in.a7, number);
    assert_int_equal(ecall_in.a0, cap);
    assert_int_equal(ecall_in.a6, reply);
    assert_int_equal(badge, 55);
    expect_error_words(60);
}

static void test_receive(void **state) {
    (void)state;
    seL4_Word badge = 0;

    answer(4, 4, 60);
    ecall_out.a0 = 55;
    assert_int_equal(seL4_MessageInfo_get_label(seL4_Recv(7, &badge, 8)), 4);
    expect_received(-7, 7, 8, badge);
    badge = 0;
    (void)seL4_NBRecv(9, &badge, 10);
    expect_received(-8, 9, 10, badge);
    badge = 0;
    (void)seL4_Wait(11, &badge);
    expect_received(-9, 11, 0, badge);
    badge = 0;
    (void)seL4_NBWait(12, &badge);
    expect_received(-10, 12, 0, badge);
    badge = 0;
    (void)seL4_Poll(13, &badge);
    expect_received(-10, 13, 0, badge);
    (void)seL4_Recv(7, NULL, 8);
}

static void test_receive_with_mrs(void **state) {
    (void)state;
    seL4_Word badge;
    seL4_Word mr[4] = {0};

    answer(4, 4, 60);
    ecall_out.a0 = 55;
    (void)seL4_RecvWithMRs(7, &badge, 8, &mr[0], NULL, NULL, &mr[3]);
    assert_int_equal(ecall_in.a6, 8);
    assert_int_equal(mr[0], 60);
    assert_int_equal(mr[3], 63);
    (void)seL4_WaitWithMRs(9, NULL, NULL, &mr[1], NULL, NULL);
    assert_int_equal((seL4_Int64)ecall_in.a7, -9);
    assert_int_equal(mr[1], 61);
    assert_int_equal(badge, 55);
    assert_int_equal(seL4_GetMR(0), 5000);
}

/* The reply object in a6; the capability to invoke in t0, but in a6 for NBSendWait. */
static void test_send_and_receive(void **state) {
    (void)state;
    seL4_Word badge = 0;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(3, 0, 0, 4);

    answer(4, 4, 60);
    ecall_out.a0 = 55;
    (void)seL4_ReplyRecv(7, info, &badge, 8);
    expect_sent(ECALL_SEND_RECV, -2, 7, 5000);
    expect_received(-2, 7, 8, badge);

    setup(NULL);
    answer(4, 4, 60);
    ecall_out.a0 = 55;
    badge = 0;
    (void)seL4_NBSendRecv(20, info, 21, &badge, 22);
    expect_sent(ECALL_SEND_RECV, -3, 21, 5000);
    assert_int_equal(ecall_in.t0, 20);
    expect_received(-3, 21, 22, badge);

    setup(NULL);
    answer(4, 4, 60);
    ecall_out.a0 = 55;
    badge = 0;
    (void)seL4_NBSendWait(20, info, 21, &badge);
    expect_sent(ECALL_SEND_RECV, -4, 21, 5000);
    expect_received(-4, 21, 20, badge);
}

static void test_send_and_receive_with_mrs(void **state) {
    (void)state;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(3, 0, 0, 4);
    seL4_Word mr[4] = {1, 2, 3, 4};

    answer(4, 4, 60);
    (void)seL4_ReplyRecvWithMRs(7, info, NULL, &mr[0], &mr[1], &mr[2], &mr[3], 8);
    expect_sent(ECALL_SEND_RECV, -2, 7, 1);
    assert_int_equal(ecall_in.a6, 8);
    assert_int_equal(mr[3], 63);
    (void)seL4_NBSendRecvWithMRs(20, info, 21, NULL, &mr[0], &mr[1], &mr[2], &mr[3], 22);
    expect_sent(ECALL_SEND_RECV, -3, 21, 60);
    assert_int_equal(ecall_in.t0, 20);
    assert_int_equal(ecall_in.a6, 22);
    (void)seL4_NBSendWaitWithMRs(20, info, 21, NULL, &mr[0], &mr[1], &mr[2], &mr[3]);
    expect_sent(ECALL_SEND_RECV, -4, 21, 60);
    assert_int_equal(ecall_in.a6, 20);
}

static void test_debug_calls(void **state) {
    (void)state;
    seL4_DebugPutChar((char)0xe9);
    assert_int_equal((seL4_Int64)ecall_in.a7, -12);
    assert_int_equal(ecall_in.a0, 0xe9);
    ecall_out.a0 = 4;
    assert_int_equal(seL4_DebugCapIdentify(5), 4);
    assert_int_equal((seL4_Int64)ecall_in.a7, -15);
    seL4_DebugNameThread(6, "flight");
    assert_int_equal((seL4_Int64)ecall_in.a7, -17);
    assert_int_equal(ecall_in.a0, 6);
    assert_string_equal((const char *)buffer.msg, "flight");
}

/* --- Types ----------------------------------------------------------------------------------------- */

static void test_message_info(void **state) {
    (void)state;
    assert_int_equal(seL4_MessageInfo_new(1, 0, 0, 0).words[0], 0x1000);
    assert_int_equal(seL4_MessageInfo_new(0, 1, 0, 0).words[0], 0x200);
    assert_int_equal(seL4_MessageInfo_new(0, 0, 1, 0).words[0], 0x80);
    assert_int_equal(seL4_MessageInfo_new(0, 0, 0, 1).words[0], 0x1);

    seL4_MessageInfo_t info = seL4_MessageInfo_new(0xfffffffffffff, 7, 3, 127);
    assert_int_equal(info.words[0], ~0ul);
    info = seL4_MessageInfo_set_length(info, 5);
    assert_int_equal(seL4_MessageInfo_get_length(info), 5);
    assert_int_equal(seL4_MessageInfo_get_label(info), 0xfffffffffffff);
    seL4_MessageInfo_ptr_set_label(&info, 9);
    assert_int_equal(seL4_MessageInfo_ptr_get_label(&info), 9);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 3);
}

static void test_rights_and_guard(void **state) {
    (void)state;
    assert_int_equal(seL4_CanWrite.words[0], 1);
    assert_int_equal(seL4_CanRead.words[0], 2);
    assert_int_equal(seL4_CanGrant.words[0], 4);
    assert_int_equal(seL4_CanGrantReply.words[0], 8);
    assert_int_equal(seL4_NoRights.words[0], 0);
    assert_int_equal(seL4_ReadWrite.words[0], 3);
    assert_int_equal(seL4_CNode_CapData_new(0, 49).words[0], 49);
    assert_int_equal(seL4_CNode_CapData_new(1, 0).words[0], 64);
    assert_int_equal(seL4_CNode_CapData_get_guard(seL4_CNode_CapData_new(5, 3)), 5);
    assert_int_equal(seL4_MaxExtraRefills(seL4_MinSchedContextBits), 0);
    assert_int_equal(seL4_MaxExtraRefills(8), 8);
}

static void test_faults(void **state) {
    (void)state;
    seL4_Fault_t fault = seL4_getFault(seL4_MessageInfo_new(6, 0, 0, 4));

    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    assert_int_equal(seL4_Fault_VMFault_get_IP(fault), 5000);
    assert_int_equal(seL4_Fault_VMFault_get_Addr(fault), 5001);
    assert_int_equal(seL4_Fault_VMFault_get_PrefetchFault(fault), 5002);
    assert_int_equal(seL4_Fault_VMFault_get_FSR(fault), 5003);
    fault = seL4_getFault(seL4_MessageInfo_new(2, 0, 0, 11));
    assert_int_equal(seL4_Fault_UnknownSyscall_get_FaultIP(fault), 5000);
    assert_int_equal(seL4_Fault_UnknownSyscall_get_A0(fault), 5003);
    assert_int_equal(seL4_Fault_UnknownSyscall_get_Syscall(fault), 5010);
    fault = seL4_getFault(seL4_MessageInfo_new(1, 0, 0, 7));
    assert_int_equal(seL4_Fault_CapFault_get_InRecvPhase(fault), 5002);
    assert_int_equal(seL4_Fault_CapFault_get_MR6(fault), 5006);
    fault = seL4_getFault(seL4_MessageInfo_new(5, 0, 0, 2));
    assert_int_equal(seL4_Fault_Timeout_get_data(fault), 5000);
    assert_int_equal(seL4_Fault_Timeout_get_consumed(fault), 5001);
    fault = seL4_getFault(seL4_MessageInfo_new(3, 0, 0, 4));
    assert_int_equal(seL4_Fault_UserException_get_Number(fault), 5002);
    fault = seL4_getFault(seL4_MessageInfo_new(77, 0, 0, 4));
    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_NullFault);
}

static void test_timeout_reply(void **state) {
    (void)state;
    seL4_MessageInfo_t info = seL4_TimeoutReply_new(1, regs, 32);

    assert_int_equal(seL4_MessageInfo_get_label(info), 0);
    assert_int_equal(seL4_MessageInfo_get_length(info), 32);
    assert_int_equal(seL4_GetMR(seL4_TimeoutReply_FaultIP), regs.pc);
    assert_int_equal(seL4_GetMR(seL4_TimeoutReply_TP), regs.tp);
    assert_int_equal(seL4_MessageInfo_get_label(seL4_TimeoutReply_new(0, regs, 0)), 1);
}

static void test_sizes(void **state) {
    (void)state;
    assert_int_equal(sizeof(seL4_BootInfo), 3864);
    assert_int_equal(sizeof(seL4_IPCBuffer), 1024);
    assert_int_equal(_Alignof(seL4_IPCBuffer), 1024);
    assert_int_equal(sizeof(seL4_UserContext), 256);
    assert_int_equal(sizeof(seL4_Error), 4);
    assert_int_equal(sizeof(seL4_FaultType), 8);
    assert_int_equal(offsetof(seL4_IPCBuffer, receiveDepth), 1016);
    assert_int_equal(seL4_ObjectTypeCount, 11);
    assert_int_equal(nArchInvocationLabels, 47);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STUB_CASES cmocka_unit_test(test_read_registers_result),
        cmocka_unit_test(test_configure_without_flags),
        cmocka_unit_test(test_mapping_level),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_send_with_mrs),
        cmocka_unit_test(test_signal_and_yield),
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_call_with_mrs),
        cmocka_unit_test(test_receive),
        cmocka_unit_test(test_receive_with_mrs),
        cmocka_unit_test(test_send_and_receive),
        cmocka_unit_test(test_send_and_receive_with_mrs),
        cmocka_unit_test(test_debug_calls),
        cmocka_unit_test(test_message_info),
        cmocka_unit_test(test_rights_and_guard),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_timeout_reply),
        cmocka_unit_test(test_sizes),
    };

    struct CMUnitTest with_setup[sizeof(tests) / sizeof(tests[0])];
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        with_setup[i] = tests[i];
        with_setup[i].setup_func = setup;
    }
    return cmocka_run_group_tests(with_setup, NULL, NULL);
}
