// SPDX-License-Identifier: BSD-2-Clause
/* The generated dispatch table (abi/gen/dispatch.inc.h), and the way through it. */
#pragma once

#include "kernel/invoke/invocation.h"

#define METHOD_OF_NOTHING 0xff /* the kind of no capability */

struct method {
    u8 kind;   /* enum cap_kind the method belongs to */
    u8 length; /* message words it needs */
    u8 caps;   /* extra capabilities it needs */
    enum act_result (*invoke)(struct invocation *inv);
};

extern const struct method methods[METHOD_TABLE_LENGTH];

/*
 * Kinds whose methods are refused in the first half of ReplyRecv and its like, because what they do
 * could take the caller off the core between the two halves.
 */
#define KINDS_NOT_FIRST                                                                            \
    (BIT(CAP_THREAD) | BIT(CAP_DOMAIN) | BIT(CAP_CNODE) | BIT(CAP_SCHED_CONTROL) |                 \
     BIT(CAP_SCHED_CONTEXT))

/* Is it a method of the invoked capability that may be invoked now? */
ALWAYS_INLINE bool method_belongs(const struct method *method, const struct invocation *inv) {
    enum cap_kind kind = cap_kind(inv->cap);

    return method->kind == kind && !(inv->first_phase && (BIT(kind) & KINDS_NOT_FIRST) != 0);
}

/* The answer if it is not. */
enum act_result method_refuse(struct invocation *inv);

/* Decode and act. */
ALWAYS_INLINE enum act_result method_invoke(const struct method *method, struct invocation *inv) {
    if (UNLIKELY(inv->length < method->length) || UNLIKELY(inv->caps < method->caps)) {
        return invocation_refuse(inv, SEL4_TRUNCATED_MESSAGE);
    }
    return method->invoke(inv);
}
