// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a failed assertion does where there is no C library: says where (debug builds) and raises a user
 * exception, which the thread's fault handler sees.
 */

#include <sel4/assert.h>
#include <sel4/syscalls.h>

#ifdef CONFIG_PRINTING
static void print(const char *text) {
    seL4_DebugPutString(text);
}
#else
static void print(const char *text) {
    (void)text;
}
#endif

static void print_number(int number) {
    char digits[12];
    int place = sizeof(digits) - 1;

    digits[place] = 0;
    do {
        digits[--place] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    print(&digits[place]);
}

LIBSEL4_WEAK void __assert_fail(const char *str, const char *file, int line, const char *function) {
    print("Assertion failed: ");
    print(str);
    print(" (");
    print(file);
    print(":");
    print_number(line);
    print(", ");
    print(function);
    print(")\n");
    for (;;) {
        __asm__ volatile("ebreak");
    }
}
