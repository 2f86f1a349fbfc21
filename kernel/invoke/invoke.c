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
#include "kernel/invoke/operation.h"
#include "lib/bound.h"

#include "abi/gen/dispatch.inc.h"

const struct method *method_find(u64 label) {
    unsigned index = method_index(label);

    return index != METHOD_INVALID ? &methods[index] : NULL;
}

/*
 * Kinds whose methods are in the table. Endpoints, notifications, reply objects and doorbells come
 * here only without the right to be sent to.
 */
#define KINDS_ALWAYS                                                                               \
    (BIT(CAP_UNTYPED) | BIT(CAP_FRAME) | BIT(CAP_PAGE_TABLE) | BIT(CAP_ASID_CONTROL) |             \
     BIT(CAP_ASID_POOL) | BIT(CAP_IRQ_CONTROL) | BIT(CAP_IRQ_HANDLER))

/*
 * These refuse in the first half of ReplyRecv and its like, because what they do could take the
 * caller off the core between the two halves.
 */
#define KINDS_NOT_FIRST                                                                            \
    (BIT(CAP_THREAD) | BIT(CAP_DOMAIN) | BIT(CAP_CNODE) | BIT(CAP_SCHED_CONTROL) |                 \
     BIT(CAP_SCHED_CONTEXT))

static enum sel4_error check_message(struct invocation *inv, const struct method *method) {
    enum cap_kind kind = cap_kind(inv->cap);
    u64 kinds = inv->first_phase ? KINDS_ALWAYS : KINDS_ALWAYS | KINDS_NOT_FIRST;

    if ((BIT(kind) & kinds) == 0) {
        return refuse_capability(inv, 0);
    }
    if (method == NULL || method->kind != kind) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (inv->length < method->length ||
        (method->caps > 0 && inv->extra[method->caps - 1] == NULL)) {
        return SEL4_TRUNCATED_MESSAGE;
    }
    return SEL4_NO_ERROR;
}

static bool is_caller(const struct invocation *inv, struct cap cap) {
    return cap_is(cap, CAP_THREAD) && arch_ptr(cap_address(cap)) == inv->caller;
}

/* Is one of the method's threads the caller? All others' registers are in memory already. */
static bool moves_callers_registers(const struct invocation *inv) {
    return is_caller(inv, inv->cap) ||
           (inv->extra[0] != NULL && is_caller(inv, inv->extra[0]->cap));
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
    if ((method->flags & METHOD_ALL_REGISTERS) && !arch_context_is_whole(&inv->caller->context) &&
        moves_callers_registers(inv)) {
        return ACT_NEEDS_WHOLE;
    }
    return method->act(inv);
}
