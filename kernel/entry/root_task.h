// SPDX-License-Identifier: BSD-2-Clause
/* The root task: its objects, its capabilities in the order users rely on, and its boot information. */
#pragma once

#include "kernel/entry/boot_memory.h"
#include "kernel/model/kernel.h"

/* Make it, ready to run. `ranges` is used up: what is left became its untyped memory. NULL or a sentence. */
MUST_USE const char *root_task_create(const struct boot_record *record, struct boot_ranges *ranges);
