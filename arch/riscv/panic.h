// SPDX-License-Identifier: BSD-2-Clause
/* What a trap taken by the kernel itself leaves behind; see arch/riscv/panic.c. */
#pragma once

#include "lib/types.h"

struct riscv_kernel_trap {
    u64 pc;
    u64 x[31]; /* x1..x31 */
    u64 cause;
    u64 value;
};

/* From trap.S, on the emergency stack. Returns only if the trap was expected; resumes at trap->pc. */
void riscv_kernel_trapped(struct riscv_kernel_trap *trap);
