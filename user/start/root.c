// SPDX-License-Identifier: BSD-2-Clause
/* From crt0.S to main() in a root task (start/root.h). */
#include "user/start/root.h"

#include "lib/types.h"

seL4_BootInfo *root_boot_info;

typedef void (*start_function)(void);
extern const start_function __init_array_start[];
extern const start_function __init_array_end[];

void user_start(seL4_BootInfo *info) NORETURN;
void user_start(seL4_BootInfo *info) {
    root_boot_info = info;
    seL4_SetIPCBuffer(info->ipcBuffer);
    for (const start_function *f = __init_array_start; f < __init_array_end; f++) {
        (*f)();
    }
    main();
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}
