// SPDX-License-Identifier: BSD-2-Clause
/* The init task's lines (init/say.h), and the variables the tool patches (init/watch.h). */
#include "user/init/say.h"

#include <sel4/sel4.h>
#include <stdarg.h>
#include <stdio.h>

#include "user/rt/ring.h"

#define PATCHED SECTION(".data.patched")

extern struct console_ring *rt_console_ring;
extern char rt_core_name[32];
extern u64 init_debug_kernel;
extern u64 rt_timebase_hz;

struct console_ring *rt_console_ring PATCHED = NULL;
char rt_core_name[32] PATCHED = "core";
u64 init_debug_kernel PATCHED = 0;
u64 rt_timebase_hz PATCHED = 10000000;

/* NULL until the page is there. */
static struct console_ring *ring;

const char *say_core_name(void) {
    return rt_core_name;
}

u64 say_timebase_hz(void) {
    return rt_timebase_hz;
}

bool say_debug_kernel(void) {
    return init_debug_kernel != 0;
}

void say_mapped(u64 vaddr) {
    if (vaddr == (u64)rt_console_ring && ring == NULL) {
        ring_begin(rt_console_ring, rt_core_name, "init");
        ring = rt_console_ring;
    }
}

static void debug_put(const char *text) {
    for (; *text != '\0'; text++) {
        seL4_DebugPutChar(*text);
    }
}

void say(const char *format, ...) {
    char text[RING_LINE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length < 0) {
        return;
    }
    if (ring != NULL) {
        ring_put_line(ring, text, (u32)min_u64((u64)length, sizeof(text) - 1));
    } else if (say_debug_kernel()) {
        debug_put(text);
        debug_put("\n");
    }
}
