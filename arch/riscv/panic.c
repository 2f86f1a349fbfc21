// SPDX-License-Identifier: BSD-2-Clause
/*
 * When the kernel itself traps or gives up: the report, and the one trap that is expected (the probe of the
 * walls). The trap code has put us on a stack of our own, so a broken or overflown kernel stack is reported
 * like anything else. A trap while reporting halts at once.
 */
#include "arch/panic.h"

#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/riscv/panic.h"
#include "arch/riscv/riscv.h"
#include "arch/upcalls.h"
#include "lib/bound.h"
#include "lib/format.h"

#define BACKTRACE_FRAMES  16
#define CAUSE_LOAD_ACCESS 5

/* For trap.S. The emergency stack holds handler, formatter and the core's kernel_panic(), no more. */
struct riscv_kernel_trap riscv_trap_frame;
u8 ALIGNED(16) riscv_emergency_stack[RISCV_EMERGENCY_BYTES];

/* A trap of the kernel that nobody expected is being reported. */
static bool trap_is_fatal;
static char panic_buffer[ARCH_PANIC_TEXT_BYTES];

static bool is_in_stack(u64 address) {
    return address >= RISCV_STACK_TOP - RISCV_STACK_BYTES && address <= RISCV_STACK_TOP;
}

static bool is_in_guard(u64 address) {
    u64 bottom = RISCV_STACK_TOP - RISCV_STACK_BYTES;

    return address >= bottom - PAGE_SIZE && address < bottom;
}

static const char *trap_sentence(const struct riscv_kernel_trap *trap) {
    switch (trap->cause) {
    case 1:
    case 12:
        return "the kernel jumped to an address it cannot execute";
    case 2:
        return "the kernel met an illegal instruction";
    case 3:
        return "the kernel met a breakpoint";
    case 5:
    case 13:
        return "the kernel read an address it cannot read";
    case 7:
    case 15:
        return "the kernel wrote an address it cannot write";
    default:
        return "the kernel trapped";
    }
}

void riscv_kernel_trapped(struct riscv_kernel_trap *trap) {
    bool is_probe = trap->pc == (u64)riscv_probe_instruction && trap->cause == CAUSE_LOAD_ACCESS;

    if (trap_is_fatal) {
        arch_halt();
    }
    if (is_probe) {
        trap->pc = (u64)riscv_probe_resume;
        trap->x[10 - 1] = 1; /* a0: it trapped */
        return;
    }
    trap_is_fatal = true;
    kernel_panic(is_in_guard(trap->value) ? "kernel stack overflow" : trap_sentence(trap));
}

struct text {
    char *at;
    u64 left;
};

static void add(struct text *text, const char *format, ...) PRINTF(2, 3);

static void add(struct text *text, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    u64 n = format_text_list(text->at, text->left, format, arguments);
    va_end(arguments);
    text->at += n;
    text->left -= n;
}

static void add_registers(struct text *text, const struct riscv_kernel_trap *trap) {
    static const char names[31][4] = {"ra", "sp",  "gp",  "tp", "t0", "t1", "t2", "s0",
                                      "s1", "a0",  "a1",  "a2", "a3", "a4", "a5", "a6",
                                      "a7", "s2",  "s3",  "s4", "s5", "s6", "s7", "s8",
                                      "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

    add(text, "  hart %lu pc 0x%lx cause 0x%lx value 0x%lx\n ", riscv_hart, trap->pc, trap->cause,
        trap->value);
    BOUND(panic_registers, 31);
    for (unsigned i = 0; i < 31; i++) {
        BOUND_STEP(panic_registers);
        add(text, " %s 0x%lx", names[i], trap->x[i]);
    }
    add(text, "\n");
}

/* gcc and clang put the return address at fp - 8 and the caller's frame pointer at fp - 16. */
static void add_backtrace(struct text *text, u64 pc, u64 frame) {
    add(text, "  backtrace: 0x%lx", pc);
    BOUND(panic_backtrace, BACKTRACE_FRAMES);
    for (unsigned i = 0; i < BACKTRACE_FRAMES; i++) {
        BOUND_STEP(panic_backtrace);
        if (!is_in_stack(frame) || !is_in_stack(frame - 16) || !is_aligned(frame, 3)) {
            break;
        }
        add(text, " 0x%lx", *(const u64 *)(frame - 8));
        frame = *(const u64 *)(frame - 16);
    }
    add(text, "\n");
}

u64 arch_panic_text(char *buffer, u64 size, const char *sentence) {
    struct text text = {buffer, size};

    add(&text, "panic: %s\n", sentence);
    if (trap_is_fatal) {
        add_registers(&text, &riscv_trap_frame);
        add_backtrace(&text, riscv_trap_frame.pc, riscv_trap_frame.x[8 - 1]);
    } else {
        add(&text, "  hart %lu\n", riscv_hart);
        add_backtrace(&text, (u64)__builtin_return_address(0), (u64)__builtin_frame_address(0));
    }
    return (u64)(text.at - buffer);
}

void arch_panic(const char *sentence) {
    arch_console_write(panic_buffer, arch_panic_text(panic_buffer, sizeof(panic_buffer), sentence));
    arch_halt();
}

/*
 * Debug kernels: a loop turned more often than its BOUND says. If that happens again while the first time is being
 * told, it was a loop of the telling: stop.
 */
void bound_exceeded(const char *id, u64 bound) {
    static bool is_told;
    char sentence[96];

    if (is_told) {
        arch_halt();
    }
    is_told = true;
    format_text(sentence, sizeof(sentence), "loop '%s' exceeded its bound of %lu", id, bound);
    kernel_panic(sentence);
}
