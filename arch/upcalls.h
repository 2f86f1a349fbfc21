// SPDX-License-Identifier: BSD-2-Clause
/*
 * The four calls by which arch reaches the kernel core, and how the core ends.
 *
 * Each upcall returns the context to resume. NULL = nothing to run: arch waits with interrupts off until one
 * is pending and calls kernel_interrupt(). Returning the context that entered is the cheap case. The address
 * space is the core's business (arch_vspace_load); floating-point state moves by itself.
 *
 * Interrupts are off during upcalls, and there is one kernel stack: what lies on it is gone after the return.
 * The memory of the context that entered must stay readable and writable until another one is resumed, even if
 * its thread was deleted meanwhile: arch writes registers there after the upcall has returned.
 */
#pragma once

#include "abi/boot_record.h"
#include "arch/context.h"
#include "arch/interrupt.h"
#include "lib/types.h"

enum arch_fault_kind {
    ARCH_FAULT_VM,  /* address, fsr, is_instruction */
    ARCH_FAULT_USER /* number, code */
};

struct arch_fault {
    enum arch_fault_kind kind;
    u64 address; /* the address that could not be accessed */
    u64 fsr;     /* 1 = fetch, 5 = load, 7 = store; page faults are reported as access faults */
    bool is_instruction; /* fsr == 1 */
    u64 number;          /* exception number of the ISA (scause) */
    u64 code;            /* 0 */
};

/*
 * First call. `record` has been checked (magic, version, length, checksum, item structure; exactly one of each
 * item of which there is one) and is readable through the window for ever. Pages of the image are mapped, the
 * walls have not been tested, timer, doorbells and interrupt controller have not been initialised: the core
 * does that with arch_load_faults(), arch_timer_init(), arch_doorbell_init() and plat_init(), each of which
 * answers NULL or a sentence for kernel_panic().
 */
MUST_USE COLD struct arch_context *kernel_boot(const struct boot_record *record);

/*
 * The running thread made a system call; its number is reg[REG_SYSCALL]. reg[REG_PC] is the address of the
 * ecall itself: resuming there repeats the call; a completed call resumes ARCH_SYSCALL_BYTES further, which
 * the core adds.
 */
MUST_USE struct arch_context *kernel_syscall(struct arch_context *context);

/* The running thread did something it cannot; reg[REG_PC] is the instruction. */
MUST_USE struct arch_context *kernel_fault(struct arch_context *context,
                                           const struct arch_fault *fault);

/*
 * An interrupt, while a thread ran or while nothing did (the core knows which thread it let run). Never
 * ARCH_INTERRUPT_NONE.
 */
MUST_USE struct arch_context *kernel_interrupt(enum arch_interrupt kind);

/*
 * The machine or the kernel itself is wrong; `sentence` says how, without a full stop or newline. Implemented
 * by the core: it tells its log, then the firmware's console (arch/panic.h), and halts or parks. Also called by arch,
 * before kernel_boot() too, and possibly on its small emergency stack: use at most 512 bytes besides
 * arch_panic_print().
 */
void kernel_panic(const char *sentence) NORETURN COLD;
