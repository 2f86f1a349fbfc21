// SPDX-License-Identifier: BSD-2-Clause
/*
 * A domain that the system file denies the floating-point unit (fpu="false"): the first use is a fault.
 */
#include <microkit.h>

volatile double half = 0.5;

void init(void) {
    microkit_dbg_puts("computing\n");
    half = half * half;
    microkit_dbg_puts("the floating-point unit was there\n");
}

void notified(microkit_channel ch) {
    (void)ch;
}
