// SPDX-License-Identifier: BSD-2-Clause
/* Signalling and waiting. Never blocks the signaller. */
#pragma once

#include "kernel/model/kernel.h"

void notification_signal(struct notification *notification, u64 badge);
void notification_receive(struct notification *notification, struct tcb *tcb, bool block);
/* Take the word of an active notification: completes the thread's call. */
void notification_take(struct notification *notification, struct tcb *tcb);

void notification_cancel(struct tcb *tcb); /* the thread waits here and is to stop waiting */
bool notification_cancel_first(struct notification *notification); /* deletion: false when none is left */
void notification_bind(struct notification *notification, struct tcb *tcb);
void notification_unbind(struct tcb *tcb);
