// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts and doorbell lines as programs see them: who may have a handler, what arrives when,
 * and what does not get lost. The test plays the devices and the peer kernel (core 2, side 1 of the
 * pair page).
 */
#include "kernel/object/irq.h"
#include "tests/support/world.h"

#define IRQ         10
#define PEER        2
#define SEND_LINES  5
#define RECV_LINES  130
#define LINE_IRQ(n) (DOORBELL_IRQ + PEER * 1024 + (n))
#define CONTROL     SEL4_INIT_SLOT_IRQ_CONTROL

static struct pair_page *pair;
static u64 peer_mailbox;
static u64 own_mailbox;
static u64 notification;

static int boot_alone(UNUSED void **test) {
    world_boot(NULL);
    notification = make(OBJECT_NOTIFICATION, 0);
    return 0;
}

static void boot_peered(u32 max_rate_per_s, u32 send_lines) {
    struct host_options options = {
        .check_interval = 1,
        .partition_flags = BOOT_WALLS,
        .doorbell_max_rate_per_s = max_rate_per_s,
        .peers = 1,
        .peer = {{.core = PEER,
                  .side = 0,
                  .pair = pair,
                  .pair_bytes = PAGE_SIZE,
                  .doorbell = &peer_mailbox,
                  .send_lines = send_lines,
                  .receive_lines = RECV_LINES}},
        .mailbox = &own_mailbox,
    };

    world_boot(&options);
    notification = make(OBJECT_NOTIFICATION, 0);
}

static void fresh_pair(void) {
    pair = pair != NULL ? pair : host_map(PAGE_SIZE);
    memset(pair, 0, sizeof *pair);
    own_mailbox = peer_mailbox = 0;
}

static int boot_with_peer(UNUSED void **test) {
    fresh_pair();
    boot_peered(0, SEND_LINES);
    peer_mailbox = 0;
    memset(pair->way, 0, sizeof pair->way); /* the kernel has announced itself */
    return 0;
}

static u64 get(u64 irq, u64 dest) {
    return invoke(CONTROL, METHOD_IRQ_CONTROL_GET, W(irq, dest, 64), C(ROOT_CNODE));
}

static u64 handler(u64 irq) {
    u64 dest = free_slot();

    assert_int_equal(get(irq, dest), 0);
    return dest;
}

static void listen(u64 it, u64 badge_given) {
    u64 badged = mint(notification, SEL4_RIGHTS_ALL, badge_given);

    assert_int_equal(invoke(it, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged)), 0);
}

static void ack(u64 it) {
    assert_int_equal(invoke(it, METHOD_IRQ_HANDLER_ACK, W(), C()), 0);
}

/* What has been signalled since last asked. */
static u64 poll(void) {
    sys_nb_wait(notification);
    return badge(&root);
}

static u64 delete (u64 it) {
    return invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(it, 64), C());
}

/* ---- Devices --------------------------------------------------------------------------------- */

static void get_refuses(UNUSED void **test) {
    u64 dest = free_slot();

    get(0, dest);
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(97, dest);
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(LINE_IRQ(0), dest); /* there are no peers */
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(~0ull, dest);
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(96, dest);
    assert_answer(SEL4_REVOKE_FIRST);
    get(IRQ, ROOT_TCB);
    assert_answer(SEL4_DELETE_FIRST);
    invoke(CONTROL, METHOD_IRQ_CONTROL_GET, W(IRQ, dest, 0), C(ROOT_CNODE));
    assert_answer(SEL4_RANGE_ERROR, 1, 64);
    assert_int_equal(get(IRQ, dest), 0);
    get(IRQ, free_slot());
    assert_answer(SEL4_REVOKE_FIRST);
    invoke(CONTROL, METHOD_IRQ_CONTROL_GET_TRIGGER, W(97, 1, dest, 64), C(ROOT_CNODE));
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    invoke(CONTROL, METHOD_IRQ_CONTROL_GET_TRIGGER, W(IRQ, 1, free_slot(), 64), C(ROOT_CNODE));
    assert_answer(SEL4_REVOKE_FIRST);
    invoke(CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL, W(PEER, 0, dest, 64), C(ROOT_CNODE));
    assert_answer(SEL4_ILLEGAL_OPERATION); /* as if the method did not exist */
}

static void the_trigger_is_remembered(UNUSED void **test) {
    assert_int_equal(
        invoke(CONTROL, METHOD_IRQ_CONTROL_GET_TRIGGER, W(IRQ, 1, free_slot(), 64), C(ROOT_CNODE)),
        0);
    assert_true(kernel.irq[IRQ].edge);
}

static void an_interrupt_comes_once_per_acknowledgement(UNUSED void **test) {
    u64 it = handler(IRQ);

    assert_false(host.irq_masked[IRQ]);
    listen(it, 0x40);
    host_raise(IRQ);
    host_interrupt();
    assert_true(host.irq_masked[IRQ]);
    assert_int_equal(poll(), 0x40);
    host_raise(IRQ);
    host_interrupt();
    assert_int_equal(poll(), 0);
    ack(it);
    host_interrupt();
    assert_int_equal(poll(), 0x40);
}

static void set_notification_wants_write(UNUSED void **test) {
    u64 it = handler(IRQ);

    invoke(it, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(ROOT_TCB));
    assert_answer(SEL4_INVALID_CAPABILITY, 0);
    invoke(it, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(mint(notification, SEL4_RIGHT_READ, 1)));
    assert_answer(SEL4_INVALID_CAPABILITY, 0);
    invoke(it, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C());
    assert_answer(SEL4_TRUNCATED_MESSAGE);
}

static void clear_and_revocation_silence_a_line(UNUSED void **test) {
    u64 it = handler(IRQ);

    listen(it, 1);
    assert_int_equal(invoke(it, METHOD_IRQ_HANDLER_CLEAR, W(), C()), 0);
    host_raise(IRQ);
    host_interrupt();
    assert_int_equal(poll(), 0);
    listen(it, 2);
    listen(it, 4); /* replaces */
    ack(it);
    host_raise(IRQ);
    host_interrupt();
    assert_int_equal(poll(), 4);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(notification, 64), C()), 0);
    assert_true(slot_is_empty(irq_notification_slot(IRQ)));
}

static void the_last_handler_closes_the_line(UNUSED void **test) {
    u64 it = handler(IRQ);
    u64 other = copy(it);

    listen(it, 1);
    assert_int_equal(delete (it), 0);
    host_raise(IRQ);
    host_interrupt();
    assert_int_equal(poll(), 1);
    ack(other);
    assert_int_equal(delete (other), 0);
    assert_true(host.irq_masked[IRQ]);
    assert_int_equal(kernel.irq[IRQ].state, IRQ_INACTIVE);
    assert_true(slot_is_empty(irq_notification_slot(IRQ)));
    (void)handler(IRQ);
}

static void revoking_irq_control_takes_all_handlers(UNUSED void **test) {
    (void)handler(IRQ);
    (void)handler(IRQ + 1);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(CONTROL, 64), C()), 0);
    assert_int_equal(kernel.irq[IRQ].state, IRQ_INACTIVE);
    assert_int_equal(kernel.irq[IRQ + 1].state, IRQ_INACTIVE);
}

/* ---- Receive ends ---------------------------------------------------------------------------- */

static void peer_sets(u32 line) {
    pair->way[1].word[line / PAIR_WORD_LINES] |= BIT(line % PAIR_WORD_LINES);
    pair->way[1].summary |= BIT(line / PAIR_WORD_LINES);
}

static void peer_sends(u32 line) {
    peer_sets(line);
    own_mailbox = 1;
    host_interrupt();
}

static void a_doorbell_is_like_an_interrupt(UNUSED void **test) {
    u64 it = handler(LINE_IRQ(129));

    get(LINE_IRQ(129), free_slot());
    assert_answer(SEL4_REVOKE_FIRST);
    get(LINE_IRQ(RECV_LINES), free_slot());
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(DOORBELL_IRQ + 1024, free_slot()); /* no such peer */
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    get(DOORBELL_IRQ + 8 * 1024, free_slot());
    assert_answer(SEL4_RANGE_ERROR, 1, 96);
    listen(it, 0x100);
    peer_sends(129);
    assert_int_equal(poll(), 0x100);
    peer_sends(129); /* masked: held */
    assert_int_equal(poll(), 0);
    ack(it); /* and delivered now */
    assert_int_equal(poll(), 0x100);
    ack(it);
    assert_int_equal(poll(), 0);
    peer_sends(129);
    assert_int_equal(poll(), 0x100);
}

static void a_doorbell_waits_for_somebody_to_listen(UNUSED void **test) {
    peer_sends(3); /* before there is a handler */
    u64 it = handler(LINE_IRQ(3));
    assert_int_equal(poll(), 0);
    listen(it, 8);
    assert_int_equal(poll(), 8);
    ack(it);
    /* Revoked, not cleared: the kernel learns of it only when a signal comes. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(notification, 64), C()), 0);
    peer_sends(3);
    assert_int_equal(poll(), 0);
    listen(it, 16);
    assert_int_equal(poll(), 16);
}

static void a_closed_line_forgets(UNUSED void **test) {
    u64 it = handler(LINE_IRQ(3));

    peer_sends(3);
    assert_int_equal(delete (it), 0);
    it = handler(LINE_IRQ(3));
    listen(it, 8);
    assert_int_equal(poll(), 0);
    peer_sends(3);
    assert_int_equal(poll(), 8);
}

static void many_lines_let_other_interrupts_in(UNUSED void **test) {
    u64 device = handler(IRQ);

    for (u32 line = 0; line < RECV_LINES; line++) {
        listen(handler(LINE_IRQ(line)), 1);
    }
    assert_int_equal(invoke(device, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification)), 0);
    for (u32 line = 0; line < RECV_LINES; line++) {
        peer_sets(line);
    }
    own_mailbox = 1;
    host_raise(IRQ); /* while the doorbell is dealt with */
    host.running = kernel_interrupt(ARCH_INTERRUPT_SOFTWARE);
    assert_true(irq_doorbells_left());
    unsigned masked = 0;
    for (u32 line = 0; line < RECV_LINES; line++) {
        masked += kernel.peer[PEER].line[line].masked;
    }
    assert_in_range(masked, 1, RECV_LINES / 2);
    host_interrupt();
    assert_true(kernel.irq[IRQ].masked);
    assert_false(irq_doorbells_left());
    for (u32 line = 0; line < RECV_LINES; line++) {
        assert_true(kernel.peer[PEER].line[line].masked);
    }
}

/* ---- Send ends ------------------------------------------------------------------------------- */

static u64 issue(u64 peer, u64 line, u64 dest) {
    return invoke(CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL, W(peer, line, dest, 64),
                  C(ROOT_CNODE));
}

static void issue_refuses(UNUSED void **test) {
    u64 dest = free_slot();

    issue(1, 0, dest);
    assert_answer(SEL4_RANGE_ERROR, 0, kernel.partition->cores - 1);
    issue(8, 0, dest);
    assert_answer(SEL4_RANGE_ERROR, 0, kernel.partition->cores - 1);
    issue(PEER, SEND_LINES, dest);
    assert_answer(SEL4_RANGE_ERROR, 0, SEND_LINES - 1);
    issue(PEER, 0, ROOT_TCB);
    assert_answer(SEL4_DELETE_FIRST);
    assert_int_equal(issue(PEER, 0, dest), 0);
    issue(PEER, 0, free_slot());
    assert_answer(SEL4_REVOKE_FIRST);
    u64 other = copy(dest);
    assert_int_equal(delete (dest), 0);
    issue(PEER, 0, dest);
    assert_answer(SEL4_REVOKE_FIRST);
    assert_int_equal(delete (other), 0);
    assert_int_equal(issue(PEER, 0, dest), 0);
}

static void a_send_end_sets_its_line_and_rings(UNUSED void **test) {
    u64 it = free_slot();

    assert_int_equal(issue(PEER, 4, it), 0);
    fill_registers(&root);
    root.reg[REG_INFO] = 0;
    sys_signal(it);
    assert_int_equal(pair->way[0].word[0], BIT(4));
    assert_int_equal(pair->way[0].summary, 1);
    assert_int_equal(peer_mailbox, 1);
    peer_mailbox = 0;
    sys_signal(it); /* not taken yet: merges */
    assert_int_equal(peer_mailbox, 0);
    pair->way[0].word[0] = pair->way[0].summary = 0;
    sys_nb_send(it, 0, W());
    assert_int_equal(peer_mailbox, 1);
}

static void signals_from_before_boot_are_kept(UNUSED void **test) {
    fresh_pair();
    pair->way[1].word[1] = BIT(5); /* a receiver died between summary and word */
    boot_peered(0, SEND_LINES);
    listen(handler(LINE_IRQ(69)), 2);
    assert_int_equal(poll(), 2);
    assert_int_equal(pair->up[0], PAIR_UP);
}

static void a_peer_that_rings_too_often_is_let_in_by_the_timer(UNUSED void **test) {
    fresh_pair();
    boot_peered(1000, SEND_LINES);
    for (unsigned i = 0; kernel.peers_throttled == 0; i++) {
        assert_true(i < 100);
        own_mailbox = 1; /* rings without a line */
        host_interrupt();
    }
    assert_int_equal(kernel.peers_throttled, BIT(PEER));
    ticks_t end = kernel.peer[PEER].window_start + kernel.peer[PEER].window_ticks;
    assert_true(host.alarm <= end);
    host_advance(end - host.time - 1);
    assert_int_equal(kernel.peers_throttled, BIT(PEER));
    host_advance(2);
    assert_int_equal(kernel.peers_throttled, 0);
    assert_true(host.alarm > host.time);
}

static void a_peer_that_only_sends_cannot_be_rung(UNUSED void **test) {
    fresh_pair();
    boot_peered(0, 0);
    issue(PEER, 0, free_slot());
    assert_answer(SEL4_RANGE_ERROR, 0, kernel.partition->cores - 1);
}

/* A controller that says what it was told not to say. */
static void a_line_without_handler_has_nothing_to_signal(UNUSED void **test) {
    assert_null(irq_device(IRQ));
    u64 it = handler(IRQ);
    listen(it, 1);
    assert_non_null(irq_device(IRQ));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(get_refuses, boot_alone),
        cmocka_unit_test_setup(the_trigger_is_remembered, boot_alone),
        cmocka_unit_test_setup(an_interrupt_comes_once_per_acknowledgement, boot_alone),
        cmocka_unit_test_setup(set_notification_wants_write, boot_alone),
        cmocka_unit_test_setup(clear_and_revocation_silence_a_line, boot_alone),
        cmocka_unit_test_setup(the_last_handler_closes_the_line, boot_alone),
        cmocka_unit_test_setup(revoking_irq_control_takes_all_handlers, boot_alone),
        cmocka_unit_test_setup(a_doorbell_is_like_an_interrupt, boot_with_peer),
        cmocka_unit_test_setup(a_doorbell_waits_for_somebody_to_listen, boot_with_peer),
        cmocka_unit_test_setup(a_closed_line_forgets, boot_with_peer),
        cmocka_unit_test_setup(many_lines_let_other_interrupts_in, boot_with_peer),
        cmocka_unit_test_setup(issue_refuses, boot_with_peer),
        cmocka_unit_test_setup(a_send_end_sets_its_line_and_rings, boot_with_peer),
        cmocka_unit_test(signals_from_before_boot_are_kept),
        cmocka_unit_test(a_peer_that_rings_too_often_is_let_in_by_the_timer),
        cmocka_unit_test(a_peer_that_only_sends_cannot_be_rung),
        cmocka_unit_test_setup(a_line_without_handler_has_nothing_to_signal, boot_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
