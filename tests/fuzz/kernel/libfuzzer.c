// SPDX-License-Identifier: BSD-2-Clause
/* libFuzzer's entry. */
#include "tests/fuzz/kernel/input.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes) {
    fuzz_input(data, bytes);
    return 0;
}
