// SPDX-License-Identifier: BSD-2-Clause
// libFuzzer's entry. The first byte chooses the kind of file; the rest is the file.
#include "tests/fuzz/tools/inputs.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes) {
    if (bytes > 0) {
        input_try((enum input_kind)(data[0] % INPUT_KINDS), data + 1, bytes - 1);
    }
    return 0;
}
