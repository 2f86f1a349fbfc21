// SPDX-License-Identifier: BSD-2-Clause
/* What the test core (core.c) does for the test's user program (user.c): system-call numbers in a7. */
#pragma once

#define CALL_PRINT 1 /* a0: text, a1: bytes */
#define CALL_YIELD 2 /* the other thread runs, if it is ready */
#define CALL_ADD_TO_REST                                                                           \
    3                /* adds a0 to gp, tp and s0..s11 of the caller, by arch_context_save_rest() */
#define CALL_DONE  4 /* a0: failures; both threads done: the partition is done */
#define CALL_SLEEP 5 /* a0: ticks */
#define CALL_FAULT                                                                                 \
    6 /* out: a0 kind, a1 address, a2 fsr, a3 number, a4 pc of the caller's last fault */
#define CALL_FPU_DISABLE 7 /* a0: 1 off, 0 on */
#define CALL_ALARM       8 /* a0: ticks from now; the other interrupt of a spinning thread; out: none */
#define CALL_ALARMS      9  /* out: a0 = alarms so far */
#define CALL_RING        10 /* ring all peers */
#define CALL_WAIT_RINGS  11 /* sleep until a0 claims have been made; out: a0 = peers seen */
#define CALL_OTHER_RUNS  12 /* out: a0 = 1 while the other thread is not done */
#define CALL_WAIT_IRQ                                                                              \
    13 /* unmask irq a0 and sleep until it comes; irq 0: out: a0 = 0 no device, 1 by PLIC, 2 by APLIC */
#define CALL_PEERS                                                                                 \
    14 /* out: a0 = peers of this partition, a1 = 1 if they run in step (virtual time) */
#define CALL_CLEAR 15 /* a0: address, a1: bytes: arch_clear() there */
#define CALL_MASK  16 /* a0: 1 masks all peers' doorbells, 0 unmasks them */
#define CALL_RINGS 17 /* out: a0 = claims so far */

/* Of the test core's fixed mappings. */
#define USER_DEVICE 0x40000000 /* a 4 KiB device page, when the record has one */
