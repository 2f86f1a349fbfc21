// SPDX-License-Identifier: BSD-2-Clause
// Reading and showing numbers with units. Nothing here uses floating point or the locale.
#include "tools/units.h"

#include <inttypes.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit BYTE_UNITS[] = {
    {"GiB", 1024ull * 1024 * 1024}, {"MiB", 1024ull * 1024}, {"KiB", 1024}, {"B", 1}, {NULL, 0}};
static const struct unit TIME_UNITS[] = {
    {"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}, {NULL, 0}};
static const struct unit RATE_UNITS[] = {{"/s", 1}, {NULL, 0}};

static int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

// Reads the digits at *text and moves it past them.
static enum unit_result digits_read(const char **text, bool *hexadecimal, uint64_t *value) {
    const char *at = *text;
    *hexadecimal = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    uint64_t base = *hexadecimal ? 16 : 10;
    at += *hexadecimal ? 2 : 0;
    const char *first = at;
    uint64_t sum = 0;
    for (; (unsigned)digit_value(*at) < base; at++) {
        uint64_t digit = (uint64_t)digit_value(*at);
        if (sum > (UINT64_MAX - digit) / base) {
            return UNIT_TOO_LARGE;
        }
        sum = sum * base + digit;
    }
    *text = at;
    *value = sum;
    return at == first ? UNIT_NOT_A_NUMBER : UNIT_OK;
}

enum unit_result units_integer(const char *text, uint64_t *value) {
    bool hexadecimal;
    enum unit_result result = digits_read(&text, &hexadecimal, value);
    if (result == UNIT_OK && *text) {
        return UNIT_NOT_A_NUMBER;
    }
    return result;
}

enum unit_result units_plain(const char *text, uint64_t *value) {
    char digits[32]; // longer than any number that fits
    size_t count = 0;
    char before = '_';
    for (; *text && count + 1 < sizeof(digits); text++) {
        bool underscore = *text == '_';
        if (underscore && (before == '_' || before == 'x' || !text[1])) {
            return UNIT_NOT_A_NUMBER;
        }
        before = *text;
        if (!underscore) {
            digits[count++] = *text;
        }
    }
    digits[count] = 0;
    return *text ? UNIT_TOO_LARGE : units_integer(digits, value);
}

static enum unit_result units_read(const char *text, const struct unit *units, bool bare_hex,
                                   uint64_t *value) {
    bool hexadecimal;
    enum unit_result result = digits_read(&text, &hexadecimal, value);
    if (result != UNIT_OK) {
        return result;
    }
    if (!*text) {
        return hexadecimal && bare_hex ? UNIT_OK : UNIT_MISSING;
    }
    for (; units->name; units++) {
        if (strcmp(text, units->name)) {
            continue;
        }
        if (*value > UINT64_MAX / units->factor) {
            return UNIT_TOO_LARGE;
        }
        *value *= units->factor;
        return UNIT_OK;
    }
    return UNIT_UNKNOWN;
}

enum unit_result units_bytes(const char *text, uint64_t *bytes) {
    return units_read(text, BYTE_UNITS, true, bytes);
}

enum unit_result units_time_ns(const char *text, uint64_t *ns) {
    return units_read(text, TIME_UNITS, false, ns);
}

enum unit_result units_rate(const char *text, uint64_t *per_second) {
    return units_read(text, RATE_UNITS, false, per_second);
}

static char *units_show(struct arena *arena, uint64_t value, const struct unit *units) {
    while (units->factor > 1 && (value == 0 || value % units->factor)) {
        units++;
    }
    return arena_printf(arena, "%" PRIu64 "%s", value / units->factor, units->name);
}

char *units_show_bytes(struct arena *arena, uint64_t bytes) {
    return units_show(arena, bytes, BYTE_UNITS);
}

char *units_show_time_ns(struct arena *arena, uint64_t ns) {
    return units_show(arena, ns, TIME_UNITS);
}

bool is_power_of_two(uint64_t value) {
    return value && !(value & (value - 1));
}

uint64_t power_of_two_above(uint64_t value) {
    uint64_t power = 1;
    while (power < value && power < (1ull << 63)) {
        power <<= 1;
    }
    return power;
}

unsigned log2_of(uint64_t power_of_two) {
    return (unsigned)__builtin_ctzll(power_of_two);
}
