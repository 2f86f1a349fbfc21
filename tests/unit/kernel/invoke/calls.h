// SPDX-License-Identifier: BSD-2-Clause
/*
 * For tests that make system calls on the host: the root task of a freshly booted kernel invokes
 * objects and reads the answer, as a program would.
 */
#pragma once

#include <string.h>

#include "abi/gen/sel4_abi.h"
#include "arch/host/host.h"
#include "arch/memory.h"
#include "kernel/ipc/transfer.h"
#include "kernel/model/kernel.h"

#define ANSWER_WORDS 8

struct answer {
    u64 error;
    u64 length;
    u64 word[ANSWER_WORDS];
};

struct invocation_message {
    u64 cptr;
    u64 label;
    unsigned length;
    u64 word[10];
    unsigned caps;
    u64 cap[3];
};

/* Put a message into the running thread's registers and buffer. */
static inline void write_message(const struct invocation_message *message) {
    struct arch_context *context = host.running;
    u64 *buffer = tcb_buffer(kernel.current, true);

    context->reg[REG_CAP] = message->cptr;
    context->reg[REG_INFO] = msginfo_make(message->label, 0, message->caps, message->length);
    for (unsigned i = 0; i < message->length; i++) {
        if (i < ARCH_MESSAGE_REGISTERS) {
            context->reg[REG_MR0 + i] = message->word[i];
        } else {
            buffer[BUFFER_MSG + i] = message->word[i];
        }
    }
    for (unsigned i = 0; i < message->caps; i++) {
        buffer[BUFFER_CAPS + i] = message->cap[i];
    }
}

static inline struct answer read_answer(void) {
    struct arch_context *context = host.running;
    u64 *buffer = tcb_buffer(kernel.current, true);
    struct answer answer = {
        .error = msginfo_label(context->reg[REG_INFO]),
        .length = msginfo_length(context->reg[REG_INFO]),
    };

    for (unsigned i = 0; i < answer.length && i < ANSWER_WORDS; i++) {
        answer.word[i] =
            i < ARCH_MESSAGE_REGISTERS ? context->reg[REG_MR0 + i] : buffer[BUFFER_MSG + i];
    }
    return answer;
}

/* Call the kernel object; it answers at once. */
static inline struct answer call(struct invocation_message message) {
    write_message(&message);
    host_syscall(SYSCALL_CALL);
    return read_answer();
}

/* Slots of the initial CNode are named by their number, with full depth. */
#define FULL_DEPTH 64

static inline struct cslot *slot_of(u64 number) {
    return &kernel.root_cnode[number];
}

static inline u64 empty_slots(void) {
    const struct sel4_bootinfo *info = NULL;
    struct cap frame = slot_of(SEL4_INIT_SLOT_BOOTINFO_FRAME)->cap;

    info = arch_ptr(cap_address(frame));
    return info->empty.start;
}

/* The slot of the largest untyped in RAM. */
static inline u64 largest_untyped(void) {
    const struct sel4_bootinfo *info =
        arch_ptr(cap_address(slot_of(SEL4_INIT_SLOT_BOOTINFO_FRAME)->cap));
    u64 best = 0;
    unsigned bits = 0;

    for (u64 i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untyped_list[i].is_device && info->untyped_list[i].size_bits > bits) {
            bits = info->untyped_list[i].size_bits;
            best = info->untyped.start + i;
        }
    }
    return best;
}

static inline struct answer retype(u64 untyped, u64 type, u64 size_bits, u64 offset, u64 count) {
    return call((struct invocation_message){
        .cptr = untyped,
        .label = METHOD_UNTYPED_RETYPE,
        .length = 6,
        .word = {type, size_bits, 0, 0, offset, count},
        .caps = 1,
        .cap = {SEL4_INIT_SLOT_CNODE},
    });
}
