// SPDX-License-Identifier: BSD-2-Clause
// Capabilities: copied, moved, deleted, revoked.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"

#define CNODE seL4_CapInitThreadCNode

static void delete_slot(seL4_CPtr slot) {
    must(seL4_CNode_Delete(CNODE, slot, DEPTH), "CNode.Delete");
}

static void copy_to(seL4_CPtr slot, seL4_CPtr from) {
    must(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, from, DEPTH, seL4_AllRights), "CNode.Copy");
}

static void mint_to(seL4_CPtr slot, seL4_CPtr from, seL4_Word badge) {
    must(seL4_CNode_Mint(CNODE, slot, DEPTH, CNODE, from, DEPTH, seL4_AllRights, badge),
         "CNode.Mint");
}

void rows_cnode(void) {
    seL4_CPtr endpoint = object_make(seL4_EndpointObject, 0);
    seL4_CPtr slot = slots_take(2), other = slot + 1;
    MEASURE("cnode.copy", ,
            seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, endpoint, DEPTH, seL4_AllRights),
            delete_slot(slot));
    MEASURE("cnode.mint", ,
            seL4_CNode_Mint(CNODE, slot, DEPTH, CNODE, endpoint, DEPTH, seL4_AllRights, 5),
            delete_slot(slot));
    copy_to(slot, endpoint);
    MEASURE("cnode.move", , seL4_CNode_Move(CNODE, other, DEPTH, CNODE, slot, DEPTH),
            seL4_CNode_Move(CNODE, slot, DEPTH, CNODE, other, DEPTH));
    delete_slot(slot);
    MEASURE("cnode.delete-copy", copy_to(slot, endpoint), seL4_CNode_Delete(CNODE, slot, DEPTH), );
    MEASURE("cnode.delete-empty", , seL4_CNode_Delete(CNODE, slot, DEPTH), );
    MEASURE("cnode.revoke-childless", , seL4_CNode_Revoke(CNODE, endpoint, DEPTH), );
}

// Each run a new thread's only capability.
void rows_delete_tcb(void) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, 20);
    objects_make(untyped, seL4_EndpointObject, 0, 1);
    seL4_CPtr slot = slots_take(1);
    MEASURE("delete.tcb",
            must(seL4_Untyped_Retype(untyped, seL4_TCBObject, 0, CNODE, 0, 0, slot, 1), "Retype"),
            seL4_CNode_Delete(CNODE, slot, DEPTH), );
}

static void mint_many(seL4_CPtr first, seL4_CPtr from, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        mint_to(first + i, from, i + 1);
    }
}

void rows_revoke_minted(void) {
    seL4_CPtr endpoint = object_make(seL4_EndpointObject, 0);
    seL4_CPtr first = slots_take(100);
    MEASURE("revoke.minted-100", mint_many(first, endpoint, 100),
            seL4_CNode_Revoke(CNODE, endpoint, DEPTH), );
}

static void revoke_untyped(const char *row, seL4_Word type, unsigned bits) {
    seL4_CPtr untyped = object_make(seL4_UntypedObject, bits);
    seL4_CPtr first = slots_take(100);
    MEASURE(row, must(seL4_Untyped_Retype(untyped, type, 0, CNODE, 0, 0, first, 100), "Retype"),
            seL4_CNode_Revoke(CNODE, untyped, DEPTH), );
}

void rows_revoke_untyped(void) {
    revoke_untyped("revoke.endpoints-100", seL4_EndpointObject, 12);
    revoke_untyped("revoke.tcbs-100", seL4_TCBObject, 18);
}
