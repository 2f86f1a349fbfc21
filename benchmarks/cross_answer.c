// SPDX-License-Identifier: BSD-2-Clause
// Rings back.
#include <microkit.h>

enum { RING = 1 };

void init(void) {}

void notified(microkit_channel ch) {
    (void)ch;
    microkit_notify(RING);
}
