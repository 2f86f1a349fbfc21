// SPDX-License-Identifier: BSD-2-Clause
/*
 * Floating-point state, by sstatus.FS (privileged specification, "Extension Context Status"). One rule:
 *
 *   while user code runs, FS is Off, or Clean or Dirty with the registers of exactly the running thread,
 *   whose fpu_used is 1 (INV-FPU-1).
 *
 * An illegal instruction costs a detour through firmware, so it is paid once per thread, not per switch.
 */
#include "arch/fpu.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/riscv.h"
#include "lib/string.h"

/* The context whose values the registers hold; NULL = FS is Off. */
static struct arch_context *fpu_live;

static void fpu_off(void) {
    csr_clear(sstatus, SSTATUS_FS);
    fpu_live = NULL;
}

static void fpu_load(struct arch_context *context) {
    csr_set(sstatus, SSTATUS_FS);
    riscv_fpu_restore(context);
    /* Memory and registers agree now: Dirty (3) becomes Clean (2). */
    csr_clear(sstatus, SSTATUS_FS_DIRTY & ~SSTATUS_FS_CLEAN);
    fpu_live = context;
}

void arch_fpu_switch(struct arch_context *from, struct arch_context *to) {
    if (from == to) {
        return;
    }
    if (fpu_live != NULL) {
        if ((csr_read(sstatus) & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
            riscv_fpu_save(fpu_live);
        }
        fpu_off();
    }
    if (to != NULL && to->fpu_used) {
        fpu_load(to);
    }
}

bool arch_fpu_first_use(struct arch_context *context) {
    if (context->fpu_used || context->fpu_disabled) {
        return false;
    }
    context->fcsr = 0;
    memset(context->fpr, 0, sizeof(context->fpr));
    context->fpu_used = 1;
    fpu_load(context);
    return true;
}

void arch_fpu_disable(struct arch_context *context, bool disabled) {
    if (fpu_live == context) {
        fpu_off();
    }
    context->fpu_used = 0;
    context->fpu_disabled = disabled;
}

/* All zero is what a new thread's context is. */
void arch_context_init(UNUSED struct arch_context *context) {}
