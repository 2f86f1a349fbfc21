// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot information of the root task. The kernel passes its address in a0 at entry; start-up code hands it
 * to seL4_InitBootInfo, after which seL4_GetBootInfo finds it (both are in libsel4.a).
 */
#pragma once

#include <sel4/bootinfo_types.h>
#include <sel4/types.h>

void seL4_InitBootInfo(seL4_BootInfo *bi);
seL4_BootInfo *seL4_GetBootInfo(void);
