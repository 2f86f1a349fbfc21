// SPDX-License-Identifier: BSD-2-Clause
/* Sending and receiving through endpoints. The callers' registers and buffers are read and written here. */
#pragma once

#include "kernel/model/kernel.h"

struct send_options {
    bool block;
    bool call; /* the sender waits for a reply */
    bool can_grant;
    bool can_grant_reply;
    bool can_donate; /* a passive receiver takes the sender's scheduling context */
    u64 badge;
};

/*
 * The message is sender->fault if it has one, otherwise its registers.
 * Returns true if the message was delivered at once. A blocking sender otherwise waits. The receiver's
 * system call is completed here, the sender's own is the caller's business.
 */
bool endpoint_send(struct endpoint *endpoint, struct tcb *sender,
                   const struct send_options *options);

/*
 * `reply` may be NULL (Wait on an endpoint). A bound, active notification is taken first. Completes the
 * receiver's call unless it waits.
 */
void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, bool block,
                      struct reply *reply);

/* The thread waits here and is to stop waiting. */
void endpoint_cancel(struct tcb *tcb);

/* Deletion, one waiter at a time: restart the first waiter. False when none is left. */
bool endpoint_cancel_first(struct endpoint *endpoint);

/*
 * CancelBadgedSends, one waiter at a time: restart the next sender beyond *cursor that carries `badge`,
 * looking at one waiter per call. False when there is none beyond the cursor.
 */
bool endpoint_cancel_badged_step(struct endpoint *endpoint, u64 badge, u64 *cursor);
