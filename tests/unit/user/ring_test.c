// SPDX-License-Identifier: BSD-2-Clause
/*
 * Console rings against an obvious model: a queue of lines. Random lines in, random takes; what comes out is
 * what the model says, in order; what did not fit is counted. Then writers that lie, and two threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* The unit under test, included so that the test needs no library. */
#include "user/rt/ring.c"

static u64 next_random(u64 *seed) {
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

static void lines_come_out_in_order(void **state) {
    (void)state;
    static struct console_ring ring;
    static char model[CONSOLE_RING_BYTES][RING_LINE_BYTES];
    u64 first = 0, last = 0, bytes = 0, lost = 0, seed = 42;
    memset(&ring, 0xa5, sizeof(ring));
    assert_false(ring_ready(&ring));
    ring_begin(&ring, "flight", "elevator");
    assert_true(ring_ready(&ring));
    assert_string_equal(ring.name, "flight elevator");
    for (u32 turn = 0; turn < 200000; turn++) {
        char line[RING_LINE_BYTES];
        if (next_random(&seed) % 3 != 0) {
            u32 length = (u32)(next_random(&seed) % (RING_LINE_BYTES - 1));
            memset(line, 'a' + (char)(turn % 26), length);
            bool fits = bytes + length + 1 <= CONSOLE_RING_BYTES;
            assert_int_equal(ring_put_line(&ring, line, length), fits);
            if (fits) {
                line[length] = '\0';
                strcpy(model[last++ % CONSOLE_RING_BYTES], line);
                bytes += length + 1;
            } else {
                lost++;
            }
        } else {
            int length = ring_take_line(&ring, line);
            if (first == last) {
                assert_int_equal(length, -1);
                continue;
            }
            assert_string_equal(line, model[first++ % CONSOLE_RING_BYTES]);
            assert_int_equal(length, (int)strlen(line));
            bytes -= (u64)length + 1;
        }
        assert_int_equal(ring.dropped, lost);
    }
    assert_true(lost > 0);
    assert_true(ring.head > 10 * CONSOLE_RING_BYTES);
}

static void newline_is_added_once(void **state) {
    (void)state;
    static struct console_ring ring;
    char line[RING_LINE_BYTES];
    ring_begin(&ring, "core", "w");
    assert_true(ring_put_line(&ring, "one\n", 4));
    assert_true(ring_put_line(&ring, "two", 3));
    assert_true(ring_put_line(&ring, "", 0));
    assert_int_equal(ring_take_line(&ring, line), 3);
    assert_string_equal(line, "one");
    assert_int_equal(ring_take_line(&ring, line), 3);
    assert_string_equal(line, "two");
    assert_int_equal(ring_take_line(&ring, line), 0);
    assert_int_equal(ring_take_line(&ring, line), -1);
}

static void control_characters_are_replaced(void **state) {
    (void)state;
    static struct console_ring ring;
    char line[RING_LINE_BYTES];
    ring_begin(&ring, "core", "w");
    ring_put_line(&ring, "a\r\033[2J\tb\x7f\xc3\xa9", 11);
    assert_int_equal(ring_take_line(&ring, line), 11);
    assert_string_equal(line, "a??[2J\tb?\xc3\xa9");
}

static void long_lines_are_cut(void **state) {
    (void)state;
    static struct console_ring ring;
    char text[1000], line[RING_LINE_BYTES];
    memset(text, 'x', sizeof(text));
    ring_begin(&ring, "core", "w");
    assert_true(ring_put_line(&ring, text, sizeof(text)));
    assert_true(ring_put_line(&ring, "next", 4));
    assert_int_equal(ring_take_line(&ring, line), RING_LINE_BYTES - 1);
    assert_int_equal(ring_take_line(&ring, line), 4);
    assert_string_equal(line, "next");
}

/* A writer may store anything: the reader stays inside the page, ends, and works again afterwards. */
static void lying_writers_do_no_harm(void **state) {
    (void)state;
    static struct console_ring ring;
    char line[RING_LINE_BYTES];
    u64 seed = 7;
    for (u32 turn = 0; turn < 20000; turn++) {
        u64 *word = (u64 *)&ring;
        for (u32 i = 0; i < 9; i++) {
            word[i] = next_random(&seed) << 33 ^ next_random(&seed) << (turn % 60);
        }
        ring.tail = turn % 2 != 0 ? ring.tail : ring.head - turn % (CONSOLE_RING_BYTES + 2);
        memset(ring.data, turn % 3 != 0 ? 'x' : '\n', sizeof(ring.data));
        int length = ring_take_line(&ring, line);
        assert_in_range(length + 1, 0, RING_LINE_BYTES);
        bool ready = ring_ready(&ring);
        (void)ready;
    }
    ring.tail = ring.head - (CONSOLE_RING_BYTES + 1);
    assert_int_equal(ring_take_line(&ring, line), -1);
    assert_true(ring_put_line(&ring, "back", 4));
    assert_int_equal(ring_take_line(&ring, line), 4);
    assert_string_equal(line, "back");
}

static void names_cannot_close_the_prefix(void **state) {
    (void)state;
    static struct console_ring ring;
    ring_begin(&ring, "a]", "forged");
    assert_false(ring_ready(&ring));
    ring_begin(&ring, "a", "b\nforged");
    assert_false(ring_ready(&ring));
    memset(ring.name, 'n', sizeof(ring.name));
    assert_false(ring_ready(&ring));
    ring_begin(&ring, "a core's name of thirty-one bytes", "domain");
    assert_true(ring_ready(&ring));
}

#define THREAD_LINES 20000

static void *writer(void *argument) {
    struct console_ring *ring = argument;
    for (u32 i = 0; i < THREAD_LINES; i++) {
        char text[32];
        u32 length = (u32)snprintf(text, sizeof(text), "%u %u", i, i * 7);
        while (!ring_put_line(ring, text, length)) {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_agree(void **state) {
    (void)state;
    static struct console_ring ring;
    pthread_t thread;
    ring_begin(&ring, "core", "w");
    assert_int_equal(pthread_create(&thread, NULL, writer, &ring), 0);
    for (u32 i = 0; i < THREAD_LINES;) {
        char line[RING_LINE_BYTES], want[32];
        if (ring_take_line(&ring, line) < 0) {
            sched_yield();
            continue;
        }
        snprintf(want, sizeof(want), "%u %u", i, i * 7);
        assert_string_equal(line, want);
        i++;
    }
    pthread_join(thread, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_in_order),
        cmocka_unit_test(newline_is_added_once),
        cmocka_unit_test(control_characters_are_replaced),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(lying_writers_do_no_harm),
        cmocka_unit_test(names_cannot_close_the_prefix),
        cmocka_unit_test(two_threads_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
