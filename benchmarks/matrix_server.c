// SPDX-License-Identifier: BSD-2-Clause
// Answers calls with nothing.
#include <microkit.h>

void init(void) {}

void notified(microkit_channel ch) {
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo message) {
    (void)ch;
    (void)message;
    return microkit_msginfo_new(0, 0);
}
