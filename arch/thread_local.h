// SPDX-License-Identifier: BSD-2-Clause
/*
 * PER_KERNEL marks an object of which every kernel has its own. On a machine each kernel is an image of its own,
 * so nothing is needed; on the host architecture a thread is a kernel.
 */
#pragma once

#include "arch_isa/thread_local.h"
