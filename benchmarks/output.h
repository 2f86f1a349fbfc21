// SPDX-License-Identifier: BSD-2-Clause
// The lab's voice: a UART driven by polling, since a release kernel prints nothing for anybody.
#pragma once

#include <sel4/sel4.h>

// Virtual address of the UART's registers; all output before output_begin() is lost.
void output_begin(volatile seL4_Uint8 *uart_registers);

void put_text(const char *text);
void put_number(seL4_Word number);
