// SPDX-License-Identifier: BSD-2-Clause
/* The actions of the init table, one function each. */
#pragma once

#include <sel4/sel4.h>

#include "abi/init_table.h"
#include "lib/types.h"

/* Beside seL4's errors and enum memory_error. */
#define ACTION_UNKNOWN   110 /* this init task does not know the kind */
#define ACTION_BAD_INDEX 111 /* INIT_WATCH with an index out of range */

/* The table: the page behind the program's own image. */
const struct init_table *init_table_of_image(void);

/* Carry one out. Returns 0 or an error code. */
MUST_USE int action_do(const struct init_action *action);

/* One line that names action number `index`, its line of the system file, and the error. */
void action_explain(const struct init_action *action, u32 index, int error);

/* What INIT_MONITOR left; endpoint seL4_CapNull without one. */
struct action_monitor {
    seL4_CPtr endpoint;
    seL4_CPtr reply;
};
extern struct action_monitor action_monitor;
