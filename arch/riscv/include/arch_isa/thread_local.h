// SPDX-License-Identifier: BSD-2-Clause
/* One image per kernel: its variables are its own. See arch/thread_local.h. */
#pragma once

#define PER_KERNEL
