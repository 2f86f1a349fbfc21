// SPDX-License-Identifier: BSD-2-Clause
/*
 * Control and status registers, by number where assemblers of our age lack the name. The operand of each macro
 * is a name or number known at compile time.
 */
#pragma once

#include "lib/types.h"

#define CSR_STIMECMP 0x14d /* Sstc */
#define CSR_SISELECT 0x150 /* Ssaia */
#define CSR_SIREG    0x151
#define CSR_STOPEI   0x15c

#define SSTATUS_SPP      BIT(8)
#define SSTATUS_SPIE     BIT(5)
#define SSTATUS_SIE      BIT(1)
#define SSTATUS_FS       (3ull << 13)
#define SSTATUS_FS_CLEAN (2ull << 13)
#define SSTATUS_FS_DIRTY (3ull << 13)
#define SSTATUS_VS       (3ull << 9)
#define SSTATUS_SUM      BIT(18)
#define SSTATUS_MXR      BIT(19)

#define RISCV_TEXT(x)  #x
#define RISCV_VALUE(x) RISCV_TEXT(x)

#define csr_read(csr)                                                                              \
    ({                                                                                             \
        u64 csr_value;                                                                             \
        __asm__ volatile("csrr %0, " RISCV_VALUE(csr) : "=r"(csr_value) : : "memory");             \
        csr_value;                                                                                 \
    })

#define csr_write(csr, value)                                                                      \
    __asm__ volatile("csrw " RISCV_VALUE(csr) ", %0" : : "rK"((u64)(value)) : "memory")

#define csr_set(csr, bits)                                                                         \
    __asm__ volatile("csrs " RISCV_VALUE(csr) ", %0" : : "rK"((u64)(bits)) : "memory")

#define csr_clear(csr, bits)                                                                       \
    __asm__ volatile("csrc " RISCV_VALUE(csr) ", %0" : : "rK"((u64)(bits)) : "memory")

/* Read and write zero in one instruction. */
#define csr_take(csr)                                                                              \
    ({                                                                                             \
        u64 csr_value;                                                                             \
        __asm__ volatile("csrrw %0, " RISCV_VALUE(csr) ", zero" : "=r"(csr_value) : : "memory");   \
        csr_value;                                                                                 \
    })
