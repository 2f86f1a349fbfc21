// SPDX-License-Identifier: BSD-2-Clause
/*
 * A protection domain that was not linked with our runtime, as one linked with Microkit's own library is not: it begins
 * with the stack pointer set, its page for messages lies behind its image, and its debug output is the kernel's.
 */
#define DEBUG_PUT_CHAR -12

    .globl _start
_start:
    addi sp, sp, -16
    sd ra, 8(sp)
    lla t0, __sel4_ipc_buffer_obj
    sd zero, 0(t0)
    lla s0, text
1:  lbu a0, 0(s0)
    beqz a0, 2f
    li a7, DEBUG_PUT_CHAR
    ecall
    addi s0, s0, 1
    j 1b
2:  j 2b

    .section .rodata
text:
    .asciz "foreign: stack and buffer are there\n"
