// SPDX-License-Identifier: BSD-2-Clause
/* Limits that do not depend on the architecture; the numbers are generated. */
#pragma once

#include <sel4/gen/abi.h>
#include <sel4/macros.h>

#ifndef __ASSEMBLER__

enum seL4_MsgLimits { seL4_MsgLengthBits = 7, seL4_MsgExtraCapBits = 2 };

#define seL4_InvalidPrio -1

/* Refills beyond two that a scheduling context of 2^size bytes can have. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_MaxExtraRefills(seL4_Word size) {
    return (LIBSEL4_BIT(size) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes;
}

#endif /* __ASSEMBLER__ */
