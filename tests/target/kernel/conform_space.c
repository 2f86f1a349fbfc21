// SPDX-License-Identifier: BSD-2-Clause
// Address spaces, interrupts, boot information: manual chapters 7 to 9, SEL4-ABI sections 7, 8 and 12.
#include "tests/target/kernel/conform.h"

#define XN seL4_RISCV_ExecuteNever

#define PLACE 0x80000000ul // a gigabyte of its own
#define MEGA  0x200000ul
#define GIGA  0x40000000ul

static seL4_Error map(seL4_CPtr frame, seL4_Word address) {
    return seL4_RISCV_Page_Map(frame, VSPACE, address, seL4_AllRights, 0);
}

static seL4_Error table_map(seL4_CPtr table, seL4_Word address) {
    return seL4_RISCV_PageTable_Map(table, VSPACE, address, 0);
}

static seL4_CPtr copy_of(seL4_CPtr cap) {
    return kit_mint(cap, seL4_AllRights, 0);
}

/* ---- Mapping ------------------------------------------------------------------------------------- */

static void mapping(void) {
    seL4_CPtr frame = kit_objects(seL4_RISCV_4K_Page, 0, 2), other = frame + 1;
    seL4_CPtr table = kit_objects(seL4_RISCV_PageTableObject, 0, 4);
    seL4_CPtr endpoint = kit_object(seL4_EndpointObject, 0);

    CHECK_ERROR_1(seL4_RISCV_Page_Map(frame, endpoint, PLACE, seL4_AllRights, 0),
                  seL4_InvalidCapability, 1);
    CHECK_ERROR_1(seL4_RISCV_Page_Map(frame, table, PLACE, seL4_AllRights, 0),
                  seL4_InvalidCapability, 1); // no address space: it has no ASID
    CHECK_ERROR_1(map(frame, seL4_UserTop), seL4_InvalidArgument, 0);
    CHECK_ERROR_1(map(frame, ~0xffful), seL4_InvalidArgument, 0);
    CHECK_ERROR(map(frame, PLACE + 0x800), seL4_AlignmentError);
    CHECK_ERROR_3(map(frame, PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
    CHECK_ERROR_1(seL4_RISCV_PageTable_Map(table, endpoint, PLACE, 0), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(table_map(table, seL4_UserTop), seL4_InvalidArgument, 0);
    CHECK_OK(table_map(table, PLACE + 12345)); // anywhere below it
    CHECK_ERROR_1(table_map(table, PLACE), seL4_InvalidCapability, 0);
    CHECK_ERROR_3(map(frame, PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 21);
    CHECK_EQUAL(seL4_MappingFailedLookupLevel(), SEL4_MAPPING_LOOKUP_NO_PT);
    CHECK_OK(table_map(table + 1, PLACE));
    CHECK_ERROR(table_map(table + 2, PLACE), seL4_DeleteFirst);
    CHECK_OK(map(frame, PLACE));
    *(volatile seL4_Word *)PLACE = 0x1234;
    // Somebody else's place; another place for the same capability; the same place again.
    CHECK_ERROR(map(other, PLACE), seL4_DeleteFirst);
    CHECK_ERROR_1(map(frame, PLACE + 0x1000), seL4_InvalidArgument, 0);
    CHECK_OK(seL4_RISCV_Page_Map(frame, VSPACE, PLACE, seL4_CanRead, XN));
    CHECK_EQUAL(*(volatile seL4_Word *)PLACE, 0x1234);
    CHECK_OK(map(frame, PLACE));
    // A copy is another mapping of the same memory.
    seL4_CPtr twin = copy_of(frame);
    CHECK_OK(map(twin, PLACE + 0x1000));
    *(volatile seL4_Word *)(PLACE + 0x1000) = 0x5678;
    CHECK_EQUAL(*(volatile seL4_Word *)PLACE, 0x5678);
    CHECK_OK(seL4_RISCV_Page_Unmap(twin));
    CHECK_OK(seL4_RISCV_Page_Unmap(twin)); // not mapped: nothing to do
    CHECK_OK(map(twin, PLACE + 0x2000));
    CHECK_OK(seL4_CNode_Delete(CNODE, twin, KIT_DEPTH)); // unmaps
    CHECK_OK(map(other, PLACE + 0x2000));
    CHECK_EQUAL(*(volatile seL4_Word *)(PLACE + 0x2000), 0);
    // Tables: not with copies, not the root; unmapped, everything below is gone.
    seL4_CPtr table_twin = copy_of(table + 1);
    CHECK_ERROR(seL4_RISCV_PageTable_Unmap(table + 1), seL4_RevokeFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, table_twin, KIT_DEPTH));
    CHECK_ERROR(seL4_RISCV_PageTable_Unmap(VSPACE), seL4_RevokeFirst);
    CHECK_OK(seL4_RISCV_PageTable_Unmap(table + 1));
    CHECK_OK(seL4_RISCV_PageTable_Unmap(table + 1));
    CHECK_ERROR_3(map(copy_of(frame), PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 21);
    CHECK_OK(table_map(table + 1, PLACE));
    CHECK_OK(map(copy_of(frame), PLACE + 0x3000)); // the table came back empty
    CHECK_OK(map(frame, PLACE));
    CHECK_EQUAL(*(volatile seL4_Word *)PLACE, 0x5678);
    // Deleted while mapped.
    CHECK_OK(seL4_CNode_Delete(CNODE, table + 1, KIT_DEPTH));
    CHECK_ERROR_3(map(copy_of(frame), PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 21);
    CHECK_OK(seL4_CNode_Delete(CNODE, table, KIT_DEPTH));
    CHECK_ERROR_3(map(copy_of(frame), PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
}

static seL4_CPtr device_of(seL4_Word bits) {
    for (seL4_Word i = kit_info->untyped.end - kit_info->untyped.start; i-- > 0;) {
        const seL4_UntypedDesc *it = &kit_info->untypedList[i];
        if (it->isDevice && it->sizeBits == bits) {
            return kit_info->untyped.start + i;
        }
    }
    return 0;
}

static void large_pages(void) {
    seL4_CPtr mega = kit_object(seL4_RISCV_Mega_Page, 0), small = kit_object(seL4_RISCV_4K_Page, 0);
    seL4_CPtr table = kit_objects(seL4_RISCV_PageTableObject, 0, 2), giga = kit_slots(2);

    CHECK_ERROR_3(map(mega, PLACE), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
    CHECK_OK(table_map(table, PLACE));
    CHECK_ERROR(map(mega, PLACE + 0x1000), seL4_AlignmentError);
    CHECK_ERROR_1(map(mega, seL4_UserTop + 0x1000 - MEGA), seL4_InvalidArgument, 0);
    CHECK_OK(map(mega, PLACE));
    *(volatile seL4_Word *)(PLACE + MEGA - 8) = 9;
    CHECK_EQUAL(*(volatile seL4_Word *)(PLACE + MEGA - 8), 9);
    CHECK_ERROR(table_map(table + 1, PLACE), seL4_DeleteFirst);
    CHECK_OK(seL4_RISCV_Page_Unmap(mega));
    CHECK_OK(table_map(table + 1, PLACE));
    CHECK(map(mega, PLACE) != seL4_NoError);
    CHECK_OK(map(small, PLACE));
    CHECK_OK(seL4_CNode_Delete(CNODE, table + 1, KIT_DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, table, KIT_DEPTH));
    // A gigabyte, of device memory: ordinary memory would be cleared first.
    seL4_CPtr memory = device_of(30);
    CHECK_OK(seL4_Untyped_Retype(memory, seL4_RISCV_Giga_Page, 0, CNODE, 0, 0, giga, 1));
    CHECK_ERROR(map(giga, PLACE + MEGA), seL4_AlignmentError);
    CHECK_OK(map(giga, PLACE));
    CHECK_EQUAL(seL4_RISCV_Page_GetAddress(giga).paddr % GIGA, 0);
    CHECK_ERROR(table_map(kit_object(seL4_RISCV_PageTableObject, 0), PLACE), seL4_DeleteFirst);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(kit_object(seL4_TCBObject, 0), 0x1000, giga),
                seL4_IllegalOperation);
    CHECK_OK(seL4_CNode_Revoke(CNODE, memory, KIT_DEPTH));
    CHECK_OK(table_map(kit_object(seL4_RISCV_PageTableObject, 0), PLACE));
}

/* ---- Rights -------------------------------------------------------------------------------------- */

static volatile seL4_Word done;

static void do_load(seL4_Word address) {
    (void)*(volatile seL4_Word *)address;
    done++;
    stop();
}

static void do_store(seL4_Word address) {
    *(volatile seL4_Word *)address = 0x8082; // ret
    done++;
    stop();
}

static void do_fetch(seL4_Word address) {
    __asm__ volatile("fence.i\n jalr ra, %0" : : "r"(address) : "ra", "memory");
    done++;
    stop();
}

// 0: it went well; else the fault's FSR.
static seL4_Word attempt(void (*what)(seL4_Word), seL4_Word address) {
    static seL4_CPtr endpoint, reply;
    if (endpoint == 0) {
        endpoint = kit_object(seL4_EndpointObject, 0);
        reply = kit_object(seL4_ReplyObject, 0);
    }
    struct kit_thread thread = {.entry = what,
                                .argument = address,
                                .room = ROOM_A,
                                .priority = 100,
                                .sc = round_robin(),
                                .fault_endpoint = kit_mint(endpoint, seL4_AllRights, 1)};
    settle();
    done = 0;
    seL4_CPtr tcb = kit_thread_make(&thread, 1);
    settle();
    seL4_Word badge = 0, fsr = 0;
    seL4_NBRecv(endpoint, &badge, reply);
    if (badge == 1) {
        fsr = seL4_GetMR(seL4_VMFault_FSR);
        CHECK_EQUAL(seL4_GetMR(seL4_VMFault_Addr), address);
        CHECK_EQUAL(seL4_GetMR(seL4_VMFault_PrefetchFault), fsr == 1);
    }
    CHECK_EQUAL(done, badge == 0);
    CHECK_OK(seL4_CNode_Delete(CNODE, tcb, KIT_DEPTH));
    return fsr;
}

static void page_rights(void) {
    static const struct {
        seL4_Word rights, attributes, store, load, fetch; // faults
    } cases[] = {{3, 0, 0, 0, 0},  {3, XN, 0, 0, 1}, {2, 0, 7, 0, 0},
                 {2, XN, 7, 0, 1}, {1, 0, 7, 5, 1},  {0, 0, 7, 5, 1}};
    seL4_CPtr frame = kit_object(seL4_RISCV_4K_Page, 0);
    CHECK_OK(kit_map(frame, VSPACE, PLACE));
    *(volatile seL4_Word *)PLACE = 0x8082;
    for (unsigned by_cap = 0; by_cap < 2; by_cap++) {
        for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            // The rights of the mapping, or those of the capability.
            seL4_CapRights_t rights = {{cases[i].rights}};
            seL4_CPtr cap = kit_mint(frame, by_cap ? rights : seL4_AllRights, 0);
            seL4_Word address = PLACE + 0x1000 * (1 + i + 8 * by_cap);
            CHECK_OK(seL4_RISCV_Page_Map(cap, VSPACE, address, by_cap ? seL4_AllRights : rights,
                                         cases[i].attributes));
            CHECK_EQUAL(attempt(do_store, address), cases[i].store);
            CHECK_EQUAL(attempt(do_load, address), cases[i].load);
            CHECK_EQUAL(attempt(do_fetch, address), cases[i].fetch);
            CHECK_OK(seL4_CNode_Delete(CNODE, cap, KIT_DEPTH));
        }
    }
}

/* ---- ASIDs --------------------------------------------------------------------------------------- */

static void asids(void) {
    seL4_CPtr pages = kit_objects(seL4_UntypedObject, 12, 3),
              big = kit_object(seL4_UntypedObject, 13);
    seL4_CPtr pool = kit_slots(2), root = kit_objects(seL4_RISCV_PageTableObject, 0, 2);
    seL4_CPtr frame = kit_object(seL4_RISCV_4K_Page, 0), thing = kit_slots(1);

#define MAKE(untyped, slot)                                                                        \
    seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl, untyped, CNODE, slot, 64)
    CHECK_ERROR_1(MAKE(big, pool), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(MAKE(frame, pool), seL4_InvalidCapability, 1);
    CHECK_ERROR(MAKE(pages, frame), seL4_DeleteFirst);
    CHECK_OK(seL4_Untyped_Retype(pages + 1, seL4_EndpointObject, 0, CNODE, 0, 0, thing, 1));
    CHECK_ERROR(MAKE(pages + 1, pool), seL4_RevokeFirst);
    CHECK_OK(MAKE(pages, pool));
    CHECK_ERROR_1(seL4_RISCV_ASIDPool_Assign(pool, frame), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(seL4_RISCV_ASIDPool_Assign(pool, VSPACE), seL4_InvalidCapability, 1);
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(pool, root));
    CHECK_ERROR_1(seL4_RISCV_ASIDPool_Assign(pool, root), seL4_InvalidCapability, 1);
    // In the other space, and not again here while it is there.
    CHECK_OK(kit_map(frame, root, PLACE));
    CHECK_ERROR_1(map(frame, PLACE), seL4_InvalidCapability, 1);
    // The pool goes: its spaces are none any more.
    CHECK_OK(seL4_CNode_Delete(CNODE, pool, KIT_DEPTH));
    CHECK_ERROR(seL4_RISCV_Page_Map(copy_of(frame), root, PLACE, seL4_AllRights, 0),
                seL4_FailedLookup);
    CHECK_OK(seL4_CNode_Revoke(CNODE, pages, KIT_DEPTH));
    // All pools: one is the root task's, 127 are left.
    seL4_CPtr many = kit_objects(seL4_UntypedObject, 12, 128), slots = kit_slots(128);
    unsigned made = 0;
    while (made < 128 && MAKE(many + made, slots + made) == seL4_NoError) {
        made++;
    }
    CHECK_EQUAL(made, 127);
    CHECK_ERROR(MAKE(many + made, slots + made), seL4_DeleteFirst);
    // All ASIDs of one pool.
    CHECK_OK(seL4_CNode_Delete(CNODE, slots + 126, KIT_DEPTH));
    CHECK_OK(MAKE(many + 127, slots + 127));
    seL4_CPtr spaces = kit_objects(seL4_RISCV_PageTableObject, 0, 128);
    for (unsigned i = 0; i < 128; i++) {
        CHECK_OK(seL4_RISCV_ASIDPool_Assign(slots + 127, spaces + i));
    }
    CHECK_OK(seL4_CNode_Delete(CNODE, slots + 127, KIT_DEPTH));
#undef MAKE
}

/* ---- Interrupts ---------------------------------------------------------------------------------- */

enum { UART_IRQ = 10, UART_ENABLE = 1, UART_IDENTITY = 2 };

static seL4_CPtr uart_frame(void) {
    for (seL4_Word i = 0; i < kit_info->untyped.end - kit_info->untyped.start; i++) {
        if (kit_info->untypedList[i].isDevice && kit_info->untypedList[i].paddr == 0x10000000) {
            seL4_CPtr slot = kit_slots(1);
            return seL4_Untyped_Retype(kit_info->untyped.start + i, seL4_RISCV_4K_Page, 0, CNODE, 0,
                                       0, slot, 1) == seL4_NoError
                       ? slot
                       : 0;
        }
    }
    return 0;
}

static void interrupts(void) {
    seL4_CPtr handler = kit_slots(4), notification = kit_object(seL4_NotificationObject, 0);
    seL4_CPtr signaller = kit_mint(notification, seL4_CanWrite, 0x40),
              tcb = kit_object(seL4_TCBObject, 0);
    seL4_Word badge = 0;

#define GET(irq, slot) seL4_IRQControl_Get(seL4_CapIRQControl, irq, CNODE, slot, 64)
    CHECK_ERROR_2(GET(0, handler), seL4_RangeError, 1, 96);
    CHECK_ERROR_2(GET(97, handler), seL4_RangeError, 1, 96);
    CHECK_ERROR_2(GET(~0ul, handler), seL4_RangeError, 1, 96);
    CHECK_ERROR(GET(96, handler), seL4_RevokeFirst); // the kernel's timer
    CHECK_ERROR(GET(3, notification), seL4_DeleteFirst);
    CHECK_OK(GET(3, handler));
    CHECK_ERROR(GET(3, handler + 1), seL4_RevokeFirst);
    CHECK_ERROR_1(seL4_IRQHandler_SetNotification(handler, tcb), seL4_InvalidCapability, 0);
    CHECK_ERROR_1(seL4_IRQHandler_SetNotification(handler, kit_mint(notification, seL4_CanRead, 0)),
                  seL4_InvalidCapability, 0);
    CHECK_OK(seL4_IRQHandler_SetNotification(handler, signaller));
    CHECK_OK(seL4_IRQHandler_SetNotification(handler, signaller));
    CHECK_OK(seL4_IRQHandler_Ack(handler));
    CHECK_OK(seL4_IRQHandler_Clear(handler));
    CHECK_OK(seL4_IRQHandler_Clear(handler));
    CHECK_OK(
        seL4_CNode_Copy(CNODE, handler + 1, KIT_DEPTH, CNODE, handler, KIT_DEPTH, seL4_NoRights));
    CHECK_OK(seL4_CNode_Delete(CNODE, handler, KIT_DEPTH));
    CHECK_ERROR(GET(3, handler), seL4_RevokeFirst);
    CHECK_OK(seL4_CNode_Revoke(CNODE, seL4_CapIRQControl, KIT_DEPTH));
    CHECK_OK(GET(3, handler));
    CHECK_OK(seL4_CNode_Delete(CNODE, handler, KIT_DEPTH));
    // A real one: the UART is ready to send and says so until it is asked.
    seL4_CPtr frame = uart_frame();
    /* The program's own output has it in release builds. */
    if (frame != 0 && seL4_RISCV_Page_GetAddress(frame).paddr == 0x10000000) {
        CHECK_OK(GET(UART_IRQ, handler));
        CHECK_OK(seL4_IRQHandler_SetNotification(handler, signaller));
        CHECK_OK(kit_map(frame, VSPACE, PLACE + MEGA));
        volatile unsigned char *uart = (volatile unsigned char *)(PLACE + MEGA);
        for (unsigned round = 0; round < 3; round++) {
            uart[UART_ENABLE] = 2;
            seL4_Wait(notification, &badge);
            CHECK_EQUAL(badge, 0x40);
            (void)uart[UART_IDENTITY];
            uart[UART_ENABLE] = 0;
            CHECK_OK(seL4_IRQHandler_Ack(handler));
        }
        seL4_Poll(notification, &badge);
        CHECK_OK(seL4_CNode_Delete(CNODE, handler, KIT_DEPTH));
        CHECK_OK(seL4_CNode_Delete(CNODE, frame, KIT_DEPTH));
    }
#undef GET
}

/* ---- Boot information ---------------------------------------------------------------------------- */

static void boot_information(void) {
    const seL4_BootInfo *bi = kit_info;
    seL4_Word last_device = 0, count = bi->untyped.end - bi->untyped.start, uart = 0;

    CHECK_EQUAL(sizeof(*bi), 3864);
    CHECK_EQUAL(bi->nodeID, 0);
    CHECK_EQUAL(bi->numNodes, 1);
    CHECK_EQUAL(bi->numIOPTLevels, 0);
    CHECK_EQUAL(bi->ioSpaceCaps.end, 0);
    CHECK_EQUAL(bi->sharedFrames.end, 0);
    CHECK_EQUAL(bi->initThreadDomain, 0);
    CHECK_EQUAL(bi->userImagePaging.start, seL4_NumInitialCaps);
    CHECK_EQUAL(bi->extraBIPages.start, bi->userImagePaging.end);
    CHECK_EQUAL(bi->schedcontrol.start, bi->extraBIPages.end);
    CHECK_EQUAL(bi->schedcontrol.end, bi->schedcontrol.start + 1);
    CHECK_EQUAL(bi->userImageFrames.start, bi->schedcontrol.end);
    CHECK_EQUAL(bi->untyped.start, bi->userImageFrames.end);
    CHECK_EQUAL(bi->empty.start, bi->untyped.end);
    CHECK_EQUAL(bi->empty.end, 1ul << bi->initThreadCNodeSizeBits);
    CHECK_EQUAL((seL4_Word)bi, (seL4_Word)bi->ipcBuffer + 4096);
    const seL4_BootInfoHeader *chunk = (const seL4_BootInfoHeader *)((seL4_Word)bi + 4096);
    CHECK_EQUAL(chunk->id, SEL4_BOOTINFO_HEADER_FDT);
    CHECK(chunk->len <= bi->extraLen && chunk->len > 16);
    CHECK_EQUAL(*(const unsigned *)(chunk + 1), 0xedfe0dd0u);
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *it = &bi->untypedList[i];
        CHECK(it->isDevice <= 1 && it->sizeBits >= seL4_MinUntypedBits &&
              it->sizeBits <= seL4_MaxUntypedBits);
        CHECK_EQUAL(it->paddr % (1ul << it->sizeBits), 0);
        last_device = it->isDevice ? i : last_device;
        uart += it->isDevice && it->paddr == 0x10000000 && it->sizeBits == 28;
        // Apart from each other.
        for (seL4_Word j = 0; j < i; j++) {
            const seL4_UntypedDesc *before = &bi->untypedList[j];
            seL4_Word bits = it->sizeBits > before->sizeBits ? it->sizeBits : before->sizeBits;
            CHECK(it->paddr >> bits != before->paddr >> bits);
        }
    }
    for (seL4_Word i = 0; i <= last_device; i++) {
        CHECK_EQUAL(bi->untypedList[i].isDevice, 1); // devices first
    }
    CHECK_EQUAL(uart, 1);
    // The frames of the image, in order: what is read here is there.
    seL4_RISCV_Page_GetAddress_t first = seL4_RISCV_Page_GetAddress(bi->userImageFrames.start);
    CHECK_OK(first.error);
    CHECK_EQUAL(seL4_RISCV_Page_GetAddress(bi->userImageFrames.end - 1).paddr % 4096, 0);
    CHECK_OK(seL4_RISCV_Page_GetAddress(seL4_CapInitThreadIPCBuffer).error);
    CHECK_OK(seL4_RISCV_Page_GetAddress(seL4_CapBootInfoFrame).error);
    CHECK_OK(seL4_RISCV_Page_GetAddress(bi->extraBIPages.start).error);
}

void spaces(void) {
    boot_information();
    mapping();
    large_pages();
    page_rights();
    asids();
    interrupts();
}
