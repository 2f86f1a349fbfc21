// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 2 of 6: the parent of storm_patient.c. Starts its child again after each fault, at once, for
 * ever; only the budgets of the two limit how often that is.
 */
#include "examples/flight/domain.h"

/* Where a program begins unless its build says otherwise (user/start/program.ld), and the patient's does not. */
#define CHILD_ENTRY 0x200000u

static s64 restarts;

void init(void) {}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo) {
    (void)msginfo;
    (void)reply_msginfo;
    microkit_pd_restart(child, CHILD_ENTRY);
    rt_value_set(0, "restarts", ++restarts);
    return seL4_False; // restarted, not answered
}
