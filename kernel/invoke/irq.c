// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of IRQControl and IRQHandler (seL4 manual, "Hardware I/O"; SEL4-ABI section 8), and the
 * send ends of doorbell lines, which behave like handlers: one family of copies per line, made by
 * IRQControl, gone with the last copy.
 */
#include "abi/gen/methods.h"
#include "kernel/cspace/derive.h"
#include "kernel/object/irq.h"
#include "kernel/object/object.h"
#include "smp/doorbell.h"

static u32 invoked(const struct invocation *inv) {
    return irq_handler_cap_irq(inv->cap);
}

/* ---- IRQControl ------------------------------------------------------------------------------ */

static enum sel4_error decode_line(struct invocation *inv, u64 irq) {
    if (irq_line_find(irq) == NULL) {
        return refuse_range(inv, 1, kernel.config->max_irq);
    }
    return irq_is_free((u32)irq) ? SEL4_NO_ERROR : SEL4_REVOKE_FIRST;
}

static enum act_result issue_handler(struct invocation *inv, u32 irq, struct cslot *dest) {
    irq_activate(irq);
    derive_insert_child(inv->slot, dest, cap_make(CAP_IRQ_HANDLER, 0, 0, irq));
    return ACT_DONE;
}

enum sel4_error decode_irq_control_get(struct invocation *inv,
                                       const struct irq_control_get_args *args,
                                       struct irq_control_get_op *op) {
    enum sel4_error error = decode_line(inv, args->irq);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    op->irq = (u32)args->irq;
    return decode_empty_slot(inv, inv->extra[0]->cap, args->index, args->depth, &op->dest);
}

enum act_result act_irq_control_get(struct invocation *inv, const struct irq_control_get_op *op) {
    return issue_handler(inv, op->irq, op->dest);
}

/*
 * A source whose trigger cannot be chosen is refused, not silently left as it is. To find out, the
 * trigger of a line that is masked and has no handler is set: nobody can see that, so decode still
 * changes nothing that counts.
 */
enum sel4_error decode_irq_control_get_trigger(struct invocation *inv,
                                               const struct irq_control_get_trigger_args *args,
                                               struct irq_control_get_trigger_op *op) {
    if (args->irq > kernel.config->max_irq) {
        return refuse_range(inv, 1, kernel.config->max_irq);
    }
    enum sel4_error error = decode_line(inv, args->irq);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    *op = (struct irq_control_get_trigger_op){.irq = (u32)args->irq, .edge = args->trigger != 0};
    error = decode_empty_slot(inv, inv->extra[0]->cap, args->index, args->depth, &op->dest);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return irq_set_trigger(op->irq, op->edge) ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

enum act_result act_irq_control_get_trigger(struct invocation *inv,
                                            const struct irq_control_get_trigger_op *op) {
    return issue_handler(inv, op->irq, op->dest);
}

enum sel4_error
decode_irq_control_issue_doorbell(struct invocation *inv,
                                  const struct irq_control_issue_doorbell_args *args,
                                  struct irq_control_issue_doorbell_op *op) {
    if (kernel.peer_positions == 0) {
        return SEL4_ILLEGAL_OPERATION; /* a kernel alone answers as seL4 does */
    }
    if (args->peer > CORE_CONFIG_MAX_PEERS || !kernel.peer[args->peer].present ||
        kernel.peer[args->peer].send_lines == 0) {
        return refuse_range(inv, 0, kernel.partition->cores - 1);
    }
    const struct peer *peer = &kernel.peer[args->peer];
    if (args->line >= peer->send_lines) {
        return refuse_range(inv, 0, peer->send_lines - 1);
    }
    if (smp_doorbell_is_issued(peer, (u32)args->line)) {
        return SEL4_REVOKE_FIRST;
    }
    op->peer = (u32)args->peer;
    op->line = (u32)args->line;
    return decode_empty_slot(inv, inv->extra[0]->cap, args->index, args->depth, &op->dest);
}

enum act_result act_irq_control_issue_doorbell(struct invocation *inv,
                                               const struct irq_control_issue_doorbell_op *op) {
    smp_doorbell_issue(&kernel.peer[op->peer], op->line);
    derive_insert_child(inv->slot, op->dest,
                        cap_make(CAP_DOORBELL, 0, RIGHTS_ALL, (u64)op->peer << 16 | op->line));
    return ACT_DONE;
}

/* ---- IRQHandler ------------------------------------------------------------------------------ */

enum sel4_error decode_irq_handler_ack(struct invocation *inv, struct irq_handler_ack_op *op) {
    op->irq = invoked(inv);
    return SEL4_NO_ERROR;
}

enum act_result act_irq_handler_ack(UNUSED struct invocation *inv,
                                    const struct irq_handler_ack_op *op) {
    irq_acknowledge(op->irq);
    return ACT_DONE;
}

enum sel4_error decode_irq_handler_set_notification(struct invocation *inv,
                                                    struct irq_handler_set_notification_op *op) {
    struct cslot *source = inv->extra[0];

    if (!cap_is(source->cap, CAP_NOTIFICATION) || !cap_has_right(source->cap, RIGHT_WRITE)) {
        /* 0 although it is the first extra one: seL4 answers so. */
        return refuse_capability(inv, 0);
    }
    *op = (struct irq_handler_set_notification_op){invoked(inv), source, source->cap};
    return SEL4_NO_ERROR;
}

/*
 * Emptying the slot may delete a last capability: it may take several entries, and take source or
 * handler along.
 */
enum act_result act_irq_handler_set_notification(struct invocation *inv,
                                                 const struct irq_handler_set_notification_op *op) {
    struct cslot *slot = irq_notification_slot(op->irq);

    if (slot_delete(slot) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    if (cap_equal(op->source->cap, op->given) && cap_equal(inv->slot->cap, inv->cap) &&
        slot_is_empty(slot)) {
        derive_insert(op->source, slot, op->given);
        irq_notification_set(op->irq);
    }
    return ACT_DONE;
}

enum sel4_error decode_irq_handler_clear(struct invocation *inv, struct irq_handler_clear_op *op) {
    op->irq = invoked(inv);
    return SEL4_NO_ERROR;
}

enum act_result act_irq_handler_clear(UNUSED struct invocation *inv,
                                      const struct irq_handler_clear_op *op) {
    return slot_delete(irq_notification_slot(op->irq)) == STEP_AGAIN ? ACT_PREEMPTED : ACT_DONE;
}
