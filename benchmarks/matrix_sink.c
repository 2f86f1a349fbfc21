// SPDX-License-Identifier: BSD-2-Clause
// Rings the client back; what comes from the noise is only heard.
#include <microkit.h>

enum { CLIENT = 1 };

void init(void) {}

void notified(microkit_channel ch) {
    if (ch == CLIENT) {
        microkit_notify(CLIENT);
    }
}
