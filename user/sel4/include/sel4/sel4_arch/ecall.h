// SPDX-License-Identifier: BSD-2-Clause
/*
 * The instruction that enters the kernel, in the shapes that system calls need.
 *
 * Number in a7; a0 a capability, a1 message info, a2..a5 message registers 0..3, a6 a reply object, t0 the
 * capability of the send phase of NBSendRecv. The kernel changes only registers that a call names as
 * output; so an asm statement lists those and "memory" (the IPC buffer), and nothing is saved around it.
 * A signal changes a0 only: whatever else a receive lists as output then keeps its value.
 *
 * Tests put another file of this name before this one to see what would enter the kernel.
 */
#pragma once

#include <sel4/simple_types.h>

/* Neither takes nor gives anything. */
LIBSEL4_INLINE_FUNC void sel4_ecall_null(seL4_Word number) {
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall" : : "r"(a7) : "memory");
}

/* a0 and a1 in, a0 out; message registers are neither read nor changed. */
LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_short(seL4_Word number, seL4_Word cap, seL4_Word info) {
    register seL4_Word a0 __asm__("a0") = cap;
    register seL4_Word a1 __asm__("a1") = info;
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a7) : "memory");
    return a0;
}

/* Send a message and expect nothing. */
LIBSEL4_INLINE_FUNC void sel4_ecall_send(seL4_Word number, seL4_Word cap, seL4_Word info,
                                         const seL4_Word mr[4]) {
    register seL4_Word a0 __asm__("a0") = cap;
    register seL4_Word a1 __asm__("a1") = info;
    register seL4_Word a2 __asm__("a2") = mr[0];
    register seL4_Word a3 __asm__("a3") = mr[1];
    register seL4_Word a4 __asm__("a4") = mr[2];
    register seL4_Word a5 __asm__("a5") = mr[3];
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a7)
                     : "memory");
}

/* Receive; `reply` matters to Recv and NBRecv only. A signal leaves *info 0. Returns the badge. */
LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                              seL4_Word mr[4], seL4_Word reply) {
    register seL4_Word a0 __asm__("a0") = cap;
    register seL4_Word a1 __asm__("a1") = 0;
    register seL4_Word a2 __asm__("a2");
    register seL4_Word a3 __asm__("a3");
    register seL4_Word a4 __asm__("a4");
    register seL4_Word a5 __asm__("a5");
    register seL4_Word a6 __asm__("a6") = reply;
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "=r"(a2), "=r"(a3), "=r"(a4), "=r"(a5)
                     : "r"(a6), "r"(a7)
                     : "memory");
    *info = a1;
    mr[0] = a2;
    mr[1] = a3;
    mr[2] = a4;
    mr[3] = a5;
    return a0;
}

/*
 * Send, then receive: ReplyRecv (a6 = reply), NBSendRecv (a6 = reply,
 * t0 = dest) and NBSendWait (a6 = dest). Returns the badge.
 */
LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_send_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                                   seL4_Word mr[4], seL4_Word reply,
                                                   seL4_Word dest) {
    register seL4_Word a0 __asm__("a0") = cap;
    register seL4_Word a1 __asm__("a1") = *info;
    register seL4_Word a2 __asm__("a2") = mr[0];
    register seL4_Word a3 __asm__("a3") = mr[1];
    register seL4_Word a4 __asm__("a4") = mr[2];
    register seL4_Word a5 __asm__("a5") = mr[3];
    register seL4_Word a6 __asm__("a6") = reply;
    register seL4_Word a7 __asm__("a7") = number;
    register seL4_Word t0 __asm__("t0") = dest;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a6), "r"(a7), "r"(t0)
                     : "memory");
    *info = a1;
    mr[0] = a2;
    mr[1] = a3;
    mr[2] = a4;
    mr[3] = a5;
    return a0;
}

/* Call: as above without the two registers that it does not use. */
LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_call(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                              seL4_Word mr[4]) {
    register seL4_Word a0 __asm__("a0") = cap;
    register seL4_Word a1 __asm__("a1") = *info;
    register seL4_Word a2 __asm__("a2") = mr[0];
    register seL4_Word a3 __asm__("a3") = mr[1];
    register seL4_Word a4 __asm__("a4") = mr[2];
    register seL4_Word a5 __asm__("a5") = mr[3];
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a7)
                     : "memory");
    *info = a1;
    mr[0] = a2;
    mr[1] = a3;
    mr[2] = a4;
    mr[3] = a5;
    return a0;
}
