// SPDX-License-Identifier: BSD-2-Clause
/* Operations on interrupts and doorbell lines. */
#pragma once

#include "kernel/model/kernel.h"
#include "kernel/model/slot.h"

struct irq_control_get_op {
    u32 irq;
    struct cslot *dest;
};

struct irq_control_get_trigger_op {
    u32 irq;
    bool edge;
    struct cslot *dest;
};

struct irq_control_issue_doorbell_op {
    u32 peer;
    u32 line;
    struct cslot *dest;
};

struct irq_handler_ack_op {
    u32 irq;
};

struct irq_handler_set_notification_op {
    u32 irq;
    struct cslot *source;
    struct cap given; /* what the source held: looked at again after the old one is gone */
};

struct irq_handler_clear_op {
    u32 irq;
};
