// SPDX-License-Identifier: BSD-2-Clause
/*
 * A kernel core as small as a test of arch needs: two threads in one address space under two ASIDs, faults that
 * are recorded and stepped over, sleeping, doorbells, one device. It implements the four upcalls and checks what
 * they promise. The name of its partition says which test runs:
 *
 *   smoke…        start the user program (user.c)
 *   race…         the same, where harts are host threads and time is the host's
 *   smoke-park    then park; rung by smoke-ringer, it starts again from the package and passes again
 *   wild-read, write-text, write-const, write-other, write-package, run-data, run-window, overflow, bound
 *                 do that in the kernel: each must end in a panic
 */
#include "arch/atomic.h"
#include "arch/boot_check.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/doorbell.h"
#include "arch/fpu.h"
#include "arch/memory.h"
#include "arch/panic.h"
#include "arch/timer.h"
#include "arch/upcalls.h"
#include "arch/vspace.h"
#include "abi/package.h"
#include "lib/boot_items.h"
#include "lib/format.h"
#include "lib/string.h"
#include "plat/plat.h"
#include "tests/target/arch/calls.h"

enum state { READY, SLEEPING, WAITING_RINGS, WAITING_IRQ, DONE };

struct thread {
    struct arch_context context;
    enum state state;
    ticks_t wake;
    u64 failures;
    u64 checks;
    u64 fault_kind;
    struct arch_fault fault;
    u64 fault_pc;
};

static const struct boot_record *boot;
static const struct boot_partition *partition;
static struct thread threads[2];
static struct thread *current;
static struct page_table *root;
static u64 next_page; /* physical address of free RAM */
static struct doorbell_target targets[ARCH_DOORBELL_PEERS];
static unsigned peers;
static u64 rings;
static u64 ringers;
static u64 rings_wanted;
static u64 alarms;
static ticks_t alarm_at = ARCH_TIMER_NEVER;
static u32 waited_irq;

static void say(const char *format, ...) PRINTF(1, 2);

static void say(const char *format, ...) {
    char line[200];
    va_list arguments;
    u64 n = format_text(line, sizeof(line), "[%s] ", partition->name);

    va_start(arguments, format);
    n += format_text_list(line + n, sizeof(line) - n, format, arguments);
    va_end(arguments);
    arch_console_write(line, n);
}

void kernel_panic(const char *sentence) {
    arch_panic_print(sentence);
    arch_halt();
}

static void must(const char *sentence) {
    if (sentence != NULL) {
        kernel_panic(sentence);
    }
}

static u64 new_page(void) {
    u64 page = next_page;

    next_page += PAGE_SIZE;
    arch_clear(arch_ptr(paddr_of(page)), PAGE_SIZE);
    return page;
}

static void map(u64 vaddr, u64 frame) {
    struct pte_walk walk = arch_pt_walk(root, vaddr);

    for (unsigned i = 0; walk.level_bits > PAGE_BITS && i < ARCH_PT_LEVELS; i++) {
        if (arch_pte_is_valid(*walk.slot)) {
            kernel_panic("map: something large is there");
        }
        *walk.slot = arch_pte_make_table(paddr_of(new_page()));
        walk = arch_pt_walk(root, vaddr);
    }
    if (arch_pte_is_valid(*walk.slot)) {
        kernel_panic("map: taken");
    }
    *walk.slot = arch_pte_make_frame(paddr_of(frame), true, true, true, true);
}

static void *user_pointer(u64 vaddr) {
    struct pte_walk walk = arch_pt_walk(root, vaddr);

    if (walk.level_bits != PAGE_BITS || !arch_pte_is_frame(*walk.slot)) {
        kernel_panic("user_pointer: not mapped");
    }
    return (u8 *)arch_ptr(arch_pte_frame(*walk.slot)) + vaddr % PAGE_SIZE;
}

static void map_user(void) {
    const struct boot_user *user = boot_record_find(boot, BOOT_USER, NULL);
    const struct boot_device *device = boot_record_find(boot, BOOT_DEVICE, NULL);
    const struct boot_memory *memory = boot_record_find(boot, BOOT_MEMORY, NULL);

    next_page = memory->range.base + memory->range.size / 2;
    root = arch_ptr(paddr_of(new_page()));
    arch_vspace_init(root);
    for (u64 at = 0; at < user->image.size; at += PAGE_SIZE) {
        map(user->virtual_base + at, user->image.base + at);
    }
    if (device != NULL) {
        map(USER_DEVICE, device->range.base);
    }
    for (u64 i = 0; i < 2; i++) {
        arch_context_init(&threads[i].context);
        threads[i].context.reg[REG_PC] = user->entry;
        threads[i].context.reg[REG_A0] = i;
        arch_tlb_flush_asid((u16)(0xffff - i));
    }
    arch_instruction_sync();
}

static bool is_named(const char *name) {
    return strlen(partition->name) == strlen(name) &&
           memcmp(partition->name, name, strlen(name)) == 0;
}

/* Not a loop in disguise for the compiler: it uses the result of the call, and its own frame. */
static NOINLINE u64 overflow(volatile u64 *above) {
    volatile u64 frame[16];

    frame[0] = *above + 1;
    return frame[0] == 0 ? 0 : overflow(frame) + frame[0];
}

/* A chain of callers with frames of their own, which a backtrace must find. */
static NOINLINE u64 deep_inner(volatile u64 *p) {
    volatile u64 frame[3] = {*(volatile u64 *)0x1000};

    return frame[0] + *p;
}

static NOINLINE u64 deep_middle(volatile u64 *p) {
    volatile u64 frame[5] = {*p};

    return deep_inner(frame) + frame[0];
}

static NOINLINE u64 deep_outer(volatile u64 *p) {
    volatile u64 frame[7] = {*p};

    return deep_middle(frame) + frame[0];
}

/* Each of these must end in a panic whose sentence the runner knows. */
static void do_what_must_panic(void) {
    static u32 code[2] = {0x00008067, 0x00008067}; /* ret */
    static const u64 constant = 1;
    volatile u64 zero = 0;

    if (is_named("wild-read")) {
        zero = *(volatile u64 *)0x1000;
    }
    if (is_named("write-text")) {
        *(volatile u64 *)(u64)kernel_panic = 0;
    }
    if (is_named("write-other")) {
        *(volatile u64 *)arch_ptr(paddr_of(partition->wall_probe.base)) = 0;
    }
    if (is_named("write-package")) {
        *(volatile u64 *)arch_ptr(paddr_of(partition->package.base)) = 0;
    }
    if (is_named("write-const")) {
        *(volatile u64 *)(u64)&constant = 0;
    }
    if (is_named("run-data")) {
        ((void (*)(void))(u64)code)();
    }
    if (is_named("run-window")) {
        u64 physical = next_page;
        *(u32 *)arch_ptr(paddr_of(physical)) = code[0];
        ((void (*)(void))arch_ptr(paddr_of(physical)))();
    }
    if (is_named("overflow")) {
        zero = overflow(&zero);
    }
    if (is_named("deep")) {
        zero = deep_outer(&zero);
    }
    if (is_named("bound")) {
        BOUND(test_loop, 3);
        for (volatile int i = 0; i < 5; i++) {
            BOUND_STEP(test_loop);
        }
    }
}

static void connect_peers(void) {
    const struct boot_platform *platform = boot_record_find(boot, BOOT_PLATFORM, NULL);
    const struct boot_peer *peer = NULL;

    must(arch_doorbell_init(platform));
    while ((peer = boot_record_find(boot, BOOT_PEER, peer)) != NULL) {
        must(arch_doorbell_connect(peers, peer, &targets[peers]));
        peers++;
    }
}

/* A load from somebody else's memory must trap, one from the package must not. */
static void check_walls(void) {
    if (arch_load_faults(paddr_of(partition->package.base))) {
        kernel_panic("the package cannot be read");
    }
    if ((partition->flags & BOOT_WALLS) &&
        !arch_load_faults(paddr_of(partition->wall_probe.base))) {
        kernel_panic("no walls: memory of another partition can be read");
    }
}

static struct thread *other_thread(void) {
    return current == &threads[0] ? &threads[1] : &threads[0];
}

/* The thread to run, or NULL; threads whose time has come become ready. */
static struct arch_context *pick(void) {
    ticks_t now = arch_time();
    ticks_t next = alarm_at;

    for (unsigned i = 0; i < 2; i++) {
        struct thread *t = &threads[i];

        if (t->state == SLEEPING && t->wake <= now) {
            t->state = READY;
        }
        if (t->state == SLEEPING) {
            next = min_u64(next, t->wake);
        }
    }
    arch_timer_set(next);
    if (current->state != READY) {
        current = other_thread();
    }
    if (current->state != READY) {
        arch_vspace_load(arch_vspace_kernel_token());
        return NULL;
    }
    arch_vspace_load(arch_vspace_token(arch_paddr(root), (u16)(0xffff - (current - threads))));
    return &current->context;
}

static void finish(void) {
    u64 failures = threads[0].failures + threads[1].failures;

    if (threads[0].state != DONE || threads[1].state != DONE) {
        return;
    }
    if (failures == 0) {
        say("passed %lu checks\n", threads[0].checks + threads[1].checks);
    } else {
        say("FAILED %lu\n", failures);
    }
    if (is_named("smoke-ringer")) {
        alarm_at = arch_time() + 1000000; /* then ring the parked one */
    }
    if (is_named("smoke-park")) {
        arch_doorbell_await();
        arch_park(paddr_of(partition->package.base),
                  partition->package.base + PACKAGE_HEADER_OFFSET, false);
    }
    if (partition->flags & BOOT_SELF_HALTS_MACHINE) {
        arch_machine_reset(failures != 0);
    }
}

static void ring_all(void) {
    arch_fence_before_doorbell();
    for (unsigned i = 0; i < peers; i++) {
        arch_doorbell_ring(&targets[i]);
    }
}

static void mask_all(bool masked) {
    for (unsigned i = 0; i < peers; i++) {
        if (masked) {
            arch_doorbell_mask(i);
        } else {
            arch_doorbell_unmask(i);
        }
    }
}

static void wait_irq(u64 *a0) {
    const struct boot_device *device = boot_record_find(boot, BOOT_DEVICE, NULL);
    const struct boot_platform *platform = boot_record_find(boot, BOOT_PLATFORM, NULL);

    if (*a0 == 0) {
        *a0 = device == NULL ? 0 : platform->plic != 0 ? 1 : 2;
        return;
    }
    if (!plat_irq_is_owned((u32)*a0)) {
        kernel_panic("irq is not ours");
    }
    waited_irq = (u32)*a0;
    current->state = WAITING_IRQ;
    plat_irq_unmask(waited_irq);
}

static void tell_fault(u64 *a) {
    a[0] = current->fault.kind;
    a[1] = current->fault.address;
    a[2] = current->fault.fsr;
    a[3] = current->fault.number;
    a[4] = current->fault_pc;
}

static void add_to_rest(struct arch_context *context, u64 add) {
    context->reg[REG_GP] += add;
    context->reg[REG_TP] += add;
    for (unsigned i = REG_S0; i <= REG_S11; i++) {
        context->reg[i] += add;
    }
}

struct arch_context *kernel_syscall(struct arch_context *context) {
    u64 *a = &context->reg[REG_A0];
    u64 number = context->reg[REG_SYSCALL];

    if (context != &current->context) {
        kernel_panic("a system call of a thread that was not running");
    }
    if (number == CALL_ADD_TO_REST && !arch_context_is_whole(context)) {
        return arch_context_save_rest(context);
    }
    context->reg[REG_PC] += ARCH_SYSCALL_BYTES;
    switch (number) {
    case CALL_PRINT:
        arch_console_write(user_pointer(a[0]), a[1]);
        break;
    case CALL_YIELD:
        if (other_thread()->state == READY) {
            current = other_thread();
        }
        break;
    case CALL_ADD_TO_REST:
        add_to_rest(context, a[0]);
        break;
    case CALL_DONE:
        current->failures = a[0];
        current->checks = a[1];
        current->state = DONE;
        finish();
        break;
    case CALL_SLEEP:
        current->wake = arch_time() + a[0];
        current->state = SLEEPING;
        break;
    case CALL_FAULT:
        tell_fault(a);
        break;
    case CALL_FPU_DISABLE:
        arch_fpu_disable(context, a[0] != 0);
        break;
    case CALL_ALARM:
        alarm_at = arch_time() + a[0];
        break;
    case CALL_ALARMS:
        a[0] = alarms;
        break;
    case CALL_RING:
        ring_all();
        break;
    case CALL_WAIT_RINGS:
        rings_wanted = a[0];
        current->state = ringers == MASK(peers) ? READY : WAITING_RINGS;
        a[0] = ringers;
        break;
    case CALL_OTHER_RUNS:
        a[0] = other_thread()->state != DONE;
        break;
    case CALL_WAIT_IRQ:
        wait_irq(a);
        break;
    case CALL_PEERS:
        a[1] = memcmp(partition->name, "race", 4) != 0;
        a[0] = is_named("smoke-park") || is_named("smoke-ringer") ? 0 : peers;
        break;
    case CALL_CLEAR:
        arch_clear(user_pointer(a[0]), a[1]);
        break;
    case CALL_MASK:
        mask_all(a[0] != 0);
        break;
    case CALL_RINGS:
        a[0] = rings;
        break;
    default:
        kernel_panic("unknown call");
    }
    return pick();
}

struct arch_context *kernel_fault(struct arch_context *context, const struct arch_fault *fault) {
    if (context != &current->context) {
        kernel_panic("a fault of a thread that was not running");
    }
    current->fault = *fault;
    current->fault_pc = context->reg[REG_PC];
    if (fault->kind == ARCH_FAULT_VM && fault->is_instruction) {
        context->reg[REG_PC] = context->reg[REG_RA];
    } else {
        context->reg[REG_PC] += 4;
    }
    return pick();
}

static void take_rings(u64 from) {
    arch_fence_after_claim();
    rings++;
    ringers |= from;
    if (threads[0].state == WAITING_RINGS && ringers == MASK(rings_wanted)) {
        threads[0].context.reg[REG_A0] = ringers;
        threads[0].state = READY;
    }
}

static void take_external(void) {
    struct plat_irq irq = plat_irq_claim();

    if (irq.kind == PLAT_IRQ_DOORBELL) {
        take_rings(irq.peers);
    }
    if (irq.kind == PLAT_IRQ_DEVICE && irq.irq != waited_irq) {
        kernel_panic("an interrupt that was masked");
    }
    if (irq.kind == PLAT_IRQ_DEVICE) {
        waited_irq = 0;
        threads[0].state = READY;
    }
}

static void take_timer(void) {
    if (alarm_at <= arch_time()) {
        alarm_at = ARCH_TIMER_NEVER;
        alarms++;
        if (is_named("smoke-ringer") && threads[0].state == DONE && threads[1].state == DONE) {
            ring_all();
        }
    }
}

struct arch_context *kernel_interrupt(enum arch_interrupt kind) {
    if (kind == ARCH_INTERRUPT_TIMER) {
        take_timer();
    } else if (kind == ARCH_INTERRUPT_SOFTWARE) {
        take_rings(arch_doorbell_claim());
    } else if (kind == ARCH_INTERRUPT_EXTERNAL) {
        take_external();
    } else {
        kernel_panic("an interrupt of no kind");
    }
    return pick();
}

struct arch_context *kernel_boot(const struct boot_record *record) {
    const struct boot_platform *platform = boot_record_find(record, BOOT_PLATFORM, NULL);

    boot = record;
    partition = boot_record_find(record, BOOT_PARTITION, NULL);
    say("up on hart %lu\n", arch_hart_id());
    check_walls();
    must(arch_timer_init(platform));
    connect_peers();
    must(plat_init(record));
    map_user();
    do_what_must_panic();
    current = &threads[0];
    return pick();
}
