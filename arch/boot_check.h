// SPDX-License-Identifier: BSD-2-Clause
/* Is this a boot record? Used by every arch before it calls kernel_boot(), and by loaders in tests. */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

/* NULL, or one sentence naming what is wrong. Reads at most BOOT_RECORD_SIZE bytes. */
MUST_USE const char *boot_record_check(const struct boot_record *record);
