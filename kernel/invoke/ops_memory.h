// SPDX-License-Identifier: BSD-2-Clause
/* Operations on untyped memory and on capability slots. */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/model/slot.h"

struct untyped_retype_op {
    enum sel4_object_type type;
    unsigned size_bits;
    unsigned bits; /* log2 of the bytes of one object */
    u64 count;
    u64 start; /* where in the untyped the objects will lie */
    u64 end;
    bool clear;         /* their memory has to be zero */
    struct cslot *dest; /* the first of `count` empty slots in a row */
};

struct cnode_revoke_op {
    struct cslot *slot;
};

struct cnode_delete_op {
    struct cslot *slot;
};

struct cnode_cancel_badged_sends_op {
    struct cap cap; /* of an endpoint, with all rights */
};

/* Copy and Mint: `cap` is what the new slot will hold. */
struct cnode_copy_op {
    struct cslot *src;
    struct cslot *dest;
    struct cap cap;
};

struct cnode_mint_op {
    struct cnode_copy_op copy;
};

/* Move and Mutate. */
struct cnode_move_op {
    struct cslot *src;
    struct cslot *dest;
    struct cap cap;
};

struct cnode_mutate_op {
    struct cnode_move_op move;
};

/* The pivot's capability goes to dest, the source's to the pivot; dest may be the source. */
struct cnode_rotate_op {
    struct cslot *src;
    struct cslot *pivot;
    struct cslot *dest;
    struct cap for_pivot;
    struct cap for_dest;
};
