// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of SchedControl and scheduling contexts (seL4 manual, "Scheduling"; SEL4-ABI sections 7,
 * 8 and 10). Users speak microseconds, the kernel ticks; both limits are multiples of a
 * microsecond, so nothing is rounded.
 */
#include "abi/gen/methods.h"
#include "arch/memory.h"
#include "kernel/invoke/bind_rules.h"
#include "kernel/ipc/reply.h"
#include "mcs/budget.h"
#include "mcs/sched_context.h"

/* Refills that every context has room for. */
#define REFILLS_MIN 2

static struct sched_context *invoked(const struct invocation *inv) {
    return arch_ptr(cap_address(inv->cap));
}

static u64 extra_refills_allowed(struct cap cap) {
    u64 bytes = BIT(sched_context_cap_size_bits(cap));

    return (bytes - SEL4_CORE_SCHED_CONTEXT_BYTES) / SEL4_REFILL_BYTES;
}

enum sel4_error
decode_sched_control_configure_flags(struct invocation *inv,
                                     const struct sched_control_configure_flags_args *args,
                                     struct sched_control_configure_flags_op *op) {
    struct cap cap = inv->extra[0]->cap;
    u64 min_us = kernel.min_budget / kernel.ticks_per_us;

    if (!cap_is(cap, CAP_SCHED_CONTEXT)) {
        return refuse_capability(inv, 1);
    }
    if (args->budget_us > kernel.max_us || args->budget_us < min_us) {
        return refuse_range(inv, min_us, kernel.max_us);
    }
    if (args->period_us > kernel.max_us || args->period_us < min_us) {
        return refuse_range(inv, min_us, kernel.max_us);
    }
    if (args->budget_us > args->period_us) {
        return refuse_range(inv, min_us, args->period_us);
    }
    if (args->extra_refills > extra_refills_allowed(cap)) {
        return refuse_range(inv, 0, extra_refills_allowed(cap));
    }
    /* Equal budget and period: the thread may always run, and only takes turns with its equals. */
    bool round_robin = args->budget_us == args->period_us;
    *op = (struct sched_control_configure_flags_op){
        .sc = arch_ptr(cap_address(cap)),
        .budget = args->budget_us * kernel.ticks_per_us,
        .period = round_robin ? 0 : args->period_us * kernel.ticks_per_us,
        .max_refills = REFILLS_MIN + (round_robin ? 0 : (unsigned)args->extra_refills),
        .badge = args->badge,
        .flags = (u16)(args->flags & SEL4_SCHED_CONTEXT_FLAG_SPORADIC),
    };
    return SEL4_NO_ERROR;
}

enum act_result
act_sched_control_configure_flags(UNUSED struct invocation *inv,
                                  const struct sched_control_configure_flags_op *op) {
    sc_configure(op->sc, op->max_refills, op->budget, op->period, op->badge, op->flags);
    return ACT_DONE;
}

enum sel4_error decode_sched_context_bind(struct invocation *inv,
                                          struct sched_context_bind_op *op) {
    struct cap cap = inv->extra[0]->cap;
    struct sched_context *sc = invoked(inv);
    bool may = false;

    *op = (struct sched_context_bind_op){.sc = sc};
    if (cap_is(cap, CAP_THREAD)) {
        op->tcb = arch_ptr(cap_address(cap));
        may = sc_may_bind_tcb(sc, op->tcb);
    } else if (cap_is(cap, CAP_NOTIFICATION)) {
        op->notification = arch_ptr(cap_address(cap));
        may = op->notification->sc == NULL && sc->notification == NULL;
    } else {
        return refuse_capability(inv, 1);
    }
    return may ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

enum act_result act_sched_context_bind(UNUSED struct invocation *inv,
                                       const struct sched_context_bind_op *op) {
    if (op->tcb != NULL) {
        sc_bind_tcb(op->sc, op->tcb);
    } else {
        sc_bind_notification(op->sc, op->notification);
    }
    return ACT_DONE;
}

/* A caller that took its own context away would lose its time in the middle of its call. */
enum sel4_error decode_sched_context_unbind(struct invocation *inv,
                                            struct sched_context_unbind_op *op) {
    op->sc = invoked(inv);
    return op->sc->tcb == inv->caller ? SEL4_ILLEGAL_OPERATION : SEL4_NO_ERROR;
}

enum act_result act_sched_context_unbind(UNUSED struct invocation *inv,
                                         const struct sched_context_unbind_op *op) {
    sc_unbind_tcb(op->sc);
    sc_unbind_notification(op->sc);
    reply_forget_context(op->sc); /* lent or not, it is nobody's now: no answer takes it back */
    return ACT_DONE;
}

enum sel4_error decode_sched_context_unbind_object(struct invocation *inv,
                                                   struct sched_context_unbind_object_op *op) {
    struct cap cap = inv->extra[0]->cap;
    struct sched_context *sc = invoked(inv);
    bool may = false;

    *op = (struct sched_context_unbind_object_op){.sc = sc, .thread = cap_is(cap, CAP_THREAD)};
    if (op->thread) {
        const struct tcb *tcb = arch_ptr(cap_address(cap));
        may = sc->tcb == tcb && tcb != inv->caller;
    } else if (cap_is(cap, CAP_NOTIFICATION)) {
        may = sc->notification == arch_ptr(cap_address(cap));
    } else {
        return refuse_capability(inv, 1);
    }
    return may ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

enum act_result act_sched_context_unbind_object(UNUSED struct invocation *inv,
                                                const struct sched_context_unbind_object_op *op) {
    if (op->thread) {
        sc_unbind_tcb(op->sc);
    } else {
        sc_unbind_notification(op->sc);
    }
    return ACT_DONE;
}

/* The running context owes time that nobody has charged to it yet. */
static u64 take_consumed_us(struct sched_context *sc) {
    if (sc == kernel.current_sc) {
        budget_commit();
    }
    return budget_take_consumed_us(sc);
}

enum sel4_error decode_sched_context_consumed(struct invocation *inv,
                                              struct sched_context_consumed_op *op) {
    op->sc = invoked(inv);
    return SEL4_NO_ERROR;
}

enum act_result act_sched_context_consumed(struct invocation *inv,
                                           const struct sched_context_consumed_op *op) {
    invocation_answer(inv, take_consumed_us(op->sc));
    return ACT_DONE;
}

enum sel4_error decode_sched_context_yield_to(struct invocation *inv,
                                              struct sched_context_yield_to_op *op) {
    struct sched_context *sc = invoked(inv);

    if (sc->tcb == NULL || sc->tcb == inv->caller || sc->tcb->priority > inv->caller->mcp) {
        return SEL4_ILLEGAL_OPERATION;
    }
    op->sc = sc;
    return SEL4_NO_ERROR;
}

/*
 * If the target runs first, its consumed time is not known yet: the answer goes out with a 0 that
 * sc_complete_yield() overwrites before the caller runs again.
 */
enum act_result act_sched_context_yield_to(struct invocation *inv,
                                           const struct sched_context_yield_to_op *op) {
    bool later = sc_yield_to(op->sc, inv->caller, inv->call);

    invocation_answer(inv, later ? 0 : take_consumed_us(op->sc));
    return ACT_DONE;
}
