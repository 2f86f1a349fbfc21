// SPDX-License-Identifier: BSD-2-Clause
// Nothing but system calls, for as long as the calls of storm_client.c take and some more.
#include <microkit.h>

enum { CALLS = 3000 };

void init(void) {
    for (unsigned call = 0; call < CALLS; call++) {
        seL4_Yield();
    }
}

void notified(microkit_channel ch) {
    (void)ch;
}
