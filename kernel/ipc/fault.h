// SPDX-License-Identifier: BSD-2-Clause
/* Fault messages: telling the handler, and doing what it answers. */
#pragma once

#include "kernel/model/kernel.h"

/* Send tcb->fault to its handler (donating its context); without a usable handler the thread is suspended. */
void fault_send(struct tcb *tcb);

/* The running thread used up its head refill: send the timeout fault if it has a handler. False: it has none. */
bool fault_send_timeout(struct tcb *tcb);

/* Write tcb->fault as a message to the receiver; returns its msginfo. */
u64 fault_message(struct tcb *tcb, struct tcb *receiver);

/* The handler answered with its message registers: change the thread as the fault allows. True: let it run. */
bool fault_reply(struct tcb *handler, struct tcb *tcb);

/* Write a lookup failure's words from message register `index` on; returns how many. */
unsigned lookup_failure_message(struct tcb *tcb, u64 *buffer, unsigned index,
                                struct lookup_failure failure);
