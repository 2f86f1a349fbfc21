// SPDX-License-Identifier: BSD-2-Clause
/*
 * One invocation of a capability, from the message to the answer. It lives on the kernel stack of one entry.
 *
 * decode: takes the message, changes nothing, and either refuses (an error with details) or fills an operation.
 * act:    takes the operation, cannot fail; may say that it was preempted, then the system call starts again later.
 *
 * The two are separate functions of each method (abi/gen/methods.h) and meet in abi/gen/dispatch.inc.h, where the
 * operation is a local variable; so in an image that is optimised as a whole it mostly lives in registers.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "kernel/invoke/operation.h"
#include "kernel/ipc/transfer.h"
#include "kernel/model/fault.h"
#include "kernel/model/kernel.h"

#define INVOCATION_CAPS  3
#define INVOCATION_WORDS 5 /* as many details as a guard mismatch has */

enum act_result {
    ACT_DONE,        /* answer with the words, if the caller asked for an answer */
    ACT_REFUSED,     /* answer with the error and its details; nothing changed */
    ACT_PREEMPTED,   /* restart the system call when the caller runs again */
    ACT_NEEDS_WHOLE, /* nothing changed: save all registers of the caller, then make the call again */
    ACT_NO_ANSWER    /* the caller's registers have been dealt with, or it is gone */
};

struct invocation {
    struct tcb *caller;
    struct cslot *slot; /* of the invoked capability */
    struct cap cap;
    u64 length;  /* of the message; at most the message registers if there is no buffer */
    u64 *buffer; /* caller's IPC buffer if the message reaches into it, or NULL */
    struct cslot *extra[INVOCATION_CAPS];
    u8 caps;          /* extra capabilities: the first ones of extra[] are set */
    bool call;        /* wants an answer */
    bool first_phase; /* of ReplyRecv, NBSendRecv, NBSendWait: some kinds refuse */

    /* The answer: words in message registers; these are results, or details of the error if refused. */
    enum sel4_error error;
    unsigned words;
    u64 word[INVOCATION_WORDS];
};

/* Message register i of the caller; i below length. */
ALWAYS_INLINE u64 invocation_mr(const struct invocation *inv, unsigned i) {
    return i < ARCH_MESSAGE_REGISTERS ? inv->caller->context.reg[REG_MR0 + i]
                                      : inv->buffer[BUFFER_MSG + i];
}

/* The answer's only word; a method with many writes them itself. */
ALWAYS_INLINE void invocation_answer(struct invocation *inv, u64 word) {
    inv->word[0] = word;
    inv->words = 1;
}

/* A method refuses, with the error that decode answered. */
ALWAYS_INLINE enum act_result invocation_refuse(struct invocation *inv, enum sel4_error error) {
    inv->error = error;
    return ACT_REFUSED;
}

/* Does the method move registers of its caller that are not in memory yet? All others' are. */
bool invocation_needs_whole(const struct invocation *inv);

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
enum sel4_error decode_slot(struct invocation *inv, struct cap root, u64 index, u8 depth,
                            bool source, struct cslot **slot);

/* The same for a destination that has to be empty: DeleteFirst otherwise. */
enum sel4_error decode_empty_slot(struct invocation *inv, struct cap root, u64 index, u8 depth,
                                  struct cslot **slot);
