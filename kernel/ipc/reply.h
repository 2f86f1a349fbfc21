// SPDX-License-Identifier: BSD-2-Clause
/* Reply objects and the reply stack of a scheduling context (picture: kernel/model/endpoint.h). */
#pragma once

#include "kernel/model/kernel.h"

/* The caller waits on `reply` for callee's answer; with `donate`, the callee gets the caller's context. */
void reply_push(struct tcb *caller, struct tcb *callee, struct reply *reply, bool donate);

/* Answer the waiting caller from `replier` and return a lent context to it. The reply object is free then. */
void reply_send(struct tcb *replier, struct reply *reply, bool can_grant);

/* The caller stops waiting (its ipc is cancelled): take it out of the stack; later replies go nowhere. */
void reply_remove_caller(struct tcb *caller);

/* The object is deleted, or offered to another Recv: whoever waits on it is let go as the manual says. */
void reply_clear(struct reply *reply);

/* The context leaves its reply stack for good: whoever answers those calls returns no time. */
void reply_forget_context(struct sched_context *sc);
