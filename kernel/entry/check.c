// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole-state checker. It finds every object by walking capabilities from the root CNode, the
 * interrupt lines and the threads that can run, remembers each once, then checks each by its
 * invariants (docs/invariants.md).
 *
 * The list of objects seen is bounded; a state with more objects is checked as far as the list
 * reaches, and check_saw_all() says so. Objects that only they themselves refer to (a CNode whose one capability is in itself)
 * are not found.
 */
#include "kernel/entry/check.h"

#include "arch/memory.h"
#include "arch/upcalls.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"
#include "kernel/entry/log.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/asid.h"
#include "kernel/object/irq.h"
#include "kernel/object/vspace.h"
#include "lib/bound.h"
#include "mcs/refill.h"
#include "mcs/schedule.h"
#include "smp/doorbell.h"

#define CHECK_OBJECTS 2048
#define CHECK_SLOTS   (1u << 20)
#define CHECK_QUEUE   4096

struct seen {
    const void *object;
    enum cap_kind kind;
    unsigned radix; /* of a CNode */
    unsigned bits;  /* log2 of its bytes */
};

static PER_KERNEL struct seen seen[CHECK_OBJECTS];
static PER_KERNEL unsigned seen_count;
static PER_KERNEL bool seen_overlap;
static PER_KERNEL bool seen_too_few;

/* Every check answers NULL or the sentence of what it found. */
#define CHECK(condition, sentence)                                                                 \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return sentence;                                                                       \
        }                                                                                          \
    } while (0)

static bool overlap(const struct seen *a, const struct seen *b) {
    u64 start_a = (u64)(uintptr_t)a->object;
    u64 start_b = (u64)(uintptr_t)b->object;

    return start_a < start_b + BIT(b->bits) && start_b < start_a + BIT(a->bits);
}

static void remember(enum cap_kind kind, const void *object, unsigned radix, unsigned bits) {
    struct seen found = {object, kind, radix, bits};

    BOUND(check_remember, CHECK_OBJECTS);
    for (unsigned i = 0; i < seen_count; i++) {
        BOUND_STEP(check_remember);
        if (seen[i].object == object && seen[i].kind == kind) {
            return;
        }
        seen_overlap = seen_overlap || overlap(&seen[i], &found);
    }
    seen_too_few = seen_too_few || seen_count == CHECK_OBJECTS;
    if (seen_count < CHECK_OBJECTS) {
        seen[seen_count++] = found;
    }
}

static void remember_thread(const struct tcb *tcb) {
    remember(CAP_THREAD, tcb, 0, SEL4_TCB_BITS);
}

static void remember_cap(struct cap cap) {
    const void *object = arch_ptr(cap_address(cap));

    switch (cap_kind(cap)) {
    case CAP_CNODE:
        remember(CAP_CNODE, object, cnode_cap_radix(cap), cap_object_bits(cap));
        break;
    case CAP_THREAD:
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
    case CAP_SCHED_CONTEXT:
    case CAP_PAGE_TABLE:
    case CAP_ASID_POOL:
        remember(cap_kind(cap), object, 0, cap_object_bits(cap));
        break;
    case CAP_ZOMBIE:
        remember(zombie_cap_was(cap), object, zombie_cap_radix(cap), cap_object_bits(cap));
        break;
    default:
        break;
    }
}

static bool slot_links_agree(const struct cslot *slot) {
    const struct cslot *next = slot_next(slot);
    const struct cslot *prev = slot_prev(slot);

    return (next == NULL || slot_prev(next) == slot) && (prev == NULL || slot_next(prev) == slot);
}

/* Untyped children lie inside their parent's used part, and after it in the list (INV-UT-1). */
static bool child_inside(const struct cslot *slot) {
    const struct cslot *next = slot_next(slot);

    if (!cap_is(slot->cap, CAP_UNTYPED) || next == NULL || !derive_is_parent(slot, next)) {
        return true;
    }
    u64 base = cap_address(slot->cap).value;
    u64 child = cap_address(next->cap).value;

    return child >= base && child < base + untyped_cap_free_offset(slot->cap);
}

/* What is left of a dying node lies below `left`, and in its last two slots (home and link). */
static const char *check_zombie(struct cap cap) {
    bool thread = zombie_cap_was(cap) == CAP_THREAD;

    if (!thread && zombie_cap_was(cap) != CAP_CNODE) {
        return NULL;
    }
    void *object = arch_ptr(cap_address(cap));
    const struct cslot *slot = thread ? ((const struct tcb *)object)->slot : object;
    u64 end = (thread ? TCB_SLOTS : BIT(zombie_cap_radix(cap))) - 2;

    CHECK(zombie_cap_left(cap) <= end,
          "INV-ZB-1: a zombie has no more left than its node has slots");
    BOUND(check_zombie, CHECK_SLOTS);
    for (u64 i = zombie_cap_left(cap); i < end; i++) {
        BOUND_STEP(check_zombie);
        CHECK(slot_is_empty(&slot[i]), "INV-ZB-1: what a zombie has passed is empty");
    }
    return NULL;
}

/* Of single capabilities. */
static const char *check_cap(struct cap cap) {
    switch (cap_kind(cap)) {
    case CAP_ZOMBIE:
        return check_zombie(cap);
    case CAP_IRQ_HANDLER:
        CHECK(irq_line_find(irq_handler_cap_irq(cap)) != NULL &&
                  irq_line_find(irq_handler_cap_irq(cap))->state == IRQ_ACTIVE,
              "INV-IRQ-1: a line with a handler is active");
        return NULL;
    case CAP_ASID_POOL:
        CHECK(kernel.asid_pool[asid_pool_cap_first(cap) >> ASID_POOL_BITS] ==
                  asid_pool_cap_pool(cap),
              "INV-AS-3: an ASID pool is in the table under its own number");
        return NULL;
    case CAP_PAGE_TABLE:
        CHECK(!page_table_cap_is_mapped(cap) || cap_mapped_asid(cap) != 0,
              "INV-AS-1: nothing is mapped under ASID 0");
        CHECK(!page_table_cap_is_mapped(cap) ||
                  asid_root(cap_mapped_asid(cap)) != arch_ptr(cap_address(cap)) ||
                  cap_mapped_vaddr(cap) == 0,
              "INV-AS-1: the root of an address space stands at address 0");
        return NULL;
    default:
        return NULL;
    }
}

static const char *check_slot(const struct cslot *slot) {
    if (slot_is_empty(slot)) {
        CHECK(slot->cap.word0 == 0 && slot->cap.word1 == 0 && slot->prev == 0 && slot->next == 0,
              "INV-SLOT-1: an empty slot has all words 0");
        return NULL;
    }
    CHECK(slot_links_agree(slot), "INV-DT-1: links of the derivation tree are symmetric");
    CHECK(child_inside(slot), "INV-UT-1: children of an untyped lie in its used part");
    remember_cap(slot->cap);
    return check_cap(slot->cap);
}

static const char *check_slots(const struct cslot *slot, u64 count) {
    const char *problem = NULL;

    BOUND(check_slots, CHECK_SLOTS);
    for (u64 i = 0; i < count && problem == NULL; i++) {
        BOUND_STEP(check_slots);
        problem = check_slot(&slot[i]);
    }
    return problem;
}

/* ---- Queues ---- */

static u64 path_of(const struct pqueue_node *node) {
    return (u64)(uintptr_t)node >> PQUEUE_ALIGN_BITS;
}

/* How far down the way that the node's address spells it lies; PQUEUE_DEPTH + 1: not there. */
static unsigned depth_of(const struct pqueue *queue, const struct pqueue_node *node) {
    const struct pqueue_node *at = queue->top;
    unsigned depth = 0;

    BOUND(check_depth, PQUEUE_DEPTH);
    while (at != node && at != NULL && depth < PQUEUE_DEPTH) {
        BOUND_STEP(check_depth);
        at = at->child[(path_of(node) >> depth) & 1];
        depth++;
    }
    return at == node ? depth : PQUEUE_DEPTH + 1;
}

/* A node `depth` steps down lies on its path, and both its children on theirs. */
static bool on_their_paths(const struct pqueue_node *node, unsigned depth) {
    bool all = depth <= PQUEUE_DEPTH;

    BOUND(check_paths, 2);
    for (u64 side = 0; side < 2 && all; side++) {
        BOUND_STEP(check_paths);
        const struct pqueue_node *child = node->child[side];
        u64 expected = (path_of(node) & MASK(depth)) | side << depth;

        all = child == NULL || (path_of(child) & MASK(depth + 1)) == expected;
    }
    return all;
}

/* Heap order and membership of one waiting queue; the walk goes by place, so it needs no stack. */
static const char *check_pqueue(const struct pqueue *queue, enum thread_queue kind,
                                const void *object, unsigned state) {
    u64 cursor = 0;
    struct pqueue_node *node;

    BOUND(check_pqueue, CHECK_QUEUE);
    while ((node = pqueue_next(queue, cursor)) != NULL) {
        BOUND_STEP(check_pqueue);
        const struct tcb *tcb = tcb_of_wait(node);

        cursor = pqueue_place(node);
        BOUND(check_children, 2);
        for (unsigned side = 0; side < 2; side++) {
            BOUND_STEP(check_children);
            const struct pqueue_node *child = node->child[side];

            CHECK(child == NULL || child->key > node->key ||
                      (child->key == node->key && child->seq > node->seq),
                  "INV-PQ-1: no node of a priority queue comes before its parent");
        }
        CHECK(on_their_paths(node, depth_of(queue, node)),
              "INV-PQ-3: a queued node lies on the path of its address");
        CHECK(tcb->queue == kind, "INV-TCB-1: a queued thread knows its queue");
        CHECK(kind != QUEUE_OBJECT || (tcb->blocked_on == object && tcb->state == state),
              "INV-TCB-3: a waiting thread's state and object are those of its queue");
        CHECK(kind != QUEUE_OBJECT || node->key == 255u - tcb->priority,
              "INV-PQ-2: waiting threads are ordered by priority");
        CHECK(kind != QUEUE_RELEASE || (tcb->sc != NULL && tcb->sc->refill_max > 0),
              "INV-TCB-4: only a thread with refills is in the release queue");
        CHECK(kind != QUEUE_RELEASE || node->key == refill_head(tcb->sc)->time,
              "INV-PQ-2: unreleased threads are ordered by the time of their head refill");
        if (kind == QUEUE_RELEASE) {
            remember_thread(tcb);
        }
    }
    return NULL;
}

static const char *check_endpoint(const struct endpoint *endpoint) {
    CHECK((endpoint->state == ENDPOINT_IDLE) == pqueue_is_empty(&endpoint->queue),
          "INV-EP-1: an endpoint is idle exactly when nobody waits");
    CHECK(!endpoint_has_receiver(endpoint) ||
              (endpoint->state == ENDPOINT_RECEIVING_ONE) == pqueue_has_one(&endpoint->queue),
          "INV-EP-1: one receiver has a state of its own");
    return check_pqueue(&endpoint->queue, QUEUE_OBJECT, endpoint,
                        endpoint->state == ENDPOINT_SENDING ? THREAD_BLOCKED_SEND
                                                            : THREAD_BLOCKED_RECEIVE);
}

static const char *check_notification(const struct notification *notification) {
    CHECK((notification->state == NOTIFICATION_WAITING) == !pqueue_is_empty(&notification->queue),
          "INV-NT-1: a notification is waiting exactly when somebody waits");
    CHECK(notification->state == NOTIFICATION_ACTIVE || notification->word == 0,
          "INV-NT-1: a notification holds a word only while active");
    CHECK(notification->bound == NULL || notification->bound->bound_notification == notification,
          "INV-TCB-2: notification and bound thread point to each other");
    CHECK(notification->sc == NULL || notification->sc->notification == notification,
          "INV-SC-4: notification and its context point to each other");
    return check_pqueue(&notification->queue, QUEUE_OBJECT, notification,
                        THREAD_BLOCKED_NOTIFICATION);
}

static const char *check_reply(const struct reply *reply) {
    CHECK(reply->caller == NULL || reply->caller->reply == reply,
          "INV-RP-2: reply object and the thread that waits on it point to each other");
    CHECK((reply->sc == NULL && reply->previous == NULL && reply->next == NULL) ||
              (reply->caller != NULL && reply->caller->state == THREAD_BLOCKED_REPLY),
          "INV-RP-3: on a reply stack there are only replies that somebody waits for");
    CHECK(reply->sc == NULL || reply->sc->top_reply == reply,
          "INV-RP-1: the reply object that knows a context is the top of its stack");
    CHECK(reply->previous == NULL || reply->previous->next == reply,
          "INV-RP-1: the reply stack is linked both ways");
    CHECK(reply->next == NULL || (reply->next->previous == reply && reply->sc == NULL),
          "INV-RP-1: the reply stack is linked both ways");
    return NULL;
}

/* ---- Time ---- */

static const struct refill *refill_of(const struct sched_context *sc, unsigned index) {
    return &sc->refill[(sc->refill_head + index) % sc->refill_max];
}

static const char *check_refills(const struct sched_context *sc) {
    ticks_t sum = 0;

    CHECK(sc->refill_count >= 1 && sc->refill_count <= sc->refill_max &&
              sc->refill_head < sc->refill_max,
          "INV-SC-1: a configured context has 1..max refills");
    BOUND(check_refills, sc->refill_max);
    for (unsigned i = 0; i < sc->refill_count; i++) {
        BOUND_STEP(check_refills);
        CHECK(i == 0 || refill_of(sc, i - 1)->time <= refill_of(sc, i)->time,
              "INV-SC-1: refills are ordered by time");
        sum += refill_of(sc, i)->amount;
    }
    CHECK(sum == sc->budget, "INV-SC-2: the refills add up to the budget");
    CHECK(sc->period == 0 || sc->refill_count == 1 || refill_of(sc, 0)->amount >= kernel.min_budget,
          "INV-SC-3: the head refill holds the minimum budget or is the only one");
    return NULL;
}

static const char *check_sched_context(const struct sched_context *sc) {
    CHECK(sc->tcb == NULL || sc->tcb->sc == sc,
          "INV-TCB-2: context and thread point to each other");
    CHECK(sc->top_reply == NULL || sc->top_reply->sc == sc,
          "INV-RP-1: the top of a reply stack knows its context");
    CHECK(sc->yield_from == NULL || sc->yield_from->yield_to == sc,
          "INV-SC-5: YieldTo is recorded on both sides");
    return sc->refill_max == 0 ? NULL : check_refills(sc);
}

/* ---- Threads ---- */

static const char *check_thread_links(const struct tcb *tcb) {
    CHECK(tcb->sc == NULL || tcb->sc->tcb == tcb,
          "INV-TCB-2: thread and context point to each other");
    CHECK(tcb->bound_notification == NULL || tcb->bound_notification->bound == tcb,
          "INV-TCB-2: thread and bound notification point to each other");
    CHECK(tcb->reply == NULL || tcb->reply->caller == tcb,
          "INV-RP-2: a waiting thread and its reply object point to each other");
    CHECK((tcb->reply != NULL) <=
              (tcb->state == THREAD_BLOCKED_REPLY || tcb->state == THREAD_BLOCKED_RECEIVE),
          "INV-TCB-3: only a thread in a call or receiving has a reply object");
    CHECK(tcb->yield_to == NULL || tcb->yield_to->yield_from == tcb,
          "INV-SC-5: YieldTo is recorded on both sides");
    CHECK(tcb->yield_to == NULL || tcb->state == THREAD_RUNNABLE,
          "INV-SC-5: only a runnable thread waits in YieldTo");
    return NULL;
}

static const char *check_thread_memory(const struct tcb *tcb) {
    CHECK(!vspace_is_known(tcb) || tcb->space == vspace_token_of(tcb),
          "INV-VS-3: a thread knows its address space");
    CHECK(tcb->buffer_cap != tcb->slot[TCB_BUFFER].cap.word1 ||
              tcb->buffer == tcb_buffer_of(tcb, true),
          "INV-TCB-6: a thread knows its buffer");
    return NULL;
}

static const char *check_thread_queue(const struct tcb *tcb) {
    bool waits = tcb->state == THREAD_BLOCKED_SEND || tcb->state == THREAD_BLOCKED_RECEIVE ||
                 tcb->state == THREAD_BLOCKED_NOTIFICATION;

    CHECK(tcb->state != THREAD_BLOCKED_REPLY || tcb->reply != NULL,
          "INV-TCB-3: a thread in a call has a reply object");
    CHECK(waits == (tcb->queue == QUEUE_OBJECT) && waits == (tcb->blocked_on != NULL),
          "INV-TCB-3: a thread waits in an object's queue exactly in the blocked states");
    CHECK(tcb->queue == QUEUE_NONE || tcb->queue == QUEUE_OBJECT ||
              (tcb->state == THREAD_RUNNABLE && tcb->sc != NULL && tcb->sc->refill_max > 0),
          "INV-TCB-4: only a runnable thread with refills is in the ready or release queue");
    CHECK(tcb->state != THREAD_RUNNABLE || tcb->sc == NULL || tcb->sc->refill_max == 0 ||
              tcb == kernel.current || tcb->queue == QUEUE_READY || tcb->queue == QUEUE_RELEASE,
          "INV-TCB-5: a runnable thread with refills is on the core or in a queue");
    CHECK(tcb != kernel.current || tcb->queue == QUEUE_NONE,
          "INV-TCB-1: the running thread is in no queue");
    return NULL;
}

static const char *check_thread(const struct tcb *tcb) {
    const char *problem = check_slots(tcb->slot, TCB_SLOTS);

    if (problem == NULL) {
        problem = check_thread_links(tcb);
    }
    if (problem == NULL) {
        problem = check_thread_memory(tcb);
    }
    return problem == NULL ? check_thread_queue(tcb) : problem;
}

static const char *check_ready_list(const struct ready_queues *queues, unsigned domain,
                                    unsigned priority) {
    const struct tcb *first = queues->head[priority];
    const struct tcb *tcb = first;
    bool marked = (queues->bitmap[priority / 64] >> (priority % 64)) & 1;

    CHECK(marked == (first != NULL),
          "INV-RQ-1: a priority's bit is set exactly when its list is not empty");
    BOUND(check_ready_list, CHECK_QUEUE);
    while (tcb != NULL) {
        BOUND_STEP(check_ready_list);
        CHECK(tcb->ready_next->ready_prev == tcb, "INV-RQ-2: ready lists are linked both ways");
        CHECK(tcb->queue == QUEUE_READY && tcb->priority == priority && tcb->domain == domain,
              "INV-TCB-1: a thread is in the ready list of its priority and domain");
        CHECK(tcb->sc != NULL && refill_is_ready(tcb->sc, kernel.now),
              "INV-RQ-3: the head refill of a ready thread is due");
        remember_thread(tcb);
        tcb = tcb->ready_next == first ? NULL : tcb->ready_next;
    }
    return NULL;
}

static const char *check_summary(const struct ready_queues *queues) {
    BOUND(check_summary, PRIORITIES / 64);
    for (unsigned word = 0; word < PRIORITIES / 64; word++) {
        BOUND_STEP(check_summary);
        CHECK(((queues->summary >> word) & 1) == (queues->bitmap[word] != 0),
              "INV-RQ-1: a word's bit is set exactly when the word is not 0");
    }
    CHECK(queues->top >= NOBODY_READY && queues->top < PRIORITIES &&
              (queues->summary == 0) == (queues->top == NOBODY_READY),
          "INV-RQ-1: there is a highest priority exactly when there are threads");
    CHECK(queues->top == NOBODY_READY || queues->head[queues->top] != NULL,
          "INV-RQ-1: the highest priority has a thread");
    BOUND(check_above, PRIORITIES);
    for (s64 above = queues->top + 1; above < PRIORITIES; above++) {
        BOUND_STEP(check_above);
        CHECK(queues->head[above] == NULL, "INV-RQ-1: no thread is ready above the highest");
    }
    return NULL;
}

static const char *check_ready(void) {
    const char *problem = NULL;

    BOUND(check_ready, CORE_CONFIG_MAX_DOMAINS * PRIORITIES);
    for (unsigned domain = 0; domain < kernel.config->domains && problem == NULL; domain++) {
        problem = check_summary(&kernel.ready[domain]);
        for (unsigned priority = 0; priority < PRIORITIES && problem == NULL; priority++) {
            BOUND_STEP(check_ready);
            problem = check_ready_list(&kernel.ready[domain], domain, priority);
        }
    }
    return problem;
}

static const char *check_running(void) {
    CHECK(kernel.queues == &kernel.ready[kernel.domain],
          "INV-CORE-3: the ready queues at hand are those of the current domain");
    CHECK(kernel.candidate == NULL && !kernel.reschedule,
          "INV-CORE-1: nothing is left to schedule after an entry");
    CHECK((kernel.current == NULL) == (kernel.current_sc == NULL),
          "INV-CORE-2: time counts against somebody exactly when somebody runs");
    CHECK(kernel.current == NULL || kernel.current->sc == kernel.current_sc,
          "INV-CORE-2: time counts against the running thread's context");
    CHECK(kernel.current == NULL || kernel.current->state == THREAD_RUNNABLE,
          "INV-CORE-3: the running thread is runnable");
    CHECK(kernel.current == NULL || refill_is_ready(kernel.current_sc, kernel.now),
          "INV-CORE-4: the head refill of the running thread is due");
    CHECK(kernel.current == NULL || kernel.current->domain == kernel.domain,
          "INV-CORE-3: the running thread belongs to the domain whose time it is");
    CHECK(kernel.events_deadline == min_u64(schedule_event_deadline(), smp_throttle_deadline()),
          "INV-CORE-5: the first event is known");
    CHECK(kernel.timer_deadline == min_u64(schedule_budget_deadline(), kernel.events_deadline),
          "INV-CORE-5: the timer is set to the first deadline");
    return NULL;
}

/* Lines with their notifications, and which of a peer's lines may be delivered. */
static const char *check_lines(struct irq_line *line, u64 count, const struct peer *peer) {
    const char *problem = NULL;

    BOUND(check_lines, CORE_CONFIG_MAX_LINES);
    for (u64 i = 0; i < count && problem == NULL; i++) {
        BOUND_STEP(check_lines);
        bool open = peer != NULL && ((peer->unmasked[i / 64] >> (i % 64)) & 1) != 0;

        CHECK(!open || (line[i].state == IRQ_ACTIVE && !line[i].masked),
              "INV-IRQ-2: only an active line that waits for no acknowledgement is delivered");
        problem = check_slot(&line[i].notification);
    }
    return problem;
}

static const char *check_interrupts(void) {
    const char *problem = check_lines(kernel.irq, kernel.config->max_irq + 1, NULL);

    BOUND(check_peers, CORE_CONFIG_MAX_PEERS + 1);
    for (unsigned core = 0; core <= CORE_CONFIG_MAX_PEERS && problem == NULL; core++) {
        BOUND_STEP(check_peers);
        const struct peer *peer = &kernel.peer[core];

        if (peer->present) {
            problem = check_lines(peer->line, peer->receive_lines, peer);
        }
    }
    return problem;
}

static const char *check_asids(void) {
    const struct asid_pool *first = kernel.asid_pool[0];

    CHECK(first == NULL || first->root[0] == NULL, "INV-AS-1: ASID 0 is nobody's");
    return NULL;
}

static const char *check_object(const struct seen *entry) {
    switch (entry->kind) {
    case CAP_CNODE:
        return check_slots(entry->object, BIT(entry->radix));
    case CAP_THREAD:
        return check_thread(entry->object);
    case CAP_ENDPOINT:
        return check_endpoint(entry->object);
    case CAP_NOTIFICATION:
        return check_notification(entry->object);
    case CAP_REPLY:
        return check_reply(entry->object);
    case CAP_SCHED_CONTEXT:
        return check_sched_context(entry->object);
    default:
        return NULL;
    }
}

const char *check_all(void) {
    static const char *(*const parts[])(void) = {check_running, check_ready, check_interrupts,
                                                 check_asids};
    const char *problem = NULL;

    seen_count = 0;
    seen_overlap = false;
    seen_too_few = false;
    BOUND(check_parts, ARRAY_LENGTH(parts));
    for (unsigned i = 0; i < ARRAY_LENGTH(parts) && problem == NULL; i++) {
        BOUND_STEP(check_parts);
        problem = parts[i]();
    }
    if (problem == NULL) {
        problem = check_pqueue(&kernel.release, QUEUE_RELEASE, NULL, 0);
    }
    remember(CAP_CNODE, kernel.root_cnode, kernel.config->root_cnode_bits,
             kernel.config->root_cnode_bits + SLOT_BITS);
    remember_thread(kernel.root_task);
    if (kernel.current != NULL) {
        remember_thread(kernel.current);
    }
    /* Looking at an object finds more: the list grows while it is walked. */
    BOUND(check_all, CHECK_OBJECTS);
    for (unsigned i = 0; i < seen_count && problem == NULL; i++) {
        BOUND_STEP(check_all);
        problem = check_object(&seen[i]);
    }
    return problem == NULL && seen_overlap ? "INV-CAP-1: no two objects share memory" : problem;
}

bool check_saw_all(void) {
    return !seen_too_few;
}

/* Said once: whoever reads the log of a run should not take its silence for more than it is. */
static void say_if_partial(void) {
    if (!check_saw_all() && !kernel.check_partial) {
        kernel.check_partial = true;
        log_line("invariants are checked of the first %d objects only", CHECK_OBJECTS);
    }
}

void check_sometimes(void) {
    if (kernel.config->check_interval == 0 ||
        ++kernel.check_countdown < kernel.config->check_interval) {
        return;
    }
    kernel.check_countdown = 0;
    const char *problem = check_all();

    if (problem != NULL) {
        kernel_panic(problem);
    }
    say_if_partial();
}
