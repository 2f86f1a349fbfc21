// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls of the firmware (RISC-V SBI specification, version 2.0). Shared by the kernel and the bootloader; all
 * inline, so it needs no memory. Costs some 310 instructions each: nothing on a hot path calls.
 */
#pragma once

#include "lib/bound.h"
#include "lib/types.h"

enum sbi_extension {
    SBI_BASE = 0x10,
    SBI_TIME = 0x54494d45,
    SBI_IPI = 0x735049,
    SBI_HSM = 0x48534d,
    SBI_SRST = 0x53525354,
    SBI_DBCN = 0x4442434e
};

#define SBI_BASE_SPEC_VERSION 0
#define SBI_TIME_SET          0
#define SBI_IPI_SEND          0
#define SBI_HSM_START         0
#define SBI_HSM_SUSPEND       3
#define SBI_SRST_RESET        0
#define SBI_DBCN_WRITE        0
#define SBI_DBCN_WRITE_BYTE   2
#define SBI_SUSPEND_FORGETFUL                                                                      \
    0x80000000u /* "default non-retentive suspend": resumes like a start */
#define SBI_RESET_SHUTDOWN      0
#define SBI_RESET_NO_REASON     0
#define SBI_RESET_SYSTEM_FAILED 1

struct sbi_result {
    s64 error; /* 0 = good */
    s64 value;
};

/* An array argument is a physical address in two halves; ours are below 2^64, so the high half is 0. */
ALWAYS_INLINE struct sbi_result sbi_call(u64 extension, u64 function, u64 arg0, u64 arg1,
                                         u64 arg2) {
    register u64 a0 __asm__("a0") = arg0;
    register u64 a1 __asm__("a1") = arg1;
    register u64 a2 __asm__("a2") = arg2;
    register u64 a6 __asm__("a6") = function;
    register u64 a7 __asm__("a7") = extension;

    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){(s64)a0, (s64)a1};
}

/* More tries than firmware of any sane age needs: each costs hundreds of instructions. */
#define SBI_READY_TRIES 1000000u

/*
 * OpenSBI releases the harts of domains before it has registered its calls; early ones fail (PLATFORM-FACTS 1.6).
 * Wait until the first one answers. False if it never does.
 */
MUST_USE ALWAYS_INLINE bool sbi_wait_ready(void) {
    BOUND(sbi_ready, SBI_READY_TRIES);
    for (u32 i = 0; i < SBI_READY_TRIES; i++) {
        BOUND_STEP(sbi_ready);
        if (sbi_call(SBI_BASE, SBI_BASE_SPEC_VERSION, 0, 0, 0).error == 0) {
            return true;
        }
    }
    return false;
}

ALWAYS_INLINE struct sbi_result sbi_console_write(u64 bytes, paddr_t text) {
    return sbi_call(SBI_DBCN, SBI_DBCN_WRITE, bytes, text.value, 0);
}

ALWAYS_INLINE struct sbi_result sbi_console_byte(char c) {
    return sbi_call(SBI_DBCN, SBI_DBCN_WRITE_BYTE, (u8)c, 0, 0);
}

/* Let a stopped hart begin at `entry` with a0 = hart, a1 = opaque. Good before it has begun. */
ALWAYS_INLINE struct sbi_result sbi_hart_start(u64 hart, paddr_t entry, u64 opaque) {
    return sbi_call(SBI_HSM, SBI_HSM_START, hart, entry.value, opaque);
}

/* Returns only on failure. */
ALWAYS_INLINE void sbi_suspend_forgetful(paddr_t resume, u64 opaque) {
    (void)sbi_call(SBI_HSM, SBI_HSM_SUSPEND, SBI_SUSPEND_FORGETFUL, resume.value, opaque);
}
