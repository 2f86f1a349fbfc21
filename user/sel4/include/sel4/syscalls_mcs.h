// SPDX-License-Identifier: BSD-2-Clause
/* System calls; this is always the MCS set. */
#pragma once

#include <sel4/syscalls.h>
