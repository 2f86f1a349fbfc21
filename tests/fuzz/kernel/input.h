// SPDX-License-Identifier: BSD-2-Clause
/*
 * A fuzzer's target: one function that takes any bytes and returns normally. Linked with libfuzzer.c it is a
 * libFuzzer program, with smoke.c an ordinary test over random bytes (which also runs the files it is given).
 */
#pragma once

#include "lib/types.h"

extern const char fuzz_name[];

/* How many bytes a random input has at most: more would only repeat itself. */
extern const size_t fuzz_most_bytes;

void fuzz_input(const u8 *data, size_t bytes);

/* The bytes of an input, one after another; zeros behind its end. */
struct fuzz_bytes {
    const u8 *data;
    size_t bytes;
    size_t at;
};

static inline bool fuzz_more(const struct fuzz_bytes *in) {
    return in->at < in->bytes;
}

static inline u8 fuzz_u8(struct fuzz_bytes *in) {
    return fuzz_more(in) ? in->data[in->at++] : 0;
}

static inline u64 fuzz_u64(struct fuzz_bytes *in) {
    u64 value = 0;

    for (int i = 0; i < 8; i++) {
        value = value << 8 | fuzz_u8(in);
    }
    return value;
}
