// SPDX-License-Identifier: BSD-2-Clause
// The aggressor of benchmarks/matrix.system: when the client rings, says that it begins, and does what the shared word
// wants for as long as that is wanted.
#include <microkit.h>

#include "user/rt/rt.h"

enum { CLIENT = 1, SINK = 2, DRAIN = 3, CLOCK = 4 };
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

#define ALARM_NS 3000 // from one interrupt to the next

seL4_Word matrix_wanted = 0; // address of the word that says which kind is wanted
seL4_Word noise_clock = 0;

static seL4_Word kind;

static int wanted(void) {
    return *(volatile seL4_Word *)matrix_wanted == kind;
}

static volatile unsigned *rtc(void) {
    return (volatile unsigned *)noise_clock;
}

static void quiet(void) {}

static void system_call(void) {
    seL4_Yield();
}

// Our parent lets us go on.
static void fault_and_go_on(void) {
    __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
}

static void doorbell_third(void) {
    microkit_notify(SINK);
}

static void doorbell_victim(void) {
    microkit_notify(DRAIN);
}

static void console_line(void) {
    rt_log("noise that goes on and on");
}

// An instruction that does not exist: the firmware sees it first, and hands it back to our kernel as a fault.
static void firmware_entry(void) {
    __asm__ volatile(".4byte 0xffffffff" : : : "memory");
}

static void alarm_set(void) {
    seL4_Word low = rtc()[RTC_LOW], at = (low | (seL4_Word)rtc()[RTC_HIGH] << 32) + ALARM_NS;
    rtc()[RTC_ALARM_HIGH] = (unsigned)(at >> 32);
    rtc()[RTC_ALARM_LOW] = (unsigned)at;
}

// Device interrupts: notified() goes on.
static void interrupts_begin(void) {
    rtc()[RTC_ENABLED] = 1;
    alarm_set();
}

// In the order of the tool's list (tools/bench_matrix.c).
static const struct {
    void (*act)(void);
    int once; // or for as long as it is wanted
} KINDS[] = {{quiet, 1},          {system_call, 0},     {fault_and_go_on, 0},
             {doorbell_third, 0}, {doorbell_victim, 0}, {interrupts_begin, 1},
             {console_line, 0},   {firmware_entry, 0}};

void init(void) {}

void notified(microkit_channel ch) {
    if (ch == CLOCK) {
        rtc()[RTC_CLEAR_INTERRUPT] = 1;
        if (wanted()) {
            alarm_set();
        }
        microkit_irq_ack(CLOCK);
        return;
    }
    kind = *(volatile seL4_Word *)matrix_wanted % (sizeof(KINDS) / sizeof(KINDS[0]));
    microkit_notify(CLIENT);
    do {
        KINDS[kind].act();
    } while (wanted() && !KINDS[kind].once);
}
