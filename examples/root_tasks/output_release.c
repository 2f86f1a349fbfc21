// SPDX-License-Identifier: BSD-2-Clause
// Output by the serial port of QEMU's virt machine, the end by its finisher: no debug system call.
#include "examples/root_tasks/kit.h"

#define DEVICE_PAGES 0x40000000ul
#define UART         0x10000000ul
#define FINISHER     0x100000ul
#define POWER_OFF    0x5555u

enum { DATA = 0, LINE_STATUS = 5, TRANSMITTER_EMPTY = 0x20 };

static volatile seL4_Uint8 *uart;
static volatile seL4_Uint32 *finisher;

static seL4_CPtr device_untyped(seL4_BootInfo *info, seL4_Word physical) {
    seL4_Word count = info->untyped.end - info->untyped.start;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *untyped = &info->untypedList[i];
        if (untyped->isDevice && physical - untyped->paddr < 1ul << untyped->sizeBits) {
            return info->untyped.start + i;
        }
    }
    return 0;
}

static void *device_map(seL4_CPtr untyped, seL4_Word address) {
    seL4_CPtr frame = kit_slots(1);
    seL4_Untyped_Retype(untyped, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, frame, 1);
    kit_map(frame, VSPACE, address);
    return (void *)address;
}

// Page tables come from the first untyped of ordinary memory that has room for them.
static void tables_from(seL4_BootInfo *info) {
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits > 14) {
            kit_arena = info->untyped.start + i;
            return;
        }
    }
}

void output_begin(seL4_BootInfo *info) {
    tables_from(info);
    uart = device_map(device_untyped(info, UART), DEVICE_PAGES);
    // The finisher lies a megabyte into its untyped, and objects are made in ascending order.
    seL4_CPtr low = device_untyped(info, FINISHER);
    seL4_Untyped_Retype(low, seL4_UntypedObject, 20, CNODE, 0, 0, kit_slots(1), 1);
    finisher = device_map(low, DEVICE_PAGES + 4096);
}

void output_byte(char byte) {
    while (!(uart[LINE_STATUS] & TRANSMITTER_EMPTY)) {
    }
    uart[DATA] = (seL4_Uint8)byte;
}

void output_halt(void) {
    *finisher = POWER_OFF;
    for (;;) {
    }
}
