// SPDX-License-Identifier: BSD-2-Clause
/*
 * Offsets and addresses that both assembly and C need. Plain macros, so that no build step has to extract them;
 * arch/riscv/layout_check.c asserts each against the C struct it describes.
 */
#pragma once

/* struct arch_context (arch/context.h): reg[] in UserContext order, then the rest. */
#define CONTEXT_PC       0
#define CONTEXT_RA       8
#define CONTEXT_SP       16
#define CONTEXT_GP       24
#define CONTEXT_S0       32
#define CONTEXT_A0       128
#define CONTEXT_T0       192
#define CONTEXT_TP       248
#define CONTEXT_WHOLE    256
#define CONTEXT_FPU_USED 264
#define CONTEXT_FCSR     280
#define CONTEXT_FPR      288

/* struct riscv_kernel_trap (arch/riscv/panic.h): x1..x31 at their number, then CSRs. */
#define TRAP_REGISTER(n) ((n)*8)
#define TRAP_PC          0
#define TRAP_CAUSE       256
#define TRAP_VALUE       264

/*
 * The kernel's stack, seen at the end of the image's 2 MiB; the page below it is never mapped. The top is a
 * multiple of 4 KiB, so that one `lui` makes it.
 */
#define RISCV_STACK_BYTES     4096
#define RISCV_STACK_TOP_UPPER 0xc0200 /* lui's operand: 0xffffffff_c0200000 sign-extended */
#define RISCV_STACK_TOP       0xffffffffc0200000
#define RISCV_EMERGENCY_BYTES 2816

#define RISCV_CAUSE_USER_ECALL 8
