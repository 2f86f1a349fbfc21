// SPDX-License-Identifier: BSD-2-Clause
// Output and the end by the debug system calls of a debug kernel.
#include "examples/root_tasks/kit.h"

void output_begin(seL4_BootInfo *info) {
    (void)info;
}

void output_byte(char byte) {
    seL4_DebugPutChar(byte);
}

void output_halt(void) {
    for (;;) {
        seL4_DebugHalt();
    }
}
