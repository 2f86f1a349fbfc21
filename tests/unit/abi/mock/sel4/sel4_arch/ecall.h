// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stands where the real <sel4/sel4_arch/ecall.h> has ecall instructions: each function notes the registers
 * that would have entered the kernel and answers with registers that the test has prepared.
 */
#pragma once

#include <sel4/simple_types.h>

/* Which of the shapes was used; a shape says which registers are in and out. */
enum ecall_shape { ECALL_NULL, ECALL_SHORT, ECALL_SEND, ECALL_RECV, ECALL_CALL, ECALL_SEND_RECV };

struct ecall_registers {
    enum ecall_shape shape;
    seL4_Word a0;
    seL4_Word a1;
    seL4_Word mr[4];
    seL4_Word a6;
    seL4_Word a7;
    seL4_Word t0;
};

extern struct ecall_registers ecall_in;
extern struct ecall_registers ecall_out;

static inline void sel4_ecall_null(seL4_Word number) {
    ecall_in = (struct ecall_registers){.shape = ECALL_NULL, .a7 = number};
}

static inline seL4_Word sel4_ecall_short(seL4_Word number, seL4_Word cap, seL4_Word info) {
    ecall_in = (struct ecall_registers){.shape = ECALL_SHORT, .a7 = number, .a0 = cap, .a1 = info};
    return ecall_out.a0;
}

static inline void sel4_ecall_send(seL4_Word number, seL4_Word cap, seL4_Word info,
                                   const seL4_Word mr[4]) {
    ecall_in = (struct ecall_registers){.shape = ECALL_SEND, .a7 = number, .a0 = cap, .a1 = info};
    for (int i = 0; i < 4; i++) {
        ecall_in.mr[i] = mr[i];
    }
}

static inline seL4_Word ecall_receive(seL4_Word *info, seL4_Word mr[4]) {
    *info = ecall_out.a1;
    for (int i = 0; i < 4; i++) {
        mr[i] = ecall_out.mr[i];
    }
    return ecall_out.a0;
}

static inline seL4_Word sel4_ecall_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                        seL4_Word mr[4], seL4_Word reply) {
    ecall_in = (struct ecall_registers){.shape = ECALL_RECV, .a7 = number, .a0 = cap, .a6 = reply};
    return ecall_receive(info, mr);
}

static inline seL4_Word sel4_ecall_send_recv(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                             seL4_Word mr[4], seL4_Word reply, seL4_Word dest) {
    sel4_ecall_send(number, cap, *info, mr);
    ecall_in.shape = ECALL_SEND_RECV;
    ecall_in.a6 = reply;
    ecall_in.t0 = dest;
    return ecall_receive(info, mr);
}

static inline seL4_Word sel4_ecall_call(seL4_Word number, seL4_Word cap, seL4_Word *info,
                                        seL4_Word mr[4]) {
    sel4_ecall_send(number, cap, *info, mr);
    ecall_in.shape = ECALL_CALL;
    return ecall_receive(info, mr);
}
