// SPDX-License-Identifier: BSD-2-Clause
// Rings back. The mark is for the tool.
#include <microkit.h>

#include "benchmarks/marks.h"

enum { RING = 1 };

MARKS(cross_answer_ends, "1");

void init(void) {}

void notified(microkit_channel ch) {
    (void)ch;
    microkit_notify(RING);
    mark_call(cross_answer_ends, 0);
}
