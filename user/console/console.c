// SPDX-License-Identifier: BSD-2-Clause
/* Rings to UART (console/console.h). */
#include "user/console/console.h"

#include <stdarg.h>
#include <stdio.h>

#include "user/console/uart.h"
#include "user/rt/ring.h"

#define LINES_PER_POLL 8 /* of each ring, so that one that floods does not silence the others */

static u64 drops_told[CONSOLE_MAX_RINGS];

void console_begin(void) {
    uart_begin(console_uart);
}

static void put_text(const char *text) {
    for (; *text != '\0'; text++) {
        uart_put(console_uart, *text);
    }
}

void console_line(const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    put_text(text);
    put_text("\n");
}

static struct console_ring *ring_at(u32 index) {
    return (struct console_ring *)(console_rings + (u64)index * PAGE_SIZE);
}

/* The prefix of a line. The name was checked, but its writer may change it at any moment: so again here. */
static void put_prefix(const struct console_ring *ring) {
    char name[sizeof(ring->name) + 1];
    for (u32 i = 0; i < sizeof(ring->name); i++) {
        u8 c = (u8)((const volatile struct console_ring *)ring)->name[i];
        name[i] = c != '\0' && (c < ' ' || c == 0x7f || c == ']') ? '?' : (char)c;
    }
    name[sizeof(ring->name)] = '\0';
    put_text("[");
    put_text(name);
    put_text("] ");
}

static u32 ring_poll(u32 index) {
    struct console_ring *ring = ring_at(index);
    char line[RING_LINE_BYTES];
    u32 lines = 0;
    while (lines < LINES_PER_POLL && ring_take_line(ring, line) >= 0) {
        put_prefix(ring);
        put_text(line);
        put_text("\n");
        lines++;
    }
    u64 dropped = ring->dropped;
    if (dropped != drops_told[index]) {
        put_prefix(ring);
        console_line("(%lu lines lost so far: console ring full)", (unsigned long)dropped);
        drops_told[index] = dropped;
    }
    return lines;
}

static void report_kernel(const volatile struct console_ring *ring) {
    static const char *const kinds[] = {"syscalls", "faults", "timer", "device", "doorbell"};
    char name[sizeof(ring->name) + 1];
    u64 sum = 0;
    for (u32 i = 0; i < sizeof(ring->name); i++) {
        char c = ring->name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '\0';
        name[i] = plain ? c : '_';
    }
    name[sizeof(ring->name)] = '\0';
    for (u32 i = 0; i < CONSOLE_COUNTERS; i++) {
        sum += ring->counter[i];
    }
    if (sum == 0) {
        return; /* a program's ring */
    }
    console_line("@skerry kernel core=%s %s=%lu %s=%lu %s=%lu %s=%lu %s=%lu", name, kinds[0],
                 (unsigned long)ring->counter[0], kinds[1], (unsigned long)ring->counter[1],
                 kinds[2], (unsigned long)ring->counter[2], kinds[3],
                 (unsigned long)ring->counter[3], kinds[4], (unsigned long)ring->counter[4]);
}

void console_report_kernels(void) {
    u32 rings = (u32)min_u64(console_ring_count, CONSOLE_MAX_RINGS);
    for (u32 i = 0; i < rings; i++) {
        if (ring_ready(ring_at(i))) {
            report_kernel(ring_at(i));
        }
    }
}

u32 console_poll(void) {
    u32 lines = 0;
    u32 rings = (u32)min_u64(console_ring_count, CONSOLE_MAX_RINGS);
    for (u32 i = 0; i < rings; i++) {
        if (ring_ready(ring_at(i))) {
            lines += ring_poll(i);
        }
    }
    return lines;
}
