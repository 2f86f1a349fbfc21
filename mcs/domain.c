// SPDX-License-Identifier: BSD-2-Clause
/* Security domains; see mcs/domain.h. Without a schedule of several entries time is never cut. */
#include "mcs/domain.h"

#include "mcs/schedule.h"

static void enter(u64 index) {
    const struct domain_slot *slot = &kernel.schedule[index];

    kernel.schedule_index = (u32)index;
    kernel.domain = (u8)slot->domain;
    kernel.queues = &kernel.ready[kernel.domain];
    /* A slot too short to do anything in would leave the core to its own timer. */
    kernel.domain_end = slot->duration_ticks == DOMAIN_FOREVER
                            ? ~0ull
                            : kernel.now + max_u64(slot->duration_ticks, kernel.min_budget);
    kernel.reschedule = true;
    kernel.timer_stale = true;
}

void domain_start(void) {
    enter(kernel.schedule_start);
}

void domain_advance(void) {
    u64 next = kernel.schedule_index + 1u;

    if (next >= kernel.config->schedule_length || kernel.schedule[next].duration_ticks == 0) {
        next = kernel.schedule_start;
    }
    enter(next);
}

void domain_set(struct tcb *tcb, u8 domain) {
    thread_dequeue(tcb);
    tcb->domain = domain;
    thread_resume_scheduling(tcb);
}

void domain_schedule_configure(u64 index, u8 domain, ticks_t duration) {
    kernel.schedule[index] = (struct domain_slot){domain, duration};
}

void domain_schedule_set_start(u64 index) {
    kernel.schedule_start = (u32)index;
    enter(index);
}
