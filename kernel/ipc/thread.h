// SPDX-License-Identifier: BSD-2-Clause
/* What happens to a thread as a whole: completing its call, cancelling its wait, suspending, restarting. */
#pragma once

#include "kernel/model/kernel.h"

/* The system call at the thread's pc is done: step over the ecall. */
ALWAYS_INLINE void thread_complete(struct tcb *tcb) {
    tcb->context.reg[REG_PC] += ARCH_SYSCALL_BYTES;
}

/* Order among waiting threads: higher priority first. */
#define WAIT_KEY(tcb) ((u64)(PRIORITIES - 1) - (tcb)->priority)

/* Put the thread to sleep in a state; it leaves the ready queue, and the core if it runs. */
void thread_block(struct tcb *tcb, enum thread_state state);

/* Make a blocked or inactive thread runnable and let it compete (if it has a context). */
void thread_unblock(struct tcb *tcb);

/* Take the thread out of whatever it waits for, reply stack included; it ends inactive. */
void thread_cancel_ipc(struct tcb *tcb);

/* TCB.Suspend, deletion, a fault without handler: inactive, out of every queue. */
void thread_suspend(struct tcb *tcb);

/* TCB.Resume: a blocked call starts again. No effect on a runnable thread. */
void thread_restart(struct tcb *tcb);

/* Also moves the thread in the queue it is in. */
void thread_set_priority(struct tcb *tcb, u8 priority);
