// SPDX-License-Identifier: BSD-2-Clause
/* Host: time is a variable of each core, moved by the test. */
#pragma once

#include "lib/types.h"

ticks_t arch_time(void);
