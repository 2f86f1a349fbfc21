// SPDX-License-Identifier: BSD-2-Clause
/* The host's implementation of arch and plat headers: variables instead of hardware. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/atomic.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/doorbell.h"
#include "arch/fpu.h"
#include "arch/host/host.h"
#include "arch/memory.h"
#include "arch/panic.h"
#include "arch/timer.h"
#include "arch/vspace.h"
#include "lib/bound.h"
#include "plat/plat.h"

_Thread_local struct host_machine host;

ticks_t arch_time(void) {
    return host.time;
}

void arch_timer_set(ticks_t deadline) {
    host.alarm = deadline;
}

const char *arch_timer_init(const struct boot_platform *platform) {
    host.alarm = ARCH_TIMER_NEVER;
    return platform->has_sstc ? NULL : "this machine has no timer";
}

static bool mailbox_rung(void) {
    return host.mailbox != NULL && __atomic_load_n(host.mailbox, __ATOMIC_ACQUIRE) != 0;
}

static bool device_pending(void) {
    if (memchr(host.irq_pending, true, sizeof host.irq_pending) == NULL) {
        return false; /* nearly always */
    }
    for (u32 irq = 1; irq < HOST_IRQS; irq++) {
        if (host.irq_pending[irq] && !host.irq_masked[irq]) {
            return true;
        }
    }
    return false;
}

enum arch_interrupt arch_interrupt_next(void) {
    if (device_pending()) {
        return ARCH_INTERRUPT_EXTERNAL;
    }
    if (mailbox_rung()) {
        return ARCH_INTERRUPT_SOFTWARE;
    }
    return host.time >= host.alarm ? ARCH_INTERRUPT_TIMER : ARCH_INTERRUPT_NONE;
}

bool arch_interrupt_pending(void) {
    if (host.interrupts_hidden > 0 && --host.interrupts_hidden == 0) {
        return true; /* the test wants a preemption here */
    }
    return arch_interrupt_next() != ARCH_INTERRUPT_NONE;
}

void arch_clear(void *p, u64 bytes) {
    memset(p, 0, bytes);
}

void arch_instruction_sync(void) {}

bool arch_load_faults(paddr_t p) {
    (void)p;
    return host.fault_on_probe;
}

void arch_vspace_init(struct page_table *root) {
    (void)root; /* the host's kernel needs no mappings of its own */
}

void arch_vspace_load(u64 token) {
    host.root = token >> 16;
    host.asid = (u16)token;
}

void arch_tlb_flush_page(u16 asid, u64 vaddr) {
    (void)asid;
    (void)vaddr;
    host.flushes++;
}

void arch_tlb_flush_asid(u16 asid) {
    (void)asid;
    host.flushes++;
}

void arch_context_init(struct arch_context *context) {
    memset(context, 0, sizeof *context);
    context->whole = 1;
}

void arch_fpu_disable(struct arch_context *context, bool disabled) {
    context->fpu_disabled = disabled;
    context->fpu_used = 0;
}

void arch_fpu_switch(struct arch_context *from, struct arch_context *to) {
    (void)from;
    (void)to;
}

bool arch_fpu_first_use(struct arch_context *context) {
    return !context->fpu_disabled;
}

const char *arch_doorbell_init(const struct boot_platform *platform) {
    host.mailbox = (u64 *)(uintptr_t)platform->sswi;
    return NULL;
}

const char *arch_doorbell_connect(unsigned peer, const struct boot_peer *description,
                                  struct doorbell_target *target) {
    (void)peer;
    target->reg = (volatile u32 *)(uintptr_t)description->doorbell;
    target->value = 1;
    return NULL;
}

void arch_doorbell_ring(const struct doorbell_target *target) {
    __atomic_store_n((u64 *)(uintptr_t)target->reg, target->value, __ATOMIC_RELEASE);
}

u64 arch_doorbell_claim(void) {
    return __atomic_exchange_n(host.mailbox, 0, __ATOMIC_ACQ_REL) ? MASK(CORE_CONFIG_MAX_PEERS + 1)
                                                                  : 0;
}

u64 arch_doorbell_identity_peers(u32 identity) {
    (void)identity;
    return 0;
}

void arch_doorbell_mask(unsigned peer) {
    (void)peer;
}

void arch_doorbell_unmask(unsigned peer) {
    (void)peer;
}

void arch_doorbell_await(void) {
    if (host.mailbox != NULL) {
        __atomic_store_n(host.mailbox, 0, __ATOMIC_RELEASE);
    }
}

void arch_console_write(const char *text, u64 bytes) {
    u64 room = sizeof host.console - 1 - host.console_bytes;

    bytes = min_u64(bytes, room);
    memcpy(host.console + host.console_bytes, text, bytes);
    host.console_bytes += bytes;
    host.console[host.console_bytes] = 0;
}

u64 arch_hart_id(void) {
    return kernel.partition->hart;
}

void arch_panic_print(const char *sentence) {
    (void)snprintf(host.panic, sizeof host.panic, "%s", sentence);
}

/* The kernel has ended; who expected that goes on. */
static void end(void) NORETURN;

static void end(void) {
    if (host.panic_to != NULL) {
        longjmp(*host.panic_to, 1);
    }
    (void)fprintf(stderr, "kernel ended: %s\n", host.panic);
    abort();
}

void bound_exceeded(const char *id, u64 bound) {
    char sentence[128];

    (void)snprintf(sentence, sizeof sentence, "loop %s turned more than %lu times", id, bound);
    arch_panic_print(sentence);
    end();
}

u64 arch_panic_text(char *buffer, u64 size, const char *sentence) {
    int length = snprintf(buffer, size, "panic: %s\n", sentence);

    return length < 0 ? 0 : min_u64((u64)length, size - 1);
}

void arch_halt(void) {
    if (host.panic[0] == 0) {
        arch_panic_print("halt");
    }
    end();
}

void arch_park(paddr_t resume, u64 opaque, bool at_once) {
    host.parked = at_once ? HOST_PARKED_RUNG : HOST_PARKED;
    host.resume = resume.value;
    host.resume_opaque = opaque;
    end();
}

void arch_machine_reset(bool failed) {
    arch_panic_print(failed ? "reset: failed" : "reset: good");
    end();
}

const char *plat_init(const struct boot_record *record) {
    (void)record;
    for (u32 irq = 0; irq < HOST_IRQS; irq++) {
        host.irq_masked[irq] = true;
        host.irq_pending[irq] = false;
    }
    return NULL;
}

struct plat_irq plat_irq_claim(void) {
    for (u32 irq = 1; irq < HOST_IRQS; irq++) {
        if (host.irq_pending[irq] && !host.irq_masked[irq]) {
            host.irq_pending[irq] = false;
            host.irq_masked[irq] = true;
            return (struct plat_irq){.kind = PLAT_IRQ_DEVICE, .irq = irq};
        }
    }
    return (struct plat_irq){.kind = PLAT_IRQ_NONE};
}

void plat_irq_mask(u32 irq) {
    host.irq_masked[irq] = true;
}

void plat_irq_unmask(u32 irq) {
    host.irq_masked[irq] = false;
}

bool plat_irq_set_trigger(u32 irq, bool edge) {
    (void)irq;
    (void)edge;
    return true;
}

u32 plat_irq_max(void) {
    return HOST_IRQS - 1;
}

bool plat_irq_is_owned(u32 irq) {
    return irq >= 1 && irq < HOST_IRQS;
}
