// SPDX-License-Identifier: BSD-2-Clause
/* Tests run their constructors themselves: instead of user/start/constructors.h. */
#pragma once

static inline void run_constructors(void) {}
