// SPDX-License-Identifier: BSD-2-Clause
/* Holds arch/riscv/offsets.h to the structs it describes. No code. */
#include "arch/riscv/offsets.h"

#include "arch/context.h"
#include "arch/riscv/panic.h"
#include "arch_isa/interrupt.h"
#include "arch_isa/memory.h"

#define REGISTER_AT(name) (offsetof(struct arch_context, reg) + 8 * (name))

_Static_assert(CONTEXT_PC == REGISTER_AT(REG_PC), "trap.S saves pc here");
_Static_assert(CONTEXT_RA == REGISTER_AT(REG_RA), "trap.S saves ra here");
_Static_assert(CONTEXT_SP == REGISTER_AT(REG_SP), "trap.S saves sp here");
_Static_assert(CONTEXT_GP == REGISTER_AT(REG_GP), "trap.S saves gp here");
_Static_assert(CONTEXT_S0 == REGISTER_AT(REG_S0), "trap.S saves s0..s11 from here on");
_Static_assert(CONTEXT_A0 == REGISTER_AT(REG_A0), "trap.S saves a0..a7 from here on");
_Static_assert(CONTEXT_T0 == REGISTER_AT(REG_T0), "trap.S saves t0..t6 from here on");
_Static_assert(CONTEXT_TP == REGISTER_AT(REG_TP), "trap.S saves tp here");
_Static_assert(CONTEXT_WHOLE == offsetof(struct arch_context, whole), "trap.S sets it");
_Static_assert(CONTEXT_FPU_USED == offsetof(struct arch_context, fpu_used), "trap.S tests it");
_Static_assert(CONTEXT_FCSR == offsetof(struct arch_context, fcsr), "fpu.S saves it");
_Static_assert(CONTEXT_FPR == offsetof(struct arch_context, fpr),
               "fpu.S saves f0..f31 from here on");
_Static_assert(TRAP_PC == offsetof(struct riscv_kernel_trap, pc), "trap.S saves pc here");
_Static_assert(TRAP_REGISTER(1) == offsetof(struct riscv_kernel_trap, x), "x1 first");
_Static_assert(TRAP_CAUSE == offsetof(struct riscv_kernel_trap, cause), "trap.S saves scause here");
_Static_assert(TRAP_VALUE == offsetof(struct riscv_kernel_trap, value), "trap.S saves stval here");
_Static_assert(RISCV_STACK_TOP == RISCV_IMAGE_BASE + MIB(2), "the stack ends the image's 2 MiB");
_Static_assert(RISCV_STACK_TOP == 0xffffffff00000000 + ((u64)RISCV_STACK_TOP_UPPER << 12), "lui");
/* trap.S passes the low byte of scause on as enum arch_interrupt. */
_Static_assert((int)ARCH_INTERRUPT_SOFTWARE == RISCV_INTERRUPT_SOFTWARE, "scause code");
_Static_assert((int)ARCH_INTERRUPT_TIMER == RISCV_INTERRUPT_TIMER, "scause code");
_Static_assert((int)ARCH_INTERRUPT_EXTERNAL == RISCV_INTERRUPT_EXTERNAL, "scause code");
