/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traps: save, call, restore.
 *
 * sscratch holds the running thread's struct arch_context while user code runs (an address of the upper half,
 * so negative) and zero while the kernel runs: the first two instructions tell both apart.
 *
 * From user code only what C may destroy is saved (pc, ra, sp, a0..a7, t0..t6). s0..s11 live on in the
 * registers, since C preserves them, and so do gp and tp, which kernel code never uses. They are saved when the
 * upcall returns another context. See arch/context.h for what that asks of the kernel core.
 *
 * While the kernel runs, 0(stack top - 16) holds the context that entered.
 */
#include "arch/riscv/offsets.h"

    .section .text.trap, "ax"

    .macro  save_callers base
    sd      ra, CONTEXT_RA(\base)
    sd      a0, CONTEXT_A0(\base)
    sd      a1, CONTEXT_A0+8(\base)
    sd      a2, CONTEXT_A0+16(\base)
    sd      a3, CONTEXT_A0+24(\base)
    sd      a4, CONTEXT_A0+32(\base)
    sd      a5, CONTEXT_A0+40(\base)
    sd      a6, CONTEXT_A0+48(\base)
    sd      a7, CONTEXT_A0+56(\base)
    sd      t0, CONTEXT_T0(\base)
    sd      t1, CONTEXT_T0+8(\base)
    sd      t2, CONTEXT_T0+16(\base)
    sd      t3, CONTEXT_T0+24(\base)
    sd      t4, CONTEXT_T0+32(\base)
    sd      t5, CONTEXT_T0+40(\base)
    sd      t6, CONTEXT_T0+48(\base)
    .endm

    /* All but pc and base; base (a0) must come last. */
    .macro  load_callers base
    ld      ra, CONTEXT_RA(\base)
    ld      sp, CONTEXT_SP(\base)
    ld      t0, CONTEXT_T0(\base)
    ld      t1, CONTEXT_T0+8(\base)
    ld      t2, CONTEXT_T0+16(\base)
    ld      t3, CONTEXT_T0+24(\base)
    ld      t4, CONTEXT_T0+32(\base)
    ld      t5, CONTEXT_T0+40(\base)
    ld      t6, CONTEXT_T0+48(\base)
    ld      a1, CONTEXT_A0+8(\base)
    ld      a2, CONTEXT_A0+16(\base)
    ld      a3, CONTEXT_A0+24(\base)
    ld      a4, CONTEXT_A0+32(\base)
    ld      a5, CONTEXT_A0+40(\base)
    ld      a6, CONTEXT_A0+48(\base)
    ld      a7, CONTEXT_A0+56(\base)
    ld      \base, CONTEXT_A0(\base)
    .endm

    .macro  move_rest op base
    \op     gp, CONTEXT_GP(\base)
    \op     tp, CONTEXT_TP(\base)
    \op     s0, CONTEXT_S0(\base)
    \op     s1, CONTEXT_S0+8(\base)
    \op     s2, CONTEXT_S0+16(\base)
    \op     s3, CONTEXT_S0+24(\base)
    \op     s4, CONTEXT_S0+32(\base)
    \op     s5, CONTEXT_S0+40(\base)
    \op     s6, CONTEXT_S0+48(\base)
    \op     s7, CONTEXT_S0+56(\base)
    \op     s8, CONTEXT_S0+64(\base)
    \op     s9, CONTEXT_S0+72(\base)
    \op     s10, CONTEXT_S0+80(\base)
    \op     s11, CONTEXT_S0+88(\base)
    .endm

/* stvec points here. */
    .balign 64
    .globl  riscv_trap
riscv_trap:
    csrrw   sp, sscratch, sp
    bgez    sp, trap_from_kernel
    save_callers sp
    csrrw   t0, sscratch, zero
    csrr    t1, sepc
    csrr    t2, scause
    mv      a0, sp
    sd      t0, CONTEXT_SP(sp)
    sd      t1, CONTEXT_PC(sp)
    lui     sp, RISCV_STACK_TOP_UPPER
    li      t3, RISCV_CAUSE_USER_ECALL
    sd      a0, -16(sp)
    addi    sp, sp, -16
    bne     t2, t3, not_syscall
    call    kernel_syscall

/* a0 = the context to resume, or NULL; sp = stack top - 16. */
upcall_returned:
    ld      t0, 0(sp)
    bne     a0, t0, resume_other
    ld      t1, CONTEXT_PC(a0)
    csrw    sscratch, a0
    csrw    sepc, t1
    load_callers a0
    sret

not_syscall:
    bltz    t2, interrupted
    mv      a1, t2
    csrr    a2, stval
    call    riscv_user_fault
    j       upcall_returned

interrupted:
    andi    a0, t2, 0xff            /* enum arch_interrupt has the values of scause */
    call    kernel_interrupt
    j       upcall_returned

/* The upcall returned another context than t0: save the rest of t0, load all of a0. */
resume_other:
    move_rest sd t0
    mv      s0, t0
    bgez    a0, no_context
switch_context:
    ld      t1, CONTEXT_FPU_USED(s0)
    ld      t2, CONTEXT_FPU_USED(a0)
    or      t1, t1, t2
    bnez    t1, switch_fpu
load_context:
    ld      t1, CONTEXT_PC(a0)
    csrw    sscratch, a0
    csrw    sepc, t1
    move_rest ld a0
    load_callers a0
    sret

switch_fpu:
    mv      s1, a0
    mv      a1, a0
    mv      a0, s0
    call    arch_fpu_switch
    mv      a0, s1
    j       load_context

/* Contexts are addresses of the upper half. NULL is not, nor is what arch_context_save_rest() makes of one. */
no_context:
    beqz    a0, nothing_to_run

/* kernel_syscall() wants the rest of the caller's registers: ask again. */
    li      t1, 1
    sd      t1, CONTEXT_WHOLE(s0)
    mv      a0, s0
    call    kernel_syscall
    sd      zero, CONTEXT_WHOLE(s0)
    beqz    a0, nothing_to_run
    beq     a0, s0, load_context
    j       switch_context

/* s0 = the context that entered: it is left for good, so its floating-point state goes, too. */
nothing_to_run:
    mv      a0, s0
    li      a1, 0
    call    arch_fpu_switch
    li      a0, 0

/* void riscv_enter(struct arch_context *first) NORETURN: leave the kernel while no context is current. */
    .globl  riscv_enter
riscv_enter:
    lui     sp, RISCV_STACK_TOP_UPPER
    bnez    a0, 1f
    call    riscv_wait              /* a0 = a context */
1:  mv      s1, a0
    mv      a1, a0
    li      a0, 0
    call    arch_fpu_switch
    mv      a0, s1
    j       load_context

/*
 * A trap while the kernel ran: sp is 0, sscratch the kernel's sp. Everything is saved in one static frame and
 * handled on a stack of its own, because the usual stack may be what failed.
 */
trap_from_kernel:
    lla     sp, riscv_trap_frame
    sd      x1, TRAP_REGISTER(1)(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, TRAP_REGISTER(\n)(sp)
    .endr
    csrrw   t0, sscratch, zero
    csrr    t1, sepc
    csrr    t2, scause
    csrr    t3, stval
    sd      t0, TRAP_REGISTER(2)(sp)
    sd      t1, TRAP_PC(sp)
    sd      t2, TRAP_CAUSE(sp)
    sd      t3, TRAP_VALUE(sp)
    mv      a0, sp
    lla     sp, riscv_emergency_stack + RISCV_EMERGENCY_BYTES
    call    riscv_kernel_trapped    /* returns only if the trap was expected */
    lla     sp, riscv_trap_frame
    ld      t1, TRAP_PC(sp)
    csrw    sepc, t1
    ld      x1, TRAP_REGISTER(1)(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld      x\n, TRAP_REGISTER(\n)(sp)
    .endr
    ld      sp, TRAP_REGISTER(2)(sp)
    sret

/*
 * u64 riscv_probe_load(paddr_t p): load a byte; 0 if that went well, 1 if it trapped with an access fault.
 * riscv_kernel_trapped() knows the label and resumes behind it with a0 = 1.
 */
    .globl  riscv_probe_load
    .globl  riscv_probe_instruction
    .globl  riscv_probe_resume
    .balign 4
riscv_probe_load:
    mv      t0, a0
    li      a0, 0
riscv_probe_instruction:
    lbu     t0, 0(t0)
riscv_probe_resume:
    ret
