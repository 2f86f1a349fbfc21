// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads meeting: endpoints, notifications, reply objects, faults (seL4 manual, "Message Passing",
 * "Notifications", "Threads and Execution"; layouts in SEL4-ABI sections 1 to 3 and 9).
 *
 * The pc of a thread stays at its system call until the call is complete (thread_done()), so a wait that is
 * cancelled starts again when the thread is resumed.
 */
#include "tests/model/kernel/model.h"

/* ---- Queues ------------------------------------------------------------------------------------------------- */

static void queue_add(struct m_queue *queue, int thread) {
    int at = queue->count;

    while (at > 0 && threads[queue->thread[at - 1]].priority < threads[thread].priority) {
        queue->thread[at] = queue->thread[at - 1];
        at--;
    }
    queue->thread[at] = thread;
    queue->count++;
}

void queue_remove(struct m_queue *queue, int thread) {
    int at = 0;

    while (queue->thread[at] != thread) {
        at++;
    }
    for (queue->count--; at < queue->count; at++) {
        queue->thread[at] = queue->thread[at + 1];
    }
}

static struct m_queue *queue_of(int thread) {
    const struct m_thread *it = &threads[thread];

    return it->state == AWAITING_SIGNAL ? &notifications[it->waits_on].queue
                                        : &endpoints[it->waits_on].queue;
}

static void wait_in_queue(int thread, int state, int object) {
    thread_wait(thread, state);
    threads[thread].waits_on = object;
    threads[thread].place = OBJECT;
    queue_add(queue_of(thread), thread);
}

static void leave_queue(int thread) {
    queue_remove(queue_of(thread), thread);
    threads[thread].place = NOWHERE;
    threads[thread].waits_on = NOBODY;
}

/* ---- Threads ------------------------------------------------------------------------------------------------ */

void thread_done(int thread) {
    threads[thread].reg[SEL4_REG_PC] += 4;
}

void thread_wait(int thread, int state) {
    time_dequeue(thread);
    threads[thread].state = state;
}

void thread_run(int thread) {
    threads[thread].state = RUNNABLE;
    if (threads[thread].context != NOBODY) {
        time_unblocked(threads[thread].context);
        time_compete(thread);
    }
}

/* A reply object that the thread offered for a message it no longer waits for. */
static int take_offered(int thread) {
    int reply = threads[thread].reply;

    if (reply != NOBODY) {
        replies[reply].caller = NOBODY;
        threads[thread].reply = NOBODY;
    }
    return reply;
}

void thread_cancel(int thread) {
    struct m_thread *it = &threads[thread];

    it->fault.kind = SEL4_FAULT_NULL;
    switch (it->state) {
    case SENDING:
    case AWAITING_SIGNAL:
        leave_queue(thread);
        break;
    case RECEIVING:
        leave_queue(thread);
        (void)take_offered(thread);
        break;
    case AWAITING_REPLY:
        reply_detach(it->reply);
        replies[it->reply].caller = NOBODY;
        it->reply = NOBODY;
        break;
    default:
        return;
    }
    it->state = INACTIVE;
}

void thread_suspended(int thread) {
    struct m_thread *it = &threads[thread];

    thread_cancel(thread);
    if (it->yielded_to != NOBODY) {
        contexts[it->yielded_to].yielder = NOBODY;
        it->yielded_to = NOBODY;
    }
    time_dequeue(thread);
    it->state = INACTIVE;
}

void thread_resumed(int thread) {
    if (threads[thread].state != RUNNABLE) {
        thread_cancel(thread);
        thread_run(thread);
    }
}

void thread_prioritise(int thread, u64 priority) {
    struct m_thread *it = &threads[thread];
    bool competes = it->place == READY || m.woken == thread;

    if (it->place == OBJECT) {
        queue_remove(queue_of(thread), thread);
        it->priority = priority;
        queue_add(queue_of(thread), thread);
        return;
    }
    if (competes) {
        time_dequeue(thread);
    }
    it->priority = priority;
    if (competes) {
        time_compete(thread);
    }
}

/* ---- Messages ----------------------------------------------------------------------------------------------- */

static u64 info_length(u64 info) {
    return min_u64(info & 127, 120);
}

u64 *thread_buffer(int thread, bool write) {
    struct m_cap cap = slots[held_slot(thread, HELD_BUFFER)].cap;
    u64 needed = SEL4_RIGHT_READ | (write ? SEL4_RIGHT_WRITE : 0);

    if (cap.kind != SEL4_CAP_FRAME || (cap.rights & needed) != needed) {
        return NULL;
    }
    return &frames[cap.object].word[threads[thread].buffer_address % 4096 / 8];
}

bool thread_set_word(int thread, unsigned index, u64 value) {
    u64 *buffer = thread_buffer(thread, true);

    if (index < 4) {
        threads[thread].reg[SEL4_REG_A2 + index] = value;
    } else if (buffer != NULL) {
        buffer[AT_MSG + index] = value;
    }
    return index < 4 || buffer != NULL;
}

/* The empty slot that the receiver's buffer names. */
static int receive_slot(int receiver, const u64 *buffer) {
    struct m_lookup root = tree_lookup(receiver, buffer[AT_RECEIVE_CNODE]);
    u64 depth = buffer[AT_RECEIVE_DEPTH];

    if (root.slot == NOBODY || depth < 1 || depth > 64) {
        return NOBODY;
    }
    int slot =
        tree_lookup_exact(slots[root.slot].cap, buffer[AT_RECEIVE_INDEX], (unsigned)depth).slot;

    return slot != NOBODY && slot_empty(slot) ? slot : NOBODY;
}

/* Returns the extra-caps and unwrapped fields of the receiver's message info. */
static u64 pass_caps(int sender, u64 count, const u64 *from, int receiver, u64 *to, int endpoint) {
    int dest = receive_slot(receiver, to);
    u64 unwrapped = 0;
    u64 passed = 0;

    for (; passed < count; passed++) {
        int source = tree_lookup(sender, from[AT_CAPS + passed]).slot;
        struct m_cap copy;

        if (source == NOBODY || slot_empty(source)) {
            break;
        }
        struct m_cap cap = slots[source].cap;

        if (endpoint != NOBODY && cap.kind == SEL4_CAP_ENDPOINT && cap.object == endpoint) {
            to[AT_CAPS + passed] = cap.badge;
            unwrapped |= BIT(passed);
            continue;
        }
        if (dest == NOBODY || cap_derived(source, cap, &copy) != SEL4_NO_ERROR ||
            copy.kind == SEL4_CAP_NULL) {
            break;
        }
        tree_copy(source, dest, copy);
        dest = NOBODY;
    }
    return unwrapped << 9 | passed << 7;
}

static u64 pass_message(int sender, int receiver, int endpoint, bool grant) {
    u64 info = threads[sender].reg[SEL4_REG_A1];
    u64 length = info_length(info);
    u64 caps = grant ? (info >> 7) & 3 : 0;
    const u64 *from = thread_buffer(sender, false);
    u64 *to = thread_buffer(receiver, true);

    if (from == NULL || to == NULL) {
        length = min_u64(length, 4);
        caps = 0;
    }
    for (unsigned i = 0; i < length; i++) {
        u64 word = i < 4 ? threads[sender].reg[SEL4_REG_A2 + i] : from[AT_MSG + i];

        (void)thread_set_word(receiver, i, word);
    }
    u64 passed = caps > 0 ? pass_caps(sender, caps, from, receiver, to, endpoint) : 0;

    return (info >> 12) << 12 | passed | length;
}

/* ---- Faults ------------------------------------------------------------------------------------------------- */

/* Registers of the messages about faults, in order. */
static const int syscall_order[] = {SEL4_REG_PC, SEL4_REG_SP, SEL4_REG_RA, SEL4_REG_A0,
                                    SEL4_REG_A1, SEL4_REG_A2, SEL4_REG_A3, SEL4_REG_A4,
                                    SEL4_REG_A5, SEL4_REG_A6};

static u64 pass_words(int receiver, const u64 *word, unsigned count) {
    unsigned i = 0;

    while (i < count && thread_set_word(receiver, i, word[i])) {
        i++;
    }
    return i;
}

static u64 pass_fault(int thread, int receiver) {
    const struct m_thread *it = &threads[thread];
    const struct m_fault *fault = &it->fault;
    u64 word[16] = {it->reg[SEL4_REG_PC]};
    unsigned count = 0;

    switch (fault->kind) {
    case SEL4_FAULT_CAP:
        word[1] = fault->word[0];
        word[2] = fault->word[1];
        for (unsigned i = 0; i < fault->lookups; i++) {
            word[3 + i] = fault->lookup[i];
        }
        count = 3 + fault->lookups;
        break;
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        for (unsigned i = 0; i < ARRAY_LENGTH(syscall_order); i++) {
            word[i] = it->reg[syscall_order[i]];
        }
        word[10] = fault->word[0];
        count = 11;
        break;
    case SEL4_FAULT_USER_EXCEPTION:
        word[1] = it->reg[SEL4_REG_SP];
        word[2] = fault->word[0];
        word[3] = 0;
        count = 4;
        break;
    case SEL4_FAULT_TIMEOUT:
        word[0] = fault->word[0];
        count = 1;
        if (it->context != NOBODY) {
            word[1] = context_take_consumed_us(it->context);
            count = 2;
        }
        break;
    default:
        word[1] = fault->word[0];
        word[2] = fault->word[1];
        word[3] = fault->word[2];
        count = 4;
        break;
    }
    return (u64)fault->kind << 12 | pass_words(receiver, word, count);
}

/* The handler's answer goes into the registers that the message was about. False: the thread stays down. */
static bool take_fault_answer(int handler, int thread) {
    struct m_thread *it = &threads[thread];
    u64 info = threads[handler].reg[SEL4_REG_A1];
    const u64 *buffer = thread_buffer(handler, false);
    u64 length = min_u64(info_length(info), buffer == NULL ? 4 : 120);
    u64 most = it->fault.kind == SEL4_FAULT_UNKNOWN_SYSCALL  ? 10
               : it->fault.kind == SEL4_FAULT_USER_EXCEPTION ? 2
               : it->fault.kind == SEL4_FAULT_TIMEOUT        ? 32
                                                             : 0;

    for (unsigned i = 0; i < length && i < most; i++) {
        u64 value = i < 4 ? threads[handler].reg[SEL4_REG_A2 + i] : buffer[AT_MSG + i];

        it->reg[it->fault.kind == SEL4_FAULT_TIMEOUT ? (int)i : syscall_order[i]] = value;
    }
    return most == 0 || info >> 12 == 0;
}

static bool raise_through(int thread, int which, bool donate) {
    struct m_cap cap = slots[held_slot(thread, which)].cap;

    if (cap.kind != SEL4_CAP_ENDPOINT || (cap.rights & SEL4_RIGHT_WRITE) == 0 ||
        (cap.rights & (SEL4_RIGHT_GRANT | SEL4_RIGHT_GRANT_REPLY)) == 0) {
        return false;
    }
    (void)message_send(cap.object, thread,
                       (struct m_send){.block = true,
                                       .call = true,
                                       .donate = donate,
                                       .grant = (cap.rights & SEL4_RIGHT_GRANT) != 0,
                                       .grant_reply = (cap.rights & SEL4_RIGHT_GRANT_REPLY) != 0,
                                       .badge = cap.badge});
    return true;
}

void fault_raise(int thread) {
    if (!raise_through(thread, HELD_FAULT_HANDLER, true)) {
        threads[thread].fault.kind = SEL4_FAULT_NULL;
        thread_suspended(thread);
    }
}

bool timeout_raise(int thread) {
    struct m_thread *it = &threads[thread];

    if (it->state != RUNNABLE || slot_empty(held_slot(thread, HELD_TIMEOUT_HANDLER))) {
        return false;
    }
    it->fault = (struct m_fault){.kind = SEL4_FAULT_TIMEOUT, .word = {contexts[it->context].badge}};
    if (!raise_through(thread, HELD_TIMEOUT_HANDLER, false)) {
        it->fault.kind = SEL4_FAULT_NULL;
        return false;
    }
    return true;
}

/* A message or a fault goes from one thread to another. */
static void pass(int sender, int receiver, int endpoint, u64 badge, bool grant) {
    u64 info = threads[sender].fault.kind == SEL4_FAULT_NULL
                   ? pass_message(sender, receiver, endpoint, grant)
                   : pass_fault(sender, receiver);

    threads[receiver].reg[SEL4_REG_A0] = badge;
    threads[receiver].reg[SEL4_REG_A1] = info;
}

/* ---- Reply objects ------------------------------------------------------------------------------------------ */

/* The caller waits for an answer; its context goes along if the server has none. */
static void caller_waits(int caller, int server, int reply, bool may_reply, bool donate) {
    int context = threads[caller].context;

    if (reply == NOBODY || !may_reply) {
        thread_wait(caller, INACTIVE); /* nobody could ever answer */
        return;
    }
    thread_wait(caller, AWAITING_REPLY);
    threads[caller].reply = reply;
    replies[reply].caller = caller;
    if (donate && context != NOBODY && threads[server].context == NOBODY) {
        struct m_context *it = &contexts[context];

        it->stack[it->depth] = reply;
        it->depth++;
        replies[reply].context = context;
        context_donate(context, server);
    }
}

/* Calls below a missing one do not get the context back: the stack ends above it. */
void reply_detach(int reply) {
    int context = replies[reply].context;

    if (context == NOBODY) {
        return;
    }
    struct m_context *it = &contexts[context];
    int at = 0;

    while (it->stack[at] != reply) {
        at++;
    }
    for (int i = 0; i <= at; i++) {
        replies[it->stack[i]].context = NOBODY;
    }
    for (int i = at + 1; i < it->depth; i++) {
        it->stack[i - at - 1] = it->stack[i];
    }
    it->depth -= at + 1;
}

/* The wait for this object ends; a context that was lent last over it returns. */
static void reply_end(int reply) {
    int context = replies[reply].context;
    int caller = replies[reply].caller;

    if (context != NOBODY && contexts[context].stack[contexts[context].depth - 1] == reply) {
        contexts[context].depth--;
        replies[reply].context = NOBODY;
        if (threads[caller].context == NOBODY) {
            context_donate(context, caller);
        }
    } else {
        reply_detach(reply);
    }
    replies[reply].caller = NOBODY;
    threads[caller].reply = NOBODY;
    threads[caller].state = INACTIVE;
}

void reply_answer(int reply, int replier, bool grant) {
    int caller = replies[reply].caller;

    if (caller == NOBODY || threads[caller].state != AWAITING_REPLY) {
        return;
    }
    struct m_thread *it = &threads[caller];
    bool was_timeout = it->fault.kind == SEL4_FAULT_TIMEOUT;
    bool run = true;

    reply_end(reply);
    if (it->fault.kind == SEL4_FAULT_NULL) {
        pass(replier, caller, NOBODY, 0, grant);
        thread_done(caller);
    } else {
        run = take_fault_answer(replier, caller);
        it->fault.kind = SEL4_FAULT_NULL;
    }
    if (run) {
        thread_run(caller);
        /* It comes back to a context that is used up: its handler hears of it. */
        if (it->context != NOBODY && !was_timeout && contexts[it->context].max > 0 &&
            !time_refill_ready(it->context)) {
            (void)timeout_raise(caller);
        }
    }
}

void reply_destroyed(int reply) {
    int caller = replies[reply].caller;

    m.ambiguous |= m.order_open && (m.freed_replies & BIT(reply)) != 0;
    if (caller == NOBODY) {
        return;
    }
    if (threads[caller].state == AWAITING_REPLY) {
        threads[caller].fault.kind = SEL4_FAULT_NULL;
        reply_end(reply);
    } else {
        m.left_endpoints |= BIT(threads[caller].waits_on);
        thread_cancel(caller);
    }
}

/* ---- Endpoints ---------------------------------------------------------------------------------------------- */

static bool has_waiters(int endpoint, int state) {
    const struct m_queue *queue = &endpoints[endpoint].queue;

    return queue->count > 0 && threads[queue->thread[0]].state == state;
}

bool message_send(int endpoint, int sender, struct m_send how) {
    struct m_thread *it = &threads[sender];

    if (has_waiters(endpoint, RECEIVING)) {
        int receiver = endpoints[endpoint].queue.thread[0];

        leave_queue(receiver);
        int reply = take_offered(receiver);
        pass(sender, receiver, endpoint, how.badge, how.grant);
        if (how.call) {
            caller_waits(sender, receiver, reply, how.grant || how.grant_reply, how.donate);
        } else if (how.donate && threads[receiver].context == NOBODY && it->context != NOBODY) {
            context_donate(it->context, receiver);
        }
        thread_done(receiver);
        thread_run(receiver);
        return true;
    }
    if (how.block) {
        it->send_badge = how.badge;
        it->send_grant = how.grant;
        it->send_grant_reply = how.grant_reply;
        it->send_call = how.call;
        wait_in_queue(sender, SENDING, endpoint);
    }
    return false;
}

static void take_message(int endpoint, int receiver, int reply) {
    int sender = endpoints[endpoint].queue.thread[0];
    struct m_thread *it = &threads[sender];
    bool timeout = it->fault.kind == SEL4_FAULT_TIMEOUT;

    leave_queue(sender);
    pass(sender, receiver, endpoint, it->send_badge, it->send_grant);
    thread_done(receiver);
    if (it->send_call) {
        caller_waits(sender, receiver, reply, it->send_grant || it->send_grant_reply, !timeout);
    } else {
        thread_done(sender);
        thread_run(sender);
    }
}

void message_receive(int endpoint, int receiver, bool block, int reply) {
    struct m_thread *it = &threads[receiver];

    if (reply != NOBODY && replies[reply].caller != NOBODY) {
        thread_cancel(replies[reply].caller); /* the object is used again */
    }
    if (it->notification != NOBODY) {
        if (notifications[it->notification].active) {
            signal_receive(it->notification, receiver, false);
            return;
        }
        if (block) {
            context_return(it->notification, receiver);
        }
    }
    if (has_waiters(endpoint, SENDING)) {
        take_message(endpoint, receiver, reply);
        return;
    }
    if (!block) {
        it->reg[SEL4_REG_A0] = 0;
        thread_done(receiver);
        return;
    }
    wait_in_queue(receiver, RECEIVING, endpoint);
    if (reply != NOBODY) {
        replies[reply].caller = receiver;
        it->reply = reply;
    }
}

/* A waiter starts its system call again; one that waits to tell of its fault stays down. */
static void restart(int thread) {
    bool faulted = threads[thread].fault.kind != SEL4_FAULT_NULL;

    thread_cancel(thread);
    if (!faulted) {
        thread_run(thread);
    }
}

/*
 * A receiver starts again when its endpoint dies, and stays down when its reply object does. If one deletion takes both,
 * whichever goes first decides, and no rule says which.
 */
void endpoint_flush(int endpoint) {
    m.ambiguous |= m.order_open && (m.left_endpoints & BIT(endpoint)) != 0;
    while (endpoints[endpoint].queue.count > 0) {
        int thread = endpoints[endpoint].queue.thread[0];

        if (threads[thread].state == RECEIVING && threads[thread].reply != NOBODY) {
            m.freed_replies |= BIT(threads[thread].reply);
        }
        restart(thread);
    }
}

void endpoint_flush_badge(int endpoint, u64 badge) {
    struct m_queue waiting = endpoints[endpoint].queue;

    m.order_open = true;
    for (int i = 0; i < waiting.count && has_waiters(endpoint, SENDING); i++) {
        if (threads[waiting.thread[i]].send_badge == badge) {
            restart(waiting.thread[i]);
        }
    }
}

/* ---- Notifications ------------------------------------------------------------------------------------------ */

/* The word arrives: a thread without time may get the notification's. */
static void take_word(int notification, int thread, u64 word) {
    threads[thread].reg[SEL4_REG_A0] = word;
    thread_done(thread);
    context_lend(notification, thread);
    thread_run(thread);
}

void signal_send(int notification, u64 badge) {
    struct m_notification *it = &notifications[notification];

    if (it->queue.count > 0) {
        int thread = it->queue.thread[0];

        leave_queue(thread);
        take_word(notification, thread, badge);
    } else if (!it->active && it->bound != NOBODY && threads[it->bound].state == RECEIVING) {
        int thread = it->bound;

        thread_cancel(thread);
        take_word(notification, thread, badge);
    } else {
        it->active = true;
        it->word |= badge;
    }
}

void signal_receive(int notification, int thread, bool block) {
    struct m_notification *it = &notifications[notification];
    u64 word = it->word;

    if (it->active) {
        it->active = false;
        it->word = 0;
        threads[thread].reg[SEL4_REG_A0] = word;
        thread_done(thread);
        if (threads[thread].context == NOBODY) {
            context_lend(notification, thread);
            thread_run(thread);
        }
    } else if (block) {
        context_return(notification, thread);
        wait_in_queue(thread, AWAITING_SIGNAL, notification);
    } else {
        threads[thread].reg[SEL4_REG_A0] = 0;
        thread_done(thread);
    }
}

void notification_flush(int notification) {
    while (notifications[notification].queue.count > 0) {
        restart(notifications[notification].queue.thread[0]);
    }
}
