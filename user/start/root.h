// SPDX-License-Identifier: BSD-2-Clause
/* What start-up code gives to a root task: it provides main(), and finds the boot information here. */
#pragma once

#include <sel4/sel4.h>

/* Never NULL when main() runs. */
extern seL4_BootInfo *root_boot_info;

/* When it returns, the root task suspends itself. */
int main(void);
