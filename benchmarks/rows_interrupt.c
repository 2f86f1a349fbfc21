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
    series_begin_at(&there, "irq.user", 0, 1);
    series_begin_at(&back, "irq.user-back", 0, 2);
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
    thread_start(&(struct thread_plan){.entry = rtc_driver, .priority = PRIORITY_DRIVER});
}

static void late_begin(const char *row) {
    series_begin(&lateness, row);
    lateness.overhead = 0;
}

static void late_in_user(void) {
    late_begin("irq.from-user");
    series_input(&lateness, "alarm", FAR_NS, 1);
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
    series_input(&lateness, "alarm", FAR_NS, 1);
    for (unsigned run = 0; run < lab_runs(); run++) {
        alarm_set(FAR_NS + run);
        seL4_Wait(done, NULL);
    }
    series_end(&lateness);
    done = 0;
}

/* ---- An alarm in a long system call ------------------------------------------------------------------ */

#define CNODE       seL4_CapInitThreadCNode
#define OBJECTS     64
#define SENDERS     128
#define CNODE_BITS  8
#define BADGE       7
#define LONGEST     120 // words of a message
#define ALARM_SETUP 300 // instructions from alarm_set() to the system call, about

// Made once for the experiment.
static struct { seL4_CPtr untyped, slots, endpoint, badged, reply, gift, place; } made;

static void many_tcbs(void) {
    must(seL4_Untyped_Retype(made.untyped, seL4_TCBObject, 0, CNODE, 0, 0, made.slots, OBJECTS),
         "Retype");
}

static void untyped_revoke(void) {
    must(seL4_CNode_Revoke(CNODE, made.untyped, DEPTH), "Revoke");
}

static void many_minted(void) {
    for (unsigned i = 0; i < OBJECTS; i++) {
        must(seL4_CNode_Mint(CNODE, made.slots + i, DEPTH, CNODE, made.endpoint, DEPTH,
                             seL4_AllRights, i + 1),
             "CNode.Mint");
    }
}

static void endpoint_revoke(void) {
    must(seL4_CNode_Revoke(CNODE, made.endpoint, DEPTH), "Revoke");
}

// A CNode full of the only capabilities of endpoints.
static void full_cnode(void) {
    untyped_revoke();
    must(seL4_Untyped_Retype(made.untyped, seL4_CapTableObject, CNODE_BITS, CNODE, 0, 0, made.slots,
                             1),
         "Retype");
    must(seL4_Untyped_Retype(made.untyped, seL4_EndpointObject, 0, CNODE, made.slots, DEPTH, 0,
                             1 << CNODE_BITS),
         "Retype");
}

static void slot_delete(void) {
    must(seL4_CNode_Delete(CNODE, made.slots, DEPTH), "Delete");
}

static void sender(void) {
    for (;;) {
        seL4_SendWithMRs(made.badged, MESSAGE(0), NULL, NULL, NULL, NULL);
    }
}

// Each is restarted, sends again, and waits again.
static void sends_cancel(void) {
    must(seL4_CNode_CancelBadgedSends(CNODE, made.badged, DEPTH), "CancelBadgedSends");
}

// Memory that was used is cleared when the next object is made from the untyped.
static void memory_use(void) {
    untyped_revoke();
    must(seL4_Untyped_Retype(made.untyped, seL4_UntypedObject, 17, CNODE, 0, 0, made.slots, 1),
         "Retype");
    slot_delete();
}

static void first_after_use(void) {
    must(seL4_Untyped_Retype(made.untyped, seL4_EndpointObject, 0, CNODE, 0, 0, made.slots, 1),
         "Retype");
}

static void server(void) {
    seL4_Recv(made.endpoint, NULL, made.reply);
    for (;;) {
        seL4_ReplyRecv(made.endpoint, MESSAGE(LONGEST), NULL, made.reply);
    }
}

static void message_exchange(void) {
    seL4_Call(made.endpoint, MESSAGE(LONGEST));
}

static void cap_prepare(void) {
    seL4_CNode_Delete(CNODE, made.place, DEPTH);
    seL4_SetCap(0, made.gift);
}

static void cap_exchange(void) {
    seL4_Call(made.endpoint, seL4_MessageInfo_new(0, 0, 1, LONGEST));
}

static void nothing(void) {}

static const struct {
    const char *row;
    void (*prepare)(void); // before each run
    void (*call)(void);    // one system call
    void (*clear)(void);   // after each run
} LONG_CALLS[] = {{"irq.from-retype", nothing, many_tcbs, untyped_revoke},
                  {"irq.from-revoke", many_tcbs, untyped_revoke, nothing},
                  {"irq.from-revoke-minted", many_minted, endpoint_revoke, nothing},
                  {"irq.from-delete", full_cnode, slot_delete, untyped_revoke},
                  {"irq.from-reset", memory_use, first_after_use, untyped_revoke},
                  {"irq.from-message", nothing, message_exchange, nothing},
                  {"irq.from-cap-transfer", cap_prepare, cap_exchange, nothing},
                  {"irq.from-cancel-badged", nothing, sends_cancel, nothing}};

// The alarm is moved along the call from run to run: from its beginning to its end.
static void late_in(unsigned i) {
    LONG_CALLS[i].prepare();
    seL4_Word from = cycles();
    LONG_CALLS[i].call();
    seL4_Word step = (cycles() - from) / lab_runs() + 1;
    LONG_CALLS[i].clear();
    late_begin(LONG_CALLS[i].row);
    series_input(&lateness, "alarm", ALARM_SETUP, step);
    for (unsigned run = 0; run < lab_runs(); run++) {
        LONG_CALLS[i].prepare();
        woken = 0;
        alarm_set(ALARM_SETUP + step * run);
        lab_mark_begin();
        LONG_CALLS[i].call();
        while (!woken) {
        }
        lab_mark_end();
        LONG_CALLS[i].clear();
    }
    series_end(&lateness);
}

static void long_calls_prepare(void) {
    made.untyped = object_make(seL4_UntypedObject, 18);
    made.slots = slots_take(OBJECTS);
    made.endpoint = object_make(seL4_EndpointObject, 0);
    made.reply = object_make(seL4_ReplyObject, 0);
    made.badged = slots_take(1);
    made.gift = object_make(seL4_NotificationObject, 0);
    made.place = slots_take(1);
    seL4_CPtr other = object_make(seL4_EndpointObject, 0);
    must(seL4_CNode_Mint(CNODE, made.badged, DEPTH, CNODE, other, DEPTH, seL4_AllRights, BADGE),
         "CNode.Mint");
    for (unsigned i = 0; i < SENDERS; i++) {
        small_thread_start(sender, PRIORITY_HIGH, LAB_BUDGET_US, LAB_BUDGET_US);
    }
}

static void server_start(void) {
    struct thread thread =
        thread_start(&(struct thread_plan){.entry = server, .priority = PRIORITY_HIGH});
    seL4_IPCBuffer *buffer = thread_buffer(&thread);
    buffer->receiveCNode = CNODE;
    buffer->receiveIndex = made.place;
    buffer->receiveDepth = DEPTH;
    thread_make_passive(&thread);
}

void rows_interrupt_where(void) {
    clock_start();
    if (!lab_traced()) {
        late_in_user();
        late_when_idle();
    }
    long_calls_prepare();
    server_start();
    for (unsigned i = 0; i < sizeof(LONG_CALLS) / sizeof(LONG_CALLS[0]); i++) {
        late_in(i);
    }
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
    if (lab_traced()) {
        return;
    }
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
