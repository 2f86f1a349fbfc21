// SPDX-License-Identifier: BSD-2-Clause
// Bytes and numbers to an ns16550.
#include "benchmarks/output.h"

enum { DATA = 0, LINE_STATUS = 5, TRANSMITTER_EMPTY = 0x20 };

static volatile seL4_Uint8 *uart;

void output_begin(volatile seL4_Uint8 *uart_registers) {
    uart = uart_registers;
}

static void put_byte(char byte) {
    while (!(uart[LINE_STATUS] & TRANSMITTER_EMPTY)) {
    }
    uart[DATA] = (seL4_Uint8)byte;
}

void put_text(const char *text) {
    for (; uart && *text; text++) {
        put_byte(*text);
    }
}

void put_number(seL4_Word number) {
    char digits[21];
    char *at = digits + sizeof(digits) - 1;
    *at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    put_text(at);
}
