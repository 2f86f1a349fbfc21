// SPDX-License-Identifier: BSD-2-Clause
/* After seL4_RISCV_Page_Map has answered seL4_FailedLookup: the level where a page table is missing. */
#pragma once

#include <sel4/functions.h>

#define SEL4_MAPPING_LOOKUP_LEVEL 2
#define SEL4_MAPPING_LOOKUP_NO_PT 21

/* Bits of address below the missing table: 30, or 21 (SEL4_MAPPING_LOOKUP_NO_PT). */
LIBSEL4_INLINE_FUNC seL4_Word seL4_MappingFailedLookupLevel(void) {
    return seL4_GetMR(SEL4_MAPPING_LOOKUP_LEVEL);
}
