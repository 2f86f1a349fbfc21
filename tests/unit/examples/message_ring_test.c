// SPDX-License-Identifier: BSD-2-Clause
/*
 * Laws of the ring between cores and of the token bucket (examples/flight/message_ring.h, bucket.h): every message
 * is received once or counted as lost, none is torn, no head the writer invents harms the reader; no
 * window admits more than the bucket's bound.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "examples/flight/bucket.h"
#include "examples/flight/message_ring.h"

static void put_filled(struct message_ring *r, u64 value) {
    u64 word[MESSAGE_WORDS];
    for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
        word[i] = value;
    }
    (void)message_put(r, word, MESSAGE_WORDS);
}

static void check_whole(const struct message *m) {
    for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
        assert_int_equal(m->word[i], m->sequence);
    }
}

static void test_reader_that_keeps_up_loses_nothing(void **state) {
    (void)state;
    struct message_ring r = {0};
    struct message_reader reader;
    struct message m;
    message_reader_init(&reader);
    assert_false(message_take(&reader, &r, &m));
    for (u64 n = 1; n <= 1000; n++) {
        put_filled(&r, n);
        if (n % MESSAGE_SLOTS == 0) {
            for (u64 k = n - MESSAGE_SLOTS + 1; k <= n; k++) {
                assert_true(message_take(&reader, &r, &m));
                assert_int_equal(m.sequence, k);
                check_whole(&m);
            }
            assert_false(message_take(&reader, &r, &m));
        }
    }
    assert_int_equal(reader.lost, 0);
}

static void test_sleeping_reader_counts_what_it_lost(void **state) {
    (void)state;
    struct message_ring r = {0};
    struct message_reader reader;
    struct message m;
    message_reader_init(&reader);
    srand(1);
    u64 sent = 0;
    for (int round = 0; round < 1000; round++) {
        for (int burst = rand() % (3 * MESSAGE_SLOTS); burst > 0; burst--) {
            put_filled(&r, ++sent);
        }
        while (message_take(&reader, &r, &m)) {
            check_whole(&m);
        }
        assert_int_equal(reader.received + reader.lost, sent);
    }
    assert_true(reader.lost > 0 && reader.resyncs == 0);
}

static void test_single_messages_can_be_read_while_they_last(void **state) {
    (void)state;
    static struct message_ring r;
    struct message m;
    assert_false(message_read(&r, 0, &m)); // an empty slot holds 0, which is no message
    for (u64 n = 1; n <= 100; n++) {
        assert_false(message_read(&r, n, &m));
        put_filled(&r, n);
        for (u64 k = 1; k <= n; k++) {
            assert_int_equal(message_read(&r, k, &m), k + MESSAGE_SLOTS > n);
        }
    }
    message_ring_init(&r);
    for (u64 k = 0; k <= 100; k++) {
        assert_false(message_read(&r, k, &m));
    }
    put_filled(&r, 1);
    assert_true(message_read(&r, 1, &m));
}

static void test_short_messages_are_filled_with_zero(void **state) {
    (void)state;
    struct message_ring r = {0};
    struct message_reader reader;
    struct message m;
    message_reader_init(&reader);
    put_filled(&r, 1);
    for (int i = 0; i < MESSAGE_SLOTS; i++) {
        (void)message_put(&r, (const u64[]){7, 8}, 2);
    }
    assert_true(message_take(&reader, &r, &m));
    assert_int_equal(m.word[0], 7);
    assert_int_equal(m.word[1], 8);
    assert_int_equal(m.word[2], 0);
}

static void test_lying_head_is_harmless(void **state) {
    (void)state;
    static const u64 heads[] = {~0ull, 0, 5, ~0ull - 1, 1ull << 63, 1, ~0ull, 2, 100, 99, 98};
    struct message_ring r = {0};
    struct message_reader reader;
    struct message m;
    message_reader_init(&reader);
    for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
        atomic_store(&r.head, heads[i]);
        for (int k = 0; k < 2 * MESSAGE_SLOTS; k++) {
            // It returns, ASan sees no stray access, and nothing that was never sent is received.
            assert_false(message_take(&reader, &r, &m));
        }
    }
    // And it hears an honest writer again.
    atomic_store(&r.head, 1000);
    assert_false(message_take(&reader, &r, &m));
    put_filled(&r, 1001);
    assert_true(message_take(&reader, &r, &m));
    assert_int_equal(m.sequence, 1001);
}

enum { THREAD_MESSAGES = 200000 };

static void *writer_thread(void *ring) {
    for (u64 n = 1; n <= THREAD_MESSAGES; n++) {
        put_filled(ring, n);
    }
    return NULL;
}

static void test_two_threads_tear_nothing(void **state) {
    (void)state;
    static struct message_ring r;
    struct message_reader reader;
    struct message m;
    message_reader_init(&reader);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, writer_thread, &r), 0);
    while (reader.next <= THREAD_MESSAGES) {
        if (message_take(&reader, &r, &m)) {
            check_whole(&m);
        }
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_int_equal(reader.received + reader.lost, THREAD_MESSAGES);
    assert_int_equal(reader.resyncs, 0);
}

static void test_bucket_bounds_every_window(void **state) {
    (void)state;
    enum { EVENTS = 3000, BURST = 7, RATE = 300, CLOCK = 10000000 };
    static u64 passed_at[EVENTS];
    struct bucket b;
    srand(2);
    u64 now = 12345, passed = 0;
    bucket_init(&b, BURST, RATE, CLOCK, now);
    for (int i = 0; i < EVENTS; i++) {
        now += (u64)(rand() % 3 == 0 ? rand() % (CLOCK / 10) : rand() % 1000);
        if (bucket_take(&b, now)) {
            passed_at[passed++] = now;
        }
    }
    assert_true(b.refused > 0 && b.passed == passed);
    for (u64 i = 0; i < passed; i++) {
        for (u64 k = i; k < passed; k++) {
            u64 window = passed_at[k] - passed_at[i];
            assert_true((k - i + 1 - BURST) * CLOCK <= RATE * window || k - i + 1 <= BURST);
        }
    }
}

static void test_bucket_never_refuses_its_own_rate(void **state) {
    (void)state;
    struct bucket b;
    bucket_init(&b, 1, 50, 10000000, 0);
    for (u64 n = 0; n < 10000; n++) {
        assert_true(bucket_take(&b, n * 200000));
    }
    // A pause as long as the clock allows fills it again, and no further.
    assert_true(bucket_take(&b, ~0ull));
    assert_false(bucket_take(&b, ~0ull));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_that_keeps_up_loses_nothing),
        cmocka_unit_test(test_sleeping_reader_counts_what_it_lost),
        cmocka_unit_test(test_single_messages_can_be_read_while_they_last),
        cmocka_unit_test(test_short_messages_are_filled_with_zero),
        cmocka_unit_test(test_lying_head_is_harmless),
        cmocka_unit_test(test_two_threads_tear_nothing),
        cmocka_unit_test(test_bucket_bounds_every_window),
        cmocka_unit_test(test_bucket_never_refuses_its_own_rate),
    };
    return cmocka_run_group_tests_name("message_ring", tests, NULL, NULL);
}
