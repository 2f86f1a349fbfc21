// SPDX-License-Identifier: BSD-2-Clause
/* From crt0.S to main() in a root task (start/root.h). */
#include "user/start/root.h"

#include "lib/types.h"
#include "user/start/constructors.h"

seL4_BootInfo *root_boot_info;

void user_start(seL4_BootInfo *info) NORETURN;
void user_start(seL4_BootInfo *info) {
    root_boot_info = info;
    seL4_SetIPCBuffer(info->ipcBuffer);
    seL4_InitBootInfo(info);
    run_constructors();
    main();
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}
