// SPDX-License-Identifier: BSD-2-Clause
/* Methods of the domain set: who belongs to which domain, which runs when (SEL4-ABI section 7). */
#include "mcs/domain.h"

#include "abi/gen/methods.h"
#include "arch/memory.h"

/* A longer duration, added to the clock, might wrap within the life of a machine. */
#define DURATION_BITS 56

enum sel4_error decode_domain_set_set(struct invocation *inv,
                                      const struct domain_set_set_args *args,
                                      struct domain_set_set_op *op) {
    struct cap cap = inv->extra[0]->cap;

    if (args->domain >= kernel.config->domains) {
        return refuse_argument(inv, 0);
    }
    if (!cap_is(cap, CAP_THREAD)) {
        return refuse_argument(inv, 1);
    }
    *op = (struct domain_set_set_op){arch_ptr(cap_address(cap)), args->domain};
    return SEL4_NO_ERROR;
}

enum act_result act_domain_set_set(UNUSED struct invocation *inv,
                                   const struct domain_set_set_op *op) {
    domain_set(op->tcb, op->domain);
    return ACT_DONE;
}

/* The last entry stays what it is: an end marker, so that the schedule always ends. */
enum sel4_error
decode_domain_set_schedule_configure(struct invocation *inv,
                                     const struct domain_set_schedule_configure_args *args,
                                     struct domain_set_schedule_configure_op *op) {
    u64 last = kernel.config->schedule_length - 1;

    if (args->index >= last) {
        return refuse_range(inv, 0, last - 1);
    }
    if (args->domain >= kernel.config->domains) {
        return refuse_range(inv, 0, kernel.config->domains - 1);
    }
    if (args->duration > MASK(DURATION_BITS)) {
        return refuse_argument(inv, 2);
    }
    if (args->duration == 0 && args->domain != 0) {
        return refuse_argument(inv, 1);
    }
    if (args->duration == 0 && args->index == kernel.schedule_start) {
        return refuse_argument(inv, 2);
    }
    *op = (struct domain_set_schedule_configure_op){args->index, args->domain, args->duration};
    return SEL4_NO_ERROR;
}

enum act_result
act_domain_set_schedule_configure(UNUSED struct invocation *inv,
                                  const struct domain_set_schedule_configure_op *op) {
    domain_schedule_configure(op->index, op->domain, op->duration);
    return ACT_DONE;
}

enum sel4_error
decode_domain_set_schedule_set_start(struct invocation *inv,
                                     const struct domain_set_schedule_set_start_args *args,
                                     struct domain_set_schedule_set_start_op *op) {
    u64 length = kernel.config->schedule_length;

    if (args->index >= length) {
        return refuse_range(inv, 0, length - 1);
    }
    if (kernel.schedule[args->index].duration_ticks == 0) {
        return refuse_argument(inv, 0);
    }
    op->index = args->index;
    return SEL4_NO_ERROR;
}

enum act_result
act_domain_set_schedule_set_start(UNUSED struct invocation *inv,
                                  const struct domain_set_schedule_set_start_op *op) {
    domain_schedule_set_start(op->index);
    return ACT_DONE;
}
