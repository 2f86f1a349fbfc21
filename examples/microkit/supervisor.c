// SPDX-License-Identifier: BSD-2-Clause
/*
 * Parent of two domains whose faults come to it. `worker` writes where nothing is: it is restarted twice; the third
 * time, the write is skipped by answering the fault with the next instruction's address, through the thread's registers.
 * `integer` has no floating point, uses it, and stays stopped.
 */
#include <microkit.h>

#define ENTRY    0x200000 /* where our linker script puts a program's first instruction */
#define WORK     5
#define RESTARTS 2

microkit_child worker = 99, integer = 99; /* what the tool writes here tells them apart */

static unsigned faults;

void init(void) {
    microkit_notify(WORK);
}

void notified(microkit_channel ch) {
    (void)ch;
}

static void say(const char *what, seL4_Word number) {
    microkit_dbg_puts(what);
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("\n");
}

/* The child's thread is a capability that <cspace> gave us. */
static void skip_instruction(void) {
    seL4_CPtr thread = microkit_cspace_root_slot_to_cptr(0);
    seL4_UserContext context = {0};
    seL4_TCB_ReadRegisters(thread, 0, 0, 1, &context);
    context.pc += 4;
    seL4_TCB_WriteRegisters(thread, 0, 0, 1, &context);
}

static seL4_Bool worker_fault(void) {
    if (faults++ < RESTARTS) {
        say("restarting the worker: fault at address ", microkit_mr_get(seL4_VMFault_Addr));
        microkit_pd_restart(worker, ENTRY);
        microkit_notify(WORK);
        return seL4_False;
    }
    /* Stopped and resumed it would fault again, so it goes on behind the instruction. */
    say("skipping the worker's write, fault ", faults);
    skip_instruction();
    microkit_pd_stop(worker);
    microkit_pd_resume(worker);
    return seL4_False;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo) {
    (void)reply_msginfo;
    if (child == worker && microkit_msginfo_get_label(msginfo) == seL4_Fault_VMFault) {
        return worker_fault();
    }
    say(child == integer ? "stopping integer: fault label " : "who is this? label ",
        microkit_msginfo_get_label(msginfo));
    microkit_pd_stop(child);
    return seL4_False;
}
