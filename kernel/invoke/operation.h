// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations: what decode hands to act. One struct per method, `struct <object>_<method>_op`, defined with its
 * object; pointers in it are valid until the end of the entry.
 */
#pragma once

#include "kernel/invoke/ops_irq.h"
#include "kernel/invoke/ops_memory.h"
#include "kernel/invoke/ops_sched.h"
#include "kernel/invoke/ops_thread.h"
#include "kernel/invoke/ops_vspace.h"
