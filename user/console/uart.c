// SPDX-License-Identifier: BSD-2-Clause
/* 16550 output. Registers are bytes, one apart (PC16550D data sheet, table 1). */
#include "user/console/uart.h"

#include <sel4/sel4.h>

enum { UART_THR = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_LSR = 5 };

#define UART_FCR_ENABLE   0x07 /* FIFOs on, both emptied */
#define UART_LCR_8N1      0x03
#define UART_LSR_TX_EMPTY 0x20

static volatile u8 *reg(u64 base, u32 offset) {
    return (volatile u8 *)(base + offset);
}

void uart_begin(u64 base) {
    *reg(base, UART_IER) = 0;
    *reg(base, UART_LCR) = UART_LCR_8N1;
    *reg(base, UART_FCR) = UART_FCR_ENABLE;
}

void uart_put(u64 base, char c) {
    while ((*reg(base, UART_LSR) & UART_LSR_TX_EMPTY) == 0) {
        seL4_Yield();
    }
    *reg(base, UART_THR) = (u8)c;
}
