// SPDX-License-Identifier: BSD-2-Clause
/* Message transfer; layouts in SEL4-ABI sections 1 to 3. */
#include "kernel/ipc/transfer.h"

#include "arch/memory.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/lookup.h"
#include "kernel/cspace/rules.h"
#include "kernel/ipc/fault.h"
#include "lib/bound.h"
#include "lib/words.h"

#define MESSAGE_CAPS 3

u64 *tcb_buffer_of(const struct tcb *tcb, bool write) {
    struct cap frame = tcb->slot[TCB_BUFFER].cap;

    if (!cap_is(frame, CAP_FRAME)) {
        return NULL;
    }
    enum frame_rights rights = frame_cap_rights(frame);
    if (rights != FRAME_READ_WRITE && (write || rights != FRAME_READ_ONLY)) {
        return NULL;
    }
    u64 offset = tcb->buffer_address & MASK(frame_cap_bits(frame));
    return arch_ptr(paddr_of(cap_address(frame).value + offset));
}

void tcb_buffer_changed(struct tcb *tcb) {
    tcb->buffer_cap = tcb->slot[TCB_BUFFER].cap.word1;
    tcb->buffer = tcb_buffer_of(tcb, true);
}

bool message_set(struct tcb *tcb, u64 *buffer, unsigned index, u64 value) {
    if (index < ARCH_MESSAGE_REGISTERS) {
        tcb->context.reg[REG_MR0 + index] = value;
        return true;
    }
    if (buffer != NULL) {
        buffer[BUFFER_MSG + index] = value;
    }
    return buffer != NULL;
}

/* The empty slot the receiver named for one capability, or NULL. */
static struct cslot *receive_slot(struct tcb *receiver, const u64 *buffer) {
    if (buffer == NULL) {
        return NULL;
    }
    struct slot_lookup root = cspace_lookup(receiver, buffer[BUFFER_RECEIVE_CNODE]);
    u64 depth = buffer[BUFFER_RECEIVE_DEPTH];

    if (root.slot == NULL || depth < 1 || depth > 64) {
        return NULL;
    }
    struct slot_lookup slot =
        cspace_lookup_exact(root.slot->cap, buffer[BUFFER_RECEIVE_INDEX], (unsigned)depth);

    return slot.slot != NULL && slot_is_empty(slot.slot) ? slot.slot : NULL;
}

/* Copy one capability into the receiver's slot. False: it cannot be derived. */
static bool give_cap(struct cslot *source, struct cslot *dest) {
    struct cap copy;

    if (cap_derive(source, source->cap, &copy) != SEL4_NO_ERROR) {
        return false;
    }
    derive_insert(source, dest, copy);
    return true;
}

/*
 * Capabilities of a message: those to the very endpoint are unwrapped (only the badge goes over), one other is
 * copied. Stops at the first that cannot go. Returns the extra-caps and unwrapped fields of msginfo.
 */
static u64 transfer_caps(struct tcb *sender, u64 count, const u64 *from, struct tcb *receiver,
                         u64 *to, const struct endpoint *endpoint) {
    struct cslot *dest = receive_slot(receiver, to);
    u64 unwrapped = 0;
    unsigned moved = 0;

    if (to == NULL) {
        return 0;
    }
    BOUND(transfer_caps, MESSAGE_CAPS);
    for (; moved < count; moved++) {
        BOUND_STEP(transfer_caps);
        struct cslot *source = cspace_lookup(sender, from[BUFFER_CAPS + moved]).slot;

        if (source == NULL || slot_is_empty(source)) {
            break;
        }
        if (endpoint != NULL && cap_is(source->cap, CAP_ENDPOINT) &&
            arch_ptr(cap_address(source->cap)) == endpoint) {
            to[BUFFER_CAPS + moved] = cap_badge(source->cap);
            unwrapped |= BIT(moved);
            continue;
        }
        if (dest == NULL || !give_cap(source, dest)) {
            break;
        }
        dest = NULL;
    }
    return msginfo_make(0, unwrapped, moved, 0);
}

/* Returns how many words found a place. */
static u64 copy_words(const struct tcb *sender, const u64 *from, struct tcb *receiver, u64 *to,
                      u64 length) {
    unsigned in_registers = (unsigned)min_u64(length, ARCH_MESSAGE_REGISTERS);
    unsigned in_buffer = from != NULL && to != NULL ? (unsigned)length - in_registers : 0;

    BOUND(copy_registers, ARCH_MESSAGE_REGISTERS);
    for (unsigned i = 0; i < in_registers; i++) {
        BOUND_STEP(copy_registers);
        receiver->context.reg[REG_MR0 + i] = sender->context.reg[REG_MR0 + i];
    }
    if (in_buffer > 0) {
        words_copy(&to[BUFFER_MSG + ARCH_MESSAGE_REGISTERS],
                   &from[BUFFER_MSG + ARCH_MESSAGE_REGISTERS], in_buffer);
    }
    return in_registers + in_buffer;
}

static u64 transfer_registers(struct tcb *sender, struct tcb *receiver, struct endpoint *endpoint,
                              bool grant) {
    u64 info = sender->context.reg[REG_INFO];
    u64 length = msginfo_length(info);
    u64 caps = grant ? msginfo_extra_caps(info) : 0;
    u64 moved = 0;

    if (length > ARCH_MESSAGE_REGISTERS || caps > 0) {
        const u64 *from = tcb_buffer(sender, false);
        u64 *to = tcb_buffer(receiver, true);

        length = copy_words(sender, from, receiver, to, length);
        if (caps > 0 && from != NULL) {
            moved = transfer_caps(sender, caps, from, receiver, to, endpoint);
        }
    } else {
        (void)copy_words(sender, NULL, receiver, NULL, length);
    }
    return msginfo_make(msginfo_label(info), 0, 0, length) | moved;
}

void transfer_message(struct tcb *sender, struct tcb *receiver, struct endpoint *endpoint,
                      u64 badge, bool grant) {
    u64 info = sender->fault.kind == SEL4_FAULT_NULL
                   ? transfer_registers(sender, receiver, endpoint, grant)
                   : fault_message(sender, receiver);

    receiver->context.reg[REG_BADGE] = badge;
    receiver->context.reg[REG_INFO] = info;
}
