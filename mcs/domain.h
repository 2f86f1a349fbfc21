// SPDX-License-Identifier: BSD-2-Clause
/* Security domains: a cyclic schedule of {domain, duration}; a duration of 0 marks its end. Durations are ticks. */
#pragma once

#include "kernel/model/kernel.h"

/* Begin at the start entry, at kernel.now. */
void domain_start(void);

/* The slot is over: next entry, or the start entry behind the last. */
void domain_advance(void);

/* Move a thread, with its place in the ready queues, to another domain. */
void domain_set(struct tcb *tcb, u8 domain);

/* Change an entry of the schedule; duration 0 marks the end. The running slot is not touched. */
void domain_schedule_configure(u64 index, u8 domain, ticks_t duration);

/* Choose the entry that rounds start from; takes effect at once. */
void domain_schedule_set_start(u64 index);
