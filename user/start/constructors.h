// SPDX-License-Identifier: BSD-2-Clause
/* Functions that the compiler or C library wants run before the program, in the order of program.ld. */
#pragma once

typedef void (*start_function)(void);

extern const start_function __init_array_start[];
extern const start_function __init_array_end[];

static inline void run_constructors(void) {
    for (const start_function *f = __init_array_start; f < __init_array_end; f++) {
        (*f)();
    }
}
