// SPDX-License-Identifier: BSD-2-Clause
/* Older names that programs still use. */
#pragma once

#include <sel4/bootinfo_types.h>
#include <sel4/types.h>

#define seL4_CapInitThreadPD seL4_CapInitThreadVSpace
