// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the first C function after translation to kernel_boot(): look at the record, then at the hart. Whatever
 * is missing is said in a sentence and ends the boot. docs/boot.md describes what a loader owes us.
 */
#include "arch/riscv/riscv.h"

#include "arch/boot_check.h"
#include "arch/cpu.h"
#include "arch/memory.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "arch/upcalls.h"
#include "lib/boot_items.h"
#include "lib/format.h"

u64 riscv_hart;
bool riscv_has_clear_block;

/* User code runs with interrupts on, all floating-point and vector state off, no kernel access to user pages. */
static void set_status(void) {
    csr_clear(sstatus,
              SSTATUS_SPP | SSTATUS_SIE | SSTATUS_FS | SSTATUS_VS | SSTATUS_SUM | SSTATUS_MXR);
    csr_set(sstatus, SSTATUS_SPIE);
}

/* The kernel hands out 16-bit ASIDs and never flushes on a switch, so the hart must implement all of them. */
static bool has_all_asids(void) {
    u64 with_all = riscv_kernel_satp | RISCV_SATP_ASID(0xffff);

    arch_vspace_load(with_all);
    u64 kept = csr_read(satp);
    arch_vspace_load(riscv_kernel_satp);
    __asm__ volatile("sfence.vma" : : : "memory");
    return kept == with_all;
}

static const struct boot_record *find_record(paddr_t at) {
    if (!is_aligned(at.value, PAGE_BITS) || !arch_memory_in_window(at, BOOT_RECORD_SIZE)) {
        kernel_panic("boot record: not page aligned, or outside the kernel's window");
    }
    const struct boot_record *record = arch_ptr(at);
    const char *wrong = boot_record_check(record);
    if (wrong != NULL) {
        kernel_panic(wrong);
    }
    return record;
}

static const char *check_hart(const struct boot_partition *partition,
                              const struct boot_image *image) {
    if (partition->hart != riscv_hart) {
        return "the boot record was completed for another hart than the one running";
    }
    if (image->image.base != riscv_image_physical) {
        return "the kernel image lies elsewhere than the boot record says";
    }
    if (!has_all_asids()) {
        return "this hart has fewer than 16 bits of ASID, which this kernel relies on";
    }
    return NULL;
}

static void refuse(const struct boot_partition *partition, const char *problem) {
    char sentence[160];

    format_text(sentence, sizeof(sentence), "partition %.31s: %s", partition->name, problem);
    kernel_panic(sentence);
}

struct arch_context *riscv_boot(u64 hart, paddr_t record_at) {
    riscv_hart = hart;
    set_status();
    if (!sbi_wait_ready()) {
        kernel_panic("the firmware does not answer its base extension");
    }
    const struct boot_record *record = find_record(record_at);
    const struct boot_platform *platform = boot_record_find(record, BOOT_PLATFORM, NULL);
    const struct boot_partition *partition = boot_record_find(record, BOOT_PARTITION, NULL);
    const char *problem = check_hart(partition, boot_record_find(record, BOOT_IMAGE, NULL));

    if (problem != NULL) {
        refuse(partition, problem);
    }
    riscv_has_clear_block = platform->has_zicboz == 64;
    return kernel_boot(record);
}

u64 arch_hart_id(void) {
    return riscv_hart;
}
