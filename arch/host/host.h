// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host architecture: a thread is a core, its machine is this struct, and a test is the world around it.
 *
 *     host_boot(&(struct host_options){…})    builds a boot record in an arena and calls kernel_boot()
 *     host_syscall(number)                     the running thread makes a system call with its registers
 *     host_interrupt()                         takes whatever is pending, as returning to user mode would
 *     host_advance(ticks)                      time passes in user mode; interrupts are taken when due
 *
 * Physical memory is mapped below 2^31, at the same addresses for the kernel (the window is the identity).
 * A panic prints its sentence and aborts, unless a test wants to see it (host_expect_panic()).
 */
#pragma once

#include <setjmp.h>

#include "abi/boot_record.h"
#include "abi/console_ring.h"
#include "abi/core_config.h"
#include "arch/upcalls.h"
#include "kernel/model/kernel.h"

#define HOST_IRQS 96

struct host_peer {
    u32 core;
    u32 side;
    struct pair_page *pair; /* shared with the other core; pair_bytes in all */
    u64 pair_bytes;
    u64 *doorbell; /* the other core's mailbox (host_mailbox()) */
    u32 send_lines;
    u32 receive_lines;
    char name[BOOT_NAME_BYTES];
};

struct host_options {
    u64 memory_bytes; /* RAM of this core; 0: 16 MiB */
    u64 device_bytes; /* of the one device, from 4 GiB on; 0: 256 MiB */
    u32 core;
    u32 cnode_bits;                 /* 0: 12 */
    u32 domains;                    /* 0: 1 */
    struct domain_slot second_slot; /* of the domains' schedule, whose first one never ends */
    u32 image_pages;                /* of the root task; 0: 4 */
    u32 check_interval;             /* invariants every n-th entry; 0: never */
    u32 doorbell_max_rate_per_s;
    u32 partition_flags;
    u64 timebase_hz;          /* 0: 10 MHz */
    bool walls_missing;       /* what should be out of reach can be read */
    struct console_ring *log; /* where the kernel's lines go; NULL: to the console */
    const void *tree;         /* a device tree, or NULL; it lies in RAM then */
    u64 tree_bytes;
    unsigned peers;
    struct host_peer peer[4];
    u64 *mailbox; /* where others ring this core; NULL without peers */
};

enum host_parking { HOST_NOT_PARKED, HOST_PARKED, HOST_PARKED_RUNG };

/* One core's machine. */
struct host_machine {
    ticks_t time;
    ticks_t alarm;
    u64 *mailbox;
    bool irq_pending[HOST_IRQS];
    bool irq_masked[HOST_IRQS];
    u64 root; /* physical address of the loaded address space; 0: the kernel's */
    u16 asid;
    u64 flushes;
    bool fault_on_probe; /* what arch_load_faults() answers */
    char console[4096];
    u64 console_bytes;
    jmp_buf *panic_to; /* where a wanted panic goes */
    char panic[256];
    enum host_parking parked;
    u64 resume, resume_opaque;    /* where a parked partition starts over */
    struct arch_context *running; /* NULL while idle */
    u8 *memory;
    u64 memory_bytes;
    u64 arena_bytes;       /* at `memory`: as much as the largest boot so far had */
    u64 interrupts_hidden; /* preemption points that see no interrupt, before one is shown: 0 = real */
};

extern _Thread_local struct host_machine host;

/* Memory below 2^31 that cores share or own; page aligned, cleared; never freed before the process ends. */
void *host_map(u64 bytes);

/* Boot this thread's kernel. The arena of an earlier boot of the same thread is used again. */
void host_boot(const struct host_options *options);

/* The running thread makes the system call in its registers. */
void host_syscall(s64 number);

/* The running thread faults. */
void host_fault(const struct arch_fault *fault);

/* Take pending interrupts until none is left. */
void host_interrupt(void);

/* Time passes; interrupts are taken when they are due. */
void host_advance(ticks_t ticks);

/* A device raises its line. */
void host_raise(u32 irq);

/* Run `body`; the sentence if it panicked, else NULL. */
const char *host_expect_panic(void (*body)(void *), void *argument);
