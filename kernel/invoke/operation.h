// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations: what decode hands to act. One struct per method, `struct <object>_<method>_op`, defined with its
 * object; pointers in it are valid until the end of the entry.
 */
#pragma once

#include "kernel/invoke/ops_irq.h"
#include "kernel/invoke/ops_memory.h"
#include "kernel/invoke/ops_sched.h"
#include "kernel/invoke/ops_thread.h"
#include "kernel/invoke/ops_vspace.h"

union operation {
    struct untyped_retype_op untyped_retype;
    struct tcb_read_registers_op tcb_read_registers;
    struct tcb_write_registers_op tcb_write_registers;
    struct tcb_copy_registers_op tcb_copy_registers;
    struct tcb_configure_op tcb_configure;
    struct tcb_set_priority_op tcb_set_priority;
    struct tcb_set_mc_priority_op tcb_set_mc_priority;
    struct tcb_set_sched_params_op tcb_set_sched_params;
    struct tcb_set_timeout_endpoint_op tcb_set_timeout_endpoint;
    struct tcb_set_ipc_buffer_op tcb_set_ipc_buffer;
    struct tcb_set_space_op tcb_set_space;
    struct tcb_suspend_op tcb_suspend;
    struct tcb_resume_op tcb_resume;
    struct tcb_bind_notification_op tcb_bind_notification;
    struct tcb_unbind_notification_op tcb_unbind_notification;
    struct tcb_set_tls_base_op tcb_set_tls_base;
    struct tcb_set_flags_op tcb_set_flags;
    struct cnode_revoke_op cnode_revoke;
    struct cnode_delete_op cnode_delete;
    struct cnode_cancel_badged_sends_op cnode_cancel_badged_sends;
    struct cnode_copy_op cnode_copy;
    struct cnode_mint_op cnode_mint;
    struct cnode_move_op cnode_move;
    struct cnode_mutate_op cnode_mutate;
    struct cnode_rotate_op cnode_rotate;
    struct irq_control_get_op irq_control_get;
    struct irq_handler_ack_op irq_handler_ack;
    struct irq_handler_set_notification_op irq_handler_set_notification;
    struct irq_handler_clear_op irq_handler_clear;
    struct domain_set_set_op domain_set_set;
    struct domain_set_schedule_configure_op domain_set_schedule_configure;
    struct domain_set_schedule_set_start_op domain_set_schedule_set_start;
    struct sched_control_configure_flags_op sched_control_configure_flags;
    struct sched_context_bind_op sched_context_bind;
    struct sched_context_unbind_op sched_context_unbind;
    struct sched_context_unbind_object_op sched_context_unbind_object;
    struct sched_context_consumed_op sched_context_consumed;
    struct sched_context_yield_to_op sched_context_yield_to;
    struct page_table_map_op page_table_map;
    struct page_table_unmap_op page_table_unmap;
    struct page_map_op page_map;
    struct page_unmap_op page_unmap;
    struct page_get_address_op page_get_address;
    struct asid_control_make_pool_op asid_control_make_pool;
    struct asid_pool_assign_op asid_pool_assign;
    struct irq_control_get_trigger_op irq_control_get_trigger;
    struct irq_control_issue_doorbell_op irq_control_issue_doorbell;
};
