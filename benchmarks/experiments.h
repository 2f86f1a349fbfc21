// SPDX-License-Identifier: BSD-2-Clause
// The experiments, by file. latency.c says which rows each prints.
#pragma once

void rows_null(void); // rows_ipc.c
void rows_legs_same(void);
void rows_legs_other(void);
void rows_passive(void);
void rows_passive_fpu(void);
void rows_passive_fpu_used(void);
void rows_passive_long(void);
void rows_active(void);
void rows_active_fpu(void);
void rows_length(void);
void rows_cap_transfer(void);
void rows_caps(void);

void rows_notification_alone(void); // rows_notification.c
void rows_signal_high(void);
void rows_signal_low(void);

void rows_exception(void); // rows_fault.c
void rows_timeout(void);

void rows_interrupt(void); // rows_interrupt.c
void rows_interrupt_where(void);
void rows_jitter(void);

void rows_retype(void); // rows_memory.c
void rows_retype_many(void);
void rows_page(void);
void rows_table(void);
void rows_bytes(void);

void rows_cnode(void); // rows_cspace.c
void rows_delete_tcb(void);
void rows_revoke_minted(void);
void rows_revoke_untyped(void);

void rows_priority(void); // rows_thread.c
void rows_sched_context(void);
void rows_registers(void);
void rows_suspend(void);
void rows_yield(void);
void rows_switch_fpu(void);

void rows_scale_ready(void); // rows_scale.c
void rows_scale_release(void);
void rows_scale_waiting(void);
void rows_scale_senders(void);
void rows_scale_retype(void);
void rows_scale_delete(void);
void rows_scale_revoke(void);
