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

#define BACKTRACE_MOST    16
#define CAUSE_LOAD_ACCESS 5

/* Indexes of riscv_kernel_trap.x, which begins with x1. */
#define REGISTER_RA 0
#define REGISTER_SP 1
#define REGISTER_A0 9

/* From kernel.ld. */
extern const u8 _start[];
extern const u8 riscv_text_end[];

/* For trap.S. The emergency stack holds handler, formatter and the core's kernel_panic(), no more. */
struct riscv_kernel_trap riscv_trap_frame;
u8 ALIGNED(16) riscv_emergency_stack[RISCV_EMERGENCY_BYTES];

/* A trap of the kernel that nobody expected is being reported. */
static bool trap_is_fatal;
static char panic_buffer[ARCH_PANIC_TEXT_BYTES];

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
        trap->x[REGISTER_A0] = 1; /* it trapped */
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

/* Is this the address behind a call: jal ra, jalr ra or c.jalr? */
static bool is_return_address(u64 address) {
    if (address < (u64)_start + 4 || address >= (u64)riscv_text_end || address % 2 != 0) {
        return false;
    }
    const u16 *behind = (const u16 *)address;
    unsigned long_link = behind[-2] & 0xfff;
    bool is_short = (behind[-1] & 0xf07f) == 0x9002 && (behind[-1] & 0xf80) != 0;

    return long_link == 0x0ef || long_link == 0x0e7 || is_short;
}

/*
 * Whatever lies on the stack and looks like a return address; an overflown stack is read from its bottom. Needs no
 * frame pointers, which would cost every kernel path some instructions and lead astray in functions that call
 * nobody (those save no return address). The price: a value left over from an earlier call may show up, too.
 */
static void add_stack(struct text *text, u64 sp) {
    u64 from = max_u64(align_up(sp, 3), RISCV_STACK_TOP - RISCV_STACK_BYTES);
    unsigned found = 0;

    BOUND(panic_stack, RISCV_STACK_BYTES / 8 + 1);
    for (u64 at = from; at < RISCV_STACK_TOP; at += 8) {
        BOUND_STEP(panic_stack);
        u64 value = *(const u64 *)at;
        if (is_return_address(value) && found++ < BACKTRACE_MOST) {
            add(text, " 0x%lx", value);
        }
    }
    add(text, "\n");
}

u64 arch_panic_text(char *buffer, u64 size, const char *sentence) {
    struct text text = {buffer, size};
    const struct riscv_kernel_trap *trap = &riscv_trap_frame;

    add(&text, "panic: %s\n", sentence);
    if (trap_is_fatal) {
        add_registers(&text, trap);
        add(&text, "  backtrace: 0x%lx 0x%lx", trap->pc, trap->x[REGISTER_RA]);
        add_stack(&text, trap->x[REGISTER_SP]);
    } else {
        add(&text, "  hart %lu\n  backtrace:", riscv_hart);
        add_stack(&text, (u64)__builtin_frame_address(0));
    }
    return (u64)(text.at - buffer);
}

void arch_panic_print(const char *sentence) {
    arch_console_write(panic_buffer, arch_panic_text(panic_buffer, sizeof(panic_buffer), sentence));
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
