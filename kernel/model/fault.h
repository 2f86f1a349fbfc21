// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lookup failures and faults as values: what a failed search tells the user, what a faulting thread
 * tells its handler. Layouts of the messages: SEL4-ABI sections 8 and 9.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "lib/types.h"

/* kind as enum sel4_lookup_failure; unused fields are 0. */
struct lookup_failure {
    u8 kind;
    u8 bits_left;
    u8 bits_found; /* depth mismatch, guard mismatch: guard size, or radix + guard size */
    u8 zero[5];    /* named, so that no byte of an object is whatever lay on the stack */
    u64 guard_found;
};

/* kind as enum sel4_fault, SEL4_FAULT_NULL when the thread has none. */
struct fault {
    u8 kind;
    bool in_receive_phase; /* cap fault */
    bool is_instruction;   /* VM fault */
    u8 zero[5];            /* as above */
    u64 address;           /* cap fault: cptr; VM fault: vaddr; timeout: badge of the context */
    u64 number;            /* user exception: scause; unknown syscall: its number; VM fault: FSR */
    struct lookup_failure lookup; /* cap fault */
};
