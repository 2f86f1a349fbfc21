// SPDX-License-Identifier: BSD-2-Clause
/*
 * The beginning: what boot leaves, as far as the model knows it. See tests/model/kernel/world.h.
 */
#include <string.h>

#include "arch/host/host.h"
#include "arch/memory.h"
#include "arch/vspace.h"
#include "tests/model/kernel/compare.h"
#include "tests/model/kernel/world.h"
#include "tests/support/machine.h"

static struct m_cap model_cap(int kind, int object) {
    return (struct m_cap){.kind = kind, .object = object, .rights = SEL4_RIGHTS_ALL};
}

static void know(u64 slot, struct m_cap cap) {
    tree_add(NOBODY, node_slot(0, slot), cap, true);
}

static u64 root_slot_address(u64 slot) {
    return cap_address(kernel.root_cnode[slot].cap).value;
}

static void know_thread(void) {
    struct tcb *root = kernel.root_task;

    threads[0] = (struct m_thread){.alive = true,
                                   .address = (uintptr_t)root,
                                   .priority = 255,
                                   .mcp = 255,
                                   .state = RUNNABLE,
                                   .waits_on = NOBODY,
                                   .reply = NOBODY,
                                   .notification = NOBODY,
                                   .yielded_to = NOBODY,
                                   .buffer_address = root->buffer_address,
                                   .name = "rootserver"};
    memcpy(threads[0].reg, root->context.reg, sizeof threads[0].reg);
    contexts[0] = (struct m_context){.alive = true,
                                     .address = (uintptr_t)root->sc,
                                     .size_bits = 7,
                                     .budget = root->sc->budget,
                                     .max = root->sc->refill_max,
                                     .count = 1,
                                     .thread = 0,
                                     .notification = NOBODY,
                                     .yielder = NOBODY};
    contexts[0].refill[0] =
        (struct m_refill){root->sc->refill[root->sc->refill_head].time, root->sc->budget};
}

/* The largest untyped of ordinary or of device memory. */
static u64 know_memory(const struct sel4_bootinfo *info, bool device) {
    u64 slot = machine_untyped(info, device);

    know(slot, (struct m_cap){.kind = SEL4_CAP_UNTYPED,
                              .object = NOBODY,
                              .address = root_slot_address(slot),
                              .size_bits = info->untyped_list[slot - info->untyped.start].size_bits,
                              .device = device});
    return slot;
}

/* The root task's page tables and what boot mapped there. */
static void know_table(int table, u64 address) {
    const struct page_table *have = pointer(address);

    tables[table] = (struct m_table){.alive = true, .address = address};
    for (int i = 0; i < TABLE_ENTRIES; i++) {
        pte_t pte = have->entry[i];
        struct m_entry *entry = &tables[table].entry[i];

        if (arch_pte_is_table(pte)) {
            *entry = (struct m_entry){.kind = ENTRY_TO_TABLE, .address = arch_pte_table(pte).value};
        } else if (arch_pte_is_frame(pte)) {
            *entry = (struct m_entry){.kind = ENTRY_TO_FRAME,
                                      .address = arch_pte_frame(pte).value,
                                      .read = true,
                                      .write = true,
                                      .execute = true};
        }
    }
}

#define ROOT_ASID 1

static void know_space(const struct sel4_bootinfo *info) {
    int table = 1;

    know_table(0, root_slot_address(SEL4_INIT_SLOT_VSPACE));
    for (u64 slot = info->user_image_paging.start; slot < info->user_image_paging.end; slot++) {
        know_table(table, root_slot_address(slot));
        table++;
    }
    pools[0] =
        (struct m_pool){.alive = true, .address = root_slot_address(SEL4_INIT_SLOT_ASID_POOL)};
    for (int i = 0; i < POOL_ENTRIES; i++) {
        pools[0].root[i] = i == ROOT_ASID ? 0 : NOBODY;
    }
    know(SEL4_INIT_SLOT_VSPACE, (struct m_cap){.kind = SEL4_CAP_PAGE_TABLE, .asid = ROOT_ASID});
    know(SEL4_INIT_SLOT_ASID_CONTROL, model_cap(SEL4_CAP_ASID_CONTROL, 0));
    know(SEL4_INIT_SLOT_ASID_POOL, model_cap(SEL4_CAP_ASID_POOL, 0));
    know(SEL4_INIT_SLOT_IPC_BUFFER_FRAME, (struct m_cap){.kind = SEL4_CAP_FRAME,
                                                         .rights = 3,
                                                         .size_bits = PAGE_BITS,
                                                         .asid = ROOT_ASID,
                                                         .vaddr = info->ipc_buffer});
}

/* A copy for the thread itself. */
static void know_held(int which, u64 slot) {
    struct m_cap copy = slots[node_slot(0, slot)].cap;

    (void)cap_derived(node_slot(0, slot), copy, &copy);
    tree_copy(node_slot(0, slot), held_slot(0, which), copy);
}

static void reset_model(void) {
    memset(&m, 0, sizeof m);
    memset(nodes, 0, sizeof nodes);
    memset(threads, 0, sizeof threads);
    memset(endpoints, 0, sizeof endpoints);
    memset(notifications, 0, sizeof notifications);
    memset(contexts, 0, sizeof contexts);
    memset(replies, 0, sizeof replies);
    memset(frames, 0, sizeof frames);
    memset(tables, 0, sizeof tables);
    memset(pools, 0, sizeof pools);
    memset(lines, 0, sizeof lines);
    tree_reset();
    time_reset();
}

/* The machine of the run: a peer, a device, more than one domain. */
static void boot(void) {
    struct host_options options = {.cnode_bits = 8,
                                   .memory_bytes = MIB(4),
                                   .device_bytes = GIB(2),
                                   .domains = DOMAINS,
                                   .partition_flags = BOOT_WALLS};

    machine_add_peer(&options, PEER, BELLS);
    host_boot(&options);
    machine_peer_forgets();
}

const struct sel4_bootinfo *world_begin(void) {
    boot();
    const struct sel4_bootinfo *info = pointer(root_slot_address(SEL4_INIT_SLOT_BOOTINFO_FRAME));

    reset_model();
    nodes[0] = (struct m_node){.alive = true, .address = (uintptr_t)kernel.root_cnode, .radix = 8};
    frames[0] = (struct m_frame){.alive = true,
                                 .address = root_slot_address(SEL4_INIT_SLOT_IPC_BUFFER_FRAME)};
    memcpy(frames[0].word, pointer(frames[0].address), sizeof frames[0].word);
    know_thread();
    know(SEL4_INIT_SLOT_TCB, model_cap(SEL4_CAP_THREAD, 0));
    know(SEL4_INIT_SLOT_CNODE, (struct m_cap){.kind = SEL4_CAP_CNODE, .guard_bits = 56});
    know(SEL4_INIT_SLOT_IRQ_CONTROL, model_cap(SEL4_CAP_IRQ_CONTROL, 0));
    know(SEL4_INIT_SLOT_DOMAIN, model_cap(SEL4_CAP_DOMAIN, 0));
    know(SEL4_INIT_SLOT_SCHED_CONTEXT,
         (struct m_cap){.kind = SEL4_CAP_SCHED_CONTEXT, .size_bits = 7});
    know_space(info);
    know(info->sched_control.start, model_cap(SEL4_CAP_SCHED_CONTROL, 0));
    w.memory = know_memory(info, false);
    w.device_memory = know_memory(info, true);
    know_held(HELD_CSPACE, SEL4_INIT_SLOT_CNODE);
    know_held(HELD_VSPACE, SEL4_INIT_SLOT_VSPACE);
    know_held(HELD_BUFFER, SEL4_INIT_SLOT_IPC_BUFFER_FRAME);
    m.now = host.time;
    m.stint_start = kernel.stint_start;
    m.alarm = host.alarm;
    m.woken = NOBODY;
    m.schedule[0] = (struct m_domain_slot){0, FOREVER};
    m.domain_end = ~0ull;
    return info;
}
