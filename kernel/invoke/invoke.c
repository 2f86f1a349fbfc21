// SPDX-License-Identifier: BSD-2-Clause
/*
 * Invoking a kernel object: find the method, check that the message has what it takes, decode, act.
 * The table is generated from abi/methods.toml; a label without a method finds a row that no
 * capability matches.
 */
#include "kernel/invoke/invocation.h"

#include "abi/gen/methods.h"
#include "abi/gen/sel4_abi.h"
#include "kernel/invoke/method.h"
#include "kernel/invoke/operation.h"
#include "lib/bound.h"

#include "abi/gen/dispatch.inc.h"

const struct method *method_find(u64 label) {
    unsigned index = method_index(label);

    return index != METHOD_INVALID ? &methods[index] : NULL;
}

/*
 * May a capability of this kind be invoked now? Endpoints, notifications, reply objects and
 * doorbells come here only without the right to be sent to. In the first half of ReplyRecv and its
 * like some kinds refuse, because what they do could take the caller off the core between the two
 * halves.
 */
static bool kind_is_invocable(enum cap_kind kind, bool first_phase) {
    switch (kind) {
    case CAP_UNTYPED:
    case CAP_FRAME:
    case CAP_PAGE_TABLE:
    case CAP_ASID_CONTROL:
    case CAP_ASID_POOL:
    case CAP_IRQ_CONTROL:
    case CAP_IRQ_HANDLER:
        return true;
    case CAP_THREAD:
    case CAP_DOMAIN:
    case CAP_CNODE:
    case CAP_SCHED_CONTROL:
    case CAP_SCHED_CONTEXT:
        return !first_phase;
    default:
        return false;
    }
}

static unsigned extra_caps(const struct invocation *inv) {
    unsigned count = 0;

    BOUND(extra_caps, INVOCATION_CAPS);
    while (count < INVOCATION_CAPS && inv->extra[count] != NULL) {
        BOUND_STEP(extra_caps);
        count++;
    }
    return count;
}

static enum sel4_error check_message(struct invocation *inv, const struct method *method) {
    if (!kind_is_invocable(cap_kind(inv->cap), inv->first_phase)) {
        return refuse_capability(inv, 0);
    }
    if (method == NULL || method->kind != cap_kind(inv->cap)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (inv->length < method->length || extra_caps(inv) < method->caps) {
        return SEL4_TRUNCATED_MESSAGE;
    }
    return SEL4_NO_ERROR;
}

enum act_result invoke_object(struct invocation *inv, enum sel4_error *error) {
    const struct method *method = method_find(inv->label);

    *error = check_message(inv, method);
    if (*error == SEL4_NO_ERROR) {
        *error = method->decode(inv);
    }
    if (*error != SEL4_NO_ERROR) {
        return ACT_DONE;
    }
    /* Whose registers the method moves is its own business; the caller's may be among them. */
    if ((method->flags & METHOD_ALL_REGISTERS) && !arch_context_is_whole(&inv->caller->context)) {
        return ACT_NEEDS_WHOLE;
    }
    return method->act(inv);
}
