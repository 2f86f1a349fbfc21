// SPDX-License-Identifier: BSD-2-Clause
/*
 * The boot record: everything a kernel learns about its partition, in one page.
 *
 * A loader places it in the partition's own RAM and enters the kernel with
 *     a0 = hart id, a1 = physical address of the boot record,
 * at the first byte of the kernel image, translation off, interrupts off, supervisor mode.
 *
 * Layout: a header, then items, each 8-byte aligned: {tag, length in bytes of the whole item} + payload.
 * Unknown tags are skipped; an unknown version is refused. All integers little endian. Ranges are
 * {base, size} in bytes. The checksum is XXH64 (seed 0) over the `length` bytes of the record with the
 * field `checksum` taken as 0.
 */
#pragma once

#include "lib/types.h"

#define BOOT_RECORD_MAGIC   0x544f4f4259524b53ull /* "SKRYBOOT" */
#define BOOT_RECORD_VERSION 1
#define BOOT_RECORD_SIZE    4096 /* one page: the most a record may take */
#define BOOT_NAME_BYTES     32   /* names are zero-terminated within this */

struct boot_record {
    u64 magic;
    u32 version;
    u32 length; /* bytes used, header included; multiple of 8, at most BOOT_RECORD_SIZE */
    u64 checksum;
    u8 items[];
};

struct boot_item {
    u32 tag;
    u32 length; /* bytes, this header included; multiple of 8, at least 8 */
};

struct boot_range {
    u64 base;
    u64 size;
};

enum boot_tag {
    BOOT_END = 0,       /* no payload; optional */
    BOOT_PARTITION = 1, /* struct boot_partition; exactly one */
    BOOT_IMAGE = 2,     /* struct boot_image; exactly one */
    BOOT_MEMORY =
        3, /* struct boot_range: RAM of this partition; one or more, whole pages, ascending, disjoint */
    BOOT_RESERVED =
        4, /* struct boot_range inside RAM, apart from all else in it, that stays unused by the kernel */
    BOOT_DEVICE =
        5, /* struct boot_device: physical range handed to the init task as device untyped */
    BOOT_PEER = 6,     /* struct boot_peer: another kernel */
    BOOT_PLATFORM = 7, /* struct boot_platform; exactly one */
    BOOT_USER = 8,     /* struct boot_user: the init task's image; exactly one */
    BOOT_TREE =
        9, /* struct boot_range: device tree slice, copied into the extra boot information */
    BOOT_INTERRUPT =
        10, /* struct boot_interrupt: one source somebody in the system owns; `owner` says who */
    BOOT_LOG =
        11 /* struct boot_memory: one page, struct console_ring, for this kernel's own lines */
};

enum boot_partition_flags {
    BOOT_WALLS = 1u << 0, /* PMP walls are expected: boot tests them and refuses to go on without */
    BOOT_CONSOLE_FIRMWARE = 1u << 1, /* debug output may call the firmware's console */
    BOOT_CONSOLE_BYTES = 1u << 2,    /* … byte by byte (root-task mode), else a line at a time */
    BOOT_SELF_HALTS_MACHINE =
        1u << 3,                  /* DebugHalt and the end of the root task reset the machine */
    BOOT_OWNS_PLATFORM = 1u << 4, /* this kernel programs the shared interrupt controller (APLIC) */
    BOOT_ALL_INTERRUPTS = 1u << 5, /* every source 1..95 is this kernel's (root-task mode) */
    BOOT_RESTARTS = 1u << 6 /* after a panic, a peer's next signal starts the partition over */
};

struct boot_partition {
    struct boot_item item;
    char name[BOOT_NAME_BYTES];
    u32 core;  /* index of this kernel in its system, from 0 */
    u32 cores; /* kernels in the system */
    u64 hart;  /* the hart this copy runs on; filled in by the bootloader */
    u32 flags; /* enum boot_partition_flags */
    u32 timebase_hz;
    struct boot_range
        wall_probe; /* memory of somebody else; a load from its base must trap (BOOT_WALLS) */
    struct boot_range package; /* the package as this hart sees it */
    u64 image_digest;          /* XXH64 of the kernel image as built */
    u64 boot_instructions;     /* time CSR when the bootloader started on this hart */
};

struct boot_image {
    struct boot_item item;
    struct boot_range image; /* kernel image in RAM, .bss included; page aligned */
    struct boot_range
        config; /* struct core_config and its tables (abi/core_config.h); page aligned */
    struct boot_range record; /* this page */
};

struct boot_memory {
    struct boot_item item;
    struct boot_range range;
};

struct boot_device {
    struct boot_item item;
    struct boot_range range;
    char name[BOOT_NAME_BYTES];
};

/*
 * One other kernel. `pair` is the region shared by exactly the two; its first page is struct pair_page
 * (abi/pair_region.h) and belongs to the kernels, the rest is handed to the init task as a device untyped.
 */
struct boot_peer {
    struct boot_item item;
    char name[BOOT_NAME_BYTES];
    u32 core; /* the peer's index in the system; also the `peer` of doorbell interfaces */
    u32 side; /* 0 or 1: which half of the pair page this kernel sends through */
    struct boot_range pair;
    u64 doorbell;       /* physical address of the register or page that rings the peer's hart */
    u32 doorbell_value; /* word to store there (IMSIC: identity; SSWI: 1); SBI: the peer's hart id */
    u32 receive_id;     /* IMSIC: identity by which this peer rings us */
    u32 send_lines;     /* lines 0..n-1 this kernel may send to the peer; at most 1024 */
    u32 receive_lines;  /* lines the peer may send to this kernel; at most 1024 */
};

enum boot_doorbell_kind {
    BOOT_DOORBELL_NONE = 0,
    BOOT_DOORBELL_IMSIC = 1,
    BOOT_DOORBELL_SSWI = 2,
    BOOT_DOORBELL_SBI = 3
};

/* Addresses of what the kernel variant was linked for; 0 = the machine lacks it (boot refuses if needed). */
struct boot_platform {
    struct boot_item item;
    u64 plic;          /* PLIC registers */
    u32 plic_context;  /* supervisor context of this hart */
    u32 sources;       /* highest interrupt source number */
    u64 aplic;         /* S-level APLIC registers; 0 if this kernel was not granted them */
    u64 imsic;         /* S-level IMSIC page of this hart */
    u64 imsic_base;    /* S-level IMSIC page of hart index 0 */
    u32 imsic_ids;     /* interrupt identities */
    u32 doorbell_kind; /* enum boot_doorbell_kind */
    u64 sswi;          /* ACLINT SSWI registers, own word */
    u32 has_sstc;      /* 1 if the device tree lists Sstc */
    u32 has_zicboz;    /* block size in bytes, 0 without */
};

struct boot_user {
    struct boot_item item;
    struct boot_range image; /* contiguous pages in RAM, in the order of their virtual addresses */
    u64 virtual_base; /* page aligned; page i of the image is mapped at virtual_base + i * 4096 */
    u64 entry;
};

struct boot_tree {
    struct boot_item item;
    struct boot_range range; /* bytes of the flattened tree, in RAM */
};

struct boot_interrupt {
    struct boot_item item;
    u32 source;   /* number at the controller */
    u32 identity; /* IMSIC identity the APLIC sends (APLIC machines), else 0 */
    u32 edge;     /* 1 = edge triggered, 0 = level */
    u32 owner; /* core index; a kernel takes its own, the platform kernel programs the APLIC for all */
    u64 hart_index; /* the owner's hart index at the APLIC */
};
