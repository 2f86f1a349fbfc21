// SPDX-License-Identifier: BSD-2-Clause
/* See tests/model/kernel/step.h. */
#include "tests/model/kernel/step.h"

#include <stdio.h>

#include "arch/host/host.h"
#include "kernel/entry/check.h"
#include "kernel/object/object.h"
#include "tests/model/kernel/compare.h"
#include "tests/support/machine.h"

struct step_counts counts;

/* ---- Making a step ------------------------------------------------------------------------------------------ */

void step_word(struct step_record *step, unsigned at, u64 value) {
    if (step->words < STEP_WORDS) {
        step->word[step->words].at = at;
        step->word[step->words].value = value;
        step->words++;
    }
}

void step_message(struct step_record *step, u64 label, struct words words, struct words caps) {
    step->info = label << 12 | (u64)caps.count << 7 | words.count;
    for (unsigned i = 0; i < words.count; i++) {
        if (i < 4) {
            step->mr[i] = words.at[i];
        } else {
            step_word(step, AT_MSG + i, words.at[i]);
        }
    }
    for (unsigned i = 0; i < caps.count; i++) {
        step_word(step, AT_CAPS + i, caps.at[i]);
    }
}

/* ---- System calls ------------------------------------------------------------------------------------------- */

static void set_register(int reg, u64 value) {
    threads[m.current].reg[reg] = value;
    host.running->reg[reg] = value;
}

static void write_buffer(unsigned at, u64 value) {
    u64 *buffer = thread_buffer(m.current, false);

    if (buffer != NULL) {
        struct m_cap cap = slots[held_slot(m.current, HELD_BUFFER)].cap;

        buffer[at] = value;
        at += (unsigned)(buffer - frames[cap.object].word);
        ((u64 *)pointer(frames[cap.object].address))[at] = value;
    }
}

static void load_registers(const struct step_record *step) {
    set_register(SEL4_REG_A0, step->cap);
    set_register(SEL4_REG_A1, step->info);
    for (int i = 0; i < 4; i++) {
        set_register(SEL4_REG_A2 + i, step->mr[i]);
    }
    set_register(SEL4_REG_A6, step->reply);
    set_register(SEL4_REG_T0, step->dest);
    for (unsigned i = 0; i < step->words; i++) {
        write_buffer(step->word[i].at, step->word[i].value);
    }
}

static void count_call(const struct step_record *step, int kind, int caller) {
    unsigned method = method_index(step->info >> 12);

    counts.by_keeper += caller == 0;
    if (step->number < 0 && step->number >= -11) {
        counts.syscall[-step->number]++;
        counts.syscall_waits[-step->number] += threads[caller].state != RUNNABLE;
    }
    if (step->number == SYSCALL_CALL && method != METHOD_INVALID && kind != SEL4_CAP_ENDPOINT &&
        kind != SEL4_CAP_NOTIFICATION && kind != SEL4_CAP_REPLY && kind != SEL4_CAP_DOORBELL) {
        counts.method[method]++;
        counts.method_good[method] += threads[caller].reg[SEL4_REG_A1] >> 12 == 0;
    }
}

/* Was the system call stopped in the middle of long work, so that the caller
 * makes it again? */
static bool was_stopped(int caller, u64 pc) {
    return host.running == &kernel_thread(caller)->context && host.running->reg[REG_PC] == pc;
}

static void syscall_in_kernel(const struct step_record *step) {
    if (step->interrupted) {
        kernel.work_units =
            PREEMPTION_UNITS - 1; /* the first unit of long work is followed by a look */
        host.interrupts_hidden = 1;
    }
    host_syscall(step->number);
}

static void perform_syscall(const struct step_record *step) {
    int caller = m.current;
    u64 pc = threads[caller].reg[SEL4_REG_PC];
    struct m_lookup found = tree_lookup(caller, step->cap);
    int kind = found.slot == NOBODY ? 0 : slots[found.slot].cap.kind;

    counts.calls++;
    load_registers(step);
    model_syscall(step->number);
    count_call(step, kind, caller);
    if (m.full) {
        return;
    }
    syscall_in_kernel(step);
    while (step->interrupted && host.interrupts_hidden == 0 && was_stopped(caller, pc)) {
        counts.restarts++;
        syscall_in_kernel(step);
    }
    host.interrupts_hidden = 0;
}

/* ---- Everything else ---------------------------------------------------------------------------------------- */

static void perform_fault(const struct step_record *step) {
    struct arch_fault fault = {.kind = ARCH_FAULT_USER, .number = step->value};

    if (step->kind == STEP_VM_FAULT) {
        fault = (struct arch_fault){.kind = ARCH_FAULT_VM, .address = step->value, .fsr = 5};
        model_fault_vm(step->value, false, 5);
    } else {
        model_fault_exception(step->value);
    }
    host_fault(&fault);
}

/* From alarm to alarm, so that a difference shows where it arises. */
static void pass_time(u64 ticks) {
    while (ticks > 0 && host.alarm == m.alarm) {
        u64 piece = m.alarm > m.now ? min_u64(ticks, m.alarm - m.now) : 1;

        model_advance(piece);
        host_advance(piece);
        ticks -= piece;
    }
}

static void peer_rings(u64 bells) {
    for (int line = DEVICES; line < LINES; line++) {
        if ((bells >> (line - DEVICES)) & 1) {
            machine_peer_sets(bell_of(line));
        }
    }
    *peer.mailbox = 1;
    host_interrupt();
}

/* One step on both sides. */
static void perform(void *argument) {
    const struct step_record *step = argument;

    if (step->who != m.current && step->kind < STEP_TIME) {
        return;
    }
    switch (step->kind) {
    case STEP_TIME:
        pass_time(step->value);
        break;
    case STEP_LATE:
        m.now += step->value;
        host.time += step->value;
        break;
    case STEP_IRQ:
        model_interrupt((int)step->value);
        host_raise((u32)step->value + 1);
        host_interrupt();
        break;
    case STEP_RING:
        model_ring((unsigned)step->value);
        peer_rings(step->value);
        break;
    case STEP_TAKE:
        model_peer_takes();
        machine_peer_forgets();
        break;
    case STEP_SYSCALL:
        perform_syscall(step);
        break;
    default:
        perform_fault(step);
        break;
    }
    model_settle();
    host_interrupt();
}

/* ---- A step ------------------------------------------------------------------------------------------------- */

/* One step, compared. False: kernel and model differ, see `difference`. */
bool step_run(const struct step_record *step, int number) {
    const char *panic = host_expect_panic(perform, (void *)(uintptr_t)step);

    if (panic != NULL) {
        (void)snprintf(difference, sizeof difference, "the kernel panics: %s", panic);
        return false;
    }
    if (m.full || m.ambiguous) {
        return true;
    }
    if (number % CHECK_EACH == 0) {
        const char *broken = check_all();

        if (broken != NULL) {
            (void)snprintf(difference, sizeof difference, "invariant: %s", broken);
            return false;
        }
    }
    return compare(number);
}
