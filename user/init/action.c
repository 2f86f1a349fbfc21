// SPDX-License-Identifier: BSD-2-Clause
/*
 * The actions (init/action.h). Each function takes the argument words of abi/init_table.h, in that order, and
 * makes the one kernel call (rarely two) that they describe.
 */
#include "user/init/action.h"

#include <stdio.h>
#include <string.h>

#include "user/init/memory.h"
#include "user/init/monitor.h"
#include "user/init/say.h"
#include "user/init/watch.h"
#include "user/start/root.h"

#define ROOT seL4_CapInitThreadCNode

struct action_monitor action_monitor;

extern const char __init_table[];

const struct init_table *init_table_of_image(void) {
    return (const struct init_table *)__init_table;
}

/* A slot number of the table as a capability address of this task. */
static seL4_CPtr cap(u64 slot) {
    if ((u32)slot == INIT_SLOT_NONE) {
        return seL4_CapNull;
    }
    return slot >= INIT_SLOT_FIXED ? slot - INIT_SLOT_FIXED : root_boot_info->empty.start + slot;
}

static seL4_CapRights_t rights(u64 word) {
    return seL4_CapRights_new((word >> 3) & 1, (word >> 2) & 1, (word >> 1) & 1, word & 1);
}

static int do_create(const u64 *a) {
    return memory_create(cap(a[0]), a[1], (u32)a[2]);
}

static int do_device_frame(const u64 *a) {
    return memory_device_frame(cap(a[0]), a[1], (u32)a[2]);
}

static int do_image_frame(const u64 *a) {
    seL4_CPtr frame = root_boot_info->userImageFrames.start + a[1];
    int error = (int)seL4_RISCV_Page_Unmap(frame);
    if (error != seL4_NoError) {
        return error;
    }
    return (int)seL4_CNode_Move(ROOT, cap(a[0]), seL4_WordBits, ROOT, frame, seL4_WordBits);
}

static int do_map_table(const u64 *a) {
    return (int)seL4_RISCV_PageTable_Map(cap(a[0]), cap(a[1]), a[2],
                                         seL4_RISCV_Default_VMAttributes);
}

static int do_map_frame(const u64 *a) {
    int error = (int)seL4_RISCV_Page_Map(cap(a[0]), cap(a[1]), a[2], rights(a[3]),
                                         (seL4_RISCV_VMAttributes)a[4]);
    if (error == seL4_NoError && cap(a[1]) == seL4_CapInitThreadVSpace) {
        say_mapped(a[2]);
    }
    return error;
}

static int do_mint(const u64 *a) {
    return (int)seL4_CNode_Mint(cap(a[0]), a[1], (u8)a[2], ROOT, cap(a[3]), seL4_WordBits,
                                rights(a[4]), a[5]);
}

static int do_assign_asid(const u64 *a) {
    return (int)seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, cap(a[0]));
}

static int do_configure_tcb(const u64 *a) {
    return (int)seL4_TCB_Configure(cap(a[0]), cap(a[1]), a[2], cap(a[3]), 0, a[5], cap(a[4]));
}

static int do_configure_sc(const u64 *a) {
    return (int)seL4_SchedControl_ConfigureFlags(root_boot_info->schedcontrol.start, cap(a[0]),
                                                 a[1], a[2], a[3], a[4], a[5]);
}

static int do_schedule_tcb(const u64 *a) {
    return (int)seL4_TCB_SetSchedParams(cap(a[0]), seL4_CapInitThreadTCB, a[1], a[2], cap(a[3]),
                                        cap(a[4]));
}

static int do_timeout_endpoint(const u64 *a) {
    return (int)seL4_TCB_SetTimeoutEndpoint(cap(a[0]), cap(a[1]));
}

static int do_bind_notification(const u64 *a) {
    return (int)seL4_TCB_BindNotification(cap(a[0]), cap(a[1]));
}

static int do_registers(const u64 *a) {
    seL4_UserContext context = {.pc = a[1], .sp = a[2], .a0 = a[3], .a1 = a[4]};
    return (int)seL4_TCB_WriteRegisters(cap(a[0]), 0, 0, sizeof(context) / sizeof(seL4_Word),
                                        &context);
}

static int do_irq(const u64 *a) {
    return (int)seL4_IRQControl_GetTrigger(seL4_CapIRQControl, a[1], a[2], ROOT, cap(a[0]),
                                           seL4_WordBits);
}

static int do_irq_notification(const u64 *a) {
    return (int)seL4_IRQHandler_SetNotification(cap(a[0]), cap(a[1]));
}

static int do_doorbell_send(const u64 *a) {
    return (int)skerry_IRQControl_IssueDoorbell(seL4_CapIRQControl, a[1], a[2], ROOT, cap(a[0]),
                                                seL4_WordBits);
}

static int do_doorbell_receive(const u64 *a) {
    return (int)seL4_IRQControl_Get(seL4_CapIRQControl, 4096 + a[1] * 1024 + a[2], ROOT, cap(a[0]),
                                    seL4_WordBits);
}

static int do_resume(const u64 *a) {
    return (int)seL4_TCB_Resume(cap(a[0]));
}

static int do_name_tcb(const u64 *a) {
    if (say_debug_kernel()) {
        char name[33] = {0};
        __builtin_memcpy(name, &a[1], 32);
        seL4_DebugNameThread(cap(a[0]), name);
    }
    return seL4_NoError;
}

static int do_set_domain(const u64 *a) {
    return (int)seL4_DomainSet_Set(seL4_CapDomain, (seL4_Uint8)a[1], cap(a[0]));
}

static int do_copy(const u64 *a) {
    return (int)seL4_CNode_Mint(ROOT, cap(a[0]), seL4_WordBits, ROOT, cap(a[1]), seL4_WordBits,
                                rights(a[2]), a[3]);
}

static int do_bind_sc_notification(const u64 *a) {
    return (int)seL4_SchedContext_Bind(cap(a[0]), cap(a[1]));
}

static int do_set_flags(const u64 *a) {
    return (int)seL4_TCB_SetFlags(cap(a[0]), a[1], a[2]).error;
}

static int do_fill(const u64 *a) {
    int error = (int)seL4_RISCV_Page_Map(cap(a[0]), seL4_CapInitThreadVSpace, INIT_FILL_BASE,
                                         seL4_ReadWrite, seL4_RISCV_ExecuteNever);
    if (error != seL4_NoError) {
        return error;
    }
    void *to = (void *)(INIT_FILL_BASE + a[1]);
    if ((u32)a[2] == INIT_SLOT_NONE) {
        memset(to, 0, PAGE_SIZE);
    } else {
        memcpy(to, (const void *)(INIT_IMAGE_BASE + a[2] * PAGE_SIZE), PAGE_SIZE);
    }
    return (int)seL4_RISCV_Page_Unmap(cap(a[0]));
}

static int do_monitor(const u64 *a) {
    action_monitor = (struct action_monitor){.endpoint = cap(a[0]), .reply = cap(a[1])};
    return seL4_NoError;
}

static int do_watch(const u64 *a) {
    struct watched domain = {.tcb = cap(a[1]),
                             .sc = cap(a[2]),
                             .notification = cap(a[3]),
                             .stats = (struct rt_stats *)a[4],
                             .flags = (u32)(a[0] >> 32)};
    __builtin_memcpy(domain.name, &a[5], 16);
    return monitor_watch((u32)a[0], &domain) ? seL4_NoError : ACTION_BAD_INDEX;
}

static const struct {
    int (*act)(const u64 *arg);
    const char *what; /* "cannot …" */
} kinds[] = {
    [INIT_CREATE] = {do_create, "make an object"},
    [INIT_DEVICE_FRAME] = {do_device_frame, "take the device or shared page"},
    [INIT_IMAGE_FRAME] = {do_image_frame, "move a page of a program"},
    [INIT_MAP_TABLE] = {do_map_table, "map a page table"},
    [INIT_MAP_FRAME] = {do_map_frame, "map a page"},
    [INIT_MINT] = {do_mint, "give a capability to a domain"},
    [INIT_ASSIGN_ASID] = {do_assign_asid, "give an address space its number"},
    [INIT_CONFIGURE_TCB] = {do_configure_tcb, "configure a thread"},
    [INIT_CONFIGURE_SC] = {do_configure_sc, "set budget and period"},
    [INIT_SCHEDULE_TCB] = {do_schedule_tcb, "set a thread's priority"},
    [INIT_TIMEOUT_ENDPOINT] = {do_timeout_endpoint, "set a timeout endpoint"},
    [INIT_BIND_NOTIFICATION] = {do_bind_notification, "bind a notification"},
    [INIT_REGISTERS] = {do_registers, "set a thread's registers"},
    [INIT_IRQ] = {do_irq, "take an interrupt"},
    [INIT_IRQ_NOTIFICATION] = {do_irq_notification, "connect an interrupt"},
    [INIT_DOORBELL_SEND] = {do_doorbell_send, "make the send end of a cross-core channel"},
    [INIT_DOORBELL_RECEIVE] = {do_doorbell_receive, "make the receive end of a cross-core channel"},
    [INIT_RESUME] = {do_resume, "start a thread"},
    [INIT_NAME_TCB] = {do_name_tcb, "name a thread"},
    [INIT_SET_DOMAIN] = {do_set_domain, "set a scheduling domain"},
    [INIT_COPY] = {do_copy, "copy a capability"},
    [INIT_BIND_SC_NOTIFICATION] = {do_bind_sc_notification, "bind a scheduling context"},
    [INIT_SET_FLAGS] = {do_set_flags, "set a thread's flags"},
    [INIT_FILL] = {do_fill, "fill a page"},
    [INIT_MONITOR] = {do_monitor, "become the monitor"},
    [INIT_WATCH] = {do_watch, "watch a domain"},
};

static bool kind_known(u32 kind) {
    return kind < ARRAY_LENGTH(kinds) && kinds[kind].act != NULL;
}

int action_do(const struct init_action *action) {
    return kind_known(action->kind) ? kinds[action->kind].act(action->arg) : ACTION_UNKNOWN;
}

static const char *error_name(int error) {
    static const char *const names[] = {"no error",         "InvalidArgument",  "InvalidCapability",
                                        "IllegalOperation", "RangeError",       "AlignmentError",
                                        "FailedLookup",     "TruncatedMessage", "DeleteFirst",
                                        "RevokeFirst",      "NotEnoughMemory"};
    switch (error) {
    case MEMORY_NO_RAM:
        return "this core's memory is too small";
    case MEMORY_NO_DEVICE:
        return "not among this core's devices and shared regions, or taken already";
    case MEMORY_NO_SLOTS:
        return "the root CNode is too small";
    case ACTION_UNKNOWN:
        return "this init task does not know the action";
    case ACTION_BAD_INDEX:
        return "too many domains to watch";
    default:
        return (u32)error < ARRAY_LENGTH(names) ? names[error] : "unknown error";
    }
}

void action_explain(const struct init_action *action, u32 index, int error) {
    const char *what = kind_known(action->kind) ? kinds[action->kind].what : "do that";
    char code[32] = "";
    if (error <= seL4_NotEnoughMemory) {
        snprintf(code, sizeof(code), "seL4 error %d, ", error);
    }
    say("line %u of the system file: cannot %s: %s (%saction %u of kind %u: 0x%lx 0x%lx 0x%lx)",
        action->line, what, error_name(error), code, index, action->kind,
        (unsigned long)action->arg[0], (unsigned long)action->arg[1],
        (unsigned long)action->arg[2]);
}
