// SPDX-License-Identifier: BSD-2-Clause
/* The end of a kernel: what is said, what the peers see, and whether the partition halts or parks to start over. */
#include "abi/package.h"
#include "tests/support/machine.h"
#include "tests/support/world.h"

#define PEER  2
#define LINES 70

static struct console_ring *ring;

static void boot_with(u32 flags) {
    struct host_options options = {.check_interval = 1, .partition_flags = BOOT_WALLS | flags};

    ring = ring != NULL ? ring : host_map(PAGE_SIZE);
    memset(ring, 0, sizeof *ring);
    options.log = ring;
    machine_add_peer(&options, PEER, LINES);
    host_boot(&options);
    *peer.mailbox = 0;
}

static int boot_that_stops(UNUSED void **test) {
    boot_with(0);
    return 0;
}

static int boot_that_restarts(UNUSED void **test) {
    boot_with(BOOT_RESTARTS);
    return 0;
}

static void give_up(void *sentence) {
    kernel_panic(sentence);
}

static void end(void) {
    assert_string_equal(host_expect_panic(give_up, (void *)(uintptr_t) "no more"), "no more");
}

static void a_panic_is_told_and_the_peer_sees_the_kernel_down(UNUSED void **test) {
    assert_int_equal(peer.pair->up[0], PAIR_UP);
    end();
    assert_int_equal(host.parked, HOST_NOT_PARKED);
    assert_int_equal(peer.pair->up[0], 0);
    assert_non_null(strstr(ring->data, "panic: no more\n"));
}

static void a_partition_that_restarts_parks_at_its_stub(UNUSED void **test) {
    *peer.mailbox = 1; /* a ring whose signal has been taken: it shall not wake the next life */
    end();
    assert_int_equal(host.parked, HOST_PARKED);
    assert_int_equal(host.resume, kernel.partition->package.base);
    assert_int_equal(host.resume_opaque, host.resume + PACKAGE_HEADER_OFFSET);
    assert_int_equal(*peer.mailbox, 0);
    assert_int_equal(peer.pair->up[0], 0);
}

static void a_signal_on_its_way_starts_the_next_life_at_once(UNUSED void **test) {
    peer.pair->way[1].word[1] = BIT(LINES - 1 - 64); /* its ring may have been dropped */
    end();
    assert_int_equal(host.parked, HOST_PARKED_RUNG);
    assert_int_equal(peer.pair->way[1].word[1], BIT(LINES - 1 - 64)); /* and is for the next life */
}

static void bits_that_are_no_lines_wake_nobody(UNUSED void **test) {
    peer.pair->way[1].word[1] = BIT(LINES - 64);
    peer.pair->way[1].word[15] = ~0ull;
    peer.pair->way[0].word[0] = 1; /* our own way out */
    end();
    assert_int_equal(host.parked, HOST_PARKED);
}

static void boot_without_config(UNUSED void *argument) {
    host_boot(&(struct host_options){.partition_flags = BOOT_WALLS | BOOT_RESTARTS, .domains = 17});
}

/* Before there is a peer nobody could ring; and doorbells may be what the machine lacks, so they are not touched. */
static void a_boot_that_is_refused_halts(UNUSED void **test) {
    assert_non_null(host_expect_panic(boot_without_config, NULL));
    assert_int_equal(host.parked, HOST_NOT_PARKED);
}

/* The record may be what is wrong: then nobody is known. */
static void before_boot_a_panic_halts(UNUSED void **test) {
    assert_null(kernel.partition);
    end();
    assert_int_equal(host.parked, HOST_NOT_PARKED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_boot_a_panic_halts),
        cmocka_unit_test_setup(a_panic_is_told_and_the_peer_sees_the_kernel_down, boot_that_stops),
        cmocka_unit_test_setup(a_partition_that_restarts_parks_at_its_stub, boot_that_restarts),
        cmocka_unit_test_setup(a_signal_on_its_way_starts_the_next_life_at_once,
                               boot_that_restarts),
        cmocka_unit_test_setup(bits_that_are_no_lines_wake_nobody, boot_that_restarts),
        cmocka_unit_test_setup(a_boot_that_is_refused_halts, boot_that_restarts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
