// SPDX-License-Identifier: BSD-2-Clause
/* Binding scheduling contexts to threads and notifications, lending them, YieldTo. Acting part only. */
#pragma once

#include "kernel/model/kernel.h"

/* Neither side is bound. The thread starts competing if it can. */
void sc_bind_tcb(struct sched_context *sc, struct tcb *tcb);

/* The thread, if there is one, loses its time, and the core if it runs. */
void sc_unbind_tcb(struct sched_context *sc);

/* Neither side is bound to another of its kind. */
void sc_bind_notification(struct sched_context *sc, struct notification *notification);

/* No effect without a notification. */
void sc_unbind_notification(struct sched_context *sc);

/* Take sc from whoever has it and give it to `to` (which has none). */
void sc_donate(struct sched_context *sc, struct tcb *to);

/* A signal is delivered to a passive thread: lend it the notification's context, if that is free. */
void sc_maybe_lend(struct notification *notification, struct tcb *tcb);

/* A thread that borrowed its notification's context waits again: give it back. */
void sc_maybe_return(struct notification *notification, struct tcb *tcb);

/* SchedContext.Configure's act. Ticks; `max_refills` counts all. */
void sc_configure(struct sched_context *sc, unsigned max_refills, ticks_t budget, ticks_t period,
                  u64 badge, u16 flags);

/* End a YieldTo in progress whose target is sc: the waiting thread gets its answer (microseconds consumed). */
void sc_complete_yield(struct sched_context *sc);

/* The waiting side of a YieldTo goes away or does something else: no answer any more. */
void sc_cancel_yield(struct tcb *waiting);

/*
 * Run the context's thread now, at the running thread's expense. True: the caller stands behind it and gets the
 * consumed time in message register 0 when it runs again (if `answer`); false: the caller goes on at once.
 */
bool sc_yield_to(struct sched_context *sc, struct tcb *caller, bool answer);

/* Its thread starts competing after a wait: a sporadic context may not use tokens from before (SC_SPORADIC). */
void sc_unblock(struct sched_context *sc);
