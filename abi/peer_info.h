// SPDX-License-Identifier: BSD-2-Clause
/*
 * The extra chunk of the boot information that lists other kernels: header {id, length} as for all chunks, then
 * a count, then one entry per peer. Absent in a kernel without peers, so everything is as in seL4 then.
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#define PEER_INFO_ID 0x534b5201ull

struct peer_info_entry {
    u64 core; /* `peer` of IRQControl.IssueDoorbell; receive irqs start at 4096 + core * 1024 */
    u64 send_lines;
    u64 receive_lines;
    u64 shared_base; /* physical memory shared with this peer, in a device untyped of this task */
    u64 shared_size;
    char name[BOOT_NAME_BYTES];
};

struct peer_info {
    u64 id;
    u64 length; /* bytes, header included */
    u64 peers;
    struct peer_info_entry peer[];
};
