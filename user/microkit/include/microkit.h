// SPDX-License-Identifier: BSD-2-Clause
/*
 * The interface between a protection domain and its runtime, as programs written for Microkit 2.3.0 on
 * RISC-V expect it. The domain provides init() and notified(), and, where the system file says that it is
 * called or has children, protected() and fault(). Differences from Microkit: docs/user-level.md.
 */
#pragma once

#include <sel4/sel4.h>

#include "user/microkit/layout.h"

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef seL4_MessageInfo_t microkit_msginfo;

#define MICROKIT_MAX_CHANNELS   PD_MAX_CHANNELS
#define MICROKIT_MAX_CHANNEL_ID (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_MAX_USER_CAPS  PD_USER_CAPS
#define MICROKIT_PD_NAME_LENGTH 64

/* Names by which existing programs know the slots of user/microkit/layout.h. */
#define MONITOR_EP                   PD_SLOT_MONITOR
#define TCB_CAP                      PD_SLOT_TCB
#define BASE_OUTPUT_NOTIFICATION_CAP PD_SLOT_NOTIFY_BASE
#define BASE_ENDPOINT_CAP            PD_SLOT_CALL_BASE
#define BASE_IRQ_CAP                 PD_SLOT_IRQ_BASE
#define BASE_TCB_CAP                 PD_SLOT_CHILD_TCB

/* --- Entry points, provided by the domain --- */

/* Runs once, before anything else. */
void init(void);

/* `ch` was signalled: by another domain (here or on another core) or by an interrupt. */
void notified(microkit_channel ch);

/* Another domain calls: message registers hold the arguments, then the results. Default: an error answer. */
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);

/* `child` faulted. Return seL4_True to answer the fault with *reply_msginfo. Default: leave it stopped. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* --- Set by the tool --- */

extern char microkit_name[MICROKIT_PD_NAME_LENGTH];
extern seL4_Bool microkit_passive;
extern seL4_Word microkit_irqs;          /* bit per channel that is an interrupt */
extern seL4_Word microkit_notifications; /* bit per channel that may be notified */
extern seL4_Word microkit_pps;           /* bit per channel that may be called */

/* --- The one deferred operation, done by the system call that next waits --- */

extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* --- Calls; a channel that the system file does not give is named on the console and nothing happens --- */

/* Signal the other end. Never blocks; on another core this rings a doorbell. */
void microkit_notify(microkit_channel ch);

/* Let the interrupt of this channel come again. */
void microkit_irq_ack(microkit_channel ch);

/* As above, but carried out together with the wait at the end of this entry point; one per entry point. */
void microkit_deferred_notify(microkit_channel ch);
void microkit_deferred_irq_ack(microkit_channel ch);

/* Run the other end's protected(); returns its answer. */
microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo);

/*
 * Start child `pd` again at `entry_point` (its ELF entry: memory is as it was left); stop it; let it go on where it
 * was stopped.
 */
void microkit_pd_restart(microkit_child pd, seL4_Word entry_point);
void microkit_pd_stop(microkit_child pd);
void microkit_pd_resume(microkit_child pd);

/*
 * Address of the capability that the system file's <cspace> puts into `slot`; seL4_CapNull if there can be none
 * of that number.
 */
seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot);

/* --- Console lines (the domain's ring; output appears at the end of a line) --- */

void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *s);
void microkit_dbg_put8(seL4_Uint8 x);
void microkit_dbg_put32(seL4_Uint32 x);

/* Stop this domain by a fault whose address is `err`. */
void microkit_internal_crash(seL4_Error err);

/* --- Messages --- */

static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count) {
    return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo) {
    return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo) {
    return seL4_MessageInfo_get_length(msginfo);
}

static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value) {
    seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr) {
    return seL4_GetMR(mr);
}
