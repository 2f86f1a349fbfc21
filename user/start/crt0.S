// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where every user program begins: root tasks (a0 = boot information) and protection domains (a0 unused).
 *
 *     void _start(u64 a0);    never returns; expects nothing of any other register
 *
 * Sets gp, tp (the program's only TLS block lies in its data segment, see program.ld) and sp, then calls
 * user_start(a0), which start/root.c or microkit/main.c provides. The stack pointer is always loaded anew:
 * a restarted domain arrives here with its old one.
 */
    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    lla gp, __global_pointer$
    .option pop
    lla tp, __tls_base
    lla t0, rt_stack_top
    ld sp, 0(t0)
    mv s0, zero
    mv ra, zero
    call user_start
    /* user_start does not return; if it ever does, fault where a reader of the trace will look. */
1:  ebreak
    j 1b
    .size _start, . - _start

    /* The host tool may patch another stack top (stack_size in the system file). */
    .section .data.rt_stack_top, "aw", @progbits
    .globl rt_stack_top
    .balign 8
rt_stack_top:
    .8byte __stack_top
