// SPDX-License-Identifier: BSD-2-Clause
// Hears signals and does nothing.
#include <microkit.h>

void init(void) {}

void notified(microkit_channel ch) {
    (void)ch;
}
