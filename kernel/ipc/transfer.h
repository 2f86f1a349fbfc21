// SPDX-License-Identifier: BSD-2-Clause
/* Moving messages: registers, buffer words, capabilities. */
#pragma once

#include "kernel/model/kernel.h"

/* msginfo word (SEL4-ABI section 2). */
ALWAYS_INLINE u64 msginfo_length(u64 info) {
    u64 length = info & 0x7f;
    return length > 120 ? 120 : length;
}

ALWAYS_INLINE u64 msginfo_extra_caps(u64 info) {
    return (info >> 7) & 3;
}

ALWAYS_INLINE u64 msginfo_label(u64 info) {
    return info >> 12;
}

ALWAYS_INLINE u64 msginfo_make(u64 label, u64 unwrapped, u64 extra_caps, u64 length) {
    return label << 12 | unwrapped << 9 | extra_caps << 7 | length;
}

/*
 * A thread remembers where its IPC buffer lies, if it may write there: that follows from its capability and
 * buffer_address. INV-TCB-6: while the capability is the one remembered, so is the rest.
 */
u64 *tcb_buffer_of(const struct tcb *tcb, bool write); /* looks at the capability */
void tcb_buffer_changed(struct tcb *tcb);              /* it was set, or the address */

/* The thread has a buffer that it may read and write: tcb->buffer. */
ALWAYS_INLINE bool tcb_buffer_is_known(const struct tcb *tcb) {
    return tcb->buffer_cap == tcb->slot[TCB_BUFFER].cap.word1 && tcb->buffer != NULL;
}

/* The thread's IPC buffer as words (msg[i] is word 1 + i), or NULL if it has none it may write / read. */
ALWAYS_INLINE u64 *tcb_buffer(const struct tcb *tcb, bool write) {
    if (LIKELY(tcb_buffer_is_known(tcb))) {
        return tcb->buffer;
    }
    return write ? NULL : tcb_buffer_of(tcb, false);
}

enum {
    BUFFER_MSG = 1,
    BUFFER_USER_DATA = 121,
    BUFFER_CAPS = 122,
    BUFFER_RECEIVE_CNODE = 125,
    BUFFER_RECEIVE_INDEX = 126,
    BUFFER_RECEIVE_DEPTH = 127
};

/* Copy the sender's message (or its fault) to the receiver, caps too if `grant`; writes badge and info. */
void transfer_message(struct tcb *sender, struct tcb *receiver, struct endpoint *endpoint,
                      u64 badge, bool grant);

/* Set message register i (0..119) of a thread; beyond 4 it needs a buffer. Returns false if it went nowhere. */
bool message_set(struct tcb *tcb, u64 *buffer, unsigned index, u64 value);
