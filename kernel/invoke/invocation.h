// SPDX-License-Identifier: BSD-2-Clause
/*
 * One invocation of a capability, from the message to the answer. It lives on the kernel stack of one entry.
 *
 * decode: takes the message, changes nothing, and either refuses (an error with details) or fills `op`.
 * act:    takes `op`, cannot fail; may say that it was preempted, then the system call starts again later.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/invoke/operation.h"
#include "kernel/ipc/transfer.h"
#include "kernel/model/fault.h"
#include "kernel/model/kernel.h"

#define INVOCATION_CAPS 3

enum act_result {
    ACT_DONE,        /* answer with the results, if the caller asked for an answer */
    ACT_PREEMPTED,   /* restart the system call when the caller runs again */
    ACT_NEEDS_WHOLE, /* nothing changed: save all registers of the caller, then make the call again */
    ACT_NO_ANSWER    /* the caller's registers have been dealt with, or it is gone */
};

struct invocation {
    struct tcb *caller;
    struct cslot *slot; /* of the invoked capability */
    struct cap cap;
    u64 cptr;
    u64 label;
    u64 length;
    u64 *buffer; /* caller's IPC buffer if the message reaches into it, or NULL */
    struct cslot *extra[INVOCATION_CAPS]; /* NULL from the first missing one on */
    bool call;                            /* wants an answer */
    bool first_phase; /* of ReplyRecv, NBSendRecv, NBSendWait: some kinds refuse */

    /* Refusal: details as message words behind the error label. */
    u64 detail[6];
    unsigned details;

    /* Answer: words in message registers. A method with more results writes them itself. */
    u64 result[2];
    unsigned results;

    union operation op;
};

/* Message register i of the caller; i below length. */
ALWAYS_INLINE u64 invocation_mr(const struct invocation *inv, unsigned i) {
    return i < 4                 ? inv->caller->context.reg[REG_MR0 + i]
           : inv->buffer != NULL ? inv->buffer[BUFFER_MSG + i]
                                 : 0;
}

/* Refusals, for `return refuse_…(inv, …)` in decode functions. */
enum sel4_error refuse_argument(struct invocation *inv, unsigned argument); /* InvalidArgument */
enum sel4_error refuse_capability(struct invocation *inv, unsigned cap);    /* InvalidCapability */
enum sel4_error refuse_range(struct invocation *inv, u64 min, u64 max);     /* RangeError */
enum sel4_error refuse_lookup(struct invocation *inv, bool source, struct lookup_failure failure);
enum sel4_error refuse_memory(struct invocation *inv, u64 bytes_left); /* NotEnoughMemory */
/* Those without details are returned as they are: SEL4_ILLEGAL_OPERATION, SEL4_DELETE_FIRST, … */

/*
 * Slot addressed by (root, index, depth) as CNode methods and IRQControl use it: depth 1..64 else RangeError,
 * exact, else FailedLookup. `*slot` is set on success.
 */
enum sel4_error decode_slot(struct invocation *inv, struct cap root, u64 index, u64 depth,
                            bool source, struct cslot **slot);

/* The same for a destination that has to be empty: DeleteFirst otherwise. */
enum sel4_error decode_empty_slot(struct invocation *inv, struct cap root, u64 index, u64 depth,
                                  struct cslot **slot);

/* Decode and act on a kernel object's capability; endpoint-like kinds are handled before. */
enum act_result invoke_object(struct invocation *inv, enum sel4_error *error);
