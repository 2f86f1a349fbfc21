// SPDX-License-Identifier: BSD-2-Clause
/* Reading a fault message that has just been received: its words are still in the message registers. */
#pragma once

#include <sel4/functions.h>
#include <sel4/sel4_arch/constants.h>
#include <sel4/types.h>

/* The fault in the message with this tag; its label says which. An unknown label gives a null fault. */
LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_getFault(seL4_MessageInfo_t tag) {
    seL4_Fault_t fault = {{seL4_MessageInfo_get_label(tag)}};
    seL4_Word length;

    switch (fault.words[0]) {
    case seL4_Fault_CapFault:
        length = seL4_CapFault_GuardMismatch_BitsFound + 1;
        break;
    case seL4_Fault_UnknownSyscall:
        length = seL4_UnknownSyscall_Length;
        break;
    case seL4_Fault_UserException:
        length = seL4_UserException_Length;
        break;
    case seL4_Fault_Timeout:
        length = seL4_Timeout_Length;
        break;
    case seL4_Fault_VMFault:
        length = seL4_VMFault_Length;
        break;
    default:
        return seL4_Fault_NullFault_new();
    }
    for (seL4_Word i = 0; i < length; i++) {
        fault.words[i + 1] = seL4_GetMR((int)i);
    }
    return fault;
}

/* The same; libsel4 has one function for the faults that architectures define. */
LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_getArchFault(seL4_MessageInfo_t tag) {
    return seL4_getFault(tag);
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isNullFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_NullFault;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isCapFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_CapFault;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isUnknownSyscall_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UnknownSyscall;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isUserException_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UserException;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isTimeoutFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_Timeout;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isVMFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_VMFault;
}

/* The answer to a timeout fault that resumes the thread with these registers. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_TimeoutReply_new(seL4_Bool resume,
                                                             seL4_UserContext regs,
                                                             seL4_Word length) {
    const seL4_Word *reg = (const seL4_Word *)&regs;

    for (seL4_Word i = 0; i < length && i < seL4_TimeoutReply_Length; i++) {
        seL4_SetMR((int)i, reg[i]);
    }
    return seL4_MessageInfo_new(!resume, 0, 0, length);
}
