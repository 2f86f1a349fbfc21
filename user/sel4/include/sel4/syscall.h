// SPDX-License-Identifier: BSD-2-Clause
/* System call numbers: seL4_Syscall_ID. */
#pragma once

#include <sel4/gen/abi.h>
