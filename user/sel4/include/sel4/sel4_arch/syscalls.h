// SPDX-License-Identifier: BSD-2-Clause
/* System calls. */
#pragma once

#include <sel4/syscalls.h>
