/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-up and register patterns of the test's user program. */
#include "tests/target/arch/calls.h"

    .section .text.head, "ax"
    .globl  _start
_start:                             /* a0 = thread, 0 or 1; every other register zero */
    or      t0, sp, gp
    or      t0, t0, tp
    or      t0, t0, ra
    or      t0, t0, a1
    or      t0, t0, a7
    or      t0, t0, s0
    or      t0, t0, s11
    lla     sp, stacks + 8192
    slli    t1, a0, 12
    sub     sp, sp, t1
    mv      a1, t0
    call    user_main
1:  j       1b

    .text
/*
 * u64 registers_survive(u64 pattern, u64 call): put pattern + n into each xn but sp and a7, make the system call,
 * and count registers that changed. gp and tp are restored after.
 */
    .globl  registers_survive
registers_survive:
    addi    sp, sp, -512
    sd      ra, 256(sp)
    sd      gp, 264(sp)
    sd      tp, 272(sp)
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd      s\n, 280+8*\n(sp)
    .endr
    sd      a0, 400(sp)
    sd      a1, 408(sp)
    mv      a7, a1
    .irp    n, 1,3,4,5,6,7,8,9,11,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    addi    x\n, a0, \n
    .endr
    addi    a0, a0, 10
    ecall
    .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, 8*\n(sp)
    .endr
    ld      t0, 400(sp)
    li      a0, 0
    .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld      t1, 8*\n(sp)
    addi    t2, t0, \n
    sub     t1, t1, t2
    snez    t1, t1
    add     a0, a0, t1
    .endr
    ld      t1, 8*17(sp)
    ld      t2, 408(sp)
    sub     t1, t1, t2
    snez    t1, t1
    add     a0, a0, t1
    ld      ra, 256(sp)
    ld      gp, 264(sp)
    ld      tp, 272(sp)
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld      s\n, 280+8*\n(sp)
    .endr
    addi    sp, sp, 512
    ret

/* u64 rest_changes(u64 pattern, u64 add): CALL_ADD_TO_REST; counts registers that are not as expected after. */
    .globl  rest_changes
rest_changes:
    addi    sp, sp, -512
    sd      ra, 256(sp)
    sd      gp, 264(sp)
    sd      tp, 272(sp)
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd      s\n, 280+8*\n(sp)
    .endr
    add     t0, a0, a1
    .irp    n, 3,4,8,9,18,19,20,21,22,23,24,25,26,27
    addi    x\n, a0, \n
    .endr
    mv      a0, a1
    li      a7, CALL_ADD_TO_REST
    ecall
    li      a0, 0
    .irp    n, 3,4,8,9,18,19,20,21,22,23,24,25,26,27
    addi    t2, t0, \n
    sub     t1, x\n, t2
    snez    t1, t1
    add     a0, a0, t1
    .endr
    ld      ra, 256(sp)
    ld      gp, 264(sp)
    ld      tp, 272(sp)
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld      s\n, 280+8*\n(sp)
    .endr
    addi    sp, sp, 512
    ret

/* void float_fill(u64 pattern): fn = pattern + n, fcsr = low five bits */
    .globl  float_fill
float_fill:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    addi    t0, a0, \n
    fmv.d.x f\n, t0
    .endr
    andi    t0, a0, 31
    fscsr   t0
    ret

/* u64 float_differs(u64 pattern): how many of f0..f31 and fcsr are not what float_fill(pattern) made them */
    .globl  float_differs
float_differs:
    li      a1, 0
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.x.d t0, f\n
    addi    t1, a0, \n
    sub     t0, t0, t1
    snez    t0, t0
    add     a1, a1, t0
    .endr
    frcsr   t0
    andi    t1, a0, 31
    sub     t0, t0, t1
    snez    t0, t0
    add     a0, a1, t0
    ret

/* u64 float_nonzero(void): how many of f0..f31 and fcsr are not zero */
    .globl  float_nonzero
float_nonzero:
    li      a0, 0
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.x.d t0, f\n
    snez    t0, t0
    add     a0, a0, t0
    .endr
    frcsr   t0
    snez    t0, t0
    add     a0, a0, t0
    ret

/* Faulting instructions, four bytes each; the core steps over them (a fetch fault returns to ra). */
    .option norvc
    .globl  fault_load
fault_load:
    lb      zero, 0(a0)
    ret
    .globl  fault_store
fault_store:
    sb      zero, 0(a0)
    ret
    .globl  fault_fetch
fault_fetch:
    jr      a0
    .globl  fault_illegal
fault_illegal:
    .4byte  0xffffffff
    ret
    .globl  fault_break
fault_break:
    ebreak
    ret
    .globl  fault_float
fault_float:
    fmv.d.x f0, zero
    ret
    .globl  fault_kernel_csr
fault_kernel_csr:
    csrr    zero, sstatus
    ret

    .bss
    .balign 4096
stacks:
    .skip   8192
