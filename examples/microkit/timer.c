// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver of the machine's real-time clock ("google,goldfish-rtc"; its registers are described with Android's
 * emulator): an alarm every 10 ms, each one a notification to whoever is at the other end of `tick`.
 */
#include <microkit.h>

#include <stdint.h>

#define IRQ       0
#define PERIOD_NS 10000000u

/* Registers, in words. Times are nanoseconds; reading the low word latches the high one, writing it arms. */
enum {
    TIME_LOW,
    TIME_HIGH,
    ALARM_LOW,
    ALARM_HIGH,
    IRQ_ENABLED,
    CLEAR_ALARM,
    ALARM_STATUS,
    CLEAR_IRQ
};

uintptr_t clock_base;
microkit_channel tick;

static uint64_t next;

static volatile uint32_t *reg(unsigned index) {
    return (volatile uint32_t *)clock_base + index;
}

static void alarm_set(uint64_t at) {
    *reg(ALARM_HIGH) = (uint32_t)(at >> 32);
    *reg(ALARM_LOW) = (uint32_t)at;
}

void init(void) {
    uint64_t low = *reg(TIME_LOW);
    next = ((uint64_t)*reg(TIME_HIGH) << 32 | low) + PERIOD_NS;
    *reg(IRQ_ENABLED) = 1;
    alarm_set(next);
    microkit_dbg_puts("the clock is set\n");
}

void notified(microkit_channel ch) {
    if (ch != IRQ) {
        return;
    }
    *reg(CLEAR_IRQ) = 1;
    next += PERIOD_NS;
    alarm_set(next);
    microkit_notify(tick);
    /* In one system call with the wait for the next interrupt. */
    microkit_deferred_irq_ack(IRQ);
}
