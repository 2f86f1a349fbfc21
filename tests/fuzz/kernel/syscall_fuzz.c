// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls of any kind from user mode: the kernel must neither panic nor break an invariant, whatever
 * registers, buffers, labels and capabilities are, in a world with threads, CNodes and objects of all kinds and
 * every authority the root task has.
 *
 * An input is a row of steps, each an opcode and its operands; whoever runs makes them. Operands are mostly
 * small, since capability addresses, depths and counts are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "abi/gen/fuzz_table.h"
#include "arch/host/host.h"
#include "arch/memory.h"
#include "kernel/cspace/lookup.h"
#include "kernel/entry/check.h"
#include "kernel/ipc/transfer.h"
#include "tests/fuzz/kernel/input.h"
#include "tests/support/machine.h"
#include "tests/support/words.h"

const char fuzz_name[] = "system calls";
const size_t fuzz_most_bytes = 4000;

#define CALLER_LINE 1 /* wakes the root task when nobody runs */
#define CHECK_EACH  16

#define SYSCALL_NUMBERS 64 /* numbers from -63 to 63 are tried */

static u64 *root_buffer;
static const struct sel4_bootinfo *info;

static void *object(u64 slot) {
    return arch_ptr(cap_address(kernel.root_cnode[slot].cap));
}

/* ---- The world ---------------------------------------------------------------------------------------------- */

static void call(u64 cptr, u64 label, struct words words, struct words caps) {
    u64 *reg = host.running->reg;

    for (unsigned i = 0; i < words.count; i++) {
        if (i < 4) {
            reg[REG_MR0 + i] = words.at[i];
        }
        root_buffer[BUFFER_MSG + i] = words.at[i];
    }
    for (unsigned i = 0; i < caps.count; i++) {
        root_buffer[BUFFER_CAPS + i] = caps.at[i];
    }
    reg[REG_CAP] = cptr;
    reg[REG_INFO] = msginfo_make(label, 0, caps.count, words.count);
    host_syscall(SYSCALL_CALL);
    if (msginfo_label(reg[REG_INFO]) != 0) {
        (void)fprintf(stderr, "building the world: method %lu is refused: %lx\n", label,
                      reg[REG_INFO]);
        abort();
    }
}

#define ROOT SEL4_INIT_SLOT_CNODE
enum { WORLD_THREADS = 4, WORLD_ENDPOINTS = 3, WORLD_REPLIES = 3 };
enum { ALL_RIGHTS = 15, BADGE = 3 };

static u64 next_slot;
static u64 memory;
static u64
    endpoints; /* the slot of the first of WORLD_ENDPOINTS; behind them a badged one of the second */
static u64 replies; /* the same of WORLD_REPLIES */

static u64 make(u64 type, u64 bits, u64 count) {
    u64 first = next_slot;

    next_slot += count;
    call(memory, METHOD_UNTYPED_RETYPE, W(type, bits, 0, 0, first, count), W(ROOT));
    return first;
}

/* A server as they should be: it waits at an endpoint, and runs on the time of those who call it. */
static void make_passive(u64 thread, u64 context) {
    call(context, METHOD_SCHED_CONTEXT_BIND, W(0), W(thread));
    call(thread, METHOD_TCB_SET_PRIORITY, W(255), W(SEL4_INIT_SLOT_TCB));
    call(thread, METHOD_TCB_RESUME, W(0), W(ROOT));
    host_syscall(SYSCALL_YIELD);
    host.running->reg[REG_CAP] = endpoints + 1;
    host.running->reg[REG_REPLY] = replies;
    host_syscall(SYSCALL_RECV);
    call(context, METHOD_SCHED_CONTEXT_UNBIND, W(), W());
}

static void make_threads(u64 endpoint) {
    u64 threads = make(OBJECT_TCB, 0, WORLD_THREADS);
    u64 contexts = make(OBJECT_SCHED_CONTEXT, 8, WORLD_THREADS);
    u64 frames = make(OBJECT_4K_PAGE, 0, WORLD_THREADS);

    for (u64 i = 0; i < WORLD_THREADS; i++) {
        call(threads + i, METHOD_TCB_CONFIGURE, W(0, 0, 0x14000),
             W(ROOT, SEL4_INIT_SLOT_VSPACE, frames + i));
        call(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
             W(500 + 500 * (i & 1), 1000, i, 7, i & 1), W(contexts + i));
        call(threads + i, METHOD_TCB_SET_SCHED_PARAMS, W(255, 255 - i),
             W(SEL4_INIT_SLOT_TCB, i < 3 ? contexts + i : SEL4_INIT_SLOT_NULL, endpoint));
        call(threads + i, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(0), W(endpoint));
    }
    make_passive(threads + 3, contexts + 3);
    for (u64 i = 0; i < 3; i++) {
        call(threads + i, METHOD_TCB_RESUME, W(0), W(ROOT));
    }
}

enum { PEER = 1, BELLS = 70 };

/* With a peer, whose part the input plays. */
static void boot(void) {
    struct host_options options = {.cnode_bits = 8,
                                   .memory_bytes = MIB(2),
                                   .domains = 2,
                                   .partition_flags = BOOT_WALLS,
                                   .doorbell_max_rate_per_s = 100000};

    machine_add_peer(&options, PEER, BELLS);
    host_boot(&options);
}

/* Two lines that this core listens on, two that it sends on. */
static void make_doorbells(u64 bell) {
    for (u64 i = 0; i < 2; i++) {
        call(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET,
             W(DOORBELL_IRQ + PEER * 1024 + i, next_slot, 64), W(ROOT));
        call(next_slot, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0), W(bell + i));
        call(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_ISSUE_DOORBELL,
             W(PEER, i * 64, next_slot + 1, 64), W(ROOT));
        next_slot += 2;
    }
}

static void build_world(void) {
    boot();
    info = object(SEL4_INIT_SLOT_BOOTINFO_FRAME);
    root_buffer = object(SEL4_INIT_SLOT_IPC_BUFFER_FRAME);
    next_slot = info->empty.start;
    memory = machine_untyped(info, false);
    endpoints = make(OBJECT_ENDPOINT, 0, WORLD_ENDPOINTS);
    call(ROOT, METHOD_CNODE_MINT, W(next_slot++, 64, endpoints + 1, 64, ALL_RIGHTS, BADGE),
         W(ROOT));
    u64 bell = make(OBJECT_NOTIFICATION, 0, 3);
    u64 line = next_slot++;

    (void)make(OBJECT_CNODE, 3, 2);
    replies = make(OBJECT_REPLY, 0, WORLD_REPLIES);
    (void)make(OBJECT_PAGE_TABLE, 0, 3);
    (void)make(OBJECT_UNTYPED, 12, 2);
    (void)make(OBJECT_UNTYPED, 15, 1);
    make_threads(endpoints);
    call(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET, W(CALLER_LINE, line, 64), W(ROOT));
    call(line, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(0), W(bell));
    call(SEL4_INIT_SLOT_TCB, METHOD_TCB_BIND_NOTIFICATION, W(0), W(bell));
    make_doorbells(bell);
}

/* ---- Steps -------------------------------------------------------------------------------------------------- */

/* A slot of the root's CNode that holds one of these kinds, the n-th of them; any slot if there is none. */
static u64 slot_of_kind(u64 kinds, u8 n) {
    u64 count = 0;

    for (u64 slot = 1; slot < 256; slot++) {
        count += (kinds >> cap_kind(kernel.root_cnode[slot].cap)) & 1;
    }
    if (count == 0) {
        return n;
    }
    u64 wanted = n % count;

    for (u64 slot = 1;; slot++) {
        if ((kinds >> cap_kind(kernel.root_cnode[slot].cap)) & 1) {
            if (wanted == 0) {
                return slot;
            }
            wanted--;
        }
    }
}

static u64 operand(struct fuzz_bytes *in) {
    u8 byte = fuzz_u8(in);

    if (byte < 0xe0) {
        return byte;
    }
    switch (byte & 15) {
    case 0:
    case 1:
        return fuzz_u64(in);
    case 2:
        return ~0ull >> (fuzz_u8(in) & 63);
    case 3:
    case 4:
        return 1ull << (fuzz_u8(in) & 63);
    case 5:
        return (u64)fuzz_u8(in) << 12;
    case 6:
        return (u64)fuzz_u8(in) << 21;
    case 7:
        return 64;
    case 8:
        return 1000u * fuzz_u8(in);
    case 9:
        return (u64)fuzz_u8(in) << 30;
    case 10:
    case 11:
        return slot_of_kind(1ull << (fuzz_u8(in) & 31), fuzz_u8(in));
    default:
        return byte & 15;
    }
}

static u64 *buffer_of_running(void) {
    return tcb_buffer(tcb_of_context(host.running), true);
}

static void set_word(unsigned i, u64 value) {
    u64 *buffer = buffer_of_running();

    if (i < 4) {
        host.running->reg[REG_MR0 + i] = value;
    }
    if (buffer != NULL) {
        buffer[BUFFER_MSG + i] = value;
    }
}

static void set_cap(unsigned i, u64 cptr) {
    u64 *buffer = buffer_of_running();

    if (buffer != NULL) {
        buffer[BUFFER_CAPS + i] = cptr;
    }
}

/* DebugHalt ends the machine: that is its purpose. */
static bool ends_machine(s64 number) {
    return number == SYSCALL_DEBUG_HALT;
}

/* So does naming what is no thread: what is named, is one (of the root's slots, if nothing moved). */
static bool misnames(s64 number) {
    const struct tcb *caller = tcb_of_context(host.running);
    const struct cslot *slot = cspace_lookup(caller, host.running->reg[REG_CAP]).slot;

    return number == SYSCALL_DEBUG_NAME_THREAD && (slot == NULL || !cap_is(slot->cap, CAP_THREAD));
}

static void make_call(s64 number) {
    struct arch_context *caller = host.running;
    u64 pc = caller->reg[REG_PC];

    if (ends_machine(number) || misnames(number)) {
        return;
    }
    host_syscall(number);
    /* A call that was preempted starts again; a caller that was restarted may do so, too, once. */
    for (int turns = 0; turns < 3 && host.running == caller && caller->reg[REG_PC] == pc; turns++) {
        host_interrupt();
        if (host.running == caller) {
            host_syscall(number);
        }
    }
}

static void step_raw(struct fuzz_bytes *in) {
    static const u8 registers[] = {REG_A0, REG_A1, REG_A2, REG_A3, REG_A4, REG_A5, REG_A6, REG_T0};
    s64 number = (int8_t)fuzz_u8(in) % SYSCALL_NUMBERS;

    for (unsigned i = 0; i < ARRAY_LENGTH(registers); i++) {
        host.running->reg[registers[i]] = operand(in);
    }
    host.running->reg[REG_INFO] |= (u64)(fuzz_u8(in) & 63) << 12;
    make_call(number);
}

/* A message through an endpoint, a notification or a reply object, with words and capabilities. */
static void step_message(struct fuzz_bytes *in) {
    static const u32 kinds =
        1u << CAP_ENDPOINT | 1u << CAP_NOTIFICATION | 1u << CAP_REPLY | 1u << CAP_DOORBELL;
    u64 *reg = host.running->reg;
    u64 *buffer = buffer_of_running();
    u8 shape = fuzz_u8(in);

    reg[REG_CAP] = slot_of_kind(kinds, fuzz_u8(in));
    reg[REG_REPLY] = slot_of_kind(1u << CAP_REPLY, fuzz_u8(in));
    reg[REG_DEST] = slot_of_kind(kinds, fuzz_u8(in));
    reg[REG_INFO] = msginfo_make(shape & 7, 0, (shape >> 3) & 3, (shape >> 5) * 16u);
    set_cap(0, operand(in));
    if (buffer != NULL && (shape & 1)) {
        buffer[BUFFER_RECEIVE_CNODE] = ROOT;
        buffer[BUFFER_RECEIVE_INDEX] = operand(in);
        buffer[BUFFER_RECEIVE_DEPTH] = 64;
    }
    make_call(-1 - (s64)(fuzz_u8(in) % 11));
}

/*
 * One side of a conversation over the world's first endpoints, without which two threads meet too seldom; the
 * first of them is where faults go.
 */
static void step_talk(struct fuzz_bytes *in) {
    static const s8 calls[] = {SYSCALL_CALL, SYSCALL_RECV,    SYSCALL_REPLY_RECV, SYSCALL_RECV,
                               SYSCALL_CALL, SYSCALL_NB_RECV, SYSCALL_SEND,       SYSCALL_NB_SEND};
    static const u8 lengths[] = {0, 1, 4, 5, 32, 36, 120, 127};
    u64 *reg = host.running->reg;
    u64 *buffer = buffer_of_running();
    u8 how = fuzz_u8(in);
    u8 what = fuzz_u8(in);

    reg[REG_CAP] = endpoints + ((how & 1) ? 1 : WORLD_ENDPOINTS * (u64)(how >> 7));
    reg[REG_REPLY] = replies + ((how >> 1) & 3) % WORLD_REPLIES;
    reg[REG_INFO] = msginfo_make(what >> 6, 0, (what >> 3) & 3, lengths[what & 7]);
    for (unsigned i = 0; i < 3; i++) {
        set_cap(i, endpoints + i);
    }
    if (buffer != NULL) {
        buffer[BUFFER_RECEIVE_CNODE] = ROOT;
        buffer[BUFFER_RECEIVE_INDEX] = next_slot + (how & 1);
        buffer[BUFFER_RECEIVE_DEPTH] = 64;
    }
    make_call(calls[(how >> 3) & 7]);
}

/* A nearly well-formed invocation. */
static void step_method(struct fuzz_bytes *in) {
    const struct fuzz_method *method = &fuzz_methods[fuzz_u8(in) % ARRAY_LENGTH(fuzz_methods)];
    u8 odd = fuzz_u8(in);
    unsigned length = method->length;
    unsigned caps = method->caps;

    for (unsigned i = 0; i < length; i++) {
        bool depth = i < 16 && ((method->depth_registers >> i) & 1);

        set_word(i, depth && odd < 250 ? 64 : operand(in));
    }
    for (unsigned i = 0; i < caps; i++) {
        set_cap(i, odd % 16 == 1 ? operand(in) : slot_of_kind(method->cap_kinds[i], fuzz_u8(in)));
    }
    if (odd % 32 == 2) {
        length = fuzz_u8(in) & 127;
        caps = odd >> 6;
    }
    host.running->reg[REG_CAP] = slot_of_kind(1ull << method->kind, fuzz_u8(in));
    host.running->reg[REG_INFO] = msginfo_make(method->label, 0, caps, length);
    make_call(odd % 8 == 3 ? SYSCALL_SEND : SYSCALL_CALL);
}

static void step_fault(struct fuzz_bytes *in) {
    struct arch_fault fault = {.kind = fuzz_u8(in) & 1 ? ARCH_FAULT_VM : ARCH_FAULT_USER,
                               .address = operand(in),
                               .number = operand(in),
                               .fsr = 5};

    host_fault(&fault);
}

/* The peer writes what it likes into what is shared, and rings or does not. */
static void step_peer(struct fuzz_bytes *in) {
    u8 what = fuzz_u8(in);
    struct pair_way *way = &peer.pair->way[(what >> 6) & 1];

    way->word[what % PAIR_WORDS] ^= operand(in);
    way->summary ^= operand(in);
    *peer.mailbox = what >> 7;
}

static void one_step(struct fuzz_bytes *in) {
    u8 opcode = fuzz_u8(in);

    if (opcode < 24) {
        host_advance(1 + (u64)fuzz_u8(in) * (opcode < 16 ? 4 : 400));
    } else if (opcode < 32) {
        host_raise(1 + fuzz_u8(in) % (HOST_IRQS - 1));
        host_interrupt();
    } else if (opcode < 40) {
        host.interrupts_hidden = fuzz_u8(in); /* the next long operation is interrupted */
    } else if (host.running == NULL) {
        host_raise(CALLER_LINE);
        host_advance(1000);
    } else if (opcode < 80) {
        step_raw(in);
    } else if (opcode < 88) {
        step_peer(in);
    } else if (opcode < 110) {
        step_talk(in);
    } else if (opcode < 140) {
        step_message(in);
    } else if (opcode < 252) {
        step_method(in);
    } else {
        step_fault(in);
    }
    host_interrupt();
}

static void check(void) {
    const char *broken = check_all();

    if (broken != NULL) {
        (void)fprintf(stderr, "invariant broken: %s\n", broken);
        abort();
    }
}

void fuzz_input(const u8 *data, size_t bytes) {
    struct fuzz_bytes in = {.data = data, .bytes = bytes};

    build_world();
    for (unsigned steps = 1; fuzz_more(&in); steps++) {
        one_step(&in);
        if (steps % CHECK_EACH == 0) {
            check();
        }
    }
    check();
}
