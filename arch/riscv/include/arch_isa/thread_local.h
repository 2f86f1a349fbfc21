// SPDX-License-Identifier: BSD-2-Clause
/* One image, one kernel: nothing to mark. */
#pragma once

#define PER_KERNEL
