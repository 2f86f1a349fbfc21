// SPDX-License-Identifier: BSD-2-Clause
/* The kernel's own lines; see kernel/entry/log.h. */
#include "kernel/entry/log.h"

#include "abi/console_ring.h"
#include "arch/console.h"
#include "arch/panic.h"
#include "lib/bound.h"
#include "lib/build_checks.h"
#include "lib/format.h"

_Static_assert(ENTRY_KINDS <= CONSOLE_COUNTERS, "the ring has a counter for each kind of entry");

void log_ring_write(struct console_ring *ring, const char *text, u64 bytes) {
    u64 head = ring->head;

    /* The reader is another program: a tail that makes no sense counts as "all read". */
    u64 used = head - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
    if (used > CONSOLE_RING_BYTES) {
        used = 0;
    }
    if (bytes > CONSOLE_RING_BYTES - used) {
        ring->dropped++;
        return;
    }
    BOUND(log_ring_write, ARCH_PANIC_TEXT_BYTES);
    for (u64 i = 0; i < bytes; i++) {
        BOUND_STEP(log_ring_write);
        ring->data[(head + i) % CONSOLE_RING_BYTES] = text[i];
    }
    __atomic_store_n(&ring->head, head + bytes, __ATOMIC_RELEASE);
}

void log_line(const char *format, ...) {
    char line[LOG_LINE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    u64 bytes = format_text_list(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[bytes++] = '\n';
    if (kernel.log != NULL) {
        log_ring_write(kernel.log, line, bytes);
    } else if (BUILD_CHECKS ||
               (kernel.partition != NULL && kernel.partition->flags & BOOT_CONSOLE_FIRMWARE)) {
        arch_console_write(line, bytes);
    }
}

void log_counters(void) {
    if (kernel.log == NULL) {
        return;
    }
    BOUND(log_counters, ENTRY_KINDS);
    for (unsigned i = 0; i < ENTRY_KINDS; i++) {
        BOUND_STEP(log_counters);
        kernel.log->counter[i] = kernel.entries[i];
    }
}
