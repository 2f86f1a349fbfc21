/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of a kernel image. Entered at its first byte with translation off, interrupts off:
 *     a0 = hart id, a1 = physical address of the boot record.
 * The image lies anywhere page aligned; .bss is zero. Until translation is on, code and data are reached
 * relative to pc only (the image is linked at 0xffffffff_c0000000).
 */
#include "arch/riscv/offsets.h"

    .section .text.head, "ax"

/* void _start(u64 hart, paddr_t record) NORETURN */
    .globl  _start
_start:
    csrw    sie, zero
    csrci   sip, 2                  /* a software interrupt survives suspend (PLATFORM-FACTS 4) */
    mv      s0, a0
    mv      s1, a1
    lla     sp, riscv_stack + RISCV_STACK_BYTES
    call    riscv_map_image         /* a0 = satp */

    /*
     * No identity mapping: the instruction after the write of satp faults, and the fault goes to stvec,
     * which already holds the address of the same code in the new address space.
     */
    lla     t0, high_address
    ld      t0, 0(t0)
    csrw    stvec, t0
    sfence.vma
    csrw    satp, a0
    unimp

    .balign 8
high_address:
    .8byte  high

    .balign 4
high:
    lla     t0, riscv_trap
    csrw    stvec, t0
    csrw    sscratch, zero          /* "in the kernel" */
    lui     sp, RISCV_STACK_TOP_UPPER
    mv      a0, s0
    mv      a1, s1
    li      s0, 0                   /* ends the chain of frame pointers */
    li      ra, 0
    call    riscv_boot              /* a0 = first context, or NULL */
    j       riscv_enter
