// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbell lines: against an obvious model (a set of lines that were signalled), after restarts,
 * with a peer that writes nonsense, and with four kernels at once, a thread being a kernel.
 *
 * In one thread both ends live in one struct kernel: peer 0 is what the sending kernel knows of the
 * receiver, peer 1 what the receiver knows of the sender.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/atomic.h"
#include "arch/host/host.h"
#include "smp/doorbell.h"

#define LINES 150 /* three words, the last one partly */

static struct core_config config;
static _Thread_local struct peer peers[CORE_CONFIG_MAX_PEERS + 1];
static struct pair_page *page;
static u64 mailbox;

#define RECEIVER (&peers[0]) /* as the sender knows it */
#define SENDER   (&peers[1]) /* as the receiver knows it */

static struct boot_peer describe(const struct pair_page *pair, u32 core, u32 side, u64 *doorbell) {
    return (struct boot_peer){.core = core,
                              .side = side,
                              .pair = {(u64)(uintptr_t)pair, PAGE_SIZE},
                              .doorbell = (u64)(uintptr_t)doorbell,
                              .send_lines = LINES,
                              .receive_lines = LINES};
}

static void connect(struct peer *peer, u32 core, u32 side) {
    struct boot_peer description = describe(page, core, side, &mailbox);

    memset(peer, 0, sizeof *peer);
    assert_null(smp_peer_connect(peer, core, &description));
}

static void kernel_begin(void) {
    memset(&kernel, 0, sizeof kernel);
    memset(peers, 0, sizeof peers);
    kernel.config = &config;
    kernel.peer = peers;
    kernel.ticks_per_us = 10;
}

static int begin(void **state) {
    (void)state;
    memset(&config, 0, sizeof config);
    kernel_begin();
    mailbox = 0;
    host.mailbox = &mailbox;
    page = page != NULL ? page : host_map(PAGE_SIZE);
    memset(page, 0, sizeof *page);
    connect(RECEIVER, 0, 0);
    connect(SENDER, 1, 1);
    kernel.peers_left = 0; /* boot has looked */
    mailbox = 0;
    return 0;
}

static u64 line_bit(u32 line) {
    return BIT(line % PAIR_WORD_LINES);
}

static bool rung(void) {
    return __atomic_exchange_n(&mailbox, 0, __ATOMIC_ACQUIRE) != 0;
}

/* ---- One signal ------------------------------------------------------------------------------ */

static void test_a_signal_arrives_once(void **state) {
    u32 line = 0;

    (void)state;
    assert_false(smp_doorbell_unmask(SENDER, 77));
    smp_doorbell_send(RECEIVER, 77);
    assert_true(rung());
    smp_doorbell_collect(SENDER);
    assert_int_equal(kernel.peers_left, BIT(1));
    assert_true(smp_doorbell_take(SENDER, &line));
    assert_int_equal(line, 77);
    assert_false(smp_doorbell_take(SENDER, &line));
    smp_doorbell_collect(SENDER);
    assert_false(smp_doorbell_take(SENDER, &line));
}

static void test_a_send_not_yet_taken_rings_no_more(void **state) {
    (void)state;
    smp_doorbell_send(RECEIVER, 3);
    assert_true(rung());
    smp_doorbell_send(RECEIVER, 3);
    assert_false(rung());
    smp_doorbell_send(RECEIVER, 4);
    assert_true(rung());
    smp_doorbell_collect(SENDER);
    smp_doorbell_send(RECEIVER, 3);
    assert_true(rung());
}

static void test_a_masked_line_is_held_until_unmasked(void **state) {
    u32 line = 0;

    (void)state;
    smp_doorbell_send(RECEIVER, 149);
    smp_doorbell_collect(SENDER);
    assert_false(smp_doorbell_take(SENDER, &line));
    assert_true(smp_doorbell_unmask(SENDER, 149));
    assert_false(smp_doorbell_unmask(SENDER, 149));
}

/* An acknowledgement that delivers what was held is the last one until the next. */
static void test_what_an_acknowledgement_delivers_is_masked(void **state) {
    u32 line = 0;

    (void)state;
    assert_false(smp_doorbell_unmask(SENDER, 5));
    smp_doorbell_send(RECEIVER, 5);
    smp_doorbell_collect(SENDER); /* and an interrupt comes before it is taken */
    assert_true(smp_doorbell_unmask(SENDER, 5));
    smp_doorbell_send(RECEIVER, 5);
    smp_doorbell_collect(SENDER);
    assert_false(smp_doorbell_take(SENDER, &line));
    assert_true(smp_doorbell_unmask(SENDER, 5));
}

static void test_what_is_held_can_be_forgotten(void **state) {
    (void)state;
    smp_doorbell_send(RECEIVER, 64);
    smp_doorbell_send(RECEIVER, 65);
    smp_doorbell_collect(SENDER);
    smp_doorbell_forget(SENDER, 64);
    assert_false(smp_doorbell_unmask(SENDER, 64));
    assert_true(smp_doorbell_unmask(SENDER, 65));
}

/* ---- Against a model ------------------------------------------------------------------------- */

struct model {
    bool sent[LINES]; /* and not collected */
    bool held[LINES];
    bool open[LINES];
};

static unsigned lone_lines;

static void deliver(struct model *model, u32 line) {
    assert_true(model->held[line]);
    model->held[line] = model->open[line] = false;
}

/* The short way is another order of the same steps: it may give one line that the long way would have given. */
static void collect_and_take(struct model *model) {
    bool alone = false;
    u32 line = 0;

    if (rand() % 2) {
        alone = smp_doorbell_collect_lone(SENDER, &line);
    } else {
        smp_doorbell_collect(SENDER);
    }
    for (u32 i = 0; i < LINES; i++) {
        model->held[i] = model->held[i] || model->sent[i];
        model->sent[i] = false;
    }
    if (alone) {
        lone_lines++;
        assert_true(model->open[line]);
        assert_int_equal(kernel.peers_left, 0);
        deliver(model, line);
    }
    while (smp_doorbell_take(SENDER, &line)) {
        assert_true(model->open[line]);
        deliver(model, line);
    }
    kernel.peers_left = 0;
    for (u32 i = 0; i < LINES; i++) {
        assert_false(model->held[i] && model->open[i]);
    }
}

static void unmask(struct model *model, u32 line) {
    bool held = smp_doorbell_unmask(SENDER, line);

    assert_int_equal(held, model->held[line]);
    if (held) {
        deliver(model, line);
    } else {
        model->open[line] = true;
    }
}

/* One of `lines` lines, spread over all. */
static void random_step(struct model *model, u32 lines) {
    u32 line = (u32)rand() % lines * (LINES / lines);

    switch (rand() % 8) {
    case 0:
        collect_and_take(model);
        break;
    case 1:
        smp_doorbell_forget(SENDER, line);
        model->held[line] = model->open[line] = false;
        break;
    case 2:
    case 3:
    case 4:
        unmask(model, line);
        break;
    default:
        assert_int_equal((page->way[0].word[line / PAIR_WORD_LINES] & line_bit(line)) != 0,
                         model->sent[line]);
        smp_doorbell_send(RECEIVER, line);
        assert_int_equal(rung(), !model->sent[line]);
        model->sent[line] = true;
    }
}

static void test_lines_are_a_set_whatever_the_order(void **state) {
    struct model model = {0};

    (void)state;
    srand(1);
    for (unsigned step = 0; step < 200000; step++) {
        random_step(&model, step < 100000 ? 4 : LINES); /* few first: lines get lost in a crowd */
    }
    assert_true(lone_lines > 200);
}

/* ---- A peer that cannot be trusted ----------------------------------------------------------- */

static void test_only_configured_lines_count(void **state) {
    u32 line = 0;
    unsigned count = 0;

    (void)state;
    memset(&page->way[0], 0xff, sizeof page->way[0]);
    for (u32 i = 0; i < LINES; i++) {
        assert_false(smp_doorbell_unmask(SENDER, i));
    }
    smp_doorbell_collect(SENDER);
    for (; smp_doorbell_take(SENDER, &line); count++) {
        assert_true(line < LINES);
    }
    assert_int_equal(count, LINES);
    assert_int_equal(SENDER->held[2] & ~MASK(LINES - 128), 0);
    for (unsigned word = 3; word < PAIR_WORDS; word++) {
        assert_int_equal(SENDER->held[word], 0);
    }
}

static void test_a_peer_that_rings_too_often_is_shut_out(void **state) {
    (void)state;
    config.doorbell_max_rate_per_s = 1000;
    connect(SENDER, 1, 1);
    kernel.now = 1000000;
    assert_int_equal(SENDER->window_ticks, SMP_BURST * 10000); /* 16 ms */
    for (unsigned i = 0; i < SMP_BURST; i++) {
        assert_int_equal(kernel.peers_throttled, 0);
        assert_int_equal(smp_throttle_deadline(), ~0ull);
        smp_throttle_count(SENDER);
    }
    assert_int_equal(kernel.peers_throttled, BIT(1));
    assert_true(kernel.timer_stale);
    assert_int_equal(smp_throttle_deadline(), 1000000 + SMP_BURST * 10000);
    kernel.now = smp_throttle_deadline() - 1;
    smp_throttle_release();
    assert_int_equal(kernel.peers_throttled, BIT(1));
    kernel.now++;
    smp_throttle_release();
    assert_int_equal(kernel.peers_throttled, 0);
    /* The next one begins a window of its own. */
    smp_throttle_count(SENDER);
    assert_int_equal(SENDER->window_start, kernel.now);
    assert_int_equal(SENDER->window_count, 1);
}

static void test_without_a_rate_nobody_is_shut_out(void **state) {
    (void)state;
    for (unsigned i = 0; i < 10 * SMP_BURST; i++) {
        smp_throttle_count(SENDER);
    }
    assert_int_equal(kernel.peers_throttled, 0);
}

static void test_impossible_peers_are_refused(void **state) {
    struct boot_peer good = describe(page, 2, 0, &mailbox);
    struct boot_peer bad[] = {good, good, good, good, good, good};

    (void)state;
    bad[0].core = CORE_CONFIG_MAX_PEERS + 1;
    bad[1].side = 2;
    bad[2].send_lines = CORE_CONFIG_MAX_LINES + 1;
    bad[3].receive_lines = CORE_CONFIG_MAX_LINES + 1;
    bad[4].pair.base++;
    bad[5].pair.size--;
    for (unsigned i = 0; i < 6; i++) {
        assert_non_null(smp_peer_connect(&peers[2], 2, &bad[i]));
        assert_false(peers[2].present);
    }
    assert_null(smp_peer_connect(&peers[2], 2, &good));
    assert_true(peers[2].present);
}

/* ---- Restarts -------------------------------------------------------------------------------- */

static void test_a_restarted_sender_announces_what_it_left(void **state) {
    u32 line = 0;

    (void)state;
    assert_false(smp_doorbell_unmask(SENDER, 70));
    page->way[0].word[1] = line_bit(70); /* it died before it named the word */
    connect(RECEIVER, 0, 0);
    assert_true(rung());
    smp_doorbell_collect(SENDER);
    assert_true(smp_doorbell_take(SENDER, &line));
    assert_int_equal(line, 70);
}

static void test_a_restarted_receiver_looks_at_every_word(void **state) {
    (void)state;
    smp_doorbell_send(RECEIVER, 70);
    page->way[0].summary = 0; /* it died between summary and word */
    smp_doorbell_send(RECEIVER, 1);
    (void)rung(); /* and nobody heard the rings */
    kernel.peers_left = 0;
    connect(SENDER, 1, 1);
    assert_int_equal(kernel.peers_left, BIT(1));
    assert_int_equal(page->way[0].summary, 0);
    assert_true(smp_doorbell_unmask(SENDER, 70));
    assert_true(smp_doorbell_unmask(SENDER, 1));
    assert_false(smp_doorbell_unmask(SENDER, 2));
}

static void test_up_is_told_by_each_side_for_itself(void **state) {
    (void)state;
    assert_int_equal(page->up[0], 0);
    smp_peer_announce(RECEIVER); /* by the sending kernel */
    assert_int_equal(page->up[0], PAIR_UP);
    assert_int_equal(page->up[1], 0);
    smp_peer_withdraw(RECEIVER);
    assert_int_equal(page->up[0], 0);
}

static void test_a_signal_nobody_has_taken_is_seen_by_its_word(void **state) {
    (void)state;
    assert_false(smp_peer_has_sent(SENDER));
    page->way[0].word[2] = line_bit(LINES - 1); /* its sender is about to name it in the summary */
    assert_true(smp_peer_has_sent(SENDER));
    assert_false(smp_peer_has_sent(RECEIVER)); /* the other way */
    page->way[0].word[2] = line_bit(LINES);    /* no line */
    page->way[0].summary = MASK(PAIR_WORDS);
    assert_false(smp_peer_has_sent(SENDER));
}

static void test_send_ends_are_remembered(void **state) {
    (void)state;
    assert_false(smp_doorbell_is_issued(RECEIVER, 149));
    smp_doorbell_issue(RECEIVER, 149);
    assert_true(smp_doorbell_is_issued(RECEIVER, 149));
    assert_false(smp_doorbell_is_issued(RECEIVER, 85));
    smp_doorbell_retire(RECEIVER, 149);
    assert_false(smp_doorbell_is_issued(RECEIVER, 149));
}

/* ---- Four kernels ---------------------------------------------------------------------------- */

#define SENDERS 3
#define SENDS   20000

struct channel {
    struct pair_page *page;
    u64 data[LINES]; /* plain memory: what a program writes before it signals */
    u64 sent[LINES];
    u64 seen[LINES];
    u64 deliveries[LINES];
    u32 core;
};

static struct channel channel[SENDERS];
static u64 receiver_mailbox;
static unsigned senders_left;

static void *sender_kernel(void *argument) {
    struct channel *to = argument;
    struct boot_peer description = describe(to->page, 0, 0, &receiver_mailbox);
    unsigned seed = to->core;

    kernel_begin();
    assert_null(smp_peer_connect(&peers[0], 0, &description));
    for (u64 i = 1; i <= SENDS; i++) {
        u32 line = (u32)rand_r(&seed) % LINES;

        /* A cell per line: the receiver may read only what this line's signal has handed over. */
        __atomic_store_n(&to->data[line], i, __ATOMIC_RELAXED);
        to->sent[line] = i;
        smp_doorbell_send(&peers[0], line);
        if (rand_r(&seed) % 16 == 0) {
            sched_yield();
        }
    }
    __atomic_fetch_sub(&senders_left, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void receive_all(struct peer *peer, struct channel *from) {
    u32 line = 0;

    smp_doorbell_collect(peer);
    while (smp_doorbell_take(peer, &line)) {
        u64 data = __atomic_load_n(&from->data[line], __ATOMIC_RELAXED);

        assert_true(data >= from->seen[line]);
        from->seen[line] = data;
        from->deliveries[line]++;
        assert_false(smp_doorbell_unmask(peer, line));
    }
}

static void *receiver_kernel(void *argument) {
    (void)argument;
    kernel_begin();
    host.mailbox = &receiver_mailbox;
    for (u32 i = 0; i < SENDERS; i++) {
        struct boot_peer description = describe(channel[i].page, i + 1, 1, &mailbox);

        assert_null(smp_peer_connect(&peers[i + 1], i, &description));
        for (u32 line = 0; line < LINES; line++) {
            /* Cannot be delivered yet: nobody was asked to send before this thread was up. */
            if (smp_doorbell_unmask(&peers[i + 1], line)) {
                channel[i].seen[line] = __atomic_load_n(&channel[i].data[line], __ATOMIC_RELAXED);
                assert_false(smp_doorbell_unmask(&peers[i + 1], line));
            }
        }
    }
    for (bool last = false; !last;) {
        last = __atomic_load_n(&senders_left, __ATOMIC_ACQUIRE) == 0;
        if (arch_doorbell_claim() == 0) {
            sched_yield();
            continue; /* if the senders are done and nobody rang, nothing may be left */
        }
        last = false;
        arch_fence_after_claim();
        for (u32 i = 0; i < SENDERS; i++) {
            receive_all(&peers[i + 1], &channel[i]);
        }
    }
    return NULL;
}

static void test_four_kernels_lose_nothing(void **state) {
    pthread_t thread[SENDERS + 1];

    (void)state;
    memset(channel, 0, sizeof channel);
    senders_left = SENDERS;
    for (u32 i = 0; i < SENDERS; i++) {
        channel[i].page = host_map(PAGE_SIZE);
        channel[i].core = i + 1;
    }
    assert_int_equal(pthread_create(&thread[SENDERS], NULL, receiver_kernel, NULL), 0);
    for (u32 i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, sender_kernel, &channel[i]), 0);
    }
    for (u32 i = 0; i <= SENDERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    }
    for (u32 i = 0; i < SENDERS; i++) {
        u64 deliveries = 0;

        assert_int_equal(channel[i].page->way[0].summary, 0);
        for (u32 line = 0; line < LINES; line++) {
            assert_int_equal(channel[i].seen[line], channel[i].sent[line]);
            deliveries += channel[i].deliveries[line];
        }
        assert_true(deliveries <= SENDS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_signal_arrives_once, begin),
        cmocka_unit_test_setup(test_a_send_not_yet_taken_rings_no_more, begin),
        cmocka_unit_test_setup(test_a_masked_line_is_held_until_unmasked, begin),
        cmocka_unit_test_setup(test_what_an_acknowledgement_delivers_is_masked, begin),
        cmocka_unit_test_setup(test_what_is_held_can_be_forgotten, begin),
        cmocka_unit_test_setup(test_lines_are_a_set_whatever_the_order, begin),
        cmocka_unit_test_setup(test_only_configured_lines_count, begin),
        cmocka_unit_test_setup(test_a_peer_that_rings_too_often_is_shut_out, begin),
        cmocka_unit_test_setup(test_without_a_rate_nobody_is_shut_out, begin),
        cmocka_unit_test_setup(test_impossible_peers_are_refused, begin),
        cmocka_unit_test_setup(test_a_restarted_sender_announces_what_it_left, begin),
        cmocka_unit_test_setup(test_a_restarted_receiver_looks_at_every_word, begin),
        cmocka_unit_test_setup(test_up_is_told_by_each_side_for_itself, begin),
        cmocka_unit_test_setup(test_a_signal_nobody_has_taken_is_seen_by_its_word, begin),
        cmocka_unit_test_setup(test_send_ends_are_remembered, begin),
        cmocka_unit_test_setup(test_four_kernels_lose_nothing, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
