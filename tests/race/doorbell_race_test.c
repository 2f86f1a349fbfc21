// SPDX-License-Identifier: BSD-2-Clause
/*
 * Several kernels at once, each a thread with a world of its own; what they share is pair regions and mailboxes.
 * Everybody signals random lines of everybody and takes interrupts at random times.
 *
 * The law: before a line is signalled its counter is raised; whenever the line's badge is delivered, the receiver
 * reads the counter. When all have stopped sending and every kernel has taken what is pending, the receiver has
 * read every counter at its end. So no signal is lost (the last one was delivered after it was sent), and who
 * learns of a signal sees what was written before it: the counters are read and written without any order of
 * their own. Besides, no line that nobody signalled is delivered.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "tests/support/world.h"

#define KERNELS 4
#define LINES   70 /* more than one word */
#define STEPS   4000

/* Shared between the threads. */
static struct pair_page *pair[KERNELS][KERNELS]; /* [lower][higher] */
static u64 *mailbox[KERNELS];
static u64 counter[KERNELS][KERNELS][LINES]; /* [from][to][line] */
static pthread_barrier_t barrier;
static u32 rate_per_s;
static bool restarts;

/* Each kernel's own. */
static _Thread_local unsigned me;
static _Thread_local u64 random_state;
static _Thread_local u64 send_cap[KERNELS];    /* the first of LINES */
static _Thread_local u64 handler_cap[KERNELS]; /* the first of LINES */
static _Thread_local u64 bell[KERNELS][2];     /* notifications: lines 0..63, the others */
static _Thread_local u64 seen[KERNELS][LINES];

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

static u64 *counter_of(unsigned from, unsigned to, unsigned line) {
    return &counter[from][to][line];
}

/* ---- One kernel ---- */

static struct host_options options_of(unsigned core) {
    struct host_options options = {
        .core = core,
        .check_interval = 64,
        .doorbell_max_rate_per_s = rate_per_s,
        .partition_flags = BOOT_WALLS,
        .peers = 0,
        .mailbox = mailbox[core],
    };

    for (unsigned other = 0; other < KERNELS; other++) {
        if (other == core) {
            continue;
        }
        bool lower = core < other;
        options.peer[options.peers++] = (struct host_peer){
            .core = other,
            .side = lower ? 0 : 1,
            .pair = lower ? pair[core][other] : pair[other][core],
            .pair_bytes = 2 * PAGE_SIZE,
            .doorbell = mailbox[other],
            .send_lines = LINES,
            .receive_lines = LINES,
        };
    }
    return options;
}

static void must(u64 error) {
    assert_int_equal(error, SEL4_NO_ERROR);
}

static void connect(unsigned other) {
    send_cap[other] = free_slots(LINES);
    handler_cap[other] = free_slots(LINES);
    bell[other][0] = make(OBJECT_NOTIFICATION, 0);
    bell[other][1] = make(OBJECT_NOTIFICATION, 0);
    for (unsigned line = 0; line < LINES; line++) {
        u64 badged = mint(bell[other][line / 64], SEL4_RIGHT_WRITE, BIT(line % 64));

        must(invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
                    W(other, line, send_cap[other] + line, 64), C(ROOT_CNODE)));
        must(invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET,
                    W(DOORBELL_IRQ + other * 1024 + line, handler_cap[other] + line, 64),
                    C(ROOT_CNODE)));
        must(
            invoke(handler_cap[other] + line, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged)));
    }
}

static void boot(void) {
    struct host_options options = options_of(me);

    world_boot(&options);
    for (unsigned other = 0; other < KERNELS; other++) {
        if (other != me) {
            connect(other);
        }
    }
}

static void send_line(unsigned to, unsigned line) {
    u64 *count = counter_of(me, to, line);

    __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
    sys_nb_send(send_cap[to] + line, 0, W());
}

/* What has been delivered; every line is acknowledged, late or soon. Returns how many lines. */
static unsigned take(unsigned from, bool acknowledge) {
    unsigned taken = 0;

    for (unsigned half = 0; half < 2; half++) {
        sys_nb_wait(bell[from][half]);
        for (u64 bits = badge(&root); bits != 0; bits &= bits - 1) {
            unsigned line = half * 64 + (unsigned)__builtin_ctzll(bits);

            assert_true(line < LINES);
            seen[from][line] = __atomic_load_n(counter_of(from, me, line), __ATOMIC_RELAXED);
            assert_true(seen[from][line] > 0); /* nobody signalled it otherwise */
            taken++;
            if (acknowledge) {
                must(invoke(handler_cap[from] + line, METHOD_IRQ_HANDLER_ACK, W(), C()));
            }
        }
    }
    return taken;
}

static unsigned other_kernel(void) {
    return (me + 1 + (unsigned)next_random(KERNELS - 1)) % KERNELS;
}

static void acknowledge_all(unsigned from) {
    for (unsigned line = 0; line < LINES; line++) {
        must(invoke(handler_cap[from] + line, METHOD_IRQ_HANDLER_ACK, W(), C()));
    }
}

static void step(void) {
    unsigned other = other_kernel();

    switch (next_random(8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        send_line(other, (unsigned)next_random(LINES));
        break;
    case 4:
        host_interrupt();
        break;
    case 5:
        (void)take(other, next_random(2) == 0);
        break;
    case 6:
        acknowledge_all(other);
        break;
    default:
        (void)sched_yield();
        host_advance(next_random(300));
        break;
    }
}

/* Nobody sends any more: take everything that is on its way. */
static void drain(void) {
    unsigned quiet = 0;

    while (quiet < 3) {
        unsigned taken = 0;

        host_advance(10 * TICKS_PER_MS); /* a throttled peer is let in again */
        host_interrupt();
        for (unsigned other = 0; other < KERNELS; other++) {
            if (other != me) {
                taken += take(other, false);
                acknowledge_all(other);
            }
        }
        quiet = taken == 0 ? quiet + 1 : 0;
    }
}

static void *run(void *argument) {
    me = (unsigned)(uintptr_t)argument;
    random_state = 77 + me;
    boot();
    pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < STEPS; i++) {
        step();
        if (restarts && me == KERNELS - 1 && i % (STEPS / 8) == 0 && i < STEPS / 2) {
            boot(); /* this partition died and starts again */
        }
    }
    pthread_barrier_wait(&barrier);
    /* A restarted kernel has lost what its predecessor took; every line is signalled once more. */
    for (unsigned to = 0; restarts && to < KERNELS; to++) {
        for (unsigned line = 0; to != me && line < LINES; line++) {
            send_line(to, line);
        }
    }
    pthread_barrier_wait(&barrier);
    drain();
    for (unsigned from = 0; from < KERNELS; from++) {
        for (unsigned line = 0; from != me && line < LINES; line++) {
            assert_int_equal(seen[from][line], *counter_of(from, me, line));
        }
    }
    check_world();
    return NULL;
}

static void run_kernels(void *(*body)(void *)) {
    pthread_t thread[KERNELS];

    memset(counter, 0, sizeof counter);
    (void)pthread_barrier_init(&barrier, NULL, KERNELS);
    for (unsigned i = 0; i < KERNELS; i++) {
        mailbox[i] = host_map(PAGE_SIZE);
        for (unsigned j = i + 1; j < KERNELS; j++) {
            pair[i][j] = host_map(2 * PAGE_SIZE);
        }
    }
    for (unsigned i = 0; i < KERNELS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, body, (void *)(uintptr_t)i), 0);
    }
    for (unsigned i = 0; i < KERNELS; i++) {
        (void)pthread_join(thread[i], NULL);
    }
    (void)pthread_barrier_destroy(&barrier);
}

static void no_signal_is_lost(UNUSED void **test) {
    run_kernels(run);
}

static void not_even_when_peers_are_throttled(UNUSED void **test) {
    rate_per_s = 20000;
    run_kernels(run);
    rate_per_s = 0;
}

static void nor_when_a_kernel_restarts(UNUSED void **test) {
    restarts = true;
    run_kernels(run);
    restarts = false;
}

/* ---- A peer that writes what it likes ---- */

static bool stop_scribbling;

/* Bits of lines that do not exist, summaries of everything, and rings for nothing. */
static void *scribble(UNUSED void *argument) {
    u64 state = 99;

    while (!__atomic_load_n(&stop_scribbling, __ATOMIC_RELAXED)) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        unsigned i = (state >> 40) % (KERNELS - 1);
        struct pair_way *way = &pair[i][KERNELS - 1]->way[(state >> 50) & 1];
        unsigned word = 2 + (state >> 33) % (PAIR_WORDS - 2);

        __atomic_fetch_or(&way->word[word], state, __ATOMIC_RELAXED);
        __atomic_fetch_or(&way->word[1], ~MASK(LINES - 64), __ATOMIC_RELAXED);
        __atomic_fetch_or(&way->summary, state, __ATOMIC_RELAXED);
        __atomic_store_n(mailbox[i], 1, __ATOMIC_RELAXED);
        (void)sched_yield();
    }
    return NULL;
}

static void *run_beside_scribbler(void *argument) {
    pthread_t scribbler;
    bool first = argument == NULL;

    if (first) {
        assert_int_equal(pthread_create(&scribbler, NULL, scribble, NULL), 0);
    }
    (void)run(argument);
    if (first) {
        __atomic_store_n(&stop_scribbling, true, __ATOMIC_RELAXED);
        (void)pthread_join(scribbler, NULL);
    }
    return NULL;
}

static void a_hostile_peer_cannot_invent_lines(UNUSED void **test) {
    run_kernels(run_beside_scribbler);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_signal_is_lost),
        cmocka_unit_test(not_even_when_peers_are_throttled),
        cmocka_unit_test(nor_when_a_kernel_restarts),
        cmocka_unit_test(a_hostile_peer_cannot_invent_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
