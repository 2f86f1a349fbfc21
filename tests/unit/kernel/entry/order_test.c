// SPDX-License-Identifier: BSD-2-Clause
/* Who runs after an entry that did several things at once; found by tests/model/kernel. */
#include "tests/support/world.h"

static int boot(UNUSED void **test) {
    world_boot(NULL);
    return 0;
}

/* Four threads of one priority wait; all are restarted by one call. The first to come is the first to run. */
static void woken_together_run_in_order(UNUSED void **test) {
    u64 endpoint = make(OBJECT_ENDPOINT, 0);
    struct thread t[4];

    for (unsigned i = 0; i < ARRAY_LENGTH(t); i++) {
        t[i] = thread_make(100);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(t); i++) {
        as(&t[i]);
        sys_recv(endpoint, t[i].reply);
        as(&root); /* it waits with its own priority from now on */
    }
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(endpoint, 64), C()), SEL4_NO_ERROR);
    rest();
    for (unsigned i = 0; i < ARRAY_LENGTH(t); i++) {
        assert_true(running(&t[i]));
        sys_yield();
    }
    assert_true(running(&t[0]));
}

/* A core whose running thread loses its context has no budget to watch: no interrupt comes for it. */
static void time_taken_away_rings_no_timer(UNUSED void **test) {
    struct thread a = thread_make(100);

    as(&a);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(a.sc, 64), C()), SEL4_NO_ERROR);
    assert_null(host.running);
    assert_int_equal(host.alarm, ~0ull);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(woken_together_run_in_order, boot),
        cmocka_unit_test_setup(time_taken_away_rings_no_timer, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
