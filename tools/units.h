// SPDX-License-Identifier: BSD-2-Clause
// Numbers as people write them: 16MiB, 0x1000, 400us, 1000/s.
#pragma once

#include "tools/arena.h"

enum unit_result {
    UNIT_OK,
    UNIT_NOT_A_NUMBER, // no digits, or something after the unit
    UNIT_MISSING,      // digits, but no unit where one is needed
    UNIT_UNKNOWN,      // digits and a unit that is none of ours
    UNIT_TOO_LARGE,    // does not fit 64 bits
};

// A plain integer, decimal or 0x hexadecimal.
enum unit_result units_integer(const char *text, uint64_t *value);

// A plain integer as Microkit writes it: underscores may stand between digits.
enum unit_result units_plain(const char *text, uint64_t *value);

// Bytes: B, KiB, MiB, GiB; hexadecimal needs no unit ("0x1000", as Microkit writes it).
enum unit_result units_bytes(const char *text, uint64_t *bytes);

// Time, in nanoseconds: ns, us, ms, s.
enum unit_result units_time_ns(const char *text, uint64_t *ns);

// Events per second: "1000/s".
enum unit_result units_rate(const char *text, uint64_t *per_second);

// The shortest exact form: 16777216 becomes "16MiB", 400000 ns becomes "400us".
char *units_show_bytes(struct arena *arena, uint64_t bytes);
char *units_show_time_ns(struct arena *arena, uint64_t ns);

bool is_power_of_two(uint64_t value);
uint64_t power_of_two_above(uint64_t value); // smallest power of two >= value (>= 1)
unsigned log2_of(uint64_t power_of_two);
