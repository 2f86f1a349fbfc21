// SPDX-License-Identifier: BSD-2-Clause
/* The kernel's lines in a ring that another program reads, who need not be honest. */
#include "kernel/entry/log.h"
#include "abi/console_ring.h"
#include "arch/upcalls.h"
#include "tests/support/world.h"

static struct console_ring *ring;

static int boot(UNUSED void **test) {
    if (ring == NULL) {
        ring = host_map(PAGE_SIZE);
    }
    memset(ring, 0xff, sizeof *ring);
    world_boot(
        &(struct host_options){.check_interval = 1, .partition_flags = BOOT_WALLS, .log = ring});
    return 0;
}

/* As the reader would. */
static const char *read_all(void) {
    static char text[CONSOLE_RING_BYTES + 1];
    u64 length = 0;

    for (; ring->tail < ring->head; ring->tail++) {
        text[length++] = ring->data[ring->tail % CONSOLE_RING_BYTES];
    }
    text[length] = 0;
    return text;
}

static void the_ring_is_new_and_has_the_kernels_lines(UNUSED void **test) {
    assert_int_equal(ring->magic, CONSOLE_RING_MAGIC);
    assert_string_equal(ring->name, "host");
    assert_int_equal(ring->dropped, 0);
    assert_non_null(strstr(read_all(), "walls on"));
    assert_int_equal(host.console_bytes, 0);
}

static void debug_characters_go_there_too(UNUSED void **test) {
    (void)read_all();
    for (const char *c = "hello\n"; *c != 0; c++) {
        syscall_with(SYSCALL_DEBUG_PUT_CHAR, (u64)*c);
    }
    assert_string_equal(read_all(), "hello\n");
}

static void what_does_not_fit_is_dropped_and_counted(UNUSED void **test) {
    char line[128];
    u64 lines = 0;

    memset(line, 'x', sizeof line);
    (void)read_all();
    while (ring->dropped == 0) {
        log_ring_write(ring, line, sizeof line);
        lines++;
    }
    assert_int_equal(lines, CONSOLE_RING_BYTES / sizeof line + 1);
    assert_int_equal(ring->head - ring->tail, (lines - 1) * sizeof line);
    /* Exactly full is not too full. */
    log_ring_write(ring, line, CONSOLE_RING_BYTES - (lines - 1) * sizeof line);
    assert_int_equal(ring->head - ring->tail, CONSOLE_RING_BYTES);
    assert_int_equal(ring->dropped, 1);
}

static void a_reader_that_lies_is_taken_to_have_read_all(UNUSED void **test) {
    ring->tail = ring->head + 1000;
    log_ring_write(ring, "after", 5);
    assert_int_equal(ring->dropped, 0);
    assert_memory_equal(&ring->data[(ring->head - 5) % CONSOLE_RING_BYTES], "after", 5);
}

static void the_timer_brings_the_counters_along(UNUSED void **test) {
    struct thread t = thread_make(10);

    memset(ring->counter, 0, sizeof ring->counter);
    as(&t);
    host_advance(6 * TICKS_PER_MS); /* a slice ends */
    assert_true(ring->counter[ENTRY_TIMER] > 0);
    assert_true(ring->counter[ENTRY_SYSCALL] > 0);
}

static void panic_now(UNUSED void *argument) {
    kernel_panic("it is broken");
}

static void last_words_are_there_as_well(UNUSED void **test) {
    (void)read_all();
    assert_string_equal(host_expect_panic(panic_now, NULL), "it is broken");
    assert_string_equal(read_all(), "panic: it is broken\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_ring_is_new_and_has_the_kernels_lines, boot),
        cmocka_unit_test_setup(debug_characters_go_there_too, boot),
        cmocka_unit_test_setup(what_does_not_fit_is_dropped_and_counted, boot),
        cmocka_unit_test_setup(a_reader_that_lies_is_taken_to_have_read_all, boot),
        cmocka_unit_test_setup(the_timer_brings_the_counters_along, boot),
        cmocka_unit_test_setup(last_words_are_there_as_well, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
