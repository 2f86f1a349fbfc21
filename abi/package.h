// SPDX-License-Identifier: BSD-2-Clause
/*
 * The boot package: what the host tool builds and every hart's bootloader reads, in place, read-only.
 *
 *     package base  → bootloader stub (flat, position independent), padded to PACKAGE_HEADER_OFFSET
 *     + 0x10000     → struct package_header, struct package_partition[partitions]
 *     …             → pieces, each 8-byte aligned (offsets are from the package header)
 *
 * OpenSBI enters the stub with a0 = hart id, a1 = address of the header (next-arg1 of the domain); without walls it
 * enters one hart, with a device tree in a1, and that hart's stub starts the others (docs/boot.md). The stub
 * finds the entry whose `hart` is its own, or PACKAGE_ANY_HART; copies each piece to `target`, clears up to
 * `target_size`, checks the piece's digest on the copy, completes the boot record, and enters the kernel
 * piece's first byte. Nothing outside the own partition's RAM is written.
 *
 * Digests are XXH64 with seed 0. The header's own digest covers header and table, its field taken as 0.
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#define PACKAGE_MAGIC          0x31474b5059524b53ull /* "SKRYPKG1" */
#define PACKAGE_VERSION        1
#define PACKAGE_HEADER_OFFSET  0x10000ull
#define PACKAGE_ANY_HART       (~0ull)
#define PACKAGE_MAX_PARTITIONS 8

enum package_piece_kind {
    PACKAGE_KERNEL = 0, /* flat kernel image; target_size includes .bss */
    PACKAGE_CONFIG = 1, /* abi/core_config.h */
    PACKAGE_RECORD =
        2,            /* boot record with hart = 0 and checksum as built; the stub completes both */
    PACKAGE_TREE = 3, /* device tree slice */
    PACKAGE_USER = 4, /* init task image with its payload */
    PACKAGE_PIECES = 5
};

struct package_piece {
    u64 offset;      /* from the package header */
    u64 size;        /* bytes in the package; 0 = piece absent */
    u64 digest;      /* XXH64 of those bytes */
    u64 target;      /* physical address in the partition's RAM; 8-byte aligned */
    u64 target_size; /* bytes there; the rest above `size` is cleared; at least size */
};

struct package_partition {
    char name[BOOT_NAME_BYTES];
    u64 hart;
    struct boot_range ram; /* the stub's stack is at its very end */
    struct package_piece piece[PACKAGE_PIECES];
    u32 record_version; /* BOOT_RECORD_VERSION the kernel understands */
    u32 console; /* 1: the stub may print one line by firmware call when it fails (always 1 now) */
};

struct package_header {
    u64 magic;
    u32 version;
    u32 partitions;
    u64 length; /* bytes of the package from this header on */
    u64 digest;
    struct package_partition partition[];
};

_Static_assert(sizeof(struct package_piece) == 40, "layout is part of the package format");
_Static_assert(sizeof(struct package_partition) == 32 + 8 + 16 + 5 * 40 + 8,
               "no padding in packages");
_Static_assert(sizeof(struct package_header) == 32, "layout is part of the package format");
