// SPDX-License-Identifier: BSD-2-Clause
/*
 * The init task: builds the static system of its core from the table behind its own image (abi/init_table.h),
 * gives up every right to build more, and suspends itself or becomes the core's monitor (init/watch.h).
 *
 * Actions run in order; the first that fails stops the core with one line. What already runs keeps running,
 * which is why the tool puts INIT_RESUME last.
 */
#include <sel4/sel4.h>

#include "user/init/action.h"
#include "user/init/memory.h"
#include "user/init/monitor.h"
#include "user/init/say.h"
#include "user/start/root.h"

static NORETURN void stop(void) {
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

/*
 * Rights to create: nobody needs them any more. The ASID pool stays: its last capability is the pool, and all
 * address spaces live in it; without untypeds it gives no right.
 */
static void give_up(void) {
    static const seL4_CPtr right[] = {seL4_CapIRQControl, seL4_CapASIDControl, seL4_CapDomain};
    memory_give_up();
    for (u32 i = 0; i < ARRAY_LENGTH(right); i++) {
        seL4_CNode_Delete(seL4_CapInitThreadCNode, right[i], seL4_WordBits);
    }
    const seL4_SlotRegion *control = &root_boot_info->schedcontrol;
    for (seL4_CPtr slot = control->start; slot < control->end; slot++) {
        seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, seL4_WordBits);
    }
}

int main(void) {
    const struct init_table *table = init_table_of_image();
    if (table->magic != INIT_TABLE_MAGIC || table->version != INIT_TABLE_VERSION) {
        say("no init table of version %u behind the init task's image", INIT_TABLE_VERSION);
        stop();
    }
    if (table->slots > root_boot_info->empty.end - root_boot_info->empty.start) {
        say("the system needs %u capability slots, the root CNode has %lu", table->slots,
            (unsigned long)(root_boot_info->empty.end - root_boot_info->empty.start));
        stop();
    }
    memory_begin(root_boot_info, root_boot_info->empty.start + table->slots);
    for (u32 i = 0; i < table->actions && table->action[i].kind != INIT_END; i++) {
        int error = action_do(&table->action[i]);
        if (error != 0) {
            action_explain(&table->action[i], i, error);
            stop();
        }
    }
    give_up();
    if (action_monitor.endpoint != seL4_CapNull) {
        monitor_serve(action_monitor.endpoint, action_monitor.reply);
    }
    stop();
}
