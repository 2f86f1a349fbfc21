// SPDX-License-Identifier: BSD-2-Clause
/*
 * Laws of the whole kernel. The root task invokes random methods on random capabilities with nearly right
 * arguments (abi/gen/fuzz_table.h says what right ones look like), in a small world with some of everything.
 * After each call, besides the invariants of the checker:
 *
 *   - a refused call has changed nothing: all memory and all kernel state are compared, except the caller's
 *     registers and message;
 *   - after Revoke there is no descendant: none behind the slot (INV-DT-2), and for untyped memory none anywhere
 *     (INV-ZB-2: else memory in use would be handed out again);
 *   - what an untyped says is clear is clear (INV-UT-2);
 *   - every mapping is described by a capability (INV-VS-1), unmapped tables are clear (INV-VS-2);
 *   - who loses an ASID loses its translations (INV-AS-2).
 *
 * Each looker is shown first to see what it looks for.
 */
#include <stdlib.h>

#include "abi/gen/fuzz_table.h"
#include "arch/vspace.h"
#include "kernel/cspace/derive.h"
#include "kernel/cspace/rules.h"
#include "kernel/object/asid.h"
#include "kernel/object/object.h"
#include "tests/support/world.h"

#define LIVES        30
#define STEPS        700
#define MEMORY_BYTES MIB(2)
#define SLOTS        (1u << 15)

static u64 random_state;
static u64 first_slot;
static u64 last_slot;
static u8 *memory_before;
static struct kernel kernel_before;
static u64 flushes_before;
static struct arch_context *root_context;

static u64 next_random(u64 below) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

/* ---- Everything there is: all slots of all derivation lists ---- */

static const struct cslot *all[SLOTS];
static unsigned all_count;
static const struct cslot *table_of_slots[2 * SLOTS];

static bool add_slot(const struct cslot *it) {
    u64 place = ((u64)(uintptr_t)it >> SLOT_BITS) * 0x9e3779b97f4a7c15ull >> 48;

    for (;; place++) {
        const struct cslot **entry = &table_of_slots[place % (2 * SLOTS)];

        if (*entry == it) {
            return false;
        }
        if (*entry == NULL) {
            assert_true(all_count < SLOTS);
            *entry = it;
            all[all_count++] = it;
            return true;
        }
    }
}

static void collect(void) {
    all_count = 0;
    memset(table_of_slots, 0, sizeof table_of_slots);
    for (u64 i = 0; i < BIT(info->init_thread_cnode_size_bits); i++) {
        if (slot_is_empty(slot(i)) || !add_slot(slot(i))) {
            continue;
        }
        for (const struct cslot *it = slot_next(slot(i)); it != NULL && add_slot(it);
             it = slot_next(it)) {
        }
        for (const struct cslot *it = slot_prev(slot(i)); it != NULL && add_slot(it);
             it = slot_prev(it)) {
        }
    }
}

/* ---- The laws; each answers what is wrong, or NULL ---- */

static bool is_described(u16 asid, u64 vaddr, enum cap_kind kind, paddr_t address) {
    for (unsigned i = 0; i < all_count; i++) {
        struct cap it = all[i]->cap;

        if (cap_is(it, kind) && cap_mapped_asid(it) == asid && cap_mapped_vaddr(it) == vaddr &&
            cap_address(it).value == address.value) {
            return true;
        }
    }
    return false;
}

static const char *check_entry(u16 asid, u64 vaddr, pte_t entry) {
    if (arch_pte_is_table(entry)) {
        return is_described(asid, vaddr, CAP_PAGE_TABLE, arch_pte_table(entry))
                   ? NULL
                   : "INV-VS-1: a table is mapped that no capability describes";
    }
    return !arch_pte_is_frame(entry) || is_described(asid, vaddr, CAP_FRAME, arch_pte_frame(entry))
               ? NULL
               : "INV-VS-1: a frame is mapped that no capability describes";
}

/* All entries of a table, and of those below it. */
static const char *check_table(u16 asid, u64 base, struct page_table *table, unsigned level_bits) {
    const char *problem = NULL;

    for (u64 i = 0; i < ARCH_PT_ENTRIES && problem == NULL; i++) {
        u64 vaddr = base + (i << level_bits);
        pte_t entry = table->entry[i];

        if (!arch_pte_is_valid(entry)) {
            continue;
        }
        problem = check_entry(asid, vaddr, entry);
        if (problem == NULL && arch_pte_is_table(entry) && level_bits > PAGE_BITS) {
            problem = check_table(asid, vaddr, arch_ptr(arch_pte_table(entry)), level_bits - 9);
        }
    }
    return problem;
}

static const char *check_mappings(void) {
    const char *problem = NULL;

    for (unsigned pool = 0; pool < ASID_POOLS && problem == NULL; pool++) {
        for (unsigned i = 0; kernel.asid_pool[pool] != NULL && i < 512 && problem == NULL; i++) {
            struct page_table *top = kernel.asid_pool[pool]->root[i];

            if (top != NULL) {
                problem = check_table((u16)(pool << ASID_POOL_BITS | i), 0, top, 30);
            }
        }
    }
    return problem;
}

static bool is_clear(u64 from, u64 to) {
    const u64 *word_at = arch_ptr(paddr_of(from));

    for (u64 i = 0; i < (to - from) / 8; i++) {
        if (word_at[i] != 0) {
            return false;
        }
    }
    return true;
}

static const char *check_clear(void) {
    for (unsigned i = 0; i < all_count; i++) {
        struct cap it = all[i]->cap;
        u64 base = cap_address(it).value;

        if (cap_is(it, CAP_UNTYPED) && !untyped_cap_is_device(it) &&
            untyped_cap_clear_offset(it) != 0) {
            u64 from = align_up(untyped_cap_free_offset(it), 3);
            u64 to = min_u64(untyped_cap_clear_offset(it), BIT(untyped_cap_size_bits(it)));

            if (from < to && !is_clear(base + from, base + to)) {
                return "INV-UT-2: memory is said to be clear and is not";
            }
        }
        if (cap_is(it, CAP_PAGE_TABLE) && !page_table_cap_is_mapped(it) &&
            !is_clear(base, base + PAGE_SIZE)) {
            return "INV-VS-2: a table that is mapped nowhere is not clear";
        }
    }
    return NULL;
}

static const char *check_revoked(u64 cptr) {
    struct cap it = cap(cptr);
    u64 size = BIT(cap_object_bits(it));

    if (slot_is_empty(slot(cptr))) {
        return NULL; /* it lay in what was revoked */
    }
    if (derive_has_children(slot(cptr))) {
        return "INV-DT-2: a revoked capability has a child";
    }
    for (unsigned i = 0; i < all_count && cap_is(it, CAP_UNTYPED); i++) {
        u64 distance = cap_address(all[i]->cap).value - cap_address(it).value;
        unsigned bits = cap_object_bits(all[i]->cap);

        if (all[i] != slot(cptr) && bits != 0 && distance < size && bits < cap_object_bits(it)) {
            return "INV-ZB-2: something still lies in revoked memory";
        }
    }
    return NULL;
}

/* An address space that was there before and has no ASID now: were its translations flushed? */
static const char *check_asids(void) {
    for (unsigned pool = 0; pool < ASID_POOLS; pool++) {
        const struct asid_pool *was = kernel_before.asid_pool[pool];

        for (unsigned i = 0; was != NULL && i < 512; i++) {
            const struct asid_pool *copied =
                (const struct asid_pool *)(memory_before + ((const u8 *)was - host.memory));
            bool gone = kernel.asid_pool[pool] == NULL || kernel.asid_pool[pool]->root[i] == NULL;

            if (copied->root[i] != NULL && gone && host.flushes == flushes_before) {
                return "INV-AS-2: an ASID lost its owner and nothing was flushed";
            }
        }
    }
    return NULL;
}

static void hold(const char *problem) {
    if (problem != NULL) {
        fail_msg("%s", problem);
    }
}

/* ---- Before and after ---- */

static void remember(void) {
    memcpy(memory_before, host.memory, MEMORY_BYTES);
    kernel_before = kernel;
    flushes_before = host.flushes;
}

/* The offset of the first byte that differs; MEMORY_BYTES: none; above: kernel state. */
static u64 first_difference(void) {
    u64 context = (u64)((u8 *)root_context - host.memory);
    u8 *buffer = (u8 *)tcb_buffer(kernel.root_task, true); /* perhaps another frame by now */
    struct kernel now = kernel;

    memcpy(memory_before + context, root_context, sizeof *root_context);
    memcpy(memory_before + (buffer - host.memory), buffer, BIT(SEL4_IPC_BUFFER_BITS));
    now.now = kernel_before.now;
    now.check_countdown = kernel_before.check_countdown;
    memcpy(now.entries, kernel_before.entries, sizeof now.entries);
    if (memcmp(&now, &kernel_before, sizeof now) != 0) {
        return MEMORY_BYTES + 1;
    }
    if (memcmp(memory_before, host.memory, MEMORY_BYTES) == 0) {
        return MEMORY_BYTES;
    }
    u64 at = 0;
    while (memory_before[at] == host.memory[at]) {
        at++;
    }
    return at;
}

/* ---- Random calls ---- */

static u64 random_slot(void) {
    return next_random(30) == 0 ? next_random(SEL4_NUM_INITIAL_CAPS)
                                : first_slot + next_random(last_slot - first_slot);
}

/* A slot that holds one of these kinds, if luck will have it. */
static u64 slot_of_kind(u32 kinds) {
    u64 found = random_slot();

    for (unsigned tries = 0; tries < 200 && ((kinds >> cap_kind(cap(found))) & 1) == 0; tries++) {
        found = random_slot();
    }
    return found;
}

static u64 random_word(void) {
    switch (next_random(9)) {
    case 0:
        return 0;
    case 1:
        return next_random(20);
    case 2:
        return next_random(1 << 20) << PAGE_BITS;
    case 3:
        return 1000 + next_random(9000);
    case 4:
        return ~0ull >> next_random(64);
    case 5:
        return SEL4_RIGHTS_ALL;
    default:
        return random_slot();
    }
}

struct attempt {
    const struct fuzz_method *method;
    u64 cptr;
    u64 word[40];
    u64 cap[3];
    unsigned length;
    unsigned caps;
};

static struct attempt random_attempt(void) {
    struct attempt a = {.method = &fuzz_methods[next_random(ARRAY_LENGTH(fuzz_methods))]};

    a.cptr = next_random(12) == 0 ? random_slot() : slot_of_kind(1u << a.method->kind);
    if (cap_is(cap(a.cptr), CAP_ENDPOINT)) {
        a.cptr = 0; /* the root task would wait for an answer for ever */
    }
    a.length = next_random(15) == 0 ? (unsigned)next_random(8) : a.method->length;
    a.caps = next_random(15) == 0 ? (unsigned)next_random(4) : a.method->caps;
    for (unsigned i = 0; i < a.length && i < 40; i++) {
        bool depth = i < 16 && ((a.method->depth_registers >> i) & 1) != 0;

        a.word[i] = depth && next_random(8) != 0 ? 64 : random_word();
    }
    for (unsigned i = 0; i < a.caps; i++) {
        bool right = i < a.method->caps && next_random(8) != 0;

        a.cap[i] = right ? slot_of_kind(a.method->cap_kinds[i]) : random_slot();
    }
    return a;
}

/* Some of everything, in slots first_slot to last_slot; the last ones are empty. */
static void populate(void) {
    static const struct host_options options = {
        .check_interval = 1, .memory_bytes = MEMORY_BYTES, .partition_flags = BOOT_WALLS};
    static const u8 types[] = {OBJECT_ENDPOINT,   OBJECT_NOTIFICATION, OBJECT_REPLY,
                               OBJECT_PAGE_TABLE, OBJECT_4K_PAGE,      OBJECT_TCB};

    static struct sel4_bootinfo kept;

    world_boot(&options);
    kept = *info; /* its frame may become anything */
    info = &kept;
    root_context = &root.object->context;
    first_slot = free_slots(0);
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned type = 0; type < ARRAY_LENGTH(types); type++) {
            (void)make((enum sel4_object_type)types[type], 0);
        }
        (void)make(OBJECT_CNODE, 3);
        (void)make(OBJECT_UNTYPED, 13 + i);
        (void)make(OBJECT_UNTYPED, 12);
        (void)thread_make((u8)(10 + i));
        (void)sched_context(1000, 5000 + i, i % 2);
        u64 space = make(OBJECT_PAGE_TABLE, 0);
        (void)invoke(SEL4_INIT_SLOT_ASID_POOL, METHOD_ASID_POOL_ASSIGN, W(), C(space));
        (void)invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(20 + i, free_slot(), 64),
                     C(ROOT_CNODE));
    }
    (void)copy(SEL4_INIT_SLOT_ASID_POOL);
    (void)copy(SEL4_INIT_SLOT_DOMAIN);
    (void)copy(info->sched_control.start);
    (void)free_slots(40);
    last_slot = free_slots(0);
}

/* It may have lost its buffer, or what wakes it. */
static bool root_runs(void) {
    return tcb_buffer(kernel.root_task, true) != NULL && root_tries_to_return();
}

static unsigned refused;
static unsigned done;

static void try_one(void) {
    struct attempt a = random_attempt();
    u64 pc = root_context->reg[REG_PC];

    message(a.method->label, (struct words){a.word, a.length}, (struct words){a.cap, a.caps});
    root_context->reg[REG_CAP] = a.cptr;
    remember();
    host_syscall(SYSCALL_CALL);
    if (host.running == root_context && root_context->reg[REG_PC] == pc + ARCH_SYSCALL_BYTES &&
        msginfo_label(root_context->reg[REG_INFO]) != SEL4_NO_ERROR) {
        u64 at = first_difference();

        if (at != MEMORY_BYTES) {
            fail_msg("%s was refused and changed %#lx", a.method->name, at);
        }
        refused++;
        return;
    }
    done++;
    collect();
    hold(check_asids());
    hold(check_mappings());
    hold(check_clear());
    if (a.method->label == METHOD_CNODE_REVOKE && cap_is(cap(a.cptr), CAP_CNODE) &&
        a.cptr == ROOT_CNODE) {
        hold(check_revoked(a.word[0] % BIT(info->init_thread_cnode_size_bits)));
    }
}

static int prepare(UNUSED void **test) {
    memory_before = malloc(MEMORY_BYTES);
    return memory_before == NULL;
}

static int clean(UNUSED void **test) {
    free(memory_before);
    return 0;
}

static void random_calls_keep_the_laws(UNUSED void **test) {
    for (u64 life = 0; life < LIVES; life++) {
        random_state = life;
        populate();
        for (unsigned i = 0; i < STEPS && root_runs(); i++) {
            try_one();
            if (next_random(20) == 0) {
                host_advance(next_random(3000));
            }
        }
    }
    assert_true(refused > 500 && done > 300);
}

/* Revoking everything leaves the untyped memory as it was at the beginning. */
static void revoking_all_memory_leaves_nothing(UNUSED void **test) {
    for (u64 life = 100; life < 104; life++) {
        random_state = life;
        populate();
        for (unsigned i = 0; i < 60 && root_runs(); i++) {
            try_one();
        }
        if (!root_runs() || !cap_is(cap(ROOT_CNODE), CAP_CNODE)) {
            continue;
        }
        for (u64 i = info->untyped.start; i < info->untyped.end; i++) {
            if (cap_is(cap(i), CAP_UNTYPED) && !untyped_cap_is_device(cap(i))) {
                (void)invoke(ROOT_CNODE, METHOD_CNODE_REVOKE, W(i, 64), C());
                collect();
                hold(check_revoked(i));
            }
        }
    }
}

/* ---- Everybody at once ---- */

/* A capability address for a system call: mostly something that can be sent to or received from. */
static u64 random_target(void) {
    return slot_of_kind(1u << CAP_ENDPOINT | 1u << CAP_ENDPOINT << next_random(5));
}

/* Whoever runs does something: talks, invokes, faults, yields, or lets time pass. */
static void anything(void) {
    static const s64 calls[] = {SYSCALL_CALL,         SYSCALL_CALL,
                                SYSCALL_SEND,         SYSCALL_NB_SEND,
                                SYSCALL_REPLY_RECV,   SYSCALL_REPLY_RECV,
                                SYSCALL_RECV,         SYSCALL_NB_SEND_RECV,
                                SYSCALL_NB_SEND_WAIT, SYSCALL_NB_RECV,
                                SYSCALL_WAIT,         SYSCALL_NB_WAIT,
                                SYSCALL_YIELD,        77};
    struct arch_context *context = host.running;
    u64 *reg = context->reg;

    host.interrupts_hidden = next_random(3);
    kernel.work_units = next_random(PREEMPTION_UNITS);
    switch (next_random(10)) {
    case 0:
        host_fault(&(struct arch_fault){.kind = ARCH_FAULT_VM, .address = 0x1000, .fsr = 5});
        return;
    case 1:
        host_advance(next_random(30000));
        return;
    case 2:
    case 3:
    case 4: {
        struct attempt a = random_attempt();

        reg[REG_INFO] = msginfo_make(a.method->label, 0, a.caps, a.length);
        memcpy(&reg[REG_MR0], a.word, 4 * sizeof a.word[0]);
        reg[REG_CAP] = a.cptr;
        u64 *buffer = tcb_buffer(tcb_of_context(context), true);
        if (buffer != NULL) {
            memcpy(&buffer[BUFFER_MSG], a.word, sizeof a.word);
            memcpy(&buffer[BUFFER_CAPS], a.cap, sizeof a.cap);
        }
        host_syscall(next_random(4) == 0 ? SYSCALL_SEND : SYSCALL_CALL);
        return;
    }
    default:
        reg[REG_CAP] = random_target();
        reg[REG_REPLY] = slot_of_kind(next_random(3) == 0 ? 1u << CAP_ENDPOINT : 1u << CAP_REPLY);
        reg[REG_DEST] = random_target();
        reg[REG_INFO] = msginfo_make(next_random(3), 0, next_random(4), next_random(8));
        host_syscall(calls[next_random(ARRAY_LENGTH(calls))]);
        return;
    }
}

/* Threads that can talk, some without a context, some with handlers. */
static void populate_with_threads(void) {
    populate();
    u64 endpoints = make_many(OBJECT_ENDPOINT, 0, 3);
    for (unsigned i = 0; i < 10; i++) {
        struct thread t =
            next_random(4) == 0 ? thread_passive((u8)(20 + i / 2)) : thread_make((u8)(20 + i / 2));

        if (next_random(2) == 0) {
            thread_set_fault_handler(&t, endpoints + next_random(3));
        }
        if (next_random(2) == 0) {
            thread_set_timeout_handler(&t, endpoints + next_random(3));
        }
        if (t.sc != 0 && next_random(2) == 0) {
            (void)invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                         W(200 + next_random(900), 1000 + next_random(4000), 2, i, i % 2), C(t.sc));
        }
    }
    last_slot = free_slots(20) + 20;
    rest();
}

/* The root task brings somebody back, then rests again. False: it cannot. */
static bool stir(void) {
    if (!root_runs()) {
        return false;
    }
    for (unsigned i = 0; i < 3; i++) {
        u64 t = slot_of_kind(1u << CAP_THREAD);

        (void)invoke(t, next_random(4) == 0 ? METHOD_TCB_SUSPEND : METHOD_TCB_RESUME, W(), C());
        if (host.running != root_context) {
            return false;
        }
    }
    try_one();
    if (host.running != root_context) {
        return false;
    }
    rest();
    return true;
}

static void everybody_at_once(UNUSED void **test) {
    unsigned calls = 0;

    for (u64 life = 0; life < LIVES; life++) {
        random_state = 5000 + life;
        populate_with_threads();
        for (unsigned i = 0; i < STEPS; i++) {
            if (host.running == root_context) {
                rest(); /* somebody woke it */
            }
            if (host.running == root_context) {
                break; /* what it rests on is gone */
            }
            if (host.running != NULL && next_random(30) != 0) {
                anything();
                calls++;
            } else {
                host_advance(next_random(50000));
                if (next_random(4) == 0 && !stir()) {
                    break;
                }
            }
        }
    }
    assert_true(calls > 10 * LIVES);
}

/* ---- The lookers see ---- */

static void assert_says(const char *problem, const char *id) {
    assert_non_null(problem);
    assert_int_equal(strncmp(problem, id, strlen(id)), 0);
}

static void the_lookers_see(UNUSED void **test) {
    populate();
    remember();
    assert_int_equal(first_difference(), MEMORY_BYTES);
    kernel.next_seq++;
    assert_int_equal(first_difference(), MEMORY_BYTES + 1);
    kernel.next_seq--;
    host.memory[MEMORY_BYTES / 2]++;
    assert_int_equal(first_difference(), MEMORY_BYTES / 2);
    host.memory[MEMORY_BYTES / 2]--;
    u64 parent = make(OBJECT_UNTYPED, 12);
    u64 child = free_slot();
    assert_int_equal(
        invoke(parent, METHOD_UNTYPED_RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, child, 1), C(ROOT_CNODE)),
        0);
    collect();
    assert_says(check_revoked(parent), "INV-DT-2");
    struct cslot *behind = slot_next(slot(child));
    derive_remove(slot(child));
    derive_insert_root(slot(child), cap_make(CAP_ENDPOINT, cap_address(cap(parent)).value, 15, 0));
    assert_ptr_equal(slot_prev(behind), slot(parent));
    collect();
    assert_says(check_revoked(parent), "INV-ZB-2");
    slot(parent)->cap = untyped_cap_with_offsets(cap(parent), 16, 2048);
    ((u64 *)object(parent))[100] = 1;
    assert_says(check_clear(), "INV-UT-2");
    ((u64 *)object(parent))[100] = 0;
    u64 table = make(OBJECT_PAGE_TABLE, 0);
    collect();
    assert_null(check_clear());
    ((u64 *)object(table))[7] = 1;
    assert_says(check_clear(), "INV-VS-2");
    ((u64 *)object(table))[7] = 0;
    assert_null(check_mappings());
    arch_pt_walk(object(ROOT_VSPACE), 0x13000).slot->bits ^= PAGE_SIZE;
    assert_says(check_mappings(), "INV-VS-1");
    remember();
    kernel.asid_pool[0]->root[1] = NULL;
    assert_says(check_asids(), "INV-AS-2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lookers_see),
        cmocka_unit_test(random_calls_keep_the_laws),
        cmocka_unit_test(revoking_all_memory_leaves_nothing),
        cmocka_unit_test(everybody_at_once),
    };

    return cmocka_run_group_tests(tests, prepare, clean);
}
