// SPDX-License-Identifier: BSD-2-Clause
/*
 * Time: who has it, who runs (seL4 manual, "Scheduling"; the rules of refills are those of mcs/refill.h,
 * spelled on a plain list).
 *
 * Ready threads stand in one row per domain and priority; only those of the current domain run. A thread that becomes
 * runnable goes to the end of its row; the running one, when somebody above it runs, to the head of its own. One
 * exception makes handing over cheap: the only thread woken in an entry runs at once if nobody above it is ready and it
 * is above the running thread (if that goes on); if it has to wait although it is above, it goes to the head of its row.
 */
#include "tests/model/kernel/model.h"

#define HARDLY 64 /* more releases than there are threads */

static struct m_queue ready[DOMAINS][LEVELS];

void time_reset(void) {
    for (int domain = 0; domain < DOMAINS; domain++) {
        for (int i = 0; i < LEVELS; i++) {
            ready[domain][i].count = 0;
        }
    }
}

/* The row that a thread stands in, or would. */
static struct m_queue *row_of(int thread) {
    return &ready[threads[thread].domain][threads[thread].priority];
}

/* ---- Refills ------------------------------------------------------------------------------------------------ */

bool time_refill_ready(int context) {
    return contexts[context].refill[0].time <= m.now;
}

static void drop_head(struct m_context *it) {
    it->count--;
    for (int i = 0; i < it->count; i++) {
        it->refill[i] = it->refill[i + 1];
    }
}

/* The head joins its successor, at the successor's time. */
static void join_head(struct m_context *it) {
    u64 amount = it->refill[0].amount;

    drop_head(it);
    it->refill[0].amount += amount;
}

static void join_small(struct m_context *it, bool *exhausted) {
    while (it->count > 1 && it->refill[0].amount < MIN_BUDGET) {
        join_head(it);
        *exhausted = true;
    }
}

/* Tokens that may be used from `time` on. They join the last refill if they are due before it is used up. */
static void append(struct m_context *it, u64 time, u64 amount) {
    if (it->count > 0) {
        struct m_refill *last = &it->refill[it->count - 1];

        if (time > last->time + last->amount && it->count == it->max) {
            last->time = time - last->amount; /* no room: the whole refill waits */
        }
        if (time <= last->time + last->amount) {
            last->amount += amount;
            return;
        }
    }
    it->refill[it->count] = (struct m_refill){time, amount};
    it->count++;
}

/* Sporadic: all that is due is one refill, as old as its oldest part. */
static void join_due(struct m_context *it) {
    u64 oldest = it->refill[0].time;

    while (it->sporadic && it->count > 1 && it->refill[1].time <= m.now) {
        join_head(it);
        it->refill[0].time = oldest;
    }
}

/* Round robin: what is used waits behind the head; at the end of the slice all is there again. */
static bool use_round_robin(struct m_context *it, u64 used, u64 end) {
    struct m_refill *head = &it->refill[0];

    if (used < head->amount) {
        head->amount -= used;
        if (it->count == 1) {
            it->refill[1] = (struct m_refill){head->time, 0};
            it->count = 2;
        }
        it->refill[1].amount += used;
        return false;
    }
    *head = (struct m_refill){min_u64(head->time, end), it->budget};
    it->count = 1;
    return true;
}

/* `used` ticks ran from `start` on. True: the head refill is used up. */
static bool use(struct m_context *it, u64 used, u64 start) {
    bool exhausted = false;

    if (it->period == 0) {
        return use_round_robin(it, used, start + used);
    }
    for (int turns = 2 * it->max + 2; used > 0 && turns > 0; turns--) {
        struct m_refill head = it->refill[0];
        u64 since = it->sporadic && start > head.time ? start : head.time;
        u64 taken = min_u64(used, head.amount);

        it->refill[0].amount -= taken;
        if (it->refill[0].amount == 0) {
            drop_head(it);
            exhausted = true;
        }
        append(it, since + it->period, taken);
        used -= taken;
        start += taken;
    }
    join_small(it, &exhausted);
    return exhausted;
}

void time_unblocked(int context) {
    struct m_context *it = &contexts[context];

    /* Time that is running is only passed on. */
    if (it->max > 0 && it->sporadic && context != m.current_context) {
        join_due(it);
        if (it->refill[0].time < m.now) {
            it->refill[0].time = m.now; /* tokens of the past do not count */
        }
        join_due(it);
    }
}

static void give_up_head(struct m_context *it) {
    struct m_refill head = it->refill[0];
    bool ignored = false;

    if (it->period == 0) {
        (void)use_round_robin(it, head.amount, m.now + head.amount);
        return;
    }
    u64 again = head.time + it->period;
    if (it->sporadic && again < m.now) {
        again = m.now;
    }
    if (it->count > 1 && it->refill[1].time <= again) {
        drop_head(it);
        append(it, again, head.amount);
    } else {
        it->refill[0].time = again;
    }
    join_small(it, &ignored);
}

/* ---- Charging ----------------------------------------------------------------------------------------------- */

bool time_charge(void) {
    u64 start = m.stint_start;
    u64 used = m.now - start;

    m.stint_start = m.now;
    if (m.current_context == NOBODY || used == 0) {
        return false;
    }
    struct m_context *it = &contexts[m.current_context];

    if (it->max == 0) {
        return false;
    }
    it->consumed += used;
    join_due(it);
    return use(it, used, start);
}

static bool schedulable(int thread) {
    const struct m_thread *it = &threads[thread];

    return it->state == RUNNABLE && it->context != NOBODY && contexts[it->context].max > 0;
}

static void push_tail(int thread) {
    struct m_queue *row = row_of(thread);

    threads[thread].place = READY;
    row->thread[row->count] = thread;
    row->count++;
}

static void push_head(int thread) {
    struct m_queue *row = row_of(thread);

    push_tail(thread);
    for (int i = row->count - 1; i > 0; i--) {
        row->thread[i] = row->thread[i - 1];
    }
    row->thread[0] = thread;
}

static void push_release(int thread) {
    threads[thread].place = RELEASE;
    threads[thread].release_time = contexts[threads[thread].context].refill[0].time;
    threads[thread].arrival = m.arrivals;
    m.arrivals++;
}

void time_end_slice(void) {
    int current = m.current;

    if (!schedulable(current) || threads[current].place != NOWHERE) {
        return;
    }
    if (time_refill_ready(threads[current].context)) {
        push_tail(current);
    } else {
        push_release(current);
    }
}

void time_charge_and_end(void) {
    if (time_charge()) {
        m.slice_over = true;
    }
}

/* Whose head refill was found used up is told by a timeout fault, or waits for the next refill. */
void time_end_if_over(void) {
    int current = m.current;
    bool over = m.slice_over;

    m.slice_over = false;
    if (!over || current == NOBODY || threads[current].context == NOBODY ||
        threads[current].context != m.current_context) {
        return;
    }
    if (contexts[m.current_context].period == 0 || !timeout_raise(current)) {
        time_end_slice();
    }
}

u64 context_take_consumed_us(int context) {
    u64 us = contexts[context].consumed / TICKS_PER_US;

    contexts[context].consumed = 0;
    return us;
}

void time_yield(int thread) {
    if (!time_charge()) {
        give_up_head(&contexts[threads[thread].context]);
    }
    time_end_slice();
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

void time_wake(int thread) {
    if (thread == m.current) {
        return; /* it did not leave the core */
    }
    if (!time_refill_ready(threads[thread].context)) {
        push_release(thread);
    } else if (threads[thread].domain != m.domain) {
        push_tail(thread); /* it does not run now in any case */
    } else if (m.woken == NOBODY && !m.crowd) {
        m.woken = thread;
    } else {
        if (m.woken != NOBODY) {
            push_tail(m.woken);
            m.woken = NOBODY;
        }
        m.crowd = true;
        push_tail(thread);
    }
}

void time_dequeue(int thread) {
    if (m.woken == thread) {
        m.woken = NOBODY;
    } else if (threads[thread].place == READY) {
        queue_remove(row_of(thread), thread);
        threads[thread].place = NOWHERE;
    } else if (threads[thread].place == RELEASE) {
        threads[thread].place = NOWHERE;
    }
}

void time_compete(int thread) {
    if (schedulable(thread) && threads[thread].place == NOWHERE && thread != m.woken) {
        time_wake(thread);
    }
}

/* The thread that is released first; NOBODY if none waits. */
static int first_release(void) {
    int first = NOBODY;

    for (int i = 0; i < THREADS; i++) {
        const struct m_thread *it = &threads[i];

        if (it->alive && it->place == RELEASE &&
            (first == NOBODY || it->release_time < threads[first].release_time ||
             (it->release_time == threads[first].release_time &&
              it->arrival < threads[first].arrival))) {
            first = i;
        }
    }
    return first;
}

void time_release_due(void) {
    for (int left = HARDLY; left > 0; left--) {
        int first = first_release();

        if (first == NOBODY || threads[first].release_time > m.now) {
            return;
        }
        time_dequeue(first);
        time_wake(first);
    }
}

/* ---- Choosing ----------------------------------------------------------------------------------------------- */

static int top_row(void) {
    int row = -1;

    for (int i = 0; i < THREADS; i++) {
        const struct m_thread *it = &threads[i];

        if (it->alive && it->place == READY && it->domain == m.domain && (int)it->priority > row) {
            row = (int)it->priority;
        }
    }
    return row;
}

/* The one woken thread: run it at once, or queue it. */
static int settle_woken(bool stays) {
    int woken = m.woken;

    m.ambiguous = m.ambiguous || (m.order_open && m.crowd);
    m.order_open = false;
    m.freed_replies = m.left_endpoints = 0;
    m.woken = NOBODY;
    m.crowd = false;
    if (woken == NOBODY) {
        return NOBODY;
    }
    int priority = (int)threads[woken].priority;

    if (threads[woken].domain != m.domain ||
        (stays && priority <= (int)threads[m.current].priority)) {
        push_tail(woken);
    } else if (priority >= top_row()) {
        return woken;
    } else {
        push_head(woken);
    }
    return NOBODY;
}

static void install(int next) {
    int context = next == NOBODY ? NOBODY : threads[next].context;

    m.current = next;
    if (context != m.current_context) {
        m.current_context = context;
        m.stint_start = m.now;
    }
    if (next != NOBODY && threads[next].yielded_to != NOBODY) {
        context_yield_done(threads[next].yielded_to);
    }
}

/*
 * The context that ran until now is charged before another one runs. It may have been passed on to a thread that
 * is in its row already, as if its time had come.
 */
static bool close_stint(void) {
    int context = m.current_context;
    bool exhausted = time_charge();
    int holder = context == NOBODY ? NOBODY : contexts[context].thread;

    if (exhausted && holder != NOBODY && threads[holder].place == READY) {
        time_dequeue(holder);
        if (time_refill_ready(context)) {
            push_tail(holder);
        } else {
            push_release(holder);
        }
    }
    return exhausted;
}

/*
 * May the running thread go on? It is in no queue, it is its domain's turn, and its time (perhaps lent to it just
 * now) has come.
 */
static bool may_stay(int thread) {
    return thread != NOBODY && schedulable(thread) && threads[thread].place == NOWHERE &&
           threads[thread].domain == m.domain && time_refill_ready(threads[thread].context);
}

static void make_room(int next) {
    int current = m.current;
    bool over = (next == NOBODY || threads[next].context != m.current_context) && close_stint();

    if (current == NOBODY || current == next || !schedulable(current) ||
        threads[current].place != NOWHERE) {
        return;
    }
    if ((over && threads[current].context == m.current_context) ||
        !time_refill_ready(threads[current].context)) {
        time_end_slice();
    } else {
        push_head(current);
    }
}

static void choose(void) {
    int current = m.current;
    bool stays = may_stay(current);
    int next = settle_woken(stays);

    if (next == NOBODY) {
        int row = top_row();

        if (stays && (int)threads[current].priority >= row) {
            if (threads[current].context != m.current_context) {
                (void)close_stint();
                install(current);
            }
            return;
        }
        if (row >= 0) {
            next = ready[m.domain][row].thread[0];
            time_dequeue(next);
        }
    }
    make_room(next);
    install(next);
}

void time_schedule(void) {
    time_end_if_over();
    choose();
    m.alarm = ~0ull;
    if (m.current_context != NOBODY && contexts[m.current_context].max > 0) {
        m.alarm = m.stint_start + contexts[m.current_context].refill[0].amount;
    }
    int first = first_release();

    if (first != NOBODY) {
        m.alarm = min_u64(m.alarm, threads[first].release_time);
    }
    m.alarm = min_u64(m.alarm, m.domain_end);
}

/* ---- Domains ------------------------------------------------------------------------------------------------ */

/* The slot begins now. One too short to do anything in lasts as long as the smallest budget. */
void time_domain_start(int index) {
    u64 duration = m.schedule[index].duration;

    m.schedule_index = index;
    m.domain = m.schedule[index].domain;
    m.domain_end =
        duration == FOREVER ? ~0ull : m.now + (duration > MIN_BUDGET ? duration : MIN_BUDGET);
}

void time_domain_due(void) {
    int next = m.schedule_index + 1;

    if (m.now < m.domain_end) {
        return;
    }
    if (next == SCHEDULE || m.schedule[next].duration == 0) {
        next = m.schedule_start;
    }
    time_domain_start(next);
}

void time_domain_set(int thread, int domain) {
    time_dequeue(thread);
    threads[thread].domain = domain;
    time_compete(thread);
}

/* ---- Who has a context -------------------------------------------------------------------------------------- */

void context_bind(int context, int thread) {
    contexts[context].thread = thread;
    threads[thread].context = context;
    time_unblocked(context);
    time_compete(thread);
}

void context_unbind(int context) {
    int thread = contexts[context].thread;

    if (thread == NOBODY) {
        return;
    }
    if (context == m.current_context) {
        (void)time_charge();
        m.current_context = NOBODY;
    }
    time_dequeue(thread);
    threads[thread].context = NOBODY;
    contexts[context].thread = NOBODY;
}

void context_leave_stack(int context) {
    struct m_context *it = &contexts[context];

    for (int i = 0; i < it->depth; i++) {
        replies[it->stack[i]].context = NOBODY;
    }
    it->depth = 0;
}

void context_donate(int context, int thread) {
    int from = contexts[context].thread;

    if (from != NOBODY) {
        time_dequeue(from);
        threads[from].context = NOBODY;
    }
    contexts[context].thread = thread;
    threads[thread].context = context;
}

void context_lend(int notification, int thread) {
    int context = notifications[notification].context;

    if (threads[thread].context == NOBODY && context != NOBODY &&
        contexts[context].thread == NOBODY) {
        context_donate(context, thread);
    }
}

void context_return(int notification, int thread) {
    int context = notifications[notification].context;

    if (context != NOBODY && threads[thread].context == context) {
        time_dequeue(thread);
        threads[thread].context = NOBODY;
        contexts[context].thread = NOBODY;
    }
}

/* New parameters for a context in use: the head keeps what it has left, the rest follows a period after it. */
static void reconfigure(struct m_context *it, struct m_refill head) {
    u64 left = min_u64(head.amount, it->budget);
    u64 time = head.time > m.now ? head.time : m.now;
    bool ignored = false;

    it->count = 1;
    it->refill[0] = (struct m_refill){time, it->budget};
    if (it->period != 0 && left < it->budget) {
        it->refill[0].amount = left;
        append(it, time + it->period, it->budget - left);
        if (left < MIN_BUDGET && it->count > 1) {
            join_small(it, &ignored);
        }
    }
}

void context_configure(int context, int max, u64 budget, u64 period, u64 badge, bool sporadic) {
    struct m_context *it = &contexts[context];
    int thread = it->thread;
    bool in_use = it->max > 0 && thread != NOBODY && schedulable(thread);

    if (context == m.current_context) {
        (void)time_charge();
    }
    it->badge = badge;
    it->max = max;
    it->budget = budget;
    it->period = period;
    it->sporadic = sporadic && period != 0; /* round robin has no use for it */
    if (in_use) {
        reconfigure(it, it->refill[0]);
    } else {
        it->count = 1;
        it->refill[0] = (struct m_refill){m.now, budget};
    }
    if (thread == m.current && thread != NOBODY) {
        if (!time_refill_ready(context)) {
            time_end_slice();
        }
    } else if (thread != NOBODY) {
        time_dequeue(thread);
        time_compete(thread);
    }
}

/* ---- YieldTo ------------------------------------------------------------------------------------------------ */

void context_yield_done(int context) {
    struct m_context *it = &contexts[context];
    int yielder = it->yielder;

    it->yielder = NOBODY;
    threads[yielder].yielded_to = NOBODY;
    if (threads[yielder].yield_answer) {
        threads[yielder].reg[SEL4_REG_A2] = context_take_consumed_us(context);
    }
}

bool context_yield_to(int context, int caller, bool answer) {
    struct m_context *it = &contexts[context];
    int target = it->thread;

    if (it->yielder != NOBODY) {
        context_yield_done(context);
    }
    time_unblocked(context);
    time_compete(target);
    if (threads[target].place != READY && target != m.woken) {
        return false;
    }
    time_dequeue(target);
    if (threads[target].priority < threads[caller].priority) {
        push_head(target);
        return false;
    }
    threads[caller].yielded_to = context;
    threads[caller].yield_answer = answer;
    it->yielder = caller;
    if (time_charge()) {
        time_end_slice();
    } else {
        push_head(caller);
    }
    push_head(target);
    return true;
}
