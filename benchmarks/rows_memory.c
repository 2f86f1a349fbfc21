// SPDX-License-Identifier: BSD-2-Clause
// Objects from untyped memory, and address spaces.
//
// Memory is cleared when an untyped without children is used again. Here each untyped keeps a first child, so
// it never is, and no sample contains clearing that belongs to another.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

#define CNODE seL4_CapInitThreadCNode

static seL4_CPtr untyped_used(unsigned bits) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, bits);
    objects_make(untyped, seL4_EndpointObject, 0, 1);
    return untyped;
}

static void retype_one(const char *row, seL4_Word type, unsigned bits) {
    seL4_CPtr untyped = untyped_used(bits);
    seL4_CPtr slot = slots_take(1);
    MEASURE(row, , must(seL4_Untyped_Retype(untyped, type, 0, CNODE, 0, 0, slot, 1), row),
            seL4_CNode_Delete(CNODE, slot, DEPTH));
}

void rows_retype(void) {
    retype_one("retype.tcb", seL4_TCBObject, 20);
    retype_one("retype.endpoint", seL4_EndpointObject, 14);
    retype_one("retype.frame", seL4_RISCV_4K_Page, 21);
}

static void delete_all(seL4_CPtr first, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        seL4_CNode_Delete(CNODE, first + i, DEPTH);
    }
}

void rows_retype_many(void) {
    seL4_CPtr untyped = untyped_used(19);
    seL4_CPtr first = slots_take(100);
    MEASURE("retype.endpoints-100", ,
            must(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, first, 100),
                 "Retype"),
            delete_all(first, 100));
}

/* ---- Address spaces -------------------------------------------------------------------------------- */

#define PLACE       0x60000000ul // shares no page table with the lab's image
#define TABLE_BYTES (1ul << 21)

void rows_page(void) {
    seL4_CPtr frame = object_make(seL4_RISCV_4K_Page, 0);
    frame_map(frame, seL4_CapInitThreadVSpace, PLACE);
    seL4_RISCV_Page_Unmap(frame);
    MEASURE("page.map", ,
            seL4_RISCV_Page_Map(frame, seL4_CapInitThreadVSpace, PLACE, seL4_ReadWrite, 0),
            seL4_RISCV_Page_Unmap(frame));
    seL4_RISCV_Page_Map(frame, seL4_CapInitThreadVSpace, PLACE, seL4_ReadWrite, 0);
    MEASURE("page.remap", ,
            seL4_RISCV_Page_Map(frame, seL4_CapInitThreadVSpace, PLACE, seL4_ReadWrite, 0), );
    MEASURE("page.address", , seL4_RISCV_Page_GetAddress(frame), );
    MEASURE("page.unmap",
            seL4_RISCV_Page_Map(frame, seL4_CapInitThreadVSpace, PLACE, seL4_ReadWrite, 0),
            seL4_RISCV_Page_Unmap(frame), );
}

void rows_table(void) {
    seL4_CPtr frame = object_make(seL4_RISCV_4K_Page, 0);
    frame_map(frame, seL4_CapInitThreadVSpace, PLACE); // the table above the one of the rows
    seL4_CPtr table = object_make(seL4_RISCV_PageTableObject, 0);
    MEASURE("table.map", ,
            must(seL4_RISCV_PageTable_Map(table, seL4_CapInitThreadVSpace, PLACE + TABLE_BYTES, 0),
                 "PageTable.Map"),
            seL4_RISCV_PageTable_Unmap(table));
    MEASURE("table.unmap",
            seL4_RISCV_PageTable_Map(table, seL4_CapInitThreadVSpace, PLACE + TABLE_BYTES, 0),
            seL4_RISCV_PageTable_Unmap(table), );
}

/* ---- Bytes ------------------------------------------------------------------------------------------- */

#define BYTES_UNTYPED_BITS 17
#define BYTES_OBJECTS      4

// How many bytes an object takes from its untyped: a Retype that fails says how many are left.
static void bytes_row(const char *row, seL4_Word type, unsigned bits, unsigned parts) {
    static struct series series;
    seL4_CPtr untyped = object_make(seL4_UntypedObject, BYTES_UNTYPED_BITS);
    objects_make(untyped, type, bits, BYTES_OBJECTS);
    seL4_Error error = seL4_Untyped_Retype(untyped, seL4_UntypedObject, BYTES_UNTYPED_BITS, CNODE,
                                           0, 0, slots_take(1), 1);
    must(error == seL4_NotEnoughMemory ? seL4_NoError : seL4_InvalidArgument, row);
    seL4_Word left = seL4_GetMR(0);
    series_begin(&series, row);
    series.unit = "bytes";
    series.sample[series.count++] = ((1ul << BYTES_UNTYPED_BITS) - left) / BYTES_OBJECTS / parts;
    series_end(&series);
}

void rows_bytes(void) {
    bytes_row("memory.object-tcb", seL4_TCBObject, 0, 1);
    bytes_row("memory.object-endpoint", seL4_EndpointObject, 0, 1);
    bytes_row("memory.object-notification", seL4_NotificationObject, 0, 1);
    bytes_row("memory.object-reply", seL4_ReplyObject, 0, 1);
    bytes_row("memory.object-sched-context", seL4_SchedContextObject, seL4_MinSchedContextBits, 1);
    bytes_row("memory.object-cnode-slot", seL4_CapTableObject, 8, 1u << 8);
    bytes_row("memory.object-page-table", seL4_RISCV_PageTableObject, 0, 1);
}
