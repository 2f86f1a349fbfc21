// SPDX-License-Identifier: BSD-2-Clause
/* lib/digest.c against libxxhash: every short length at every alignment, and random portions of longer data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lib/digest.c"

#define BYTES 8192

static u8 ALIGNED(8) data[BYTES + 8];

void bound_exceeded(const char *id, u64 bound) {
    print_error("loop %s turned more than %lu times\n", id, (unsigned long)bound);
    abort();
}

static u64 next_random(u64 *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

static int fill(void **state) {
    u64 random = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (u8)next_random(&random);
    }
    return 0;
}

static void short_lengths_at_all_alignments(void **state) {
    (void)state;
    for (size_t offset = 0; offset < 8; offset++) {
        for (size_t n = 0; n < 300; n++) {
            assert_int_equal(digest_of(data + offset, n), XXH64(data + offset, n, 0));
        }
    }
}

static void any_portions_give_the_same(void **state) {
    u64 random = 2;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        u64 bytes = next_random(&random) % BYTES;
        u64 portion_limit = 1 + next_random(&random) % 200;
        struct digest d;

        digest_begin(&d);
        for (u64 at = 0; at < bytes;) {
            u64 portion = min_u64(next_random(&random) % (portion_limit + 1), bytes - at);
            digest_add(&d, data + at, portion);
            at += portion;
        }
        assert_int_equal(digest_end(&d), XXH64(data, bytes, 0));
    }
}

static void one_bit_changes_it(void **state) {
    u64 whole = digest_of(data, 1000);

    (void)state;
    for (size_t bit = 0; bit < 8000; bit++) {
        data[bit / 8] ^= (u8)(1 << bit % 8);
        assert_int_not_equal(digest_of(data, 1000), whole);
        data[bit / 8] ^= (u8)(1 << bit % 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_lengths_at_all_alignments),
        cmocka_unit_test(any_portions_give_the_same),
        cmocka_unit_test(one_bit_changes_it),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
