// SPDX-License-Identifier: BSD-2-Clause
/* Integers, booleans, words and capability addresses. 64-bit RISC-V is LP64: a long has 64 bits. */
#pragma once

#include <sel4/macros.h>

typedef signed char seL4_Int8;
typedef unsigned char seL4_Uint8;
typedef short seL4_Int16;
typedef unsigned short seL4_Uint16;
typedef int seL4_Int32;
typedef unsigned int seL4_Uint32;
typedef long seL4_Int64;
typedef unsigned long seL4_Uint64;

SEL4_COMPILE_ASSERT(seL4_Int8_size, sizeof(seL4_Int8) == 1)
SEL4_COMPILE_ASSERT(seL4_Int16_size, sizeof(seL4_Int16) == 2)
SEL4_COMPILE_ASSERT(seL4_Int32_size, sizeof(seL4_Int32) == 4)
SEL4_COMPILE_ASSERT(seL4_Int64_size, sizeof(seL4_Int64) == 8)

typedef seL4_Int8 seL4_Bool;
#define seL4_True  1
#define seL4_False 0
#define seL4_Null  ((void *)0)

/* A machine word; an address in a capability space; what a register holds. */
typedef seL4_Uint64 seL4_Word;
typedef seL4_Word seL4_CPtr;
typedef seL4_Word seL4_Register;

/* For printf. */
#define SEL4_PRId64    "ld"
#define SEL4_PRIi64    "li"
#define SEL4_PRIu64    "lu"
#define SEL4_PRIx64    "lx"
#define SEL4_PRId_word "ld"
#define SEL4_PRIi_word "li"
#define SEL4_PRIu_word "lu"
#define SEL4_PRIx_word "lx"
#define SEL4_PRI_word  SEL4_PRIu_word

#include <sel4/sel4_arch/constants.h>

SEL4_COMPILE_ASSERT(seL4_WordBits_matches, 8 * sizeof(seL4_Word) == seL4_WordBits)
SEL4_COMPILE_ASSERT(seL4_WordSizeBits_matches, sizeof(seL4_Word) == 1u << seL4_WordSizeBits)
