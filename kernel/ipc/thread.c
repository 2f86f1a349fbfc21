// SPDX-License-Identifier: BSD-2-Clause
/* Whole-thread operations; see kernel/ipc/thread.h. */
#include "kernel/ipc/thread.h"

#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "mcs/sched_context.h"
#include "mcs/schedule.h"

void thread_block(struct tcb *tcb, enum thread_state state) {
    thread_dequeue(tcb);
    tcb->state = state;
}

void thread_unblock(struct tcb *tcb) {
    tcb->state = THREAD_RUNNABLE;
    tcb->resume.object = NULL;
    if (tcb->sc != NULL) {
        if (tcb->sc != kernel.current_sc) { /* one that was lent has been running all the time */
            sc_unblock(tcb->sc);
        }
        thread_resume_scheduling(tcb);
    }
}

void thread_cancel_ipc(struct tcb *tcb) {
    tcb->fault.kind = SEL4_FAULT_NULL; /* told or not: an inactive thread may hold one, too */
    switch ((enum thread_state)tcb->state) {
    case THREAD_BLOCKED_SEND:
    case THREAD_BLOCKED_RECEIVE:
        endpoint_cancel(tcb);
        break;
    case THREAD_BLOCKED_NOTIFICATION:
        notification_cancel(tcb);
        break;
    case THREAD_BLOCKED_REPLY:
        reply_remove_caller(tcb);
        break;
    case THREAD_INACTIVE:
    case THREAD_RUNNABLE:
        return;
    }
    tcb->state = THREAD_INACTIVE;
}

void thread_suspend(struct tcb *tcb) {
    thread_cancel_ipc(tcb);
    sc_cancel_yield(tcb);
    thread_dequeue(tcb);
    tcb->resume.object = NULL;
    tcb->state = THREAD_INACTIVE;
}

void thread_restart(struct tcb *tcb) {
    if (tcb->state == THREAD_RUNNABLE) {
        return;
    }
    thread_cancel_ipc(tcb);
    thread_unblock(tcb);
}

/* A waiting thread keeps its place in the queue of its object only among equals: it is queued anew. */
static void requeue_waiting(struct tcb *tcb, u8 priority) {
    struct pqueue *queue =
        tcb->blocked_on; /* the queue is the first member of endpoint and notification */

    pqueue_remove(queue, &tcb->wait);
    tcb->priority = priority;
    pqueue_push(queue, &tcb->wait, WAIT_KEY(tcb), next_seq());
}

void thread_set_priority(struct tcb *tcb, u8 priority) {
    if (tcb->queue == QUEUE_OBJECT) {
        requeue_waiting(tcb, priority);
        return;
    }
    bool competes = tcb->queue == QUEUE_READY;

    if (competes) {
        thread_dequeue(tcb);
    }
    tcb->priority = priority;
    if (competes) {
        thread_resume_scheduling(tcb);
    }
    if (tcb == kernel.current) {
        kernel.reschedule = true;
    }
}
