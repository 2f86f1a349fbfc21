// SPDX-License-Identifier: BSD-2-Clause
/*
 * Invoking a kernel object: find the method, check that the message has what it takes, decode, act.
 * The table is generated from abi/methods.toml; a label without a method finds a row that no
 * capability matches.
 */
#include "kernel/invoke/invocation.h"

#include "abi/gen/methods.h"
#include "abi/gen/sel4_abi.h"
#include "arch/memory.h"
#include "kernel/invoke/method.h"
#include "lib/bound.h"

#include "abi/gen/dispatch.inc.h"

/*
 * Kinds whose methods are in the table. Endpoints, notifications, reply objects and doorbells come
 * here only without the right to be sent to.
 */
#define KINDS_ALWAYS                                                                               \
    (BIT(CAP_UNTYPED) | BIT(CAP_FRAME) | BIT(CAP_PAGE_TABLE) | BIT(CAP_ASID_CONTROL) |             \
     BIT(CAP_ASID_POOL) | BIT(CAP_IRQ_CONTROL) | BIT(CAP_IRQ_HANDLER))

enum act_result method_refuse(struct invocation *inv) {
    u64 kinds = inv->first_phase ? KINDS_ALWAYS : KINDS_ALWAYS | KINDS_NOT_FIRST;
    bool has_methods = (BIT(cap_kind(inv->cap)) & kinds) != 0;

    return invocation_refuse(inv, has_methods ? SEL4_ILLEGAL_OPERATION : refuse_capability(inv, 0));
}

static bool is_caller(const struct invocation *inv, struct cap cap) {
    return cap_is(cap, CAP_THREAD) && cap_object(cap) == inv->caller;
}

bool invocation_needs_whole(const struct invocation *inv) {
    return !arch_context_is_whole(&inv->caller->context) &&
           (is_caller(inv, inv->cap) || (inv->caps > 0 && is_caller(inv, inv->extra[0]->cap)));
}
