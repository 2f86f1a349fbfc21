// SPDX-License-Identifier: BSD-2-Clause
// `skerry test fuzz --time T`: the programs called *-fuzz of build/asan (libFuzzer) or build/afl (AFL++), each for that
// long, and a table of what they did.
#pragma once

#include <stdio.h>

#include "lib/types.h"

#define FUZZ_MOST 16 // fuzzers at once, and by name

enum fuzz_engine { FUZZ_LIBFUZZER, FUZZ_AFL };

struct fuzz_request {
    const char *names[FUZZ_MOST]; // none: all
    unsigned name_count;
    u64 seconds; // for each; 0: not asked for
    u64 seed;
    unsigned jobs; // fuzzers at the same time
    enum fuzz_engine engine;
};

// Builds what is needed and runs it. Returns the exit status: 0 no finding, 1 findings or something that did not
// run, 2 a name that no fuzzer has.
int fuzz_run(const struct fuzz_request *request);

// The parts below are public for tests/unit/tools/test_fuzz_test.c.

struct fuzz_counts {
    u64 executions;
    u64 new_inputs;
    u64 findings;
    char finding[256]; // libFuzzer only: where it kept the first one
};

// What a fuzzer says of itself at its end: libFuzzer on its log, AFL++ in its file fuzzer_stats. False if the number of
// executions is not there: then it did not end by itself.
bool fuzz_read_libfuzzer(FILE *log, struct fuzz_counts *counts);
bool fuzz_read_afl(FILE *stats, struct fuzz_counts *counts);

// Time as people write it for long runs: 90s, 10m, 1h. False: it is none, or zero.
bool fuzz_parse_time(const char *text, u64 *seconds);
