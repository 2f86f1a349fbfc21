// SPDX-License-Identifier: BSD-2-Clause
/*
 * Thread control blocks.
 *
 * context.reg[REG_PC] is the instruction to run next. While a system call is in progress, blocked ones
 * included, that is still its ecall: a cancelled call is restarted by simply running again, and whoever
 * completes the call advances the pc by 4 (thread_complete()).
 *
 * INV-TCB-1: a thread is in the ready queue of its priority and domain, in the release queue, in the queue
 *            of the object it is blocked on, or in none; never in two. `queue` says which.
 * INV-TCB-2: `sc` and sched_context.tcb are each other's inverse; so are bound_notification and .bound.
 * INV-TCB-3: blocked_on is set exactly in the states blocked on send, receive, notification; `reply` in
 *            blocked on reply, and in blocked on receive if the receiver offered a reply object.
 * INV-TCB-4: only a thread with a context that has refills is in the ready or release queue.
 */
#pragma once

#include "arch/context.h"
#include "kernel/model/endpoint.h"
#include "kernel/model/fault.h"
#include "kernel/model/sched_context.h"
#include "kernel/model/slot.h"
#include "lib/pqueue.h"

enum thread_state {
    THREAD_INACTIVE = 0,
    THREAD_RUNNABLE = 1,
    THREAD_BLOCKED_RECEIVE = 2,
    THREAD_BLOCKED_SEND = 3,
    THREAD_BLOCKED_REPLY = 4,
    THREAD_BLOCKED_NOTIFICATION = 5
};

enum thread_queue { QUEUE_NONE = 0, QUEUE_READY = 1, QUEUE_RELEASE = 2, QUEUE_OBJECT = 3 };

enum thread_flags { THREAD_FPU_DISABLED = 1 };

/* Slots of the caps a thread holds, in this order at tcb.slot[]. */
enum tcb_slot {
    TCB_CSPACE = 0,
    TCB_VSPACE = 1,
    TCB_BUFFER = 2,
    TCB_FAULT_HANDLER = 3,
    TCB_TIMEOUT_HANDLER = 4,
    TCB_SLOTS = 5
};

/* Where an interrupted long operation of this thread stands; valid while it restarts its system call. */
struct resume_point {
    const void *object; /* NULL = none */
    u64 badge;
    u64 cursor;
};

#define TCB_NAME_BYTES 24

struct tcb {
    struct arch_context context;
    struct cslot slot[TCB_SLOTS];

    /* What it may do and how important it is. */
    u8 priority;
    u8 mcp;
    u8 domain;
    u8 flags; /* enum thread_flags */

    /* Where it stands. */
    u8 state;                /* enum thread_state */
    u8 queue;                /* enum thread_queue */
    struct pqueue_node wait; /* in an object's queue, or in the release queue */
    struct tcb *ready_next;  /* circular list of one priority */
    struct tcb *ready_prev;

    /* Blocked on send, receive or notification. */
    void *blocked_on; /* struct endpoint * or struct notification * */
    u64 send_badge;
    bool send_can_grant;
    bool send_can_grant_reply;
    bool send_is_call;
    bool receive_can_grant;

    struct sched_context *sc;
    struct sched_context *yield_to; /* the context this thread yielded to */
    bool yield_answer;              /* … with a Call: the answer's word is due */
    struct reply *reply;
    struct notification *bound_notification;
    u64 buffer_address; /* user address of the IPC buffer, 0 without */
    u64 *buffer;        /* where it lies, if it may be written; as long as … */
    u64 buffer_cap;     /* … this is word 1 of its capability (kernel/ipc/transfer.h) */
    u64 space;          /* for arch_vspace_load(), as long as … */
    u64 space_mark;     /* … this is the kernel's (kernel/object/vspace.h) */

    struct fault fault;
    struct resume_point resume;

    char name[TCB_NAME_BYTES]; /* DebugNameThread */
    u64 used_ticks;            /* bench variant: utilisation */
    u64 used_entries;
    u64 scheduled;
};

_Static_assert(sizeof(struct tcb) <= 2048, "seL4_TCBBits is 11 with FPU");
_Static_assert((1 << PQUEUE_ALIGN_BITS) == 2048, "thread control blocks order the priority queues");

ALWAYS_INLINE struct tcb *tcb_of_wait(struct pqueue_node *node) {
    return CONTAINER_OF(node, struct tcb, wait);
}

ALWAYS_INLINE struct tcb *tcb_of_context(struct arch_context *context) {
    return CONTAINER_OF(context, struct tcb, context);
}
