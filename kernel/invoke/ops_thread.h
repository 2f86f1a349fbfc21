// SPDX-License-Identifier: BSD-2-Clause
/* Operations of thread control blocks: what decode found out and act needs. */
#pragma once

#include "kernel/model/slot.h"
#include "kernel/model/tcb.h"

/*
 * What becomes of one capability slot of a thread. Deleting the old capability may take several
 * entries and may even delete the new one's source, so act looks again before it copies: `given` is
 * what the source held.
 */
struct slot_change {
    bool change;          /* false: the slot stays as it is */
    struct cslot *source; /* NULL: the slot is emptied */
    struct cap given;
    struct cap copy; /* what the slot is to hold: a derived copy of the source's capability */
};

struct tcb_read_registers_op {
    struct tcb *target;
    bool suspend;
    unsigned count; /* 1..32 */
};

struct tcb_write_registers_op {
    struct tcb *target;
    bool resume;
    unsigned count; /* 0..32 */
};

struct tcb_copy_registers_op {
    struct tcb *target;
    struct tcb *source;
    bool suspend_source;
    bool resume_target;
    bool frame;
    bool integer;
};

struct tcb_configure_op {
    struct tcb *target;
    struct slot_change cspace;
    struct slot_change vspace;
    struct slot_change buffer;
    u64 buffer_address;
};

struct tcb_set_priority_op {
    struct tcb *target;
    u8 priority;
};

struct tcb_set_mc_priority_op {
    struct tcb *target;
    u8 mcp;
};

struct tcb_set_sched_params_op {
    struct tcb *target;
    u8 mcp;
    u8 priority;
    struct sched_context *sc; /* NULL: unbind; the thread's own: no change */
    struct slot_change fault_handler;
};

struct tcb_set_timeout_endpoint_op {
    struct tcb *target;
    struct slot_change timeout_handler;
};

struct tcb_set_ipc_buffer_op {
    struct tcb *target;
    struct slot_change buffer;
    u64 buffer_address;
};

struct tcb_set_space_op {
    struct tcb *target;
    struct slot_change fault_handler;
    struct slot_change cspace;
    struct slot_change vspace;
};

struct tcb_suspend_op {
    struct tcb *target;
};

struct tcb_resume_op {
    struct tcb *target;
};

struct tcb_bind_notification_op {
    struct tcb *target;
    struct notification *notification;
};

struct tcb_unbind_notification_op {
    struct tcb *target;
};

struct tcb_set_tls_base_op {
    struct tcb *target;
    u64 tls_base;
};

struct tcb_set_flags_op {
    struct tcb *target;
    u8 flags; /* the result */
};
