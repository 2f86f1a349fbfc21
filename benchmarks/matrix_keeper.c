// SPDX-License-Identifier: BSD-2-Clause
// Parent of a domain that faults: lets it go on behind the instruction that faulted, which has four bytes.
#include <microkit.h>

void init(void) {}

void notified(microkit_channel ch) {
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo) {
    (void)child;
    (void)msginfo;
    microkit_mr_set(0, microkit_mr_get(0) + 4);
    *reply_msginfo = microkit_msginfo_new(0, 1);
    return seL4_True;
}
