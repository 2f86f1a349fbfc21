// SPDX-License-Identifier: BSD-2-Clause
/*
 * The init task's memory: untyped capabilities of the boot information, handed out object by object.
 *
 * RAM: the kernel allocates upward within an untyped; we keep the same mark beside it, so a retype is only tried
 * where it must succeed. Devices: a frame at a given address is cut out by halving untypeds, so frames may be
 * asked for in any order.
 */
#pragma once

#include <sel4/sel4.h>

#include "lib/types.h"

/* Beside seL4's error codes (0..10). */
enum memory_error {
    MEMORY_NO_RAM = 101,    /* no untyped has room for an object of this size */
    MEMORY_NO_DEVICE = 102, /* no device untyped holds this range, or part of it is taken already */
    MEMORY_NO_SLOTS = 103   /* the init task's CNode, or its table of pieces, is full */
};

/* Once: take over what `info` lists. Slots from `first_slot` to the end of the CNode become ours. */
void memory_begin(const seL4_BootInfo *info, seL4_CPtr first_slot);

/* New object of `type` in `slot`; size_bits as for Untyped.Retype. Returns 0 or an error. */
MUST_USE int memory_create(seL4_CPtr slot, seL4_Word type, u32 size_bits);

/* The frame of 2^size_bits bytes (12, 21, 30) at physical address `base` in `slot`. Returns 0 or an error. */
MUST_USE int memory_device_frame(seL4_CPtr slot, u64 base, u32 size_bits);

/* Delete every untyped capability: nobody on this core can create objects from here on. */
void memory_give_up(void);
