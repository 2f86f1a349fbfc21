// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of a protection domain: init(), then for ever: wait, tell what arrived by its badge, run the entry
 * point. Whatever is due before the next wait (an answer, one deferred signal) goes out with the same
 * system call as the wait where the kernel has one for it.
 *
 * Doorbells of other cores are interrupts to the kernel and masked until acknowledged. The runtime does
 * that after notified() has returned: signals that arrive meanwhile stay in the shared words, merged, so a
 * flooding peer costs this domain one activation at a time, paid from its own budget.
 */
#include "user/microkit/domain.h"
#include "user/rt/log.h"
#include "user/start/constructors.h"

#include <microkit.h>

/* The kernel reads and writes this page for us; the tool gives its frame to our TCB. */
extern u8 __sel4_ipc_buffer_obj[PAGE_SIZE];
u8 __sel4_ipc_buffer_obj[PAGE_SIZE] ALIGNED(4096);

seL4_Bool microkit_have_signal;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

/* What one turn of the loop hands to the next. */
struct answer {
    bool due;
    seL4_MessageInfo_t message;
};

/* Send what is due and wait: one system call, two only if answer and deferred signal come together. */
static seL4_MessageInfo_t wait_next(struct answer answer, seL4_Word *badge) {
    seL4_CPtr signal = microkit_have_signal ? microkit_signal_cap : seL4_CapNull;
    microkit_have_signal = seL4_False;
    if (answer.due) {
        if (signal != seL4_CapNull) {
            seL4_NBSend(signal, microkit_signal_msg);
        }
        return seL4_ReplyRecv(PD_SLOT_INPUT, answer.message, badge, PD_SLOT_REPLY);
    }
    if (signal != seL4_CapNull) {
        return seL4_NBSendRecv(signal, microkit_signal_msg, PD_SLOT_INPUT, badge, PD_SLOT_REPLY);
    }
    return seL4_Recv(PD_SLOT_INPUT, badge, PD_SLOT_REPLY);
}

static void run_notified(seL4_Word word) {
    /* At most 62 turns: each clears a bit, the two top bits are never set in a notification word. */
    while (word != 0) {
        microkit_channel ch = (microkit_channel)__builtin_ctzll(word);
        word &= word - 1;
        if (ch < RT_STATS_CHANNELS) {
            rt_stats_page->channel[ch].received++;
        }
        notified(ch);
        if ((rt_doorbells & BIT(ch)) != 0) {
            seL4_IRQHandler_Ack(PD_SLOT_IRQ_BASE + ch);
        }
    }
}

static struct answer run_message(seL4_Word badge, seL4_MessageInfo_t message) {
    struct answer answer = {.due = true, .message = seL4_MessageInfo_new(0, 0, 0, 0)};
    u32 who = (u32)(badge & MASK(32));
    if ((badge & PD_BADGE_CALL) != 0) {
        rt_stats_page->calls++;
        answer.message = protected(who, message);
    } else {
        answer.due = fault(who, message, &answer.message) != seL4_False;
    }
    return answer;
}

static NORETURN void serve(void) {
    struct answer answer = {.due = false};
    for (;;) {
        seL4_Word badge = 0;
        seL4_MessageInfo_t message = wait_next(answer, &badge);
        answer.due = false;
        if ((badge & (PD_BADGE_CALL | PD_BADGE_FAULT)) != 0) {
            answer = run_message(badge, message);
        } else {
            run_notified(badge);
        }
    }
}

/* Called by crt0.S. */
void user_start(u64 unused) NORETURN;
void user_start(u64 unused) {
    (void)unused;
    __sel4_ipc_buffer = (seL4_IPCBuffer *)__sel4_ipc_buffer_obj;
    microkit_have_signal = seL4_False;
    rt_stats_begin(rt_stats_page, rt_core_name, microkit_name, rt_timebase_hz);
    rt_stats_page->budget_us = rt_budget_us;
    rt_stats_page->starts++;
    rt_log_begin();
    run_constructors();
    init();
    if (microkit_passive) {
        /* Goes out with the first wait, so that the monitor never takes the context too early. */
        microkit_have_signal = seL4_True;
        microkit_signal_cap = PD_SLOT_MONITOR;
        microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
    }
    serve();
}
