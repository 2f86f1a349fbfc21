// SPDX-License-Identifier: BSD-2-Clause
/* A thread is a core: each has its own kernel state. */
#pragma once

#define PER_KERNEL _Thread_local
