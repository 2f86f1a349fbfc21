// SPDX-License-Identifier: BSD-2-Clause
/*
 * A domain that fails: told to work, it writes to an address where nothing is.
 */
#include <microkit.h>

#define SUPERVISOR 5

void init(void) {
    microkit_dbg_puts("ready\n");
}

void notified(microkit_channel ch) {
    if (ch == SUPERVISOR) {
        /* An instruction of four bytes, so that the supervisor knows what to skip. */
        __asm__ volatile(".option push\n.option norvc\nsw zero, 0(%0)\n.option pop" ::"r"(0x1000)
                         : "memory");
        microkit_dbg_puts("still here\n");
    }
}
