/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions on every hart, in place in the read-only package. Entered by the firmware with
 * translation and interrupts off:
 *     a0 = hart id, a1 = address of the package header (after a restart, too), or anything readable.
 * There is no memory to write until the own partition is known; its RAM's very end then is the stack.
 */

/* Offsets of abi/package.h; bootloader/loader.c asserts them. */
#define HEADER_OFFSET      0x10000
#define HEADER_VERSION     8
#define HEADER_PARTITIONS  12
#define HEADER_BYTES       32
#define PARTITION_HART     32
#define PARTITION_RAM      40
#define PARTITION_BYTES    264

#define SBI_DBCN           0x4442434e
#define SBI_BASE           0x10

    .section .rodata.head, "a"
    .balign 8
magic:
    .8byte  0x31474b5059524b53      /* PACKAGE_MAGIC */
no_package_text:
    .ascii  "loader: no package header of version 1, neither at next-arg1 nor behind the stub\n"
    .equ    NO_PACKAGE_BYTES, . - no_package_text
no_partition_text:
    .ascii  "loader: the package has no partition for this hart\n"
    .equ    NO_PARTITION_BYTES, . - no_partition_text

    .section .text.head, "ax"

/* void _start(u64 hart, const struct package_header *package) NORETURN */
    .globl  _start
_start:
    csrr    a3, time
    li      a4, 0
    csrw    sie, zero
    csrci   sip, 2
    ld      t0, 0(a1)
    lla     t1, magic
    ld      t1, 0(t1)
    beq     t0, t1, has_package
    /*
     * Where partitions have no domains of their own, the firmware starts one hart and passes a device tree: then
     * the header is where every package has it, and the other harts are this one's to start.
     */
    li      a4, 1
    lla     a1, _start
    li      t2, HEADER_OFFSET
    add     a1, a1, t2
    ld      t0, 0(a1)
    bne     t0, t1, no_package
has_package:
    lw      t0, HEADER_VERSION(a1)
    li      t1, 1
    bne     t0, t1, no_package

    /* The first entry for this hart, or for any. At most PACKAGE_MAX_PARTITIONS turns, if the header is sane. */
    lwu     t0, HEADER_PARTITIONS(a1)
    addi    a2, a1, HEADER_BYTES
    li      t2, -1
find:
    beqz    t0, no_partition
    ld      t1, PARTITION_HART(a2)
    beq     t1, a0, found
    beq     t1, t2, found
    addi    a2, a2, PARTITION_BYTES
    addi    t0, t0, -1
    j       find

found:
    ld      sp, PARTITION_RAM(a2)
    ld      t1, PARTITION_RAM+8(a2)
    add     sp, sp, t1
    andi    sp, sp, -16
    tail    loader_main             /* (hart, package, partition, time, starts_others) */

no_package:
    lla     s0, no_package_text
    li      s1, NO_PACKAGE_BYTES
    j       say_and_stop
no_partition:
    lla     s0, no_partition_text
    li      s1, NO_PARTITION_BYTES

/* Firmware may not be ready when the first harts arrive (PLATFORM-FACTS 1.6): ask until it is. */
say_and_stop:
    li      a7, SBI_BASE
    li      a6, 0
    ecall
    bnez    a0, say_and_stop
    mv      a0, s1
    mv      a1, s0
    li      a2, 0
    li      a6, 0
    li      a7, SBI_DBCN
    ecall
stop:
    wfi
    j       stop
