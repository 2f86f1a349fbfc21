// SPDX-License-Identifier: BSD-2-Clause
/* A 16550-compatible UART, output only, polled. */
#pragma once

#include "lib/types.h"

/* 8 bits, no parity, one stop bit, FIFO on, interrupts off; the speed stays as the firmware set it. */
void uart_begin(u64 base);

/* One byte. While the transmitter is full the thread yields: it waits at its own cost only. */
void uart_put(u64 base, char c);
