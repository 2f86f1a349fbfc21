// SPDX-License-Identifier: BSD-2-Clause
/* The slots of a protection domain: every block of user/microkit/layout.h fits, and none meets another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/types.h"
#include "user/init/watch.h"
#include "user/microkit/layout.h"
#include "user/rt/stats.h"

struct block {
    u32 first;
    u32 count;
};

static const struct block blocks[] = {
    {PD_SLOT_INPUT, 1},
    {PD_SLOT_FAULT, 1},
    {PD_SLOT_VSPACE, 1},
    {PD_SLOT_REPLY, 1},
    {PD_SLOT_MONITOR, 1},
    {PD_SLOT_TCB, 1},
    {PD_SLOT_SC, 1},
    {PD_SLOT_NOTIFICATION, 1},
    {PD_SLOT_NOTIFY_BASE, PD_MAX_CHANNELS},
    {PD_SLOT_CALL_BASE, PD_MAX_CHANNELS},
    {PD_SLOT_IRQ_BASE, PD_MAX_CHANNELS},
    {PD_SLOT_CHILD_TCB, PD_MAX_CHILDREN},
    {PD_SLOT_CHILD_SC, PD_MAX_CHILDREN},
    {PD_SLOT_FREE, 1},
};

static void blocks_do_not_meet(void **state) {
    (void)state;
    static int owner[1 << PD_CNODE_BITS];
    for (u32 i = 0; i < ARRAY_LENGTH(blocks); i++) {
        assert_true(blocks[i].first + blocks[i].count <= BIT(PD_CNODE_BITS));
        assert_true(blocks[i].first != 0);
        for (u32 k = 0; k < blocks[i].count; k++) {
            assert_int_equal(owner[blocks[i].first + k], 0);
            owner[blocks[i].first + k] = (int)i + 1;
        }
    }
}

static void badges_tell_senders_apart(void **state) {
    (void)state;
    u64 notifications = MASK(PD_MAX_CHANNELS);
    assert_true((notifications & (PD_BADGE_CALL | PD_BADGE_FAULT)) == 0);
    assert_true((PD_BADGE_CALL & PD_BADGE_FAULT) == 0);
    assert_int_equal(RT_STATS_CHANNELS, PD_MAX_CHANNELS);
    assert_true(INIT_MAX_WATCHED <= PD_MAX_CHANNELS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_do_not_meet),
        cmocka_unit_test(badges_tell_senders_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
