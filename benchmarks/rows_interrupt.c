// SPDX-License-Identifier: BSD-2-Clause
// Device interrupts: raised by an own store, and by a clock at a known time wherever the kernel is then.
//
// Virtual time is one nanosecond per instruction here, idle time included, and the emulator's `cycle` register
// follows it. So the RTC's nanoseconds and `cycle` differ by a constant, and an alarm's lateness is exact.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

enum { UART_INTERRUPTS = 1, UART_IDENTITY = 2, UART_TRANSMITTER = 2 };
enum {
    RTC_LOW = 0,
    RTC_HIGH,
    RTC_ALARM_LOW,
    RTC_ALARM_HIGH,
    RTC_ENABLED,
    RTC_CLEAR_ALARM,
    RTC_STATUS,
    RTC_CLEAR_INTERRUPT
};

#define IRQ_UART 10
#define IRQ_RTC  11
#define FAR_NS   20000

static seL4_CPtr bell, handler, done;
static volatile seL4_Word woken;

static void irq_get(seL4_Word irq) {
    bell = object_make(seL4_NotificationObject, 0);
    handler = slots_take(1);
    must(seL4_IRQControl_Get(seL4_CapIRQControl, irq, seL4_CapInitThreadCNode, handler, DEPTH),
         "IRQControl.Get");
    must(seL4_IRQHandler_SetNotification(handler, bell), "SetNotification");
}

/* ---- The transmitter is empty ---------------------------------------------------------------------- */

static void uart_driver(void) {
    volatile seL4_Uint8 *uart = lab_uart();
    for (;;) {
        seL4_WaitWithMRs(bell, NULL, NULL, NULL, NULL, NULL);
        woken = cycles();
        uart[UART_INTERRUPTS] = 0;
        (void)uart[UART_IDENTITY];
        seL4_IRQHandler_Ack(handler);
    }
}

// From the store that raises the interrupt to the driver, and until the interrupted thread goes on.
void rows_interrupt(void) {
    static struct series there, back;
    volatile seL4_Uint8 *uart = lab_uart();
    irq_get(IRQ_UART);
    thread_start(&(struct thread_plan){.entry = uart_driver, .priority = PRIORITY_HIGH});
    series_begin(&there, "irq.user");
    series_begin(&back, "irq.user-back");
    for (unsigned run = 0; run < lab_runs(); run++) {
        woken = 0;
        lab_mark_begin();
        seL4_Word from = cycles();
        uart[UART_INTERRUPTS] = UART_TRANSMITTER;
        while (!woken) {
        }
        seL4_Word to = cycles();
        lab_mark_end();
        series_add(&there, woken - from);
        series_add(&back, to - from);
    }
    series_end(&there);
    series_end(&back);
    must(seL4_IRQHandler_Clear(handler), "IRQHandler.Clear");
}

/* ---- An alarm --------------------------------------------------------------------------------------- */

static struct series lateness;
static seL4_Word clock_offset; // RTC nanoseconds less `cycle`
static seL4_Word alarm_at;     // on the scale of `cycle`

static seL4_Word rtc_now(void) {
    seL4_Word low = lab_clock()[RTC_LOW];
    return low | (seL4_Word)lab_clock()[RTC_HIGH] << 32;
}

static void alarm_set(seL4_Word delay_ns) {
    alarm_at = cycles() + delay_ns;
    seL4_Word at = alarm_at + clock_offset;
    lab_clock()[RTC_ALARM_HIGH] = (unsigned)(at >> 32);
    lab_clock()[RTC_ALARM_LOW] = (unsigned)at;
}

static void rtc_driver(void) {
    for (;;) {
        seL4_WaitWithMRs(bell, NULL, NULL, NULL, NULL, NULL);
        seL4_Word now = cycles();
        woken = now;
        series_add(&lateness, now - alarm_at);
        lab_clock()[RTC_CLEAR_INTERRUPT] = 1;
        seL4_IRQHandler_Ack(handler);
        if (done) {
            seL4_Signal(done);
        }
    }
}

static void clock_start(void) {
    irq_get(IRQ_RTC);
    seL4_Word before = cycles();
    clock_offset = rtc_now() - before;
    lab_clock()[RTC_ENABLED] = 1;
    thread_start(&(struct thread_plan){.entry = rtc_driver, .priority = PRIORITY_HIGH});
}

static void late_begin(const char *row) {
    series_begin(&lateness, row);
    lateness.overhead = 0;
}

static void late_in_user(void) {
    late_begin("irq.from-user");
    for (unsigned run = 0; run < lab_runs(); run++) {
        woken = 0;
        alarm_set(FAR_NS + run);
        while (!woken) {
        }
    }
    series_end(&lateness);
}

// Nobody is ready until the alarm: the driver's signal after its work is what the lab waits for.
static void late_when_idle(void) {
    done = object_make(seL4_NotificationObject, 0);
    late_begin("irq.from-idle");
    for (unsigned run = 0; run < lab_runs(); run++) {
        alarm_set(FAR_NS + run);
        seL4_Wait(done, NULL);
    }
    series_end(&lateness);
    done = 0;
}

// Alarms at many points of a long system call.
static void late_in_retype(void) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, 18);
    late_begin("irq.from-retype");
    for (unsigned run = 0; run < lab_runs(); run++) {
        seL4_CPtr first = slots_take(0);
        woken = 0;
        alarm_set(1000 + 37 * run);
        must(seL4_Untyped_Retype(untyped, seL4_TCBObject, 0, seL4_CapInitThreadCNode, 0, 0, first,
                                 64),
             "Retype");
        while (!woken) {
        }
        must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, untyped, DEPTH), "Revoke");
    }
    series_end(&lateness);
}

static void late_in_revoke(void) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, 18);
    late_begin("irq.from-revoke");
    for (unsigned run = 0; run < lab_runs(); run++) {
        must(seL4_Untyped_Retype(untyped, seL4_TCBObject, 0, seL4_CapInitThreadCNode, 0, 0,
                                 slots_take(0), 64),
             "Retype");
        woken = 0;
        alarm_set(1000 + 211 * run);
        must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, untyped, DEPTH), "Revoke");
        while (!woken) {
        }
    }
    series_end(&lateness);
}

void rows_interrupt_where(void) {
    clock_start();
    late_in_user();
    late_when_idle();
    late_in_retype();
    late_in_revoke();
    lab_clock()[RTC_ENABLED] = 0;
    must(seL4_IRQHandler_Clear(handler), "IRQHandler.Clear");
}

/* ---- Periodic release ------------------------------------------------------------------------------- */

#define PERIOD_US 1000
#define BUDGET_US 100

static volatile unsigned releases;
static volatile seL4_Word release[RUNS + WARM_UPS + 1];

// Yield gives up what is left of the budget: the thread runs again at its next replenishment.
static void periodic(void) {
    for (;;) {
        seL4_Word now = cycles();
        if (releases < lab_runs()) {
            release[releases] = now;
            releases = releases + 1;
        }
        seL4_Yield();
    }
}

// How much later than the earliest each replenishment let the thread run. The lab spins below it.
void rows_jitter(void) {
    static struct series series;
    releases = 0;
    thread_start(&(struct thread_plan){.entry = periodic,
                                       .priority = PRIORITY_HIGH,
                                       .budget_us = BUDGET_US,
                                       .period_us = PERIOD_US});
    while (releases < lab_runs()) {
    }
    series_begin(&series, "sched.jitter");
    series.overhead = 0;
    seL4_Word earliest = ~0ul;
    for (unsigned run = 1; run < lab_runs(); run++) {
        seL4_Word phase = release[run] - run * PERIOD_US * 1000;
        earliest = phase < earliest ? phase : earliest;
    }
    for (unsigned run = 0; run < lab_runs(); run++) {
        series_add(&series, release[run] - run * PERIOD_US * 1000 - earliest);
    }
    series_end(&series);
}
