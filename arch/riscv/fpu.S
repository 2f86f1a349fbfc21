/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating-point registers to and from a context. The rest of the kernel is compiled without floating point,
 * so the instructions are written by their encoding and no file needs other compiler options. sstatus.FS must
 * not be Off.
 */
#include "arch/riscv/offsets.h"

    .section .text.fpu, "ax"

#define OPCODE_LOAD_FP  0x07
#define OPCODE_STORE_FP 0x27
#define WIDTH_D         3

/* x\n stands for f\n: the encodings of both register fields are the same. */
    .macro  fp_store n
    .insn s OPCODE_STORE_FP, WIDTH_D, x\n, CONTEXT_FPR+8*\n(a0)
    .endm

    .macro  fp_load n
    .insn i OPCODE_LOAD_FP, WIDTH_D, x\n, CONTEXT_FPR+8*\n(a0)
    .endm

/* void riscv_fpu_save(struct arch_context *to) */
    .globl  riscv_fpu_save
riscv_fpu_save:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fp_store \n
    .endr
    csrr    t0, 0x003               /* fcsr */
    sd      t0, CONTEXT_FCSR(a0)
    ret

/* void riscv_fpu_restore(const struct arch_context *from) */
    .globl  riscv_fpu_restore
riscv_fpu_restore:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fp_load \n
    .endr
    ld      t0, CONTEXT_FCSR(a0)
    csrw    0x003, t0
    ret
