// SPDX-License-Identifier: BSD-2-Clause
// Notifications: polled, signalled with and without somebody who waits.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

static seL4_CPtr bell;
static volatile seL4_Word woken;

void rows_notification_alone(void) {
    seL4_Word badge;
    bell = object_make(seL4_NotificationObject, 0);
    MEASURE("ntfn.poll-empty", , seL4_Poll(bell, &badge), );
    MEASURE("ntfn.poll-signalled", seL4_Signal(bell), seL4_Poll(bell, &badge), );
    MEASURE("ntfn.signal", , seL4_Signal(bell), );
}

static void waiter(void) {
    for (;;) {
        seL4_WaitWithMRs(bell, NULL, NULL, NULL, NULL, NULL);
        woken = cycles();
    }
}

// The waiter runs at once, waits again, and the signaller goes on.
void rows_signal_high(void) {
    static struct series there, back;
    bell = object_make(seL4_NotificationObject, 0);
    thread_start(&(struct thread_plan){.entry = waiter, .priority = PRIORITY_HIGH});
    series_begin_at(&there, "ntfn.signal-high", 0, 1);
    series_begin_at(&back, "ntfn.signal-high-back", 0, 2);
    for (unsigned run = 0; run < lab_runs(); run++) {
        lab_mark_begin();
        seL4_Word from = cycles();
        seL4_Signal(bell);
        seL4_Word to = cycles();
        lab_mark_end();
        series_add(&there, woken - from);
        series_add(&back, to - from);
    }
    series_end(&there);
    series_end(&back);
}

static void waiter_runs(void) {
    lab_priority(PRIORITY_LOW - 1);
    lab_priority(PRIORITY_LAB);
}

void rows_signal_low(void) {
    bell = object_make(seL4_NotificationObject, 0);
    thread_start(&(struct thread_plan){.entry = waiter, .priority = PRIORITY_LOW});
    waiter_runs();
    MEASURE("ntfn.signal-low", , seL4_Signal(bell), waiter_runs());
}
