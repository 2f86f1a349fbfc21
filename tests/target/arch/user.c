// SPDX-License-Identifier: BSD-2-Clause
/*
 * The test's user program: two threads in one address space that look at everything arch promises them. Each
 * check prints one line only when it fails; the last line of a partition is "passed N checks" or "FAILED n".
 */
#include "lib/bound.h"
#include "lib/format.h"
#include "lib/string.h"
#include "tests/target/arch/calls.h"

u64 registers_survive(u64 pattern, u64 call);
u64 rest_changes(u64 pattern, u64 add);
void float_fill(u64 pattern);
u64 float_differs(u64 pattern);
u64 float_nonzero(void);
void fault_load(u64 address);
void fault_store(u64 address);
void fault_fetch(u64 address);
void fault_illegal(u64 unused);
void fault_break(u64 unused);
void fault_float(u64 unused);
void fault_kernel_csr(u64 unused);
void user_main(u64 thread, u64 start_registers);

struct answer {
    u64 a[5];
};

static struct answer call(u64 number, u64 arg0, u64 arg1) {
    register u64 a0 __asm__("a0") = arg0;
    register u64 a1 __asm__("a1") = arg1;
    register u64 a2 __asm__("a2");
    register u64 a3 __asm__("a3");
    register u64 a4 __asm__("a4");
    register u64 a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "=r"(a2), "=r"(a3), "=r"(a4)
                     : "r"(a7)
                     : "memory");
    return (struct answer){{a0, a1, a2, a3, a4}};
}

static u64 checks[2];
static u64 failures[2];
static u64 me_is[2];

static void print(const char *text) {
    call(CALL_PRINT, (u64)text, strlen(text));
}

/* What is expected, and what was seen. */
static void check(u64 me, const char *what, u64 seen, u64 expected) {
    char line[160];

    checks[me]++;
    if (seen != expected) {
        failures[me]++;
        format_text(line, sizeof(line), "thread %lu: %s: 0x%lx, expected 0x%lx\n", me, what, seen,
                    expected);
        print(line);
    }
}

static void check_registers(u64 me) {
    for (u64 i = 0; i < 20; i++) {
        u64 pattern = (me + 1) * 0x1111111111110000ull + i * 0x100;

        check(me, "registers changed by a call that returns at once",
              registers_survive(pattern, CALL_OTHER_RUNS) > 1, 0);
        check(me, "registers changed by a switch", registers_survive(pattern, CALL_YIELD), 0);
        check(me, "registers the core was to change", rest_changes(pattern, i + 1), 0);
    }
}

/* INV-FPU-1: nobody finds another thread's floating-point registers, and everybody finds their own. */
static void check_float(u64 me) {
    u64 pattern = 0x4000000000000000ull + me * 0x123400;

    /* Thread 0 fills its registers first; thread 1 then finds zeros, not those. */
    if (me == 1) {
        call(CALL_YIELD, 0, 0);
    }
    check(me, "floating-point registers not zero at first use", float_nonzero(), 0);
    for (u64 i = 0; i < 20; i++) {
        float_fill(pattern + i);
        call(CALL_YIELD, 0, 0);
        check(me, "floating-point registers changed by a switch", float_differs(pattern + i), 0);
        /* Not written since they were restored, so not saved this time (INV-FPU-1). */
        call(CALL_YIELD, 0, 0);
        check(me, "clean floating-point registers changed", float_differs(pattern + i), 0);
    }
    call(CALL_FPU_DISABLE, 1, 0);
    fault_float(0);
    check(me, "exception number with floating point disabled", call(CALL_FAULT, 0, 0).a[3], 2);
    call(CALL_FPU_DISABLE, 0, 0);
    check(me, "floating-point state after it was given back", float_nonzero(), 0);
}

static void check_fault(u64 me, const char *what, void (*cause)(u64), u64 address,
                        const struct answer *expected) {
    cause(address);
    struct answer seen = call(CALL_FAULT, 0, 0);

    check(me, what, seen.a[0], expected->a[0]);
    check(me, what, seen.a[1], expected->a[1]);
    check(me, what, seen.a[2], expected->a[2]);
    check(me, what, seen.a[3], expected->a[3]);
    check(me, what, seen.a[4], expected->a[4]);
}

#define HOLE   0x30000000ull         /* nothing mapped */
#define KERNEL 0xffffffffc0000000ull /* mapped, not for us */

static void check_faults(u64 me) {
    static const struct {
        const char *what;
        void (*cause)(u64);
        u64 address;
        u64 kind;
        u64 fsr;
        u64 number;
    } * t, table[] = {
               {"load from a hole", fault_load, HOLE, 0, 5, 13},
               {"store to a hole", fault_store, HOLE, 0, 7, 15},
               {"fetch from a hole", fault_fetch, HOLE, 0, 1, 12},
               {"load from the kernel", fault_load, KERNEL, 0, 5, 13},
               {"store to the kernel", fault_store, KERNEL, 0, 7, 15},
               {"fetch from the kernel", fault_fetch, KERNEL, 0, 1, 12},
               {"load from the window", fault_load, 0xffffffc080000000ull, 0, 5, 13},
               {"load from a non-canonical address", fault_load, 0x0100000000000000ull, 0, 5, 13},
               {"illegal instruction", fault_illegal, 0, 1, 0, 2},
               {"breakpoint", fault_break, 0, 1, 0, 3},
               {"supervisor register", fault_kernel_csr, 0, 1, 0, 2},
           };

    for (u64 i = 0; i < ARRAY_LENGTH(table); i++) {
        t = &table[i];
        bool is_fetch = t->fsr == 1;
        struct answer expected = {{t->kind, t->kind == 0 ? t->address : 0, t->fsr, t->number,
                                   is_fetch ? t->address : (u64)t->cause}};
        check_fault(me, t->what, t->cause, t->address, &expected);
    }
}

static u64 now(void) {
    u64 time;

    __asm__ volatile("csrr %0, time" : "=r"(time));
    return time;
}

static void check_time(u64 me) {
    for (u64 i = 1; i <= 5; i++) {
        u64 start = now();

        call(CALL_SLEEP, i * 200, 0);
        check(me, "woke before its time", now() - start < i * 200, 0);
    }
    /* A spinning thread is interrupted, and does not notice. */
    u64 before = call(CALL_ALARMS, 0, 0).a[0];
    call(CALL_ALARM, 500, 0);
    u64 end = now() + 50000000;
    while (call(CALL_ALARMS, 0, 0).a[0] == before && now() < end) {
        for (volatile int i = 0; i < 10000; i++) {
        }
    }
    check(me, "alarm while spinning", call(CALL_ALARMS, 0, 0).a[0] - before, 1);
}

static u8 ALIGNED(4096) clear_area[4096 + 512];

static void check_clear(u64 me) {
    static const u16 sizes[] = {8, 64, 72, 128, 192, 256, 320, 512, 1000, 1024, 4096};

    for (u64 offset = 0; offset <= 64; offset += 8) {
        for (u64 i = 0; i < ARRAY_LENGTH(sizes); i++) {
            u64 bytes = sizes[i];
            u64 wrong = 0;

            if (offset + bytes > 4096) {
                continue;
            }
            memset(clear_area, 0xa5, sizeof(clear_area));
            call(CALL_CLEAR, (u64)clear_area + offset, bytes);
            for (u64 b = 0; b < sizeof(clear_area); b++) {
                bool inside = b >= offset && b < offset + bytes;
                wrong += clear_area[b] != (inside ? 0 : 0xa5);
            }
            check(me, "bytes not as arch_clear() must leave them", wrong, 0);
        }
    }
}

/*
 * Goldfish RTC: an alarm at a time gives a level interrupt until it is cleared. Twice without clearing first: the
 * line is still up when the irq is unmasked again, so it must come again.
 */
#define RTC_WORD(offset) (*(volatile u32 *)(USER_DEVICE + (offset)))
#define RTC_IRQ          11

static void check_device(u64 me, bool is_plic) {
    for (u64 i = 0; i < 3; i++) {
        u64 time = RTC_WORD(0x00) | (u64)RTC_WORD(0x04) << 32;

        time += 20000;
        RTC_WORD(0x10) = 1; /* interrupts on */
        RTC_WORD(0x0c) = (u32)(time >> 32);
        RTC_WORD(0x08) = (u32)time;
        if (i == 0) {
            call(CALL_SLEEP, 10000, 0); /* it comes while it was never unmasked */
        }
        call(CALL_WAIT_IRQ, RTC_IRQ, 0);
        if (i == 1) {
            if (is_plic) {
                RTC_WORD(0x10) =
                    1; /* the emulator's PLIC looks at a line only when its device does something */
            }
            call(CALL_WAIT_IRQ, RTC_IRQ, 0); /* still up: again at once */
        }
        checks[me]++;
        RTC_WORD(0x1c) = 1; /* clear */
    }
}

static void check_doorbells(u64 me) {
    struct answer answer = call(CALL_PEERS, 0, 0);
    u64 peers = answer.a[0];
    bool is_in_step = answer.a[1] != 0;

    if (peers == 0) {
        return;
    }
    /* Let everybody come up (a ring before that is lost: coming up clears all), ring, wait until all have rung. */
    call(CALL_SLEEP, is_in_step ? 200000 : 10000000, 0);
    call(CALL_RING, 0, 0);
    check(me, "peers that rang", call(CALL_WAIT_RINGS, peers, 0).a[0], MASK(peers));
    if (!is_in_step) {
        return;
    }
    /* Masked rings are not lost. Peers do the same at the same time, in runs where time is virtual. */
    call(CALL_SLEEP, 50000, 0);
    u64 before = call(CALL_RINGS, 0, 0).a[0];
    call(CALL_MASK, 1, 0);
    call(CALL_SLEEP, 50000, 0);
    call(CALL_RING, 0, 0);
    call(CALL_SLEEP, 50000, 0);
    check(me, "rings while masked", call(CALL_RINGS, 0, 0).a[0] - before, 0);
    call(CALL_MASK, 0, 0);
    call(CALL_SLEEP, 1000, 0);
    check(me, "rings after unmasking", call(CALL_RINGS, 0, 0).a[0] > before, 1);
}

void user_main(u64 me, u64 start_registers) {
    check(me, "registers at the start", start_registers, 0);
    me_is[me] = me;
    check_registers(me);
    check_float(me);
    check_faults(me);
    check_time(me);
    if (me == 0) {
        check_clear(me);
        check_doorbells(me);
        u64 device = call(CALL_WAIT_IRQ, 0, 0).a[0];
        if (device != 0) {
            check_device(me, device == 1);
        }
    }
    call(CALL_DONE, failures[me], checks[me]);
}

void bound_exceeded(const char *id, u64 bound) {
    check(0, id, 1, bound);
    call(CALL_DONE, 1, 0);
    for (;;) {
    }
}
