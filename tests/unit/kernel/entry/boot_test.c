// SPDX-License-Identifier: BSD-2-Clause
/* What a root task finds when it starts (SEL4-ABI section 12), and boots that are refused. */
#include "arch/vspace.h"
#include "abi/peer_info.h"
#include "kernel/object/asid.h"
#include "lib/boot_items.h"
#include "tests/support/world.h"

#define IMAGE_VADDR 0x10000
#define IMAGE_PAGES 4

static int boot(UNUSED void **test) {
    host_boot(&(struct host_options){.check_interval = 1, .partition_flags = BOOT_WALLS});
    info = object(SEL4_INIT_SLOT_BOOTINFO_FRAME);
    return 0;
}

static void the_root_task_starts_with_one_register(UNUSED void **test) {
    const u64 *reg = host.running->reg;

    for (unsigned i = 0; i < REG_COUNT; i++) {
        u64 expected = i == REG_PC   ? IMAGE_VADDR
                       : i == REG_A0 ? IMAGE_VADDR + (IMAGE_PAGES + 1) * PAGE_SIZE
                                     : 0;
        assert_int_equal(reg[i], expected);
    }
    struct tcb *tcb = kernel.root_task;
    assert_int_equal(tcb->priority, 255);
    assert_int_equal(tcb->mcp, 255);
    assert_int_equal(tcb->domain, 0);
    assert_int_equal(tcb->sc->period, 0); /* round robin */
    assert_int_equal(tcb->sc->budget, 5 * TICKS_PER_MS);
    assert_int_equal(sched_context_cap_size_bits(cap(SEL4_INIT_SLOT_SCHED_CONTEXT)), 7);
    assert_int_equal(host.asid, 1);
    assert_int_equal(host.root, cap_address(cap(SEL4_INIT_SLOT_VSPACE)).value);
}

static void fixed_slots_hold_what_users_expect(UNUSED void **test) {
    static const enum cap_kind kinds[SEL4_NUM_INITIAL_CAPS] = {
        [SEL4_INIT_SLOT_TCB] = CAP_THREAD,
        [SEL4_INIT_SLOT_CNODE] = CAP_CNODE,
        [SEL4_INIT_SLOT_VSPACE] = CAP_PAGE_TABLE,
        [SEL4_INIT_SLOT_IRQ_CONTROL] = CAP_IRQ_CONTROL,
        [SEL4_INIT_SLOT_ASID_CONTROL] = CAP_ASID_CONTROL,
        [SEL4_INIT_SLOT_ASID_POOL] = CAP_ASID_POOL,
        [SEL4_INIT_SLOT_BOOTINFO_FRAME] = CAP_FRAME,
        [SEL4_INIT_SLOT_IPC_BUFFER_FRAME] = CAP_FRAME,
        [SEL4_INIT_SLOT_DOMAIN] = CAP_DOMAIN,
        [SEL4_INIT_SLOT_SCHED_CONTEXT] = CAP_SCHED_CONTEXT,
    };

    for (unsigned i = 0; i < SEL4_NUM_INITIAL_CAPS; i++) {
        assert_int_equal(cap_kind(cap(i)), kinds[i]);
    }
    assert_int_equal(cnode_cap_radix(cap(2)), 12);
    assert_int_equal(cnode_cap_guard_size(cap(2)), 52);
    assert_int_equal(cnode_cap_guard(cap(2)), 0);
}

static void assert_region(struct sel4_slot_region region, u64 start, u64 count,
                          enum cap_kind kind) {
    assert_int_equal(region.start, start);
    assert_int_equal(region.end - region.start, count);
    for (u64 i = region.start; i < region.end; i++) {
        assert_int_equal(cap_kind(cap(i)), kind);
    }
}

static void boot_information_names_the_slots_in_order(UNUSED void **test) {
    assert_int_equal(info->extra_len, 0);
    assert_int_equal(info->node_id, 0);
    assert_int_equal(info->num_nodes, 1);
    assert_int_equal(info->num_io_pt_levels, 0);
    assert_int_equal(info->ipc_buffer, IMAGE_VADDR + IMAGE_PAGES * PAGE_SIZE);
    assert_int_equal(info->init_thread_cnode_size_bits, 12);
    assert_int_equal(info->init_thread_domain, 0);
    assert_region(info->shared_frames, 0, 0, CAP_NULL);
    assert_region(info->io_space_caps, 0, 0, CAP_NULL);
    assert_region(info->user_image_paging, 16, 2, CAP_PAGE_TABLE);
    assert_region(info->extra_bi_pages, 18, 0, CAP_FRAME);
    assert_region(info->sched_control, 18, 1, CAP_SCHED_CONTROL);
    assert_region(info->user_image_frames, 19, IMAGE_PAGES, CAP_FRAME);
    assert_region(info->untyped, 23, info->untyped.end - 23, CAP_UNTYPED);
    assert_region(info->empty, info->untyped.end, 4096 - info->untyped.end, CAP_NULL);
}

static paddr_t translate(u64 vaddr) {
    struct pte_walk walk = arch_pt_walk(asid_root(1), vaddr);

    assert_int_equal(walk.level_bits, PAGE_BITS);
    assert_true(arch_pte_is_frame(*walk.slot));
    return arch_pte_frame(*walk.slot);
}

static void assert_mapped(u64 vaddr, u64 cptr) {
    assert_int_equal(translate(vaddr).value, cap_address(cap(cptr)).value);
    assert_int_equal(cap_mapped_vaddr(cap(cptr)), vaddr);
    assert_int_equal(cap_mapped_asid(cap(cptr)), 1);
}

static void the_address_space_is_laid_out_in_order(UNUSED void **test) {
    for (u64 i = 0; i < IMAGE_PAGES; i++) {
        assert_mapped(IMAGE_VADDR + i * PAGE_SIZE, info->user_image_frames.start + i);
    }
    assert_mapped(info->ipc_buffer, SEL4_INIT_SLOT_IPC_BUFFER_FRAME);
    assert_mapped(info->ipc_buffer + PAGE_SIZE, SEL4_INIT_SLOT_BOOTINFO_FRAME);
    assert_false(
        arch_pte_is_valid(*arch_pt_walk(asid_root(1), info->ipc_buffer + 2 * PAGE_SIZE).slot));
    assert_false(arch_pte_is_valid(*arch_pt_walk(asid_root(1), IMAGE_VADDR - 1).slot));
}

/* Untypeds: devices first, aligned, apart from each other and from everything that has a capability. */
static void untyped_memory_is_nobody_elses(UNUSED void **test) {
    u64 count = info->untyped.end - info->untyped.start;
    bool ram = false;
    u64 bytes = 0;

    for (u64 i = 0; i < count; i++) {
        struct sel4_untyped_desc desc = info->untyped_list[i];
        struct cap it = cap(info->untyped.start + i);

        assert_int_equal(cap_address(it).value, desc.paddr);
        assert_int_equal(untyped_cap_size_bits(it), desc.size_bits);
        assert_int_equal(untyped_cap_is_device(it), desc.is_device);
        assert_true(is_aligned(desc.paddr, desc.size_bits));
        assert_false(ram && desc.is_device);
        ram = !desc.is_device;
        bytes += desc.is_device ? 0 : BIT(desc.size_bits);
        for (u64 j = 0; j < i; j++) {
            struct sel4_untyped_desc other = info->untyped_list[j];

            assert_true(desc.paddr >= other.paddr + BIT(other.size_bits) ||
                        other.paddr >= desc.paddr + BIT(desc.size_bits));
        }
        const void *const taken[] = {kernel.root_task,
                                     kernel.root_cnode,
                                     kernel.ready,
                                     kernel.irq,
                                     kernel.peer,
                                     kernel.schedule,
                                     kernel.config,
                                     info,
                                     object(SEL4_INIT_SLOT_VSPACE),
                                     object(19),
                                     object(22),
                                     object(16),
                                     object(SEL4_INIT_SLOT_SCHED_CONTEXT)};
        for (unsigned j = 0; j < ARRAY_LENGTH(taken); j++) {
            u64 at = (u64)(uintptr_t)taken[j];
            assert_true(at < desc.paddr || at >= desc.paddr + BIT(desc.size_bits));
        }
    }
    assert_true(ram);
    assert_true(bytes > MIB(16) - KIB(512)); /* nearly all of it is handed out */
}

/* Other kernels are listed in an extra chunk, and only then is there one. */
static void peers_are_listed(UNUSED void **test) {
    struct pair_page *pair = host_map(4 * PAGE_SIZE);
    u64 *mailbox = host_map(PAGE_SIZE);
    struct host_options options = {.core = 2,
                                   .partition_flags = BOOT_WALLS,
                                   .check_interval = 1,
                                   .mailbox = mailbox,
                                   .peers = 1,
                                   .peer = {{.core = 1,
                                             .side = 1,
                                             .pair = pair,
                                             .pair_bytes = 4 * PAGE_SIZE,
                                             .doorbell = mailbox,
                                             .send_lines = 3,
                                             .receive_lines = 5,
                                             .name = "flight"}}};

    host_boot(&options);
    info = object(SEL4_INIT_SLOT_BOOTINFO_FRAME);
    assert_region(info->extra_bi_pages, 18, 1, CAP_FRAME);
    assert_mapped(info->ipc_buffer + 2 * PAGE_SIZE, 18);
    const struct peer_info *peers = object(18);
    assert_int_equal(peers->id, SEL4_BOOTINFO_PEERS);
    assert_int_equal(peers->length, info->extra_len);
    assert_int_equal(peers->peers, 1);
    assert_int_equal(peers->peer[0].core, 1);
    assert_string_equal(peers->peer[0].name, "flight");
    assert_int_equal(peers->peer[0].send_lines, 3);
    assert_int_equal(peers->peer[0].receive_lines, 5);
    assert_int_equal(peers->peer[0].shared_base, (u64)(uintptr_t)pair + PAGE_SIZE);
    assert_int_equal(peers->peer[0].shared_size, 3 * PAGE_SIZE);
    assert_int_equal(pair->up[1], PAIR_UP);
    /* The shared part is device memory of this task; the kernels' own page is in no untyped. */
    bool found = false;
    for (u64 i = 0; i < info->untyped.end - info->untyped.start; i++) {
        struct sel4_untyped_desc desc = info->untyped_list[i];
        u64 page = (u64)(uintptr_t)pair;

        assert_false(desc.paddr <= page && page < desc.paddr + BIT(desc.size_bits));
        found = found || (desc.is_device && desc.paddr == page + PAGE_SIZE);
    }
    assert_true(found);
}

/* ---- Boots that cannot be ---- */

static void boot_with(void *options) {
    host_boot(options);
}

static void assert_refused(struct host_options options, const char *why) {
    options.partition_flags = BOOT_WALLS;
    const char *sentence = host_expect_panic(boot_with, &options);

    assert_non_null(sentence);
    if (strstr(sentence, why) == NULL) {
        fail_msg("%s", sentence);
    }
    assert_non_null(strstr(sentence, "partition host: ")); /* it says whose */
}

static void wrong_configurations_are_refused_in_a_sentence(UNUSED void **test) {
    assert_refused((struct host_options){.domains = 17}, "out of its range");
    assert_refused((struct host_options){.domains = 2, .second_slot = {2, 1}}, "schedule");
    assert_refused((struct host_options){.domains = 2, .second_slot = {1, BIT(56)}}, "schedule");
    assert_refused((struct host_options){.cnode_bits = 4}, "out of its range");
    assert_refused((struct host_options){.cnode_bits = 25}, "out of its range");
    assert_refused((struct host_options){.cnode_bits = 20}, "too little memory");
    assert_refused((struct host_options){.cnode_bits = 5, .image_pages = 20},
                   "root CNode is too small");
    assert_refused((struct host_options){.peers = 1, .peer = {{.core = 9}}}, "peer");
    assert_refused((struct host_options){.peers = 1, .peer = {{.core = 1, .receive_lines = 1025}}},
                   "peer");
    assert_refused(
        (struct host_options){
            .peers = 1,
            .peer = {{.core = 1, .pair = (struct pair_page *)BIT(38), .pair_bytes = PAGE_SIZE}}},
        "not usable");
    assert_refused(
        (struct host_options){
            .peers = 1,
            .peer = {{.core = 1, .pair = (struct pair_page *)BIT(40), .pair_bytes = PAGE_SIZE}}},
        "peer that cannot be");
    assert_refused((struct host_options){.device_bytes = PAGE_SIZE + 8}, "device");
    assert_refused((struct host_options){.log = (void *)((u8 *)host_map(2 * PAGE_SIZE) + 8)},
                   "log");
    assert_refused((struct host_options){.log = (void *)BIT(38)}, "log");
    /* After that, a good one boots as ever. */
    (void)boot(NULL);
    assert_null(check_all());
}

static void boot_again(void *record) {
    host.running = kernel_boot(record);
}

/* The memory is not the machine's, so that the log, which is the record's own page, seems to be outside it. */
static void nothing_is_written_before_the_memory_is_believed(UNUSED void **test) {
    struct boot_record *record = (struct boot_record *)(host.memory + PAGE_SIZE);

    host_boot(&(struct host_options){.partition_flags = BOOT_WALLS, .log = host_map(PAGE_SIZE)});
    struct boot_memory *memory = (void *)(uintptr_t)boot_record_find(record, BOOT_MEMORY, NULL);
    struct boot_memory *log = (void *)(uintptr_t)boot_record_find(record, BOOT_LOG, NULL);

    memory->range.base += BIT(40);
    log->range.base = (u64)(uintptr_t)record;
    const char *sentence = host_expect_panic(boot_again, record);

    assert_non_null(sentence);
    assert_non_null(strstr(sentence, "whole pages in ascending order, or too high"));
    assert_int_equal(record->magic, BOOT_RECORD_MAGIC);
}

static void clocks_and_walls_are_looked_at(UNUSED void **test) {
    assert_refused((struct host_options){.timebase_hz = 999999}, "slower than 1 MHz");
    assert_refused((struct host_options){.walls_missing = true}, "walls are missing");
}

/* However little memory there is, and however few slots: a sentence, or a kernel in which all is well. */
static void too_little_is_refused_at_every_step(UNUSED void **test) {
    static u8 tree[9000];
    unsigned booted = 0;
    unsigned refused = 0;

    for (u64 pages = 8; pages < 80; pages++) {
        for (u32 bits = 5; bits < 8; bits++) {
            struct host_options options = {.memory_bytes = pages * PAGE_SIZE,
                                           .partition_flags = BOOT_WALLS,
                                           .cnode_bits = bits,
                                           .image_pages = 4 + (u32)(pages % 3) * 12,
                                           .tree = pages % 2 ? tree : NULL,
                                           .tree_bytes = sizeof tree,
                                           .domains = 1};
            const char *sentence = host_expect_panic(boot_with, &options);

            if (sentence == NULL) {
                assert_null(check_all());
                booted++;
            } else {
                assert_true(strstr(sentence, "too little memory") != NULL ||
                            strstr(sentence, "too small") != NULL ||
                            strstr(sentence, "handed out") != NULL ||
                            strstr(sentence, "too many pieces") != NULL);
                refused++;
            }
        }
    }
    assert_true(booted > 20);
    assert_true(refused > 20);
}

/* The device tree comes in an extra chunk of as many pages as it needs. */
static void the_device_tree_is_handed_on(UNUSED void **test) {
    static u8 tree[9000];

    for (unsigned i = 0; i < sizeof tree; i++) {
        tree[i] = (u8)(i * 7);
    }
    host_boot(&(struct host_options){.check_interval = 1,
                                     .partition_flags = BOOT_WALLS,
                                     .tree = tree,
                                     .tree_bytes = sizeof tree});
    info = object(SEL4_INIT_SLOT_BOOTINFO_FRAME);
    assert_region(info->extra_bi_pages, 18, 4, CAP_FRAME); /* a power of two */
    assert_mapped(info->ipc_buffer + 2 * PAGE_SIZE, 18);
    const struct sel4_bootinfo_header *chunk = object(18);
    assert_int_equal(chunk->id, SEL4_BOOTINFO_FDT);
    assert_int_equal(chunk->length, sizeof *chunk + sizeof tree);
    assert_int_equal(info->extra_len, chunk->length);
    assert_memory_equal(chunk + 1, tree, sizeof tree);
}

static void every_peer_is_told(UNUSED void **test) {
    struct pair_page *pair[2] = {host_map(PAGE_SIZE), host_map(PAGE_SIZE)};
    struct host_options options = {
        .partition_flags = BOOT_WALLS, .mailbox = host_map(PAGE_SIZE), .peers = 2};

    for (u32 i = 0; i < options.peers; i++) {
        options.peer[i] = (struct host_peer){.core = i + 1,
                                             .pair = pair[i],
                                             .pair_bytes = PAGE_SIZE,
                                             .doorbell = host_map(PAGE_SIZE)};
    }
    host_boot(&options);
    for (u32 i = 0; i < options.peers; i++) {
        assert_true(kernel.peer[i + 1].present);
        assert_int_equal(pair[i]->up[0], PAIR_UP);
    }
}

/* A kernel alone has nobody to be protected from. */
static void missing_walls_are_said(UNUSED void **test) {
    struct host_options options = {.check_interval = 1,
                                   .mailbox = host_map(PAGE_SIZE),
                                   .peers = 1,
                                   .peer = {{.core = 1,
                                             .pair = host_map(PAGE_SIZE),
                                             .pair_bytes = PAGE_SIZE,
                                             .doorbell = host_map(PAGE_SIZE)}}};

    host_boot(&options);
    assert_non_null(strstr(host.console, "WARNING: walls are off"));
    assert_non_null(strstr(host.console, "walls OFF"));
    options.partition_flags = BOOT_WALLS;
    host_boot(&options);
    assert_null(strstr(host.console, "WARNING"));
    assert_non_null(strstr(host.console, "walls on"));
    host_boot(&(struct host_options){.check_interval = 1});
    assert_null(strstr(host.console, "WARNING"));
    assert_non_null(strstr(host.console, "walls OFF"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_root_task_starts_with_one_register, boot),
        cmocka_unit_test_setup(fixed_slots_hold_what_users_expect, boot),
        cmocka_unit_test_setup(boot_information_names_the_slots_in_order, boot),
        cmocka_unit_test_setup(the_address_space_is_laid_out_in_order, boot),
        cmocka_unit_test_setup(untyped_memory_is_nobody_elses, boot),
        cmocka_unit_test(peers_are_listed),
        cmocka_unit_test(every_peer_is_told),
        cmocka_unit_test(wrong_configurations_are_refused_in_a_sentence),
        cmocka_unit_test(nothing_is_written_before_the_memory_is_believed),
        cmocka_unit_test(clocks_and_walls_are_looked_at),
        cmocka_unit_test(too_little_is_refused_at_every_step),
        cmocka_unit_test(the_device_tree_is_handed_on),
        cmocka_unit_test(missing_walls_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
