// SPDX-License-Identifier: BSD-2-Clause
// Capability spaces and untyped memory: manual chapters 2 and 3, SEL4-ABI sections 4 to 8.
#include "tests/target/kernel/conform.h"

enum { RADIX = 4 };

static seL4_CPtr endpoint, node, spare;

static seL4_Error copy(seL4_CPtr dest, seL4_CPtr src) {
    return seL4_CNode_Copy(CNODE, dest, KIT_DEPTH, CNODE, src, KIT_DEPTH, seL4_AllRights);
}

static seL4_Error mint(seL4_CPtr dest, seL4_CPtr src, seL4_Word data) {
    return seL4_CNode_Mint(CNODE, dest, KIT_DEPTH, CNODE, src, KIT_DEPTH, seL4_AllRights, data);
}

static seL4_Error mutate(seL4_CPtr dest, seL4_CPtr src, seL4_Word data) {
    return seL4_CNode_Mutate(CNODE, dest, KIT_DEPTH, CNODE, src, KIT_DEPTH, data);
}

static seL4_Error move(seL4_CPtr dest, seL4_CPtr src) {
    return seL4_CNode_Move(CNODE, dest, KIT_DEPTH, CNODE, src, KIT_DEPTH);
}

static seL4_Error rotate(seL4_CPtr dest, seL4_Word dest_data, seL4_CPtr pivot, seL4_Word pivot_data,
                         seL4_CPtr src) {
    return seL4_CNode_Rotate(CNODE, dest, KIT_DEPTH, dest_data, CNODE, pivot, KIT_DEPTH, pivot_data,
                             CNODE, src, KIT_DEPTH);
}

static seL4_Error delete (seL4_CPtr slot) {
    return seL4_CNode_Delete(CNODE, slot, KIT_DEPTH);
}

static seL4_Error revoke(seL4_CPtr slot) {
    return seL4_CNode_Revoke(CNODE, slot, KIT_DEPTH);
}

// Nothing can be copied from an empty slot, and nothing is harmed by trying.
static int is_empty(seL4_CPtr slot) {
    seL4_CPtr to = kit_slots(1);
    seL4_Error error = copy(to, slot);
    if (error == seL4_NoError) {
        delete (to);
    }
    kit_slot_next--;
    return error == seL4_FailedLookup;
}

/* ---- Addresses ----------------------------------------------------------------------------------- */

static void addresses(void) {
    seL4_Word bits = kit_info->initThreadCNodeSizeBits;
    seL4_CPtr guarded = kit_slots(1);

    CHECK_ERROR_2(seL4_CNode_Delete(CNODE, spare, 0), seL4_RangeError, 1, 64);
    CHECK_ERROR_2(seL4_CNode_Delete(CNODE, spare, 65), seL4_RangeError, 1, 64);
    CHECK_ERROR_2(seL4_CNode_Delete(CNODE, spare, 255), seL4_RangeError, 1, 64);
    // The root's guard: 64 - bits zeroes.
    CHECK_ERROR_3(seL4_CNode_Delete(CNODE, 1ul << 63, 64), seL4_FailedLookup, 0, seL4_GuardMismatch,
                  64);
    CHECK_EQUAL(seL4_GetMR(3), 0);
    CHECK_EQUAL(seL4_GetMR(4), 64 - bits);
    // A new CNode has no guard: four bits are an address, fewer or more are not.
    CHECK_OK(seL4_CNode_Delete(node, 15, RADIX));
    CHECK_OK(seL4_CNode_Delete(node, ~0ul, RADIX)); // only the low bits count
    CHECK_ERROR_3(seL4_CNode_Delete(node, 1, RADIX - 1), seL4_FailedLookup, 0, seL4_DepthMismatch,
                  RADIX - 1);
    CHECK_EQUAL(seL4_GetMR(3), RADIX);
    // An empty slot in the way: bits are left that nobody resolves.
    CHECK_ERROR_3(seL4_CNode_Delete(node, 0, 64), seL4_FailedLookup, 0, seL4_DepthMismatch,
                  64 - RADIX);
    CHECK_EQUAL(seL4_GetMR(3), 0);
    // With a guard of five bits, 0b10101.
    CHECK_OK(mint(guarded, node, seL4_CNode_CapData_new(0x15, 5).words[0]));
    CHECK_OK(seL4_CNode_Delete(guarded, 0x15 << RADIX, RADIX + 5));
    CHECK_ERROR_3(seL4_CNode_Delete(guarded, 0x14 << RADIX, RADIX + 5), seL4_FailedLookup, 0,
                  seL4_GuardMismatch, RADIX + 5);
    CHECK_EQUAL(seL4_GetMR(3), 0x15);
    CHECK_EQUAL(seL4_GetMR(4), 5);
    CHECK_ERROR_3(seL4_CNode_Delete(guarded, 0x15, 4), seL4_FailedLookup, 0, seL4_GuardMismatch, 4);
    CHECK_ERROR_3(seL4_CNode_Delete(guarded, 0x15 << 2, 7), seL4_FailedLookup, 0,
                  seL4_DepthMismatch, 7);
    CHECK_EQUAL(seL4_GetMR(3), RADIX + 5);
    // Through a slot into the next CNode.
    CHECK_OK(seL4_CNode_Copy(node, 3, RADIX, CNODE, guarded, KIT_DEPTH, seL4_AllRights));
    CHECK_OK(seL4_CNode_Copy(node, 3 << 9 | 0x15 << 4 | 7, RADIX + 9, CNODE, endpoint, KIT_DEPTH,
                             seL4_AllRights));
    CHECK_OK(seL4_CNode_Delete(node, 7, RADIX));
    CHECK_OK(seL4_CNode_Delete(node, 3, RADIX));
    CHECK_OK(delete (guarded));
    // Which of the two addresses was wrong.
    CHECK_ERROR_2(
        seL4_CNode_Copy(CNODE, spare, KIT_DEPTH, CNODE, 1ul << 63, KIT_DEPTH, seL4_AllRights),
        seL4_FailedLookup, 1, seL4_GuardMismatch);
    CHECK_ERROR_2(
        seL4_CNode_Copy(CNODE, 1ul << 63, KIT_DEPTH, CNODE, 1ul << 63, KIT_DEPTH, seL4_AllRights),
        seL4_FailedLookup, 0, seL4_GuardMismatch);
    // A root that is no CNode.
    CHECK_ERROR_2(seL4_CNode_Copy(CNODE, spare, KIT_DEPTH, endpoint, 1, KIT_DEPTH, seL4_AllRights),
                  seL4_FailedLookup, 1, seL4_InvalidRoot);
}

/* ---- Copies -------------------------------------------------------------------------------------- */

static void copies(void) {
    seL4_CPtr badged = kit_slots(6), other = badged + 1;

    CHECK_ERROR(copy(endpoint, node), seL4_DeleteFirst);
    CHECK_ERROR(copy(endpoint, badged), seL4_DeleteFirst); // the destination is looked at first
    CHECK_ERROR_3(copy(badged, other), seL4_FailedLookup, 1, seL4_MissingCapability, 64);
    CHECK_ERROR_3(move(badged, other), seL4_FailedLookup, 1, seL4_MissingCapability, 64);
    CHECK_ERROR_3(mutate(badged, other, 0), seL4_FailedLookup, 1, seL4_MissingCapability, 64);
    CHECK_ERROR(copy(badged, seL4_CapIRQControl), seL4_IllegalOperation);
    CHECK_ERROR(mint(badged, seL4_CapIRQControl, 0), seL4_IllegalOperation);
    CHECK_ERROR(copy(badged, kit_arena), seL4_RevokeFirst);
    // Badges: once, and only by copying.
    CHECK_OK(mint(badged, endpoint, 7));
    CHECK_ERROR(mint(other, badged, 8), seL4_IllegalOperation);
    CHECK_ERROR(mint(other, badged, 7), seL4_IllegalOperation);
    CHECK_ERROR(mint(other, badged, 0), seL4_IllegalOperation);
    CHECK_OK(copy(other, badged));
    CHECK_ERROR(mutate(badged + 2, endpoint, 0), seL4_IllegalOperation);
    CHECK_ERROR(mutate(badged + 2, badged, 0), seL4_IllegalOperation);
    CHECK_OK(move(badged + 2, badged));
    CHECK(is_empty(badged));
    CHECK_ERROR(move(badged + 2, badged + 2), seL4_DeleteFirst);
    // A moved original has its children still: the copy goes with it.
    CHECK_OK(revoke(badged + 2));
    CHECK(is_empty(other) && !is_empty(badged + 2));
    CHECK_OK(revoke(endpoint));
    CHECK(is_empty(badged + 2) && !is_empty(endpoint));
    // Guards: as long as they fit; other kinds ignore the data.
    CHECK_ERROR(mint(badged, node, 61), seL4_IllegalOperation);
    CHECK_OK(mint(badged, node, 60));
    CHECK_ERROR(mutate(other, badged, 62), seL4_IllegalOperation);
    CHECK_OK(mutate(other, badged, 0));
    CHECK_OK(seL4_CNode_Delete(other, 1, RADIX));
    CHECK_OK(mint(badged, seL4_CapInitThreadTCB, 12345));
    CHECK_OK(mutate(badged + 2, badged, 777));
    CHECK_OK(delete (badged + 2));
    CHECK_OK(delete (other));
}

static void rotations(void) {
    seL4_CPtr a = kit_slots(4), b = a + 1, c = a + 2;

    CHECK_OK(copy(a, node));
    CHECK_ERROR(rotate(a, 0, a, 0, b), seL4_IllegalOperation); // destination and pivot
    CHECK_ERROR(rotate(c, 0, a, 0, a), seL4_IllegalOperation); // source and pivot
    CHECK_ERROR(rotate(endpoint, 0, b, 0, a), seL4_DeleteFirst);
    CHECK_ERROR_3(rotate(c, 0, a, 0, b), seL4_FailedLookup, 1, seL4_MissingCapability, 64);
    CHECK_ERROR_3(rotate(c, 0, b, 0, a), seL4_FailedLookup, 0, seL4_MissingCapability, 64);
    CHECK_OK(copy(b, seL4_CapInitThreadTCB));
    CHECK_ERROR(rotate(c, 0, b, 62, a), seL4_IllegalOperation); // a guard that does not fit
    CHECK_OK(rotate(c, 0, b, seL4_CNode_CapData_new(1, 2).words[0], a));
    CHECK(is_empty(a));
    CHECK_OK(seL4_CNode_Delete(b, 1 << RADIX, RADIX + 2)); // the CNode, with its new guard
    CHECK_OK(seL4_TCB_SetPriority(c, seL4_CapInitThreadTCB, 255));
    CHECK_OK(rotate(c, 0, b, 0, c)); // exchanged
    CHECK_OK(seL4_TCB_SetPriority(b, seL4_CapInitThreadTCB, 255));
    CHECK_OK(seL4_CNode_Delete(c, 1, RADIX));
    CHECK_OK(mint(a, endpoint, 3));
    CHECK_ERROR(rotate(a + 3, 0, a, 0, c), seL4_IllegalOperation);
    CHECK_OK(delete (a));
    CHECK_OK(delete (b));
    CHECK_OK(delete (c));
}

// Who descends from whom: two originals with badges, each with a copy; a copy of a copy is its sibling.
static void revocation(void) {
    seL4_CPtr first = kit_slots(6), second = first + 1, plain = first + 4;

    CHECK_OK(mint(first, endpoint, 1));
    CHECK_OK(mint(second, endpoint, 2));
    CHECK_OK(copy(first + 2, first));
    CHECK_OK(copy(first + 3, first + 2));
    CHECK_OK(copy(plain, endpoint));
    CHECK_OK(copy(plain + 1, plain));
    CHECK_OK(revoke(first + 2)); // a copy has no descendants
    CHECK(!is_empty(first + 3));
    CHECK_OK(revoke(plain));
    CHECK(!is_empty(plain + 1) && !is_empty(second));
    CHECK_OK(revoke(first));
    CHECK(is_empty(first + 2) && is_empty(first + 3) && !is_empty(second));
    CHECK_OK(revoke(endpoint));
    CHECK(is_empty(first) && is_empty(second) && is_empty(plain) && is_empty(plain + 1));
    CHECK_OK(revoke(first)); // empty: nothing to do
    CHECK_OK(delete (first));
}

// CancelBadgedSends needs an endpoint with all rights.
static void cancel_refuses(void) {
    seL4_CPtr slot = kit_slots(1);

    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, node, KIT_DEPTH), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, slot, KIT_DEPTH), seL4_IllegalOperation);
    CHECK_OK(seL4_CNode_Mint(CNODE, slot, KIT_DEPTH, CNODE, endpoint, KIT_DEPTH, seL4_NoWrite, 5));
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, slot, KIT_DEPTH), seL4_IllegalOperation);
    CHECK_OK(delete (slot));
    CHECK_OK(seL4_CNode_CancelBadgedSends(CNODE, endpoint, KIT_DEPTH)); // unbadged: no effect
}

/* ---- Untyped ------------------------------------------------------------------------------------- */

static seL4_CPtr device_of(seL4_Word address) {
    for (seL4_Word i = 0; i < kit_info->untyped.end - kit_info->untyped.start; i++) {
        if (kit_info->untypedList[i].isDevice && kit_info->untypedList[i].paddr == address) {
            return kit_info->untyped.start + i;
        }
    }
    return 0;
}

static void retype_refuses(void) {
    seL4_CPtr ut = kit_object(seL4_UntypedObject, 12), to = kit_slots(8);
    seL4_Word slots = 1ul << kit_info->initThreadCNodeSizeBits;
    seL4_CPtr device = device_of(0x20000000);

#define RETYPE(type, bits, root, index, depth, offset, count)                                      \
    seL4_Untyped_Retype(ut, type, bits, root, index, depth, offset, count)
    CHECK_ERROR_1(RETYPE(seL4_ObjectTypeCount, 0, CNODE, 0, 0, to, 1), seL4_InvalidArgument, 0);
    CHECK_ERROR_2(RETYPE(seL4_UntypedObject, 64, CNODE, 0, 0, to, 1), seL4_RangeError, 0, 38);
    CHECK_ERROR_2(RETYPE(seL4_UntypedObject, 39, CNODE, 0, 0, to, 1), seL4_RangeError, 0, 38);
    CHECK_ERROR_2(RETYPE(seL4_CapTableObject, 34, CNODE, 0, 0, to, 1), seL4_RangeError, 0, 38);
    CHECK_ERROR_2(RETYPE(seL4_TCBObject, 64, CNODE, 0, 0, to, 1), seL4_RangeError, 0, 38);
    CHECK_ERROR_1(RETYPE(seL4_CapTableObject, 0, CNODE, 0, 0, to, 1), seL4_InvalidArgument, 1);
    CHECK_ERROR_1(RETYPE(seL4_UntypedObject, 3, CNODE, 0, 0, to, 1), seL4_InvalidArgument, 1);
    CHECK_ERROR_1(RETYPE(seL4_SchedContextObject, 6, CNODE, 0, 0, to, 1), seL4_InvalidArgument, 1);
    CHECK_ERROR_3(RETYPE(seL4_EndpointObject, 0, endpoint, 0, 0, to, 1), seL4_FailedLookup, 0,
                  seL4_MissingCapability, 0);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, endpoint, 0, 1, to, 1), seL4_FailedLookup, 0,
                  seL4_InvalidRoot);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 65, to, 1), seL4_RangeError, 1, 64);
    CHECK_ERROR_3(RETYPE(seL4_EndpointObject, 0, CNODE, endpoint, 64, to, 1), seL4_FailedLookup, 0,
                  seL4_MissingCapability, 64);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, slots, 1), seL4_RangeError, 0,
                  slots - 1);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, to, 0), seL4_RangeError, 1, 256);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, to, 257), seL4_RangeError, 1, 256);
    CHECK_ERROR_2(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, slots - 2, 3), seL4_RangeError, 1, 2);
    CHECK_ERROR(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, endpoint, 1), seL4_DeleteFirst);
    CHECK_ERROR(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, endpoint - 1, 2), seL4_DeleteFirst);
    CHECK_ERROR_1(RETYPE(seL4_UntypedObject, 13, CNODE, 0, 0, to, 1), seL4_NotEnoughMemory, 4096);
    CHECK_ERROR_1(RETYPE(seL4_TCBObject, 0, CNODE, 0, 0, to, 3), seL4_NotEnoughMemory, 4096);
    CHECK(device != 0);
    CHECK_ERROR_1(seL4_Untyped_Retype(device, seL4_TCBObject, 0, CNODE, 0, 0, to, 1),
                  seL4_InvalidArgument, 1);
    CHECK_ERROR_1(seL4_Untyped_Retype(device, seL4_RISCV_PageTableObject, 0, CNODE, 0, 0, to, 1),
                  seL4_InvalidArgument, 1);
    // Into another CNode, by the slot that holds it.
    CHECK_OK(RETYPE(seL4_EndpointObject, 0, CNODE, node, 64, 2, 3));
    CHECK_ERROR_1(RETYPE(seL4_UntypedObject, 12, CNODE, 0, 0, to, 1), seL4_NotEnoughMemory,
                  4096 - 3 * 16);
    CHECK_OK(RETYPE(seL4_TCBObject, 0, CNODE, 0, 0, to, 1)); // aligned up: the second half
    CHECK_ERROR_1(RETYPE(seL4_EndpointObject, 0, CNODE, 0, 0, to + 1, 1), seL4_NotEnoughMemory, 0);
    // Without children it begins again.
    CHECK_OK(revoke(ut));
    CHECK(is_empty(to));
    CHECK_OK(RETYPE(seL4_TCBObject, 0, CNODE, 0, 0, to, 2));
    CHECK_OK(delete (to));
    CHECK_ERROR_1(RETYPE(seL4_TCBObject, 0, CNODE, 0, 0, to, 1), seL4_NotEnoughMemory, 0);
    CHECK_OK(delete (to + 1));
    CHECK_OK(RETYPE(seL4_TCBObject, 0, CNODE, 0, 0, to, 2));
    CHECK_OK(revoke(ut));
#undef RETYPE
}

// Every object of its own size exactly: so many fit.
static void sizes(void) {
    static const struct {
        seL4_Word type, bits, size_bits;
    } kinds[] = {{seL4_UntypedObject, 4, 4},      {seL4_TCBObject, 0, seL4_TCBBits},
                 {seL4_EndpointObject, 0, 4},     {seL4_NotificationObject, 0, 6},
                 {seL4_CapTableObject, 1, 6},     {seL4_SchedContextObject, 7, 7},
                 {seL4_SchedContextObject, 9, 9}, {seL4_ReplyObject, 0, 5},
                 {seL4_RISCV_4K_Page, 0, 12},     {seL4_RISCV_PageTableObject, 0, 12}};
    seL4_CPtr ut = kit_object(seL4_UntypedObject, 12), to = kit_slots(256);

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        unsigned fit = 1u << (12 - kinds[i].size_bits);
        CHECK_OK(seL4_Untyped_Retype(ut, kinds[i].type, kinds[i].bits, CNODE, 0, 0, to, fit));
        CHECK_ERROR_1(seL4_Untyped_Retype(ut, seL4_UntypedObject, 4, CNODE, 0, 0, spare, 1),
                      seL4_NotEnoughMemory, 0);
        CHECK_OK(revoke(ut));
    }
    kit_slot_next = to;
}

// A copy of an untyped is its child, and hands out alone.
static void untyped_copies(void) {
    seL4_CPtr ut = kit_object(seL4_UntypedObject, 12), twin = kit_slots(2), to = twin + 1;

    CHECK_OK(copy(twin, ut));
    CHECK_ERROR(copy(to, ut), seL4_RevokeFirst);
    CHECK_ERROR_1(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, CNODE, 0, 0, to, 1),
                  seL4_NotEnoughMemory, 0);
    CHECK_OK(seL4_Untyped_Retype(twin, seL4_EndpointObject, 0, CNODE, 0, 0, to, 1));
    CHECK_OK(delete (twin)); // its child is the other's now
    CHECK_ERROR_1(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, CNODE, 0, 0, twin, 1),
                  seL4_NotEnoughMemory, 0);
    CHECK_OK(revoke(ut));
    CHECK(is_empty(to));
    CHECK_OK(seL4_Untyped_Retype(ut, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, to, 1));
    CHECK_OK(revoke(ut));
}

#ifdef CONFIG_DEBUG_BUILD
static void identify(void) {
    static const seL4_Word kinds[][3] = {
        {seL4_UntypedObject, 4, 2},        {seL4_TCBObject, 0, 12},
        {seL4_EndpointObject, 0, 4},       {seL4_NotificationObject, 0, 6},
        {seL4_CapTableObject, 1, 10},      {seL4_SchedContextObject, 7, 22},
        {seL4_ReplyObject, 0, 8},          {seL4_RISCV_4K_Page, 0, 1},
        {seL4_RISCV_PageTableObject, 0, 3}};
    static const seL4_Word initial[] = {0, 12, 10, 3, 14, 11, 13, 0, 0, 1, 1, 20, 0, 0, 22, 0};

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        CHECK_EQUAL(seL4_DebugCapIdentify(kit_object(kinds[i][0], kinds[i][1])), kinds[i][2]);
    }
    for (seL4_CPtr slot = 0; slot < seL4_NumInitialCaps; slot++) {
        CHECK_EQUAL(seL4_DebugCapIdentify(slot), initial[slot]);
    }
    CHECK_EQUAL(seL4_DebugCapIdentify(kit_info->schedcontrol.start), 24);
    CHECK_EQUAL(seL4_DebugCapIdentify(kit_slot_next), 0);
    seL4_DebugNameThread(seL4_CapInitThreadTCB,
                         "a name that is far longer than anybody would keep");
    seL4_DebugSnapshot();
}
#else
static void identify(void) {}
#endif

void capabilities(void) {
    endpoint = kit_object(seL4_EndpointObject, 0);
    node = kit_object(seL4_CapTableObject, RADIX);
    spare = kit_slots(1);
    addresses();
    copies();
    rotations();
    revocation();
    cancel_refuses();
    retype_refuses();
    sizes();
    untyped_copies();
    identify();
}
