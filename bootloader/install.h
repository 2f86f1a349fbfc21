// SPDX-License-Identifier: BSD-2-Clause
/* Making a partition out of the package: the bootloader's work, without entry and exit. */
#pragma once

#include "abi/package.h"
#include "lib/types.h"

/* Kept free of pieces at the end of the partition's RAM: the loader runs on it meanwhile. */
#define LOADER_STACK_BYTES 4096

/*
 * Fill the RAM of `partition`, an entry of `package`'s table, for `hart`: pieces copied and their digests taken of
 * the copies, the rest of each target cleared, the boot record completed with hart, `start_time` (the time CSR when
 * the loader started) and checksum. NULL, or one sentence saying what is wrong. Writes inside the partition's RAM
 * only, and nothing at all unless header, table and every piece's place have been found good.
 */
MUST_USE const char *partition_install(u64 hart, const struct package_header *package,
                                       const struct package_partition *partition, u64 start_time);
