// SPDX-License-Identifier: BSD-2-Clause
/* RISC-V: the `time` CSR. */
#pragma once

#include "lib/types.h"

ALWAYS_INLINE ticks_t arch_time(void) {
    ticks_t now;

    __asm__ volatile("csrr %0, time" : "=r"(now));
    return now;
}
