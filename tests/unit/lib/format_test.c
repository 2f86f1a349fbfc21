// SPDX-License-Identifier: BSD-2-Clause
/* lib/format.c against snprintf, for the part of it that both have. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/format.c"

void bound_exceeded(const char *id, u64 bound) {
    print_error("loop %s turned more than %lu times\n", id, (unsigned long)bound);
    abort();
}

#define SAME(...)                                                                                  \
    do {                                                                                           \
        char ours[300];                                                                            \
        char theirs[300];                                                                          \
        int n = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                                     \
        assert_int_equal(format_text(ours, sizeof(ours), __VA_ARGS__), n);                         \
        assert_string_equal(ours, theirs);                                                         \
    } while (0)

static void numbers(void **state) {
    static const long values[] = {0,     1,         -1,        9,         10,       255,
                                  -4096, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        long v = values[i];

        SAME("%ld|%5ld|%-5ld|%05ld|%25ld|%025ld|%-25ld|", v, v, v, v, v, v, v);
        SAME("%lu|%lx|%016lx|%20lx|%-20lx|", (u64)v, (u64)v, (u64)v, (u64)v, (u64)v);
        SAME("%d|%u|%x|%08x|%3d|", (int)v, (unsigned)v, (unsigned)v, (unsigned)v, (int)v);
        SAME("%lld %llu %llx", (long long)v, (unsigned long long)v, (unsigned long long)v);
    }
}

static void texts(void **state) {
    (void)state;
    SAME("plain");
    SAME("100%% %c%c", 'a', 'b');
    SAME("[%s] [%10s] [%-10s] [%.3s] [%10.2s] [%-10.2s]", "word", "word", "word", "word", "word",
         "word");
    SAME("%s%s", "", "x");
    SAME("%p", (void *)0x1234abcd);
}

/* What does not fit is dropped, and there is always a final zero. */
static void short_buffers(void **state) {
    char whole[64];
    u64 n = format_text(whole, sizeof(whole), "%s:%5d/%08x", "name", 42, 0xbeefu);

    (void)state;
    for (u64 size = 1; size <= n + 2; size++) {
        char buffer[64];

        memset(buffer, '#', sizeof(buffer));
        u64 length = format_text(buffer, size, "%s:%5d/%08x", "name", 42, 0xbeefu);
        assert_int_equal(length, min_u64(n, size - 1));
        assert_memory_equal(buffer, whole, length);
        assert_int_equal(buffer[length], '\0');
        assert_int_equal(buffer[size], '#');
    }
    assert_int_equal(format_text(NULL, 0, "x"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(texts),
        cmocka_unit_test(short_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
