// SPDX-License-Identifier: BSD-2-Clause
/* The IPC buffer, and names for the usual sets of rights. */
#pragma once

#include <sel4/gen/types.h>

/* Lies in a frame that the kernel knows, aligned to its size. The kernel uses msg from register 4 on. */
typedef struct seL4_IPCBuffer_ {
    seL4_MessageInfo_t tag;
    seL4_Word msg[seL4_MsgMaxLength];
    seL4_Word userData;
    seL4_Word caps_or_badges[seL4_MsgMaxExtraCaps];
    seL4_CPtr receiveCNode;
    seL4_CPtr receiveIndex;
    seL4_Word receiveDepth;
} seL4_IPCBuffer __attribute__((__aligned__(LIBSEL4_BIT(seL4_IPCBufferSizeBits))));

SEL4_COMPILE_ASSERT(seL4_IPCBuffer_size,
                    sizeof(seL4_IPCBuffer) == LIBSEL4_BIT(seL4_IPCBufferSizeBits))
SEL4_COMPILE_ASSERT(seL4_IPCBuffer_caps, SEL4_OFFSETOF(seL4_IPCBuffer, caps_or_badges) == 976)

/* seL4_CapRights_new(grantReply, grant, read, write) */
#define seL4_ReadWrite     seL4_CapRights_new(0, 0, 1, 1)
#define seL4_AllRights     seL4_CapRights_new(1, 1, 1, 1)
#define seL4_CanRead       seL4_CapRights_new(0, 0, 1, 0)
#define seL4_CanWrite      seL4_CapRights_new(0, 0, 0, 1)
#define seL4_CanGrant      seL4_CapRights_new(0, 1, 0, 0)
#define seL4_CanGrantReply seL4_CapRights_new(1, 0, 0, 0)
#define seL4_NoWrite       seL4_CapRights_new(1, 1, 1, 0)
#define seL4_NoRead        seL4_CapRights_new(1, 1, 0, 1)
#define seL4_NoRights      seL4_CapRights_new(0, 0, 0, 0)
