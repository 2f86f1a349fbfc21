// SPDX-License-Identifier: BSD-2-Clause
/* The calls a domain makes. Each checks its channel against what the tool patched, then acts. */
#include "user/microkit/domain.h"
#include "user/rt/log.h"

#include <microkit.h>

static bool channel_ok(microkit_channel ch, seL4_Word channels, const char *call) {
    if (ch <= MICROKIT_MAX_CHANNEL_ID && (channels & BIT(ch)) != 0) {
        return true;
    }
    rt_log("%s: no such channel: %u", call, ch);
    return false;
}

void microkit_notify(microkit_channel ch) {
    if (channel_ok(ch, microkit_notifications, "microkit_notify")) {
        rt_stats_page->channel[ch].sent++;
        seL4_Signal(PD_SLOT_NOTIFY_BASE + ch);
    }
}

void microkit_irq_ack(microkit_channel ch) {
    if (channel_ok(ch, microkit_irqs, "microkit_irq_ack")) {
        seL4_IRQHandler_Ack(PD_SLOT_IRQ_BASE + ch);
    }
}

void microkit_deferred_notify(microkit_channel ch) {
    if (channel_ok(ch, microkit_notifications, "microkit_deferred_notify")) {
        rt_stats_page->channel[ch].sent++;
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
        microkit_signal_cap = PD_SLOT_NOTIFY_BASE + ch;
    }
}

void microkit_deferred_irq_ack(microkit_channel ch) {
    if (channel_ok(ch, microkit_irqs, "microkit_deferred_irq_ack")) {
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(IRQAckIRQ, 0, 0, 0);
        microkit_signal_cap = PD_SLOT_IRQ_BASE + ch;
    }
}

microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo) {
    if (!channel_ok(ch, microkit_pps, "microkit_ppcall")) {
        return microkit_msginfo_new(seL4_InvalidCapability, 0);
    }
    return seL4_Call(PD_SLOT_CALL_BASE + ch, msginfo);
}

void microkit_pd_restart(microkit_child pd, seL4_Word entry_point) {
    seL4_UserContext context = {0};
    context.pc = entry_point;
    seL4_Error error = seL4_TCB_WriteRegisters(PD_SLOT_CHILD_TCB + pd, seL4_True, 0, 1, &context);
    if (error != seL4_NoError) {
        rt_log("microkit_pd_restart: child %u: error %d", pd, (int)error);
        microkit_internal_crash(error);
    }
}

void microkit_pd_stop(microkit_child pd) {
    seL4_Error error = seL4_TCB_Suspend(PD_SLOT_CHILD_TCB + pd);
    if (error != seL4_NoError) {
        rt_log("microkit_pd_stop: child %u: error %d", pd, (int)error);
        microkit_internal_crash(error);
    }
}

void microkit_pd_resume(microkit_child pd) {
    seL4_Error error = seL4_TCB_Resume(PD_SLOT_CHILD_TCB + pd);
    if (error != seL4_NoError) {
        rt_log("microkit_pd_resume: child %u: error %d", pd, (int)error);
        microkit_internal_crash(error);
    }
}

seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot) {
    return slot < MICROKIT_MAX_USER_CAPS ? PD_SLOT_USER + slot : seL4_CapNull;
}

void microkit_internal_crash(seL4_Error err) {
    /* Pages 0 and below a program's base are never mapped, so this store faults at the error's number. */
    *(volatile int *)(seL4_Word)err = 0;
}

void microkit_dbg_putc(int c) {
    rt_log_putc((char)c);
}

void microkit_dbg_puts(const char *s) {
    for (; *s != '\0'; s++) {
        rt_log_putc(*s);
    }
}

/* Decimal, as Microkit prints it. */
static void put_decimal(u32 x) {
    char digits[11];
    u32 n = 0;
    do {
        digits[n++] = (char)('0' + x % 10);
        x /= 10;
    } while (x != 0);
    while (n != 0) {
        rt_log_putc(digits[--n]);
    }
}

void microkit_dbg_put8(seL4_Uint8 x) {
    put_decimal(x);
}

void microkit_dbg_put32(seL4_Uint32 x) {
    put_decimal(x);
}
