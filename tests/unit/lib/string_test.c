// SPDX-License-Identifier: BSD-2-Clause
/* lib/string.c against the C library, under other names, at all alignments and short lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define memcpy  our_memcpy
#define memmove our_memmove
#define memset  our_memset
#define memcmp  our_memcmp
#define strlen  our_strlen
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen

#define BYTES 96

static u8 ALIGNED(8) ours[BYTES];
static u8 ALIGNED(8) theirs[BYTES];
static u8 ALIGNED(8) source[BYTES];

void bound_exceeded(const char *id, u64 bound) {
    print_error("loop %s turned more than %lu times\n", id, (unsigned long)bound);
    abort();
}

static void reset(void) {
    for (u8 i = 0; i < BYTES; i++) {
        ours[i] = theirs[i] = i;
        source[i] = (u8)(200 - i);
    }
}

static void check_at(size_t to, size_t from, size_t n) {
    reset();
    assert_ptr_equal(our_memcpy(ours + to, source + from, n), ours + to);
    memcpy(theirs + to, source + from, n);
    assert_memory_equal(ours, theirs, BYTES);

    assert_ptr_equal(our_memmove(ours + to, ours + from, n), ours + to);
    memmove(theirs + to, theirs + from, n);
    assert_memory_equal(ours, theirs, BYTES);

    assert_ptr_equal(our_memset(ours + to, (int)(n + 300), n), ours + to);
    memset(theirs + to, (int)(n + 300), n);
    assert_memory_equal(ours, theirs, BYTES);
}

static void copies(void **state) {
    (void)state;
    for (size_t to = 0; to < 17; to++) {
        for (size_t from = 0; from < 17; from++) {
            for (size_t n = 0; n < 70; n++) {
                check_at(to, from, n);
            }
        }
    }
}

static int sign(int value) {
    return (value > 0) - (value < 0);
}

static void comparisons(void **state) {
    (void)state;
    reset();
    for (size_t i = 0; i < BYTES; i++) {
        theirs[i] ^= 0x80;
        assert_int_equal(sign(our_memcmp(ours, theirs, BYTES)), sign(memcmp(ours, theirs, BYTES)));
        assert_int_equal(our_memcmp(ours, theirs, i), 0);
        theirs[i] ^= 0x80;
    }
    assert_int_equal(our_strlen(""), 0);
    assert_int_equal(our_strlen("four"), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(comparisons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
