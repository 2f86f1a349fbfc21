/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls with every register under control, and the places where a test's child makes its faults.
 *
 * gp holds a pattern during a call, so nothing here may be made relative to it (norelax). One register is needed
 * as a base after the call; a floating-point register keeps its value meanwhile.
 */
    .option norelax
    .text

    .macro for_each_but_last what, base
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    \what x\n, \n*8(\base)
    .endr
    .endm

/* Where this program really begins: keeps what the kernel left in the registers, then starts as usual. */
    .globl observe_entry
observe_entry:
    fmv.d.x f31, t6
    lla t6, entry_registers
    for_each_but_last sd, t6
    fmv.x.d t5, f31
    sd t5, 31*8(t6)
    ld t5, 30*8(t6)
    j _start

/* void registers_call(seL4_Word registers[32]): x1..x31 before the ecall, replaced by those after it. */
    .globl registers_call
registers_call:
    addi sp, sp, -128
    sd ra, 0(sp)
    sd gp, 8(sp)
    sd tp, 16(sp)
    sd s0, 24(sp)
    sd s1, 32(sp)
    .irp n, 2,3,4,5,6,7,8,9,10,11
    sd s\n, 24+\n*8(sp)
    .endr
    lla t0, registers_saved
    sd sp, 0(t0)
    sd a0, 8(t0)
    mv t6, a0
    for_each_but_last ld, t6
    ld x31, 31*8(t6)
    ecall
    fmv.d.x f31, t6
    lla t6, registers_saved
    ld t6, 8(t6)
    for_each_but_last sd, t6
    fmv.x.d t5, f31
    sd t5, 31*8(t6)
    lla t0, registers_saved
    ld sp, 0(t0)
    ld ra, 0(sp)
    ld gp, 8(sp)
    ld tp, 16(sp)
    ld s0, 24(sp)
    ld s1, 32(sp)
    .irp n, 2,3,4,5,6,7,8,9,10,11
    ld s\n, 24+\n*8(sp)
    .endr
    addi sp, sp, 128
    ret

/* What a child executes; its other registers are given to it. */
    .globl fault_load, fault_store, fault_ebreak, fault_syscall
fault_load:
    ld a0, 0(a0)
fault_store:
    sd zero, 0(a0)
    .option push
    .option norvc
fault_ebreak:
    ebreak
fault_syscall:
    ecall
    ecall
    .option pop

    .bss
    .balign 8
registers_saved:
    .zero 16

    /* In .data: start-up code may clear .bss. */
    .data
    .balign 8
    .globl entry_registers
entry_registers:
    .zero 256
