// SPDX-License-Identifier: BSD-2-Clause
/* Security domains: a cyclic schedule of {domain, duration}; a duration of 0 marks its end. Durations are ticks. */
#pragma once

#include "kernel/model/kernel.h"

/* A duration as large as can be configured (56 bits): the slot never ends, no timer is set for it. */
#define DOMAIN_FOREVER (BIT(56) - 1)

void domain_start(void);                  /* begin at the start entry, at kernel.now */
void domain_advance(void);                /* the slot is over: next entry */
void domain_set(struct tcb *tcb, u8 domain);
void domain_schedule_configure(u64 index, u8 domain, ticks_t duration);
void domain_schedule_set_start(u64 index); /* takes effect at once */
