// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of threads (seL4 manual, "Threads and Execution"; checks and answers: SEL4-ABI sections 7
 * to 10).
 *
 * Methods that replace capabilities of a thread (Configure, SetSpace, …) first empty the slots,
 * which may take several entries when a last capability goes with a large object, and then fill
 * them in one go. Between two entries the thread has no such capability; the restarted call finds
 * the slot empty and goes on.
 *
 * The calling thread may invoke itself. Whatever act does to it, entry completes its call
 * afterwards.
 */
#include "abi/gen/methods.h"
#include "arch/fpu.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"
#include "kernel/invoke/bind_rules.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/thread.h"
#include "kernel/object/object.h"
#include "kernel/object/vspace.h"
#include "lib/words.h"
#include "mcs/sched_context.h"

static struct tcb *invoked(const struct invocation *inv) {
    return arch_ptr(cap_address(inv->cap));
}

/* ---- Registers ------------------------------------------------------------------------------- */

enum sel4_error decode_tcb_read_registers(struct invocation *inv,
                                          const struct tcb_read_registers_args *args,
                                          struct tcb_read_registers_op *op) {
    if (args->count < 1 || args->count > REG_COUNT) {
        return refuse_range(inv, 1, REG_COUNT);
    }
    if (invoked(inv) == inv->caller) {
        return SEL4_ILLEGAL_OPERATION;
    }
    *op = (struct tcb_read_registers_op){
        .target = invoked(inv), .suspend = args->suspend_source, .count = (unsigned)args->count};
    return SEL4_NO_ERROR;
}

/* More words than an invocation's answer has room for: this answers the caller itself. */
enum act_result act_tcb_read_registers(struct invocation *inv,
                                       const struct tcb_read_registers_op *op) {
    u64 *caller = inv->caller->context.reg;
    u64 *buffer = tcb_buffer(inv->caller, true);
    unsigned in_registers = (unsigned)min_u64(op->count, ARCH_MESSAGE_REGISTERS);
    unsigned in_buffer = buffer != NULL ? op->count - in_registers : 0;
    const u64 *reg = op->target->context.reg;

    if (op->suspend) {
        thread_suspend(op->target);
    }
    if (!inv->call) {
        return ACT_DONE; /* nobody asked: the caller's registers stay as they are */
    }
    words_copy(&caller[REG_MR0], reg, in_registers);
    if (in_buffer > 0) {
        words_copy(&buffer[BUFFER_MSG + ARCH_MESSAGE_REGISTERS], &reg[in_registers], in_buffer);
    }
    caller[REG_BADGE] = 0;
    caller[REG_INFO] = msginfo_make(SEL4_NO_ERROR, 0, 0, in_registers + in_buffer);
    thread_complete(inv->caller);
    return ACT_NO_ANSWER;
}

/* The message register that has the first register. */
#define WRITE_FIRST 2

enum sel4_error decode_tcb_write_registers(struct invocation *inv,
                                           const struct tcb_write_registers_args *args,
                                           struct tcb_write_registers_op *op) {
    if (inv->length - WRITE_FIRST < args->count) {
        return SEL4_TRUNCATED_MESSAGE;
    }
    if (invoked(inv) == inv->caller) {
        return SEL4_ILLEGAL_OPERATION;
    }
    *op = (struct tcb_write_registers_op){.target = invoked(inv),
                                          .resume = args->resume_target,
                                          .count = (unsigned)min_u64(args->count, REG_COUNT)};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_write_registers(struct invocation *inv,
                                        const struct tcb_write_registers_op *op) {
    u64 *reg = op->target->context.reg;
    unsigned in_registers = (unsigned)min_u64(op->count, ARCH_MESSAGE_REGISTERS - WRITE_FIRST);

    words_copy(reg, &inv->caller->context.reg[REG_MR0 + WRITE_FIRST], in_registers);
    if (op->count > in_registers) {
        words_copy(&reg[in_registers], &inv->buffer[BUFFER_MSG + ARCH_MESSAGE_REGISTERS],
                   op->count - in_registers);
    }
    op->target->resume.object = NULL; /* it may be sent somewhere else than back into its call */
    if (op->resume) {
        thread_restart(op->target);
    }
    return ACT_DONE;
}

enum sel4_error decode_tcb_copy_registers(struct invocation *inv,
                                          const struct tcb_copy_registers_args *args,
                                          struct tcb_copy_registers_op *op) {
    struct cap source = inv->extra[0]->cap;

    if (!cap_is(source, CAP_THREAD)) {
        return refuse_capability(inv, 1);
    }
    *op = (struct tcb_copy_registers_op){
        .target = invoked(inv),
        .source = arch_ptr(cap_address(source)),
        .suspend_source = args->suspend_source,
        .resume_target = args->resume_target,
        .frame = args->transfer_frame,
        .integer = args->transfer_integer,
    };
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_copy_registers(struct invocation *inv,
                                       const struct tcb_copy_registers_op *op) {
    const u64 *from = op->source->context.reg;
    u64 *to = op->target->context.reg;

    if (op->suspend_source) {
        thread_suspend(op->source);
    }
    if (op->resume_target) {
        thread_restart(op->target);
    }
    if (op->frame) {
        words_copy(to, from, ARCH_FRAME_REGISTERS);
        if (op->target == inv->caller && op->source != inv->caller) {
            /* Completing the caller's call is going to add this. */
            op->target->context.reg[REG_PC] -= ARCH_SYSCALL_BYTES;
        }
    }
    if (op->integer) {
        words_copy(&to[ARCH_FRAME_REGISTERS], &from[ARCH_FRAME_REGISTERS],
                   REG_COUNT - ARCH_FRAME_REGISTERS);
    }
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_tls_base(struct invocation *inv,
                                        const struct tcb_set_tls_base_args *args,
                                        struct tcb_set_tls_base_op *op) {
    *op = (struct tcb_set_tls_base_op){invoked(inv), args->tls_base};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_set_tls_base(UNUSED struct invocation *inv,
                                     const struct tcb_set_tls_base_op *op) {
    op->target->context.reg[REG_TP] = op->tls_base;
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_flags(struct invocation *inv, const struct tcb_set_flags_args *args,
                                     struct tcb_set_flags_op *op) {
    u64 flags = (invoked(inv)->flags & ~args->clear) | args->set;

    *op = (struct tcb_set_flags_op){invoked(inv), (u8)(flags & SEL4_TCB_FLAG_FPU_DISABLED)};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_set_flags(struct invocation *inv, const struct tcb_set_flags_op *op) {
    if (op->target->flags != op->flags) {
        op->target->flags = op->flags;
        arch_fpu_disable(&op->target->context, (op->flags & THREAD_FPU_DISABLED) != 0);
    }
    invocation_answer(inv, op->flags);
    return ACT_DONE;
}

/* ---- Capabilities a thread holds ------------------------------------------------------------- */

static struct slot_change slot_clear(void) {
    return (struct slot_change){.change = true};
}

/* The slot is to hold `cap`, made from what `source` holds; refused if that cannot be copied. */
static enum sel4_error slot_copy(struct cslot *source, struct cap cap, struct slot_change *change) {
    *change = (struct slot_change){.change = true, .source = source, .given = source->cap};
    return cap_derive(source, cap, &change->copy);
}

static enum sel4_error decode_cspace(struct cslot *root, u64 data, struct slot_change *change) {
    struct cap cap = data != 0 ? cap_set_data(root->cap, data, false) : root->cap;
    enum sel4_error error = slot_copy(root, cap, change);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return cap_is(change->copy, CAP_CNODE) ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

static enum sel4_error decode_vspace(struct cslot *root, struct slot_change *change) {
    enum sel4_error error = slot_copy(root, root->cap, change);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return vspace_cap_root(change->copy) != NULL ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

/* Address 0 means no buffer, whatever the capability. */
static enum sel4_error decode_buffer(struct cslot *frame, u64 address, struct slot_change *change) {
    if (address == 0) {
        *change = slot_clear();
        return SEL4_NO_ERROR;
    }
    if (!cap_is(frame->cap, CAP_FRAME) || frame_cap_is_device(frame->cap)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    if (!is_aligned(address, SEL4_IPC_BUFFER_BITS)) {
        return SEL4_ALIGNMENT_ERROR;
    }
    return slot_copy(frame, frame->cap, change);
}

/* An endpoint that faults can be sent through, or null; `number` as in the message, from 1. */
static enum sel4_error decode_handler(struct invocation *inv, unsigned number,
                                      struct slot_change *change) {
    struct cslot *slot = inv->extra[number - 1];

    if (slot_is_empty(slot)) {
        *change = slot_clear();
        return SEL4_NO_ERROR;
    }
    if (!cap_is(slot->cap, CAP_ENDPOINT) || !cap_has_right(slot->cap, RIGHT_WRITE) ||
        (cap_rights(slot->cap) & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) == 0) {
        return refuse_capability(inv, number);
    }
    return slot_copy(slot, slot->cap, change);
}

static enum step change_begin(struct tcb *target, enum tcb_slot slot,
                              const struct slot_change *change) {
    return change->change ? slot_delete(&target->slot[slot]) : STEP_DONE;
}

/*
 * Emptying the slots may have deleted the source (it lay in a CNode whose last capability was in
 * one of them) or even the thread: then nothing is copied.
 */
static void change_finish(struct invocation *inv, struct tcb *target, enum tcb_slot slot,
                          const struct slot_change *change) {
    if (!change->change || change->source == NULL) {
        return;
    }
    if (cap_equal(change->source->cap, change->given) && cap_equal(inv->slot->cap, inv->cap) &&
        slot_is_empty(&target->slot[slot])) {
        derive_insert(change->source, &target->slot[slot], change->copy);
    }
}

enum sel4_error decode_tcb_configure(struct invocation *inv, const struct tcb_configure_args *args,
                                     struct tcb_configure_op *op) {
    op->target = invoked(inv);
    op->buffer_address = args->buffer;
    enum sel4_error error = decode_buffer(inv->extra[2], args->buffer, &op->buffer);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    error = decode_cspace(inv->extra[0], args->cspace_root_data, &op->cspace);
    return error != SEL4_NO_ERROR ? error : decode_vspace(inv->extra[1], &op->vspace);
}

enum act_result act_tcb_configure(struct invocation *inv, const struct tcb_configure_op *op) {
    if (change_begin(op->target, TCB_CSPACE, &op->cspace) == STEP_AGAIN ||
        change_begin(op->target, TCB_VSPACE, &op->vspace) == STEP_AGAIN ||
        change_begin(op->target, TCB_BUFFER, &op->buffer) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    change_finish(inv, op->target, TCB_CSPACE, &op->cspace);
    change_finish(inv, op->target, TCB_VSPACE, &op->vspace);
    vspace_forget(op->target);
    change_finish(inv, op->target, TCB_BUFFER, &op->buffer);
    op->target->buffer_address = op->buffer_address;
    tcb_buffer_changed(op->target);
    vspace_refresh();
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_space(struct invocation *inv, const struct tcb_set_space_args *args,
                                     struct tcb_set_space_op *op) {
    op->target = invoked(inv);
    enum sel4_error error = decode_cspace(inv->extra[1], args->cspace_root_data, &op->cspace);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    error = decode_vspace(inv->extra[2], &op->vspace);
    return error != SEL4_NO_ERROR ? error : decode_handler(inv, 1, &op->fault_handler);
}

enum act_result act_tcb_set_space(struct invocation *inv, const struct tcb_set_space_op *op) {
    if (change_begin(op->target, TCB_FAULT_HANDLER, &op->fault_handler) == STEP_AGAIN ||
        change_begin(op->target, TCB_CSPACE, &op->cspace) == STEP_AGAIN ||
        change_begin(op->target, TCB_VSPACE, &op->vspace) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    change_finish(inv, op->target, TCB_FAULT_HANDLER, &op->fault_handler);
    change_finish(inv, op->target, TCB_CSPACE, &op->cspace);
    change_finish(inv, op->target, TCB_VSPACE, &op->vspace);
    vspace_forget(op->target);
    vspace_refresh();
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_ipc_buffer(struct invocation *inv,
                                          const struct tcb_set_ipc_buffer_args *args,
                                          struct tcb_set_ipc_buffer_op *op) {
    op->target = invoked(inv);
    op->buffer_address = args->buffer;
    return decode_buffer(inv->extra[0], args->buffer, &op->buffer);
}

enum act_result act_tcb_set_ipc_buffer(struct invocation *inv,
                                       const struct tcb_set_ipc_buffer_op *op) {
    if (change_begin(op->target, TCB_BUFFER, &op->buffer) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    change_finish(inv, op->target, TCB_BUFFER, &op->buffer);
    op->target->buffer_address = op->buffer_address;
    tcb_buffer_changed(op->target);
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_timeout_endpoint(struct invocation *inv,
                                                struct tcb_set_timeout_endpoint_op *op) {
    op->target = invoked(inv);
    return decode_handler(inv, 1, &op->timeout_handler);
}

enum act_result act_tcb_set_timeout_endpoint(struct invocation *inv,
                                             const struct tcb_set_timeout_endpoint_op *op) {
    if (change_begin(op->target, TCB_TIMEOUT_HANDLER, &op->timeout_handler) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    change_finish(inv, op->target, TCB_TIMEOUT_HANDLER, &op->timeout_handler);
    return ACT_DONE;
}

/* ---- Priority and time ----------------------------------------------------------------------- */

/* The first extra capability is a thread whose maximum controlled priority is the limit. */
static enum sel4_error decode_authority(struct invocation *inv, u8 *limit) {
    struct cap authority = inv->extra[0]->cap;

    if (!cap_is(authority, CAP_THREAD)) {
        return refuse_capability(inv, 1);
    }
    *limit = ((const struct tcb *)arch_ptr(cap_address(authority)))->mcp;
    return SEL4_NO_ERROR;
}

enum sel4_error decode_tcb_set_priority(struct invocation *inv,
                                        const struct tcb_set_priority_args *args,
                                        struct tcb_set_priority_op *op) {
    u8 limit = 0;
    enum sel4_error error = decode_authority(inv, &limit);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (args->priority > limit) {
        return refuse_range(inv, 0, limit);
    }
    *op = (struct tcb_set_priority_op){invoked(inv), (u8)args->priority};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_set_priority(UNUSED struct invocation *inv,
                                     const struct tcb_set_priority_op *op) {
    thread_set_priority(op->target, op->priority);
    return ACT_DONE;
}

enum sel4_error decode_tcb_set_mc_priority(struct invocation *inv,
                                           const struct tcb_set_mc_priority_args *args,
                                           struct tcb_set_mc_priority_op *op) {
    u8 limit = 0;
    enum sel4_error error = decode_authority(inv, &limit);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (args->mcp > limit) {
        return refuse_range(inv, 0, limit);
    }
    *op = (struct tcb_set_mc_priority_op){invoked(inv), (u8)args->mcp};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_set_mc_priority(UNUSED struct invocation *inv,
                                        const struct tcb_set_mc_priority_op *op) {
    op->target->mcp = op->mcp;
    return ACT_DONE;
}

/* Which context SetSchedParams gives the thread. */
static enum sel4_error decode_params_context(struct invocation *inv, struct tcb *target,
                                             struct sched_context **out) {
    struct cslot *slot = inv->extra[1];

    if (slot_is_empty(slot)) {
        /* The caller would lose its time in the middle of its call. */
        *out = NULL;
        return target == inv->caller ? SEL4_ILLEGAL_OPERATION : SEL4_NO_ERROR;
    }
    if (!cap_is(slot->cap, CAP_SCHED_CONTEXT)) {
        return refuse_capability(inv, 2);
    }
    *out = arch_ptr(cap_address(slot->cap));
    return target->sc == *out || sc_may_bind_tcb(*out, target) ? SEL4_NO_ERROR
                                                               : SEL4_ILLEGAL_OPERATION;
}

enum sel4_error decode_tcb_set_sched_params(struct invocation *inv,
                                            const struct tcb_set_sched_params_args *args,
                                            struct tcb_set_sched_params_op *op) {
    u8 limit = 0;
    enum sel4_error error = decode_authority(inv, &limit);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (args->mcp > limit || args->priority > limit) {
        return refuse_range(inv, 0, limit);
    }
    op->target = invoked(inv);
    op->mcp = (u8)args->mcp;
    op->priority = (u8)args->priority;
    error = decode_params_context(inv, op->target, &op->sc);
    return error != SEL4_NO_ERROR ? error : decode_handler(inv, 3, &op->fault_handler);
}

enum act_result act_tcb_set_sched_params(struct invocation *inv,
                                         const struct tcb_set_sched_params_op *op) {
    struct tcb *target = op->target;

    if (change_begin(target, TCB_FAULT_HANDLER, &op->fault_handler) == STEP_AGAIN) {
        return ACT_PREEMPTED;
    }
    change_finish(inv, target, TCB_FAULT_HANDLER, &op->fault_handler);
    target->mcp = op->mcp;
    thread_set_priority(target, op->priority);
    if (op->sc == NULL && target->sc != NULL) {
        sc_unbind_tcb(target->sc);
    } else if (op->sc != NULL && target->sc != op->sc) {
        sc_bind_tcb(op->sc, target);
    }
    return ACT_DONE;
}

/* ---- Running and stopping -------------------------------------------------------------------- */

enum sel4_error decode_tcb_suspend(struct invocation *inv, struct tcb_suspend_op *op) {
    op->target = invoked(inv);
    return SEL4_NO_ERROR;
}

/* Who suspends itself has its call completed like any other: a later Resume goes on behind it. */
enum act_result act_tcb_suspend(UNUSED struct invocation *inv, const struct tcb_suspend_op *op) {
    thread_suspend(op->target);
    return ACT_DONE;
}

enum sel4_error decode_tcb_resume(struct invocation *inv, struct tcb_resume_op *op) {
    op->target = invoked(inv);
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_resume(UNUSED struct invocation *inv, const struct tcb_resume_op *op) {
    thread_restart(op->target);
    return ACT_DONE;
}

/* ---- Bound notification ---------------------------------------------------------------------- */

enum sel4_error decode_tcb_bind_notification(struct invocation *inv,
                                             struct tcb_bind_notification_op *op) {
    struct cap cap = inv->extra[0]->cap;
    struct tcb *target = invoked(inv);

    if (target->bound_notification != NULL || !cap_is(cap, CAP_NOTIFICATION) ||
        !cap_has_right(cap, RIGHT_READ)) {
        return SEL4_ILLEGAL_OPERATION;
    }
    struct notification *notification = arch_ptr(cap_address(cap));
    if (notification->bound != NULL || notification->state == NOTIFICATION_WAITING) {
        return SEL4_ILLEGAL_OPERATION;
    }
    *op = (struct tcb_bind_notification_op){target, notification};
    return SEL4_NO_ERROR;
}

enum act_result act_tcb_bind_notification(UNUSED struct invocation *inv,
                                          const struct tcb_bind_notification_op *op) {
    notification_bind(op->notification, op->target);
    return ACT_DONE;
}

enum sel4_error decode_tcb_unbind_notification(struct invocation *inv,
                                               struct tcb_unbind_notification_op *op) {
    op->target = invoked(inv);
    return op->target->bound_notification != NULL ? SEL4_NO_ERROR : SEL4_ILLEGAL_OPERATION;
}

enum act_result act_tcb_unbind_notification(UNUSED struct invocation *inv,
                                            const struct tcb_unbind_notification_op *op) {
    notification_unbind(op->target);
    return ACT_DONE;
}
