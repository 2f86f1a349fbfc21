// SPDX-License-Identifier: BSD-2-Clause
/* What the files of arch/riscv know of each other; nobody else includes this. */
#pragma once

#include "arch/context.h"
#include "arch/riscv/offsets.h"
#include "arch/vspace.h"
#include "lib/types.h"

/* map.c: set before translation is on, then constant. */
extern u64 riscv_image_physical; /* physical address of the image's first byte */
extern struct page_table riscv_kernel_root;
extern u8 riscv_stack[RISCV_STACK_BYTES];

/* From head.S, translation off: build the kernel's address space; the answer is the value for satp. */
u64 riscv_map_image(void) COLD;

/* Physical address of anything the kernel can point at: window, image, stack. */
paddr_t riscv_physical(const void *pointer);

/* boot.c; set at boot, then constant. */
extern u64 riscv_hart;
extern bool riscv_has_clear_block; /* cbo.zero works on 64-byte blocks */

/* From head.S, translation on: check record and hart, then kernel_boot(); the answer is what to run, or NULL. */
struct arch_context *riscv_boot(u64 hart, paddr_t record) MUST_USE COLD;

/* fault.c, called from trap.S. */
struct arch_context *riscv_user_fault(struct arch_context *context, u64 cause, u64 value) MUST_USE;
struct arch_context *riscv_wait(void) MUST_USE;

/* fpu.S */
void riscv_fpu_save(struct arch_context *to);
void riscv_fpu_restore(const struct arch_context *from);

/* trap.S */
u64 riscv_probe_load(const void *at) MUST_USE;
extern const u8 riscv_probe_instruction[];
extern const u8 riscv_probe_resume[];
