// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bootloader: on each hart, alone, it copies its own partition out of the read-only package, makes sure the
 * copy is what was built, completes the boot record and enters the kernel. It runs again at every restart of the
 * partition, from the same read-only bytes.
 *
 * No variables, no pointers in data: the code is position independent because there is nothing to relocate (the
 * linker script refuses anything else). All memory it writes is its own partition's RAM, which the walls would
 * enforce anyway. Digests find damage, not attackers.
 *
 * Behind walls the firmware starts every hart. Without, it starts whichever comes first, and that hart's loader
 * starts the others, before anything else.
 *
 * Any failure is one sentence naming the partition, in one console call, and the hart sleeps for ever: a
 * partition that cannot be trusted does not start, and the others do not notice.
 */
#include "abi/package.h"
#include "arch/riscv/sbi.h"
#include "bootloader/install.h"
#include "lib/format.h"

_Static_assert(PACKAGE_HEADER_OFFSET == 0x10000, "entry.S");
_Static_assert(offsetof(struct package_header, version) == 8, "entry.S");
_Static_assert(offsetof(struct package_header, partitions) == 12, "entry.S");
_Static_assert(sizeof(struct package_header) == 32, "entry.S");
_Static_assert(offsetof(struct package_partition, hart) == 32, "entry.S");
_Static_assert(offsetof(struct package_partition, ram) == 40, "entry.S");
_Static_assert(sizeof(struct package_partition) == 264, "entry.S");
_Static_assert(PACKAGE_MAGIC == 0x31474b5059524b53ull && PACKAGE_VERSION == 1, "entry.S");

void loader_main(u64 hart, const struct package_header *package,
                 const struct package_partition *partition, u64 start_time,
                 u64 starts_others) NORETURN;

extern const char _start[]; /* entry.S */

typedef void kernel_entry(u64 hart, u64 record);

static NORETURN void stop(void) {
    for (;;) {
        __asm__ volatile("wfi");
    }
}

/* One call for the whole line, so that lines of several harts do not mix. */
static void say(u64 hart, const struct package_partition *partition, const char *cause) {
    char line[192];
    u64 n = format_text(line, sizeof(line), "loader: hart %lu, partition '%.31s': %s\n", hart,
                        partition->name, cause);

    if (sbi_wait_ready()) {
        (void)sbi_console_write(n, (paddr_t){(u64)line});
    }
}

/* They find a header in a1, so they start nobody. The header has not been checked: it may name harts that nobody has. */
static void start_others(u64 hart, const struct package_header *package) {
    u32 count = package->partitions;

    for (u32 i = 0; i < count && i < PACKAGE_MAX_PARTITIONS; i++) {
        const struct package_partition *other = &package->partition[i];

        if (other->hart != hart && other->hart != PACKAGE_ANY_HART &&
            (!sbi_wait_ready() ||
             sbi_hart_start(other->hart, (paddr_t){(u64)_start}, (u64)package).error != 0)) {
            say(other->hart, other, "the firmware does not start this hart");
        }
    }
}

/* From entry.S, on the stack at the end of the partition's RAM. */
void loader_main(u64 hart, const struct package_header *package,
                 const struct package_partition *partition, u64 start_time, u64 starts_others) {
    if (starts_others) {
        start_others(hart, package);
    }
    const char *wrong = partition_install(hart, package, partition, start_time);
    if (wrong != NULL) {
        say(hart, partition, wrong);
        stop();
    }
    /* The copy was written as data; fetches must see it. */
    __asm__ volatile("fence rw, rw\n\tfence.i" : : : "memory");
    ((kernel_entry *)partition->piece[PACKAGE_KERNEL].target)(
        hart, partition->piece[PACKAGE_RECORD].target);
    stop();
}
