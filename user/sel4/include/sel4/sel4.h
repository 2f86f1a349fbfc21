// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel's interface for programs: seL4 16.0, MCS, 64-bit RISC-V, one core, in libsel4's words.
 * Numbers, types and methods are generated from abi/; see docs/reference for what everything does.
 */
#pragma once

#include <interfaces/sel4_client.h>
#include <sel4/arch/mapping.h>
#include <sel4/benchmark_utilisation_types.h>
#include <sel4/bootinfo.h>
#include <sel4/bootinfo_types.h>
#include <sel4/config.h>
#include <sel4/constants.h>
#include <sel4/debug_assert.h>
#include <sel4/deprecated.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/messages.h>
#include <sel4/objecttype.h>
#include <sel4/syscall.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>
#include <sel4/virtual_client.h>
