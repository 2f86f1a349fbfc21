// SPDX-License-Identifier: BSD-2-Clause
/*
 * The registers of a thread, in the order of seL4's UserContext for RV64, so that ReadRegisters and
 * WriteRegisters are copies. The struct is embedded in the thread control block; arch knows nothing else of
 * a thread.
 *
 * What a trap saves. Entering the kernel saves pc, ra, sp, a0..a7 and t0..t6 of the running thread only. gp,
 * tp and s0..s11 stay in the hart's registers (C code keeps them) and are written to the context when the
 * kernel returns *another* context. So, while thread A is the one that entered the kernel:
 *   - every other context is whole: read and write all of it;
 *   - of A, pc, ra, sp, a0..a7, t0..t6 may be read and written; the rest is stale, writes to it are lost.
 * An operation that must see the rest of A (CopyRegisters or SetTLSBase on the calling thread) checks
 * arch_context_is_whole(A). If it is not, the operation changes nothing and the upcall returns
 * arch_context_save_rest(A): arch saves the rest and makes the same upcall again, now with a whole context.
 * That is allowed in kernel_syscall() only.
 */
#pragma once

#include "lib/types.h"

enum arch_register {
    REG_PC,
    REG_RA,
    REG_SP,
    REG_GP,
    REG_S0,
    REG_S1,
    REG_S2,
    REG_S3,
    REG_S4,
    REG_S5,
    REG_S6,
    REG_S7,
    REG_S8,
    REG_S9,
    REG_S10,
    REG_S11,
    REG_A0,
    REG_A1,
    REG_A2,
    REG_A3,
    REG_A4,
    REG_A5,
    REG_A6,
    REG_A7,
    REG_T0,
    REG_T1,
    REG_T2,
    REG_T3,
    REG_T4,
    REG_T5,
    REG_T6,
    REG_TP,
    REG_COUNT
};

/* Where the system-call interface finds its arguments (SEL4-ABI section 1). */
#define REG_CAP     REG_A0
#define REG_BADGE   REG_A0
#define REG_INFO    REG_A1
#define REG_MR0     REG_A2 /* MR0..MR3 are consecutive */
#define REG_REPLY   REG_A6
#define REG_DEST    REG_T0 /* NBSendRecv's destination */
#define REG_SYSCALL REG_A7

#define ARCH_MESSAGE_REGISTERS 4
/* The first 16 registers are the "frame" set of CopyRegisters, the last 16 the "integer" set. */
#define ARCH_FRAME_REGISTERS 16
/* Bytes of the instruction a system call is made with: a completed call resumes there. */
#define ARCH_SYSCALL_BYTES 4

struct arch_context {
    u64 reg[REG_COUNT];
    u64 whole;    /* 1: also gp, tp, s0..s11 are valid although this context is the running one */
    u64 fpu_used; /* 1: the thread has floating-point state (arch/fpu.h) */
    u64 fpu_disabled; /* 1: floating-point instructions fault */
    u64 fcsr;
    u64 fpr[32];
};

/* A new thread, in cleared memory: every register zero, no floating-point state. What is zero already is not written. */
void arch_context_init(struct arch_context *context);

ALWAYS_INLINE bool arch_context_is_whole(const struct arch_context *context) {
    return context->whole != 0;
}

/* No context has its highest bit like this: it asks for the rest. */
#define ARCH_CONTEXT_SAVE_REST (1ull << 63)

ALWAYS_INLINE MUST_USE struct arch_context *arch_context_save_rest(struct arch_context *context) {
    return (struct arch_context *)((u64)context ^ ARCH_CONTEXT_SAVE_REST);
}
