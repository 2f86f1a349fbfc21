// SPDX-License-Identifier: BSD-2-Clause
/*
 * Storm, part 3 of 6: computes for ever at the lowest priority, so that its core is never idle. Its budget
 * equals its period: it may have all the time that nobody else wants.
 */
#include "examples/flight/domain.h"

enum { ROUNDS_PER_REPORT = 1000000 };

void init(void) {
    s64 reports = 0;
    u64 state = 1;
    for (;;) {
        for (int i = 0; i < ROUNDS_PER_REPORT; i++) {
            // xorshift; the barrier keeps the compiler from knowing the end.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            __asm__ volatile("" : "+r"(state));
        }
        rt_value_set(0, "mega_rounds", ++reports);
    }
}
