// SPDX-License-Identifier: BSD-2-Clause
/* Operations on time: scheduling contexts, their control, and security domains. Times are ticks. */
#pragma once

#include "kernel/model/sched_context.h"
#include "kernel/model/tcb.h"

struct sched_control_configure_flags_op {
    struct sched_context *sc;
    ticks_t budget;
    ticks_t period; /* 0: round robin */
    unsigned max_refills;
    u64 badge;
    u16 flags;
};

/* Exactly one of tcb and notification. */
struct sched_context_bind_op {
    struct sched_context *sc;
    struct tcb *tcb;
    struct notification *notification;
};

struct sched_context_unbind_op {
    struct sched_context *sc;
};

struct sched_context_unbind_object_op {
    struct sched_context *sc;
    bool thread; /* else the notification */
};

struct sched_context_consumed_op {
    struct sched_context *sc;
};

struct sched_context_yield_to_op {
    struct sched_context *sc;
};

struct domain_set_set_op {
    struct tcb *tcb;
    u8 domain;
};

struct domain_set_schedule_configure_op {
    u64 index;
    u8 domain;
    ticks_t duration;
};

struct domain_set_schedule_set_start_op {
    u64 index;
};
