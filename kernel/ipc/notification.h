// SPDX-License-Identifier: BSD-2-Clause
/* Signalling and waiting. Never blocks the signaller. */
#pragma once

#include "kernel/model/kernel.h"

/* OR the badge in, or wake the first waiter (or the bound thread in its Recv) with it. */
void notification_signal(struct notification *notification, u64 badge);
/* Wait or, without `block`, poll: the thread's call is completed unless it waits. */
void notification_receive(struct notification *notification, struct tcb *tcb, bool block);
/* Take the word of an active notification: completes the thread's call. */
void notification_take(struct notification *notification, struct tcb *tcb);

/* The thread waits here and is to stop waiting. */
void notification_cancel(struct tcb *tcb);

/* Deletion, one waiter at a time: restart the first. False when none is left. */
bool notification_cancel_first(struct notification *notification);

/* Signals now also reach the thread while it receives from an endpoint. Both sides are unbound before. */
void notification_bind(struct notification *notification, struct tcb *tcb);

/* No effect on a thread without one. */
void notification_unbind(struct tcb *tcb);
