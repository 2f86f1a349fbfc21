// SPDX-License-Identifier: BSD-2-Clause
/* Entry points of domains that have none of their own: weak, so the program's take their place. */
#include <microkit.h>

#include "user/rt/log.h"

#define WEAK __attribute__((weak))

WEAK void notified(microkit_channel ch) {
    (void)ch;
}

WEAK microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo) {
    (void)msginfo;
    rt_log("called on channel %u, but has no protected procedure", ch);
    return microkit_msginfo_new(seL4_IllegalOperation, 0);
}

WEAK seL4_Bool fault(microkit_child child, microkit_msginfo msginfo,
                     microkit_msginfo *reply_msginfo) {
    (void)reply_msginfo;
    rt_log("child %u faulted (%u), left stopped", child,
           (unsigned)microkit_msginfo_get_label(msginfo));
    return seL4_False;
}
