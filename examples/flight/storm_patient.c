// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 1 of 6: a domain that does nothing but fault, each life in another way. Its parent
 * (storm_nurse.c) starts it again; memory is as it was left, so the counter below survives.
 */
#include "examples/flight/domain.h"

static u64 life;

/* An address that the compiler does not know, so that it does not warn of what we are about to do. */
static u64 hidden(u64 address) {
    __asm__ volatile("" : "+r"(address));
    return address;
}

static void fault_load(void) {
    (void)*(volatile u64 *)hidden(8);
}

static void fault_store_to_kernel(void) {
    *(volatile u64 *)hidden(~7ull) = 0;
}

static void fault_fetch(void) {
    ((void (*)(void))hidden(16))();
}

static void fault_illegal_instruction(void) {
    __asm__ volatile(".4byte 0xffffffff");
}

static void fault_breakpoint(void) {
    __asm__ volatile("ebreak");
}

static void fault_unknown_syscall(void) {
    register u64 number __asm__("a7") = 4711;
    __asm__ volatile("ecall" : : "r"(number) : "memory");
}

static void fault_capability(void) {
    // A blocking send through an address beyond the capability space.
    seL4_Send(1ull << 40, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void (*const faults[])(void) = {
    fault_load,       fault_store_to_kernel, fault_fetch,      fault_illegal_instruction,
    fault_breakpoint, fault_unknown_syscall, fault_capability,
};

void init(void) {
    u64 this_life = life++;
    rt_value_set(0, "lives", (s64)life);
    faults[this_life % ARRAY_LENGTH(faults)]();
    rt_log("life %u: did not fault", (unsigned)this_life);
}
