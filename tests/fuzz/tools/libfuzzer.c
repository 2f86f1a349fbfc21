// SPDX-License-Identifier: BSD-2-Clause
// libFuzzer's entry, once for each kind of file: FUZZ_KIND is what the build gives.
#include "tests/fuzz/tools/inputs.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes) {
    input_try(FUZZ_KIND, data, bytes);
    return 0;
}
