// SPDX-License-Identifier: BSD-2-Clause
/*
 * Access to the IPC buffer of the calling thread.
 *
 * Each thread keeps the address of its buffer in a thread-local variable; start-up code sets it, the
 * kernel tells it only to the root task. libsel4.a has the variable for programs that do not define it.
 */
#pragma once

#include <sel4/types.h>

extern LIBSEL4_THREAD_LOCAL seL4_IPCBuffer *__sel4_ipc_buffer;

LIBSEL4_INLINE_FUNC seL4_IPCBuffer *seL4_GetIPCBuffer(void) {
    return __sel4_ipc_buffer;
}

LIBSEL4_INLINE_FUNC void seL4_SetIPCBuffer(seL4_IPCBuffer *ipc_buffer) {
    __sel4_ipc_buffer = ipc_buffer;
}

/* Message register i, as far as it lies in memory; the system call functions mirror the first four here. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetMR(int i) {
    return seL4_GetIPCBuffer()->msg[i];
}

LIBSEL4_INLINE_FUNC void seL4_SetMR(int i, seL4_Word mr) {
    seL4_GetIPCBuffer()->msg[i] = mr;
}

/* A word that belongs to the program. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetUserData(void) {
    return seL4_GetIPCBuffer()->userData;
}

LIBSEL4_INLINE_FUNC void seL4_SetUserData(seL4_Word data) {
    seL4_GetIPCBuffer()->userData = data;
}

/* Badge of extra capability i, which arrived unwrapped. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetBadge(int i) {
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

/* Extra capability i of the next message. */
LIBSEL4_INLINE_FUNC seL4_CPtr seL4_GetCap(int i) {
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

LIBSEL4_INLINE_FUNC void seL4_SetCap(int i, seL4_CPtr cptr) {
    seL4_GetIPCBuffer()->caps_or_badges[i] = cptr;
}

/* Where a received capability goes: slot `receiveIndex`, `receiveDepth` bits of it, below a CNode. */
LIBSEL4_INLINE_FUNC void seL4_GetCapReceivePath(seL4_CPtr *receiveCNode, seL4_CPtr *receiveIndex,
                                                seL4_Word *receiveDepth) {
    const seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    if (receiveCNode) {
        *receiveCNode = buffer->receiveCNode;
    }
    if (receiveIndex) {
        *receiveIndex = buffer->receiveIndex;
    }
    if (receiveDepth) {
        *receiveDepth = buffer->receiveDepth;
    }
}

LIBSEL4_INLINE_FUNC void seL4_SetCapReceivePath(seL4_CPtr receiveCNode, seL4_CPtr receiveIndex,
                                                seL4_Word receiveDepth) {
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    buffer->receiveCNode = receiveCNode;
    buffer->receiveIndex = receiveIndex;
    buffer->receiveDepth = receiveDepth;
}

/* Programs that include only this file expect the system calls too. */
#include <sel4/syscalls.h>
