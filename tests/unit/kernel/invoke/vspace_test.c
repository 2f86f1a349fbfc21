// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of frames, page tables, ASID control and pools by system call: every refusal, and what
 * gets mapped.
 */
#include "kernel/object/vspace.h"
#include "tests/support/world.h"

#define BASE  0x20000000ull /* a gigabyte of its own in every new address space */
#define LIMIT 0x3ffffff000ull
#define RW    (SEL4_RIGHT_READ | SEL4_RIGHT_WRITE)

static u64 vspace; /* a second address space, without tables */
static u64 frame;
static u64 table;

static u64 new_vspace(void) {
    u64 it = make(OBJECT_PAGE_TABLE, 0);

    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(it)), 0);
    return it;
}

static int boot(UNUSED void **test) {
    static const struct host_options options = {
        .check_interval = 1, .partition_flags = BOOT_WALLS, .memory_bytes = MIB(64)};

    world_boot(&options);
    vspace = new_vspace();
    frame = make(OBJECT_4K_PAGE, 0);
    table = make(OBJECT_PAGE_TABLE, 0);
    return 0;
}

static u64 map_table(u64 it, u64 vaddr) {
    return invoke(it, METHOD_PAGE_TABLE_MAP, W(vaddr, 0), C(vspace));
}

static u64 map(u64 it, u64 vaddr, u64 rights, u64 attr) {
    return invoke(it, METHOD_PAGE_MAP, W(vaddr, rights, attr), C(vspace));
}

/* What the hardware would find. */
static struct pte_walk walk(u64 vaddr) {
    return arch_pt_walk(vspace_cap_root(cap(vspace)), vaddr);
}

static pte_t entry(u64 vaddr) {
    return *walk(vaddr).slot;
}

static void must(u64 error) {
    assert_int_equal(error, SEL4_NO_ERROR);
}

static void build_tables(u64 vaddr) {
    assert_int_equal(map_table(make(OBJECT_PAGE_TABLE, 0), vaddr), 0);
    assert_int_equal(map_table(make(OBJECT_PAGE_TABLE, 0), vaddr), 0);
}

/* ---- Page.Map -------------------------------------------------------------------------------- */

static void a_mapped_frame_is_found_by_the_hardware(UNUSED void **test) {
    build_tables(BASE);
    assert_int_equal(map(frame, BASE + 0x5000, RW, 0), 0);
    struct pte_walk found = walk(BASE + 0x5000);
    assert_int_equal(found.level_bits, 12);
    assert_true(arch_pte_is_frame(*found.slot));
    assert_int_equal(arch_pte_frame(*found.slot).value, cap_address(cap(frame)).value);
    assert_int_equal(cap_mapped_vaddr(cap(frame)), BASE + 0x5000);
    assert_int_equal(cap_mapped_asid(cap(frame)), cap_mapped_asid(cap(vspace)));
}

static void missing_tables_are_told_by_level(UNUSED void **test) {
    map(frame, BASE, RW, 0);
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_MISSING_CAPABILITY, 30);
    assert_int_equal(map_table(table, BASE), 0);
    map(frame, BASE, RW, 0);
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_MISSING_CAPABILITY, 21);
    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    assert_int_equal(map(frame, BASE, RW, 0), 0);
}

static void map_refuses_in_order(UNUSED void **test) {
    u64 other = new_vspace();

    build_tables(BASE);
    invoke(frame, METHOD_PAGE_MAP, W(LIMIT + 1, RW, 0), C(frame));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    invoke(frame, METHOD_PAGE_MAP, W(LIMIT + 1, RW, 0), C(table)); /* a table, but no root */
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    map(frame, LIMIT + 1, RW, 0);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    map(frame, LIMIT, RW, 0);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    map(frame, ~0xfffull, RW, 0);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    map(frame, BASE + 1, RW, 0);
    assert_answer(SEL4_ALIGNMENT_ERROR);
    assert_int_equal(map(frame, BASE, RW, 0), 0);
    invoke(frame, METHOD_PAGE_MAP, W(BASE + 0x1000, RW, 0), C(other));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    map(frame, BASE + 0x1000, RW, 0);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    u64 second = make(OBJECT_4K_PAGE, 0);
    map(second, BASE, RW, 0);
    assert_answer(SEL4_DELETE_FIRST);
    invoke(frame, METHOD_PAGE_MAP, W(BASE, RW), C(vspace));
    assert_answer(SEL4_TRUNCATED_MESSAGE);
    invoke(frame, METHOD_PAGE_MAP, W(BASE, RW, 0), C());
    assert_answer(SEL4_TRUNCATED_MESSAGE);
}

static void the_last_page_below_the_limit_can_be_mapped(UNUSED void **test) {
    build_tables(LIMIT - 0x1000);
    assert_int_equal(map(frame, LIMIT - 0x1000, RW, 0), 0);
}

static void large_frames_take_large_places(UNUSED void **test) {
    u64 mega = make(OBJECT_MEGA_PAGE, 0);

    map(mega, BASE, RW, 0);
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_MISSING_CAPABILITY, 30);
    assert_int_equal(map_table(table, BASE), 0);
    map(mega, BASE + 0x1000, RW, 0);
    assert_answer(SEL4_ALIGNMENT_ERROR);
    map(mega, LIMIT & ~MASK(21), RW, 0); /* its end is beyond */
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    assert_int_equal(map(mega, BASE, RW, 0), 0);
    assert_int_equal(walk(BASE + 0x12345).level_bits, 21);
    /* Neither a page nor a table fits below it. */
    map(frame, BASE, RW, 0);
    assert_answer(SEL4_DELETE_FIRST);
    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    assert_answer(SEL4_DELETE_FIRST);
    /* And it does not fit where a table is. */
    u64 second = make(OBJECT_MEGA_PAGE, 0);
    assert_int_equal(map_table(make(OBJECT_PAGE_TABLE, 0), BASE + MIB(2)), 0);
    map(second, BASE + MIB(2), RW, 0);
    assert_answer(SEL4_DELETE_FIRST);
}

static bool same_entry(pte_t got, bool read, bool write, bool executable, bool user) {
    return got.bits ==
           arch_pte_make_frame(cap_address(cap(frame)), read, write, executable, user).bits;
}

static void rights_are_those_of_both_capability_and_request(UNUSED void **test) {
    build_tables(BASE);
    map(frame, BASE, RW, 0);
    assert_true(same_entry(entry(BASE), true, true, true, true));
    map(frame, BASE, RW, SEL4_PAGE_ATTR_EXECUTE_NEVER);
    assert_true(same_entry(entry(BASE), true, true, false, true));
    map(frame, BASE, SEL4_RIGHT_READ, 0);
    assert_true(same_entry(entry(BASE), true, false, true, true));
    map(frame, BASE, SEL4_RIGHT_WRITE, 0);
    assert_true(same_entry(entry(BASE), false, false, false, false));
    /* Rights come back on remapping: the capability has not lost them. */
    map(frame, BASE, SEL4_RIGHTS_ALL, 0);
    assert_true(same_entry(entry(BASE), true, true, true, true));
    u64 read_only = mint(frame, SEL4_RIGHT_READ, 0);
    invoke(frame, METHOD_PAGE_UNMAP, W(), C());
    map(read_only, BASE, RW, 0);
    assert_true(same_entry(entry(BASE), true, false, true, true));
    u64 none = mint(frame, 0, 0);
    assert_int_equal(map(none, BASE + 0x1000, RW, 0), 0);
    assert_true(same_entry(entry(BASE + 0x1000), false, false, false, false));
}

/* ---- Page.Unmap, deletion, copies ------------------------------------------------------------ */

/* INV-VS-1 */
static void unmapping_and_deleting_take_the_entry_away(UNUSED void **test) {
    build_tables(BASE);
    u64 flushes = host.flushes;
    assert_int_equal(invoke(frame, METHOD_PAGE_UNMAP, W(), C()), 0);
    assert_int_equal(host.flushes, flushes); /* nothing was mapped */
    map(frame, BASE, RW, 0);
    flushes = host.flushes;
    assert_int_equal(invoke(frame, METHOD_PAGE_UNMAP, W(), C()), 0);
    assert_false(arch_pte_is_valid(entry(BASE)));
    assert_int_equal(cap_mapped_asid(cap(frame)), 0);
    assert_true(host.flushes > flushes);
    map(frame, BASE + 0x1000, RW, 0);
    u64 other = copy(frame);
    assert_int_equal(cap_mapped_asid(cap(other)), 0);
    assert_int_equal(map(other, BASE + 0x2000, RW, 0), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(frame, 64), C()), 0);
    assert_false(arch_pte_is_valid(entry(BASE + 0x1000)));
    assert_true(arch_pte_is_valid(entry(BASE + 0x2000)));
}

static void a_stale_capability_does_not_touch_its_successor(UNUSED void **test) {
    u64 second = make(OBJECT_4K_PAGE, 0);

    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    map_table(table, BASE);
    map(frame, BASE, RW, 0);
    assert_int_equal(invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    /* `frame` still claims to be mapped here. */
    map(frame, BASE, RW, 0);
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_MISSING_CAPABILITY, 21);
    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    assert_int_equal(map(second, BASE, RW, 0), 0);
    map(frame, BASE, RW, 0);
    assert_answer(SEL4_DELETE_FIRST);
    invoke(frame, METHOD_PAGE_UNMAP, W(), C());
    assert_int_equal(arch_pte_frame(entry(BASE)).value, cap_address(cap(second)).value);
}

static void the_address_is_told(UNUSED void **test) {
    u64 address = cap_address(cap(frame)).value;

    invoke(frame, METHOD_PAGE_GET_ADDRESS, W(), C());
    assert_answer(SEL4_NO_ERROR, address);
}

/* ---- Page tables ----------------------------------------------------------------------------- */

static void table_map_refuses(UNUSED void **test) {
    build_tables(BASE);
    invoke(table, METHOD_PAGE_TABLE_MAP, W(BASE, 0), C(frame));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    map_table(table, LIMIT);
    assert_answer(SEL4_INVALID_ARGUMENT, 0);
    map_table(table, BASE); /* all levels are there */
    assert_answer(SEL4_DELETE_FIRST);
    assert_int_equal(map_table(table, BASE + GIB(1)), 0);
    map_table(table, BASE + GIB(2));
    assert_answer(SEL4_INVALID_CAPABILITY, 0);
    map_table(vspace, BASE + GIB(2));
    assert_answer(SEL4_INVALID_CAPABILITY, 0);
}

static void a_table_remembers_what_it_covers(UNUSED void **test) {
    u64 lower = make(OBJECT_PAGE_TABLE, 0);

    map_table(table, BASE + 0x234567);
    map_table(lower, BASE + 0x234567);
    assert_int_equal(cap_mapped_vaddr(cap(table)), align_down(BASE, 30));
    assert_int_equal(cap_mapped_vaddr(cap(lower)), align_down(BASE + 0x234567, 21));
    assert_int_equal(invoke(lower, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    assert_int_equal(walk(BASE + 0x234567).level_bits, 21);
    assert_false(page_table_cap_is_mapped(cap(lower)));
    assert_int_equal(invoke(lower, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
}

/* INV-VS-2 */
static void an_unmapped_table_is_clear(UNUSED void **test) {
    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    map_table(table, BASE);
    map(frame, BASE, RW, 0);
    assert_int_equal(invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    assert_int_equal(map_table(table, BASE + MIB(2)), 0);
    assert_false(arch_pte_is_valid(entry(BASE + MIB(2))));
}

static void roots_and_copied_tables_cannot_be_unmapped(UNUSED void **test) {
    invoke(vspace, METHOD_PAGE_TABLE_UNMAP, W(), C());
    assert_answer(SEL4_REVOKE_FIRST);
    invoke(ROOT_CNODE, METHOD_CNODE_COPY, W(free_slot(), 64, table, 64, SEL4_RIGHTS_ALL),
           C(ROOT_CNODE));
    assert_answer(SEL4_ILLEGAL_OPERATION); /* mapped nowhere yet */
    map_table(table, BASE);
    u64 other = copy(table);
    invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C());
    assert_answer(SEL4_REVOKE_FIRST);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(other, 64), C()), 0);
    assert_int_equal(walk(BASE).level_bits, 21); /* not the last one: it stays mapped */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(table, 64), C()), 0);
    assert_int_equal(walk(BASE).level_bits, 30);
}

/* ---- ASIDs ----------------------------------------------------------------------------------- */

static void assign_refuses(UNUSED void **test) {
    invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(frame));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(vspace));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
}

static void a_pool_has_room_for_511_or_512(UNUSED void **test) {
    u64 untyped = make(OBJECT_UNTYPED, 12);
    u64 pool = free_slot();
    u64 roots = make_many(OBJECT_PAGE_TABLE, 0, 513);

    /* ASIDs 0 (the kernel's), 1 (the root task's) and vspace's are taken in the first pool. */
    for (unsigned i = 0; i < 509; i++) {
        assert_int_equal(
            invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(roots + i)), 0);
    }
    invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(roots + 509));
    assert_answer(SEL4_DELETE_FIRST);
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
                            C(untyped, ROOT_CNODE)),
                     0);
    assert_int_equal(invoke(pool, METHOD_ASID_POOL_ASSIGN, W(), C(roots + 509)), 0);
    assert_int_equal(cap_mapped_asid(cap(roots + 509)), 512);
    /* An address space that goes gives its ASID back. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(roots + 7, 64), C()), 0);
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(roots + 510)),
                     0);
    /* A pool that goes takes its address spaces along. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(pool, 64), C()), 0);
    assert_null(asid_root(512));
    assert_null(kernel.asid_pool[1]);
    invoke(frame, METHOD_PAGE_MAP, W(BASE, RW, 0), C(roots + 509));
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_INVALID_ROOT);
    invoke(table, METHOD_PAGE_TABLE_MAP, W(BASE, 0), C(roots + 509));
    assert_answer(SEL4_FAILED_LOOKUP, 0, SEL4_LOOKUP_INVALID_ROOT);
    /* It can be unmapped now and start anew. */
    assert_int_equal(invoke(roots + 509, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
}

static void make_pool_refuses(UNUSED void **test) {
    u64 untyped = make(OBJECT_UNTYPED, 12);
    u64 big = make(OBJECT_UNTYPED, 13);
    u64 device = free_slot();
    u64 pool = free_slot();

    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
           C(frame, ROOT_CNODE));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
           C(big, ROOT_CNODE));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    must(invoke(info->untyped.start, METHOD_UNTYPED_RETYPE, W(OBJECT_UNTYPED, 12, 0, 0, device, 1),
                C(ROOT_CNODE))); /* devices come first */
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
           C(device, ROOT_CNODE));
    assert_answer(SEL4_INVALID_CAPABILITY, 1);
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(frame, 64),
           C(untyped, ROOT_CNODE));
    assert_answer(SEL4_DELETE_FIRST);
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 65),
           C(untyped, ROOT_CNODE));
    assert_answer(SEL4_RANGE_ERROR, 1, 64);
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(pool, 64),
                            C(untyped, ROOT_CNODE)),
                     0);
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL, W(free_slot(), 64),
           C(untyped, ROOT_CNODE));
    assert_answer(SEL4_REVOKE_FIRST);
    /* The untyped is used up … */
    invoke(untyped, METHOD_UNTYPED_RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, free_slot(), 1),
           C(ROOT_CNODE));
    assert_answer(SEL4_NOT_ENOUGH_MEMORY, 0);
    /* … until the pool is revoked. */
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(untyped, 64), C()), 0);
    assert_null(kernel.asid_pool[1]);
    assert_int_equal(invoke(untyped, METHOD_UNTYPED_RETYPE,
                            W(OBJECT_ENDPOINT, 0, 0, 0, free_slot(), 1), C(ROOT_CNODE)),
                     0);
}

static void there_are_128_pools(UNUSED void **test) {
    u64 untyped = make_many(OBJECT_UNTYPED, 12, ASID_POOLS);
    u64 pools = free_slots(ASID_POOLS);

    for (unsigned i = 0; i < ASID_POOLS - 1; i++) {
        assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL,
                                W(pools + i, 64), C(untyped + i, ROOT_CNODE)),
                         0);
    }
    invoke(SEL4_INIT_SLOT_ASID_CONTROL, METHOD_ASID_CONTROL_MAKE_POOL,
           W(pools + ASID_POOLS - 1, 64), C(untyped + ASID_POOLS - 1, ROOT_CNODE));
    assert_answer(SEL4_DELETE_FIRST);
}

/* INV-AS-2: whoever gets an ASID next finds no translations of its last owner. */
static void an_asid_is_flushed_before_it_is_free(UNUSED void **test) {
    u16 asid = cap_mapped_asid(cap(vspace));
    u64 next = make(OBJECT_PAGE_TABLE, 0);
    u64 flushes = host.flushes;

    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(vspace, 64), C()), 0);
    assert_int_equal(host.flushes, flushes + 1);
    assert_int_equal(invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(next)), 0);
    assert_int_equal(cap_mapped_asid(cap(next)), asid);
}

/* ---- Which tables the hardware uses ---------------------------------------------------------- */

static void a_thread_runs_in_its_own_tables_or_in_none(UNUSED void **test) {
    struct thread t = thread_make(10);

    assert_int_equal(host.root, cap_address(cap(ROOT_VSPACE)).value);
    invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, vspace));
    as(&t);
    assert_int_equal(host.root, cap_address(cap(vspace)).value);
    assert_int_equal(host.asid, cap_mapped_asid(cap(vspace)));
    as(&root);
    assert_int_equal(host.root, cap_address(cap(ROOT_VSPACE)).value);
    u64 asid = cap_mapped_asid(cap(vspace));
    /* The thread holds a copy, so the address space lives until that goes, too. */
    invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(vspace, 64), C());
    assert_non_null(asid_root((u16)asid));
    invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, ROOT_VSPACE));
    assert_null(asid_root((u16)asid));
}

static void nobody_keeps_running_in_tables_that_are_gone(UNUSED void **test) {
    struct thread t = thread_make(10);

    invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, vspace));
    as(&t);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(vspace, 64), C()), 0);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(vspace, 64), C()), 0);
    assert_int_equal(host.root, 0);
}

/* Who ran without any is not remembered as such. */
static void a_thread_without_tables_is_given_some(UNUSED void **test) {
    const u64 methods[] = {METHOD_TCB_SET_SPACE, METHOD_TCB_CONFIGURE};

    for (unsigned i = 0; i < ARRAY_LENGTH(methods); i++) {
        bool configure = methods[i] == METHOD_TCB_CONFIGURE;
        struct thread t = thread_make(10);
        u64 alone = make(OBJECT_PAGE_TABLE, 0);

        must(invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(alone)));
        must(invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, alone)));
        must(invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(alone, 64), C()));
        as(&t);
        assert_int_equal(host.root, 0);
        as(&root);
        must(configure ? invoke(t.tcb, methods[i], W(0, 0, 0), C(ROOT_CNODE, vspace, t.frame))
                       : invoke(t.tcb, methods[i], W(0, 0), C(0, ROOT_CNODE, vspace)));
        as(&t);
        assert_int_equal(host.root, cap_address(cap(vspace)).value);
    }
}

/* Its own capability is the last one, and nobody runs afterwards. */
static void a_thread_goes_with_its_address_space(UNUSED void **test) {
    struct thread t = thread_make(10);

    invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, vspace));
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(vspace, 64), C()), 0);
    as(&t);
    message(METHOD_CNODE_DELETE, W(t.tcb, 64), C());
    syscall_with(SYSCALL_CALL, ROOT_CNODE);
    assert_null(host.running);
    assert_int_equal(host.root, 0);
}

static void a_thread_may_give_itself_another_address_space(UNUSED void **test) {
    struct thread t = thread_make(10);

    as(&t);
    assert_int_equal(invoke(t.tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(0, ROOT_CNODE, vspace)), 0);
    assert_int_equal(host.root, cap_address(cap(vspace)).value);
}

/* A thread's own copy of its buffer's capability stands for no mapping, boot's neither. */
static void another_buffer_leaves_the_old_page_mapped(UNUSED void **test) {
    u64 vaddr = info->ipc_buffer;

    assert_int_equal(invoke(ROOT_TCB, METHOD_TCB_SET_IPC_BUFFER, W(BASE), C(frame)), 0);
    pte_t pte = *arch_pt_walk(vspace_cap_root(cap(ROOT_VSPACE)), vaddr).slot;
    assert_true(arch_pte_is_frame(pte));
    assert_int_equal(arch_pte_frame(pte).value,
                     cap_address(cap(SEL4_INIT_SLOT_IPC_BUFFER_FRAME)).value);
}

/* The table on the way to it was taken away, and another one put there. */
static void stale_capabilities_find_nothing(UNUSED void **test) {
    u64 upper = make(OBJECT_PAGE_TABLE, 0);
    u64 lower = make(OBJECT_PAGE_TABLE, 0);

    map_table(upper, BASE);
    map_table(table, BASE);
    map(frame, BASE, RW, 0);
    assert_int_equal(invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    map_table(table, BASE);
    assert_int_equal(invoke(frame, METHOD_PAGE_UNMAP, W(), C()),
                     0); /* an empty place, of its size */
    assert_int_equal(invoke(upper, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    map_table(make(OBJECT_PAGE_TABLE, 0), BASE);
    u64 other = copy(table);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_DELETE, W(other, 64), C()), 0);
    assert_int_equal(invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0); /* nothing is there */
    map_table(table, BASE + GIB(1));
    map_table(lower, BASE);
    assert_int_equal(walk(BASE).level_bits, 12);
}

/* … and here there is another one in its place, too. */
static void a_stale_table_does_not_touch_its_successor(UNUSED void **test) {
    u64 upper = make(OBJECT_PAGE_TABLE, 0);

    map_table(upper, BASE);
    map_table(table, BASE);
    assert_int_equal(invoke(upper, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    build_tables(BASE);
    assert_int_equal(invoke(table, METHOD_PAGE_TABLE_UNMAP, W(), C()), 0);
    assert_int_equal(walk(BASE).level_bits, 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_mapped_frame_is_found_by_the_hardware, boot),
        cmocka_unit_test_setup(missing_tables_are_told_by_level, boot),
        cmocka_unit_test_setup(map_refuses_in_order, boot),
        cmocka_unit_test_setup(the_last_page_below_the_limit_can_be_mapped, boot),
        cmocka_unit_test_setup(large_frames_take_large_places, boot),
        cmocka_unit_test_setup(rights_are_those_of_both_capability_and_request, boot),
        cmocka_unit_test_setup(unmapping_and_deleting_take_the_entry_away, boot),
        cmocka_unit_test_setup(a_stale_capability_does_not_touch_its_successor, boot),
        cmocka_unit_test_setup(the_address_is_told, boot),
        cmocka_unit_test_setup(table_map_refuses, boot),
        cmocka_unit_test_setup(a_table_remembers_what_it_covers, boot),
        cmocka_unit_test_setup(an_unmapped_table_is_clear, boot),
        cmocka_unit_test_setup(roots_and_copied_tables_cannot_be_unmapped, boot),
        cmocka_unit_test_setup(assign_refuses, boot),
        cmocka_unit_test_setup(a_pool_has_room_for_511_or_512, boot),
        cmocka_unit_test_setup(make_pool_refuses, boot),
        cmocka_unit_test_setup(there_are_128_pools, boot),
        cmocka_unit_test_setup(an_asid_is_flushed_before_it_is_free, boot),
        cmocka_unit_test_setup(a_thread_runs_in_its_own_tables_or_in_none, boot),
        cmocka_unit_test_setup(nobody_keeps_running_in_tables_that_are_gone, boot),
        cmocka_unit_test_setup(a_thread_goes_with_its_address_space, boot),
        cmocka_unit_test_setup(a_thread_without_tables_is_given_some, boot),
        cmocka_unit_test_setup(a_thread_may_give_itself_another_address_space, boot),
        cmocka_unit_test_setup(another_buffer_leaves_the_old_page_mapped, boot),
        cmocka_unit_test_setup(stale_capabilities_find_nothing, boot),
        cmocka_unit_test_setup(a_stale_table_does_not_touch_its_successor, boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
