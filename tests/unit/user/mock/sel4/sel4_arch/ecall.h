// SPDX-License-Identifier: BSD-2-Clause
/*
 * Instead of the instruction that enters the kernel: one function of the test that does. Stands before
 * user/sel4/include/sel4/sel4_arch/ecall.h on the include path.
 */
#pragma once

#include <sel4/simple_types.h>

/* The registers of a system call. */
struct mock_registers {
    seL4_Word number; /* a7 */
    seL4_Word cap;    /* a0: in the capability, out the badge */
    seL4_Word info;   /* a1 */
    seL4_Word mr[4];  /* a2..a5 */
    seL4_Word reply;  /* a6 */
    seL4_Word dest;   /* t0 */
};

/* Provided by the test. */
void mock_kernel(struct mock_registers *r);

LIBSEL4_INLINE_FUNC void sel4_ecall_null(seL4_Word number) {
    struct mock_registers r = {.number = number};
    mock_kernel(&r);
}

LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_short(seL4_Word number, seL4_Word cap, seL4_Word info) {
    struct mock_registers r = {.number = number, .cap = cap, .info = info};
    mock_kernel(&r);
    return r.cap;
}

LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_send_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                                   seL4_Word mr[4], seL4_Word reply,
                                                   seL4_Word dest) {
    struct mock_registers r = {
        .number = number, .cap = cap, .info = *info, .reply = reply, .dest = dest};
    for (int i = 0; i < 4; i++) {
        r.mr[i] = mr[i];
    }
    mock_kernel(&r);
    *info = r.info;
    for (int i = 0; i < 4; i++) {
        mr[i] = r.mr[i];
    }
    return r.cap;
}

LIBSEL4_INLINE_FUNC void sel4_ecall_send(seL4_Word number, seL4_Word cap, seL4_Word info,
                                         const seL4_Word mr[4]) {
    struct mock_registers r = {.number = number, .cap = cap, .info = info};
    for (int i = 0; i < 4; i++) {
        r.mr[i] = mr[i];
    }
    mock_kernel(&r);
}

LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                              seL4_Word mr[4], seL4_Word reply) {
    *info = 0;
    for (int i = 0; i < 4; i++) {
        mr[i] = 0;
    }
    return sel4_ecall_send_recv(number, cap, info, mr, reply, 0);
}

LIBSEL4_INLINE_FUNC seL4_Word sel4_ecall_call(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                              seL4_Word mr[4]) {
    return sel4_ecall_send_recv(number, cap, info, mr, 0, 0);
}
