// SPDX-License-Identifier: BSD-2-Clause
/*
 * Configuration of one kernel: the numbers that size its tables. The host tool fills it in, the
 * bootloader places it on a page of its own, the kernel reads it at boot and never changes it.
 * Nobody needs a compiler to configure a core, and kernels of one variant have identical code.
 */
#pragma once

#include "lib/types.h"

#define CORE_CONFIG_MAGIC   0x3147464359524b53ull /* "SKRYCFG1" */
#define CORE_CONFIG_VERSION 1

#define CORE_CONFIG_MAX_DOMAINS  16
#define CORE_CONFIG_MAX_SCHEDULE 256
#define CORE_CONFIG_MAX_PEERS    7
#define CORE_CONFIG_MAX_LINES    1024 /* per ordered pair */

struct domain_slot {
    u64 domain;
    u64 duration_ticks; /* 0 marks the end of the schedule */
};

/* A duration as large as can be configured (56 bits): the slot never ends, no timer is set for it. */
#define DOMAIN_FOREVER (BIT(56) - 1)

struct core_config {
    u64 magic;
    u32 version;
    u32 length;                  /* bytes, tables included */
    u32 root_cnode_bits;         /* radix of the root CNode, 5..24; default 13 */
    u32 domains;                 /* 1..16 */
    u32 schedule_length;         /* entries of the domain schedule, 2..256 */
    u32 max_irq;                 /* highest irq number, the kernel timer's: 96 on qemu virt */
    u32 kernel_wcet_us;          /* minimum budget is twice this; 10 */
    u32 timer_slack_ticks;       /* a deadline nearer than this fires at once; 0 = none */
    u32 boot_slice_us;           /* budget = period of the init task's context; 5000 */
    u32 doorbell_max_rate_per_s; /* receive bound per peer; 0 = mask-until-acknowledge only */
    u32 check_interval;          /* debug kernels check invariants every n-th entry; 0 = never */
    u32 reserved[3];
    /* struct domain_slot schedule[schedule_length] follows */
};

_Static_assert(sizeof(struct core_config) == 64, "layout is shared with the host tool");
