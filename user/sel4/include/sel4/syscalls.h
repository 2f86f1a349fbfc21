// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls, one function each.
 *
 * A plain form takes message registers 0..3 from the IPC buffer and puts the received ones back there. A
 * WithMRs form takes and gives them through pointers instead (a null pointer, or a register beyond the
 * message's length, sends 0) and leaves the buffer's first four alone. `sender`, where it is not null,
 * gets the badge. See docs/reference for what each call does.
 */
#pragma once

#include <sel4/functions.h>
#include <sel4/gen/abi.h>
#include <sel4/sel4_arch/ecall.h>
#include <sel4/types.h>

/* --- Message registers ----------------------------------------------------------------------------- */

LIBSEL4_INLINE_FUNC void sel4_mrs_load(seL4_Word mr[4]) {
    for (int i = 0; i < 4; i++) {
        mr[i] = seL4_GetMR(i);
    }
}

LIBSEL4_INLINE_FUNC void sel4_mrs_store(const seL4_Word mr[4]) {
    for (int i = 0; i < 4; i++) {
        seL4_SetMR(i, mr[i]);
    }
}

LIBSEL4_INLINE_FUNC void sel4_mrs_take(seL4_Word mr[4], seL4_MessageInfo_t info,
                                       const seL4_Word *mr0, const seL4_Word *mr1,
                                       const seL4_Word *mr2, const seL4_Word *mr3) {
    seL4_Word length = seL4_MessageInfo_get_length(info);

    mr[0] = mr0 && length > 0 ? *mr0 : 0;
    mr[1] = mr1 && length > 1 ? *mr1 : 0;
    mr[2] = mr2 && length > 2 ? *mr2 : 0;
    mr[3] = mr3 && length > 3 ? *mr3 : 0;
}

LIBSEL4_INLINE_FUNC void sel4_mrs_give(const seL4_Word mr[4], seL4_Word *mr0, seL4_Word *mr1,
                                       seL4_Word *mr2, seL4_Word *mr3) {
    if (mr0) {
        *mr0 = mr[0];
    }
    if (mr1) {
        *mr1 = mr[1];
    }
    if (mr2) {
        *mr2 = mr[2];
    }
    if (mr3) {
        *mr3 = mr[3];
    }
}

/* Receive into the buffer, for all plain calls that only receive. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t sel4_receive(seL4_Syscall_ID number, seL4_CPtr src,
                                                    seL4_Word *sender, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word mr[4];
    seL4_Word badge = sel4_ecall_recv((seL4_Word)number, src, &info.words[0], mr, reply);

    sel4_mrs_store(mr);
    if (sender) {
        *sender = badge;
    }
    return info;
}

/* Send from the buffer and receive into it, for all plain calls that do both. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t sel4_exchange(seL4_Syscall_ID number, seL4_CPtr src,
                                                     seL4_MessageInfo_t info, seL4_Word *sender,
                                                     seL4_CPtr reply, seL4_CPtr dest) {
    seL4_Word mr[4];

    sel4_mrs_load(mr);
    seL4_Word badge = sel4_ecall_send_recv((seL4_Word)number, src, &info.words[0], mr, reply, dest);
    sel4_mrs_store(mr);
    if (sender) {
        *sender = badge;
    }
    return info;
}

/* --- Sending --------------------------------------------------------------------------------------- */

LIBSEL4_INLINE_FUNC void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    seL4_Word mr[4];

    sel4_mrs_load(mr);
    sel4_ecall_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], mr);
}

LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                          seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                          seL4_Word *mr3) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    sel4_ecall_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], mr);
}

LIBSEL4_INLINE_FUNC void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    seL4_Word mr[4];

    sel4_mrs_load(mr);
    sel4_ecall_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], mr);
}

LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                            seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                            seL4_Word *mr3) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    sel4_ecall_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], mr);
}

/* A notification takes no message; a2..a5 survive. */
LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysSend, dest, 0);
}

/* --- Calling --------------------------------------------------------------------------------------- */

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    seL4_Word mr[4];

    sel4_mrs_load(mr);
    (void)sel4_ecall_call((seL4_Word)seL4_SysCall, dest, &msgInfo.words[0], mr);
    sel4_mrs_store(mr);
    return msgInfo;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    (void)sel4_ecall_call((seL4_Word)seL4_SysCall, dest, &msgInfo.words[0], mr);
    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    return msgInfo;
}

/* --- Receiving ------------------------------------------------------------------------------------- */

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender,
                                                 seL4_CPtr reply) {
    return sel4_receive(seL4_SysRecv, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_CPtr reply, seL4_Word *mr0,
                                                        seL4_Word *mr1, seL4_Word *mr2,
                                                        seL4_Word *mr3) {
    seL4_MessageInfo_t info;
    seL4_Word mr[4];
    seL4_Word badge = sel4_ecall_recv((seL4_Word)seL4_SysRecv, src, &info.words[0], mr, reply);

    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    if (sender) {
        *sender = badge;
    }
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender,
                                                   seL4_CPtr reply) {
    return sel4_receive(seL4_SysNBRecv, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender) {
    return sel4_receive(seL4_SysWait, src, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3) {
    seL4_MessageInfo_t info;
    seL4_Word mr[4];
    seL4_Word badge = sel4_ecall_recv((seL4_Word)seL4_SysWait, src, &info.words[0], mr, 0);

    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    if (sender) {
        *sender = badge;
    }
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender) {
    return sel4_receive(seL4_SysNBWait, src, sender, 0);
}

/* NBWait, as it is called for notifications. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender) {
    return seL4_NBWait(src, sender);
}

/* --- Sending and receiving in one call --------------------------------------------------------------- */

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                      seL4_Word *sender, seL4_CPtr reply) {
    return sel4_exchange(seL4_SysReplyRecv, src, msgInfo, sender, reply, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src,
                                                             seL4_MessageInfo_t msgInfo,
                                                             seL4_Word *sender, seL4_Word *mr0,
                                                             seL4_Word *mr1, seL4_Word *mr2,
                                                             seL4_Word *mr3, seL4_CPtr reply) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    seL4_Word badge =
        sel4_ecall_send_recv((seL4_Word)seL4_SysReplyRecv, src, &msgInfo.words[0], mr, reply, 0);
    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    if (sender) {
        *sender = badge;
    }
    return msgInfo;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender,
                                                       seL4_CPtr reply) {
    return sel4_exchange(seL4_SysNBSendRecv, src, msgInfo, sender, reply, dest);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecvWithMRs(
    seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3, seL4_CPtr reply) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    seL4_Word badge = sel4_ecall_send_recv((seL4_Word)seL4_SysNBSendRecv, src, &msgInfo.words[0],
                                           mr, reply, dest);
    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    if (sender) {
        *sender = badge;
    }
    return msgInfo;
}

/* The capability to invoke travels in a6, where the other calls have the reply object. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender) {
    return sel4_exchange(seL4_SysNBSendWait, src, msgInfo, sender, dest, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest,
                                                              seL4_MessageInfo_t msgInfo,
                                                              seL4_CPtr src, seL4_Word *sender,
                                                              seL4_Word *mr0, seL4_Word *mr1,
                                                              seL4_Word *mr2, seL4_Word *mr3) {
    seL4_Word mr[4];

    sel4_mrs_take(mr, msgInfo, mr0, mr1, mr2, mr3);
    seL4_Word badge =
        sel4_ecall_send_recv((seL4_Word)seL4_SysNBSendWait, src, &msgInfo.words[0], mr, dest, 0);
    sel4_mrs_give(mr, mr0, mr1, mr2, mr3);
    if (sender) {
        *sender = badge;
    }
    return msgInfo;
}

LIBSEL4_INLINE_FUNC void seL4_Yield(void) {
    sel4_ecall_null((seL4_Word)seL4_SysYield);
}

/* --- Debugging ------------------------------------------------------------------------------------- */

#ifdef CONFIG_PRINTING
LIBSEL4_INLINE_FUNC void seL4_DebugPutChar(char c) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysDebugPutChar, (seL4_Uint8)c, 0);
}

LIBSEL4_INLINE_FUNC void seL4_DebugPutString(const char *str) {
    for (; *str; str++) {
        seL4_DebugPutChar(*str);
    }
}

LIBSEL4_INLINE_FUNC void seL4_DebugDumpScheduler(void) {
    sel4_ecall_null((seL4_Word)seL4_SysDebugDumpScheduler);
}
#endif /* CONFIG_PRINTING */

#ifdef CONFIG_DEBUG_BUILD
LIBSEL4_INLINE_FUNC void seL4_DebugHalt(void) {
    sel4_ecall_null((seL4_Word)seL4_SysDebugHalt);
}

LIBSEL4_INLINE_FUNC void seL4_DebugSnapshot(void) {
    sel4_ecall_null((seL4_Word)seL4_SysDebugSnapshot);
}

LIBSEL4_INLINE_FUNC seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap) {
    return (seL4_Uint32)sel4_ecall_short((seL4_Word)seL4_SysDebugCapIdentify, cap, 0);
}

/* The name travels in the message registers of the buffer; longer names are cut. */
LIBSEL4_INLINE_FUNC void seL4_DebugNameThread(seL4_CPtr tcb, const char *name) {
    char *buffer = (char *)seL4_GetIPCBuffer()->msg;
    seL4_Word length = 0;

    while (name[length] && length < seL4_MsgMaxLength * sizeof(seL4_Word) - 1) {
        buffer[length] = name[length];
        length++;
    }
    buffer[length] = 0;
    (void)sel4_ecall_short((seL4_Word)seL4_SysDebugNameThread, tcb, 0);
}
#endif /* CONFIG_DEBUG_BUILD */

/* --- Measuring ------------------------------------------------------------------------------------- */

#ifdef CONFIG_ENABLE_BENCHMARKS
#define seL4_LogBufferSize LIBSEL4_BIT(20)

LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkResetLog(void) {
    return (seL4_Error)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkResetLog, 0, 0);
}

LIBSEL4_INLINE_FUNC seL4_Word seL4_BenchmarkFinalizeLog(void) {
    return sel4_ecall_short((seL4_Word)seL4_SysBenchmarkFinalizeLog, 0, 0);
}

LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame_cptr) {
    return (seL4_Error)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkSetLogBuffer, frame_cptr, 0);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkNullSyscall(void) {
    sel4_ecall_null((seL4_Word)seL4_SysBenchmarkNullSyscall);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkFlushCaches(void) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkFlushCaches, 0, 0);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkFlushL1Caches(seL4_Word cache_type) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkFlushCaches, 1, cache_type);
}
#endif /* CONFIG_ENABLE_BENCHMARKS */

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION
LIBSEL4_INLINE_FUNC void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkGetThreadUtilisation, tcb_cptr, 0);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr) {
    (void)sel4_ecall_short((seL4_Word)seL4_SysBenchmarkResetThreadUtilisation, tcb_cptr, 0);
}

#ifdef CONFIG_DEBUG_BUILD
LIBSEL4_INLINE_FUNC void seL4_BenchmarkDumpAllThreadsUtilisation(void) {
    sel4_ecall_null((seL4_Word)seL4_SysBenchmarkDumpAllThreadsUtilisation);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetAllThreadsUtilisation(void) {
    sel4_ecall_null((seL4_Word)seL4_SysBenchmarkResetAllThreadsUtilisation);
}
#endif /* CONFIG_DEBUG_BUILD */
#endif /* CONFIG_BENCHMARK_TRACK_UTILISATION */
