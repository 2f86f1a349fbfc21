// SPDX-License-Identifier: BSD-2-Clause
// The table of the dialects (tools/elements.h). A new word of the language begins and usually ends here.
//
// Limits named here are the machine's or the formats': 8 kernels (firmware heap, PLATFORM-FACTS 1.5),
// 62 channels per protection domain (bits of a notification word less the runtime's own), 254 the
// highest priority of a domain (255 is the init task's), 20us the kernel's least budget.
#include "tools/elements.h"

#include <inttypes.h>
#include <string.h>

static const char *const MACHINES[] = {"virt-aia", "virt-aclint", "virt-plain", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};
static const char *const ENDS[] = {"stop", "restart", NULL};
static const char *const VARIANTS[] = {"debug", "release", "bench", NULL};
static const char *const TRIGGERS[] = {"level", "edge", NULL};
static const char *const ARRIVALS[] = {"periodic", "sporadic", NULL};

#define MAX_TIME_NS 3600000000000ull // an hour: longer than any period that means something
#define NO_LIMIT    0, 0

static const struct attribute SYSTEM[] = {
    {ATTRIBUTE_VERSION, "version", SKERRY, VALUE_INTEGER, NEED_REQUIRED, 1, 1, NULL, NULL,
     "Version of this dialect."},
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name of the system, for messages and the package."},
    {ATTRIBUTE_MACHINE, "machine", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, MACHINES,
     "virt-aia", "QEMU virt: with APLIC and IMSIC; with PLIC and ACLINT SSWI; with PLIC alone."},
    {ATTRIBUTE_WALLS, "walls", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, SWITCH, "on",
     "PMP walls between the partitions; every kernel tests them at boot. Off: every kernel can reach all memory, says "
     "so at boot, and is rung by the firmware on a machine with PLIC alone."},
    {ATTRIBUTE_CONSOLE, "console", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, SWITCH, "on",
     "The first core has a console program; off: nothing that programs print is shown."},
    {ATTRIBUTE_HARTS, "harts", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 1, 8, NULL, NULL,
     "Harts of the machine; as many as there are cores if absent."},
    {ATTRIBUTE_MEMORY, "memory", SKERRY, VALUE_BYTES, NEED_OPTIONAL, 32ull << 20, 16ull << 30, NULL,
     "256MiB", "RAM of the machine."},
};

static const struct attribute CORE[] = {
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name of the kernel and its partition."},
    {ATTRIBUTE_HART, "hart", SKERRY, VALUE_INTEGER, NEED_REQUIRED, 0, 4095, NULL, NULL,
     "The hart it runs on, as the device tree numbers them."},
    {ATTRIBUTE_VARIANT, "variant", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, VARIANTS, "release",
     "Which build of the kernel."},
    {ATTRIBUTE_DOMAINS, "domains", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 1, 16, NULL, "1",
     "Scheduling domains of the kernel."},
    {ATTRIBUTE_ON_FAILURE, "on_failure", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, ENDS, "stop",
     "When the kernel panics: rest for ever, or start over from the package at the next signal from "
     "another core. Not for the first core."},
};

static const struct attribute MEMORY[] = {
    {ATTRIBUTE_SIZE, "size", SKERRY, VALUE_BYTES, NEED_REQUIRED, 1ull << 20, 1ull << 38, NULL, NULL,
     "RAM of the partition: a power of two, so that one PMP entry covers it."},
    {ATTRIBUTE_ADDRESS, "address", SKERRY, VALUE_ADDRESS, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Where it begins, a multiple of the size; the tool chooses if absent."},
};

static const struct attribute KERNEL[] = {
    {ATTRIBUTE_CNODE_BITS, "cnode_bits", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 5, 24, NULL, "13",
     "Size of the root CNode: 2^n slots."},
    {ATTRIBUTE_CHECK_INTERVAL, "check_interval", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 0,
     1000000000, NULL, "0", "Debug kernels check all invariants on every n-th entry; 0: never."},
};

static const struct attribute DEVICE[] = {
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name for `map mr=` and `irq device=`."},
    {ATTRIBUTE_PATH, "path", SKERRY, VALUE_NODE, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The device's node in the device tree; registers and interrupts come from there."},
    {ATTRIBUTE_INDEX, "index", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 0, 15, NULL, "0",
     "Which of the node's register ranges."},
};

static const struct attribute REGION[] = {
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name for `map mr=`."},
    {ATTRIBUTE_SIZE, "size", SKERRY, VALUE_BYTES, NEED_REQUIRED, 4096, 1ull << 30, NULL, NULL,
     "Bytes, a multiple of 4KiB."},
    {ATTRIBUTE_CORES, "cores", SKERRY, VALUE_NAMES, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The two cores that share it."},
};

static const struct attribute MEMORY_REGION[] = {
    {ATTRIBUTE_NAME, "name", BOTH, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name for `map mr=`."},
    {ATTRIBUTE_SIZE, "size", BOTH, VALUE_BYTES, NEED_OPTIONAL, 4096, 1ull << 30, NULL, NULL,
     "Bytes, a multiple of the page size. May be absent only if a file fills the region: that file's "
     "length, rounded up."},
    {ATTRIBUTE_PAGE_SIZE, "page_size", SKERRY, VALUE_BYTES, NEED_OPTIONAL, 4096, 2ull << 20, NULL,
     "4KiB", "4KiB or 2MiB."},
    {ATTRIBUTE_PAGE_SIZE, "page_size", MICROKIT, VALUE_BYTES, NEED_OPTIONAL, 4096, 2ull << 20, NULL,
     NULL, "0x1000 or 0x200000; the larger one if size and all addresses allow it, if absent."},
    {ATTRIBUTE_PHYS_ADDR, "phys_addr", SKERRY, VALUE_ADDRESS, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Fixed physical address: registers inside a `device` of the same core."},
    {ATTRIBUTE_PHYS_ADDR, "phys_addr", MICROKIT, VALUE_ADDRESS, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Fixed physical address: registers of devices, which then belong to the core that maps them."},
    {ATTRIBUTE_PREFILL_PATH, "prefill_path", BOTH, VALUE_PATH, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "File that fills the region from its beginning; the rest is zero. Looked for as images are."},
    {ATTRIBUTE_PREFILL_BOOTINFO, "prefill_bootinfo", MICROKIT, VALUE_NAME, NEED_UNSUPPORTED,
     NO_LIMIT, NULL, NULL, "the boot information it can name exists only on x86"},
};

static const struct attribute ROOT_TASK[] = {
    {ATTRIBUTE_IMAGE, "image", SKERRY, VALUE_PATH, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "ELF file of the root task; it gets everything the kernel has."},
};

static const struct attribute PROTECTION_DOMAIN[] = {
    {ATTRIBUTE_NAME, "name", BOTH, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name, unique in the system."},
    {ATTRIBUTE_PRIORITY, "priority", BOTH, VALUE_INTEGER, NEED_OPTIONAL, 0, 254, NULL, "0",
     "Priority."},
    {ATTRIBUTE_BUDGET, "budget", BOTH, VALUE_TIME, NEED_OPTIONAL, 20000, MAX_TIME_NS, NULL, "1ms",
     "Execution time per period."},
    {ATTRIBUTE_PERIOD, "period", BOTH, VALUE_TIME, NEED_OPTIONAL, 20000, MAX_TIME_NS, NULL, NULL,
     "Period of the budget; the budget itself if absent (round robin)."},
    {ATTRIBUTE_PASSIVE, "passive", BOTH, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "false",
     "Runs only on its callers' time after `init`."},
    {ATTRIBUTE_ID, "id", BOTH, VALUE_INTEGER, NEED_OPTIONAL, 0, 61, NULL, NULL,
     "Of a child: its number within the parent, for `fault` and restart."},
    {ATTRIBUTE_STACK_SIZE, "stack_size", BOTH, VALUE_BYTES, NEED_OPTIONAL, 4096, 16ull << 20, NULL,
     "8KiB", "Bytes of stack, a multiple of 4KiB."},
    {ATTRIBUTE_REFILLS, "refills", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 2, 64, NULL, "2",
     "Refills of the scheduling context: how often per period it may block."},
    {ATTRIBUTE_SPORADIC, "sporadic", SKERRY, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "true",
     "Budget holds in any window of one period, not only from release on."},
    {ATTRIBUTE_DOMAIN, "domain", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 0, 15, NULL, "0",
     "Scheduling domain, below the core's `domains`."},
    {ATTRIBUTE_DOMAIN, "domain", MICROKIT, VALUE_NAME, NEED_UNSUPPORTED, NO_LIMIT, NULL, NULL,
     "schedules of domains are not built; a version 1 file has domain= and domains= by number"},
    {ATTRIBUTE_ENDS_RUN, "ends_run", SKERRY, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "false",
     "Its exit ends the run. If no domain says so, every domain may end it."},
    {ATTRIBUTE_FPU, "fpu", BOTH, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "true",
     "It may use floating point, whose registers move only for those that do; if false, that is a "
     "fault."},
    {ATTRIBUTE_CPU, "cpu", SKERRY, VALUE_INTEGER, NEED_UNSUPPORTED, NO_LIMIT, NULL, NULL,
     "in a version 1 file a domain's core is the <core> it stands in"},
    {ATTRIBUTE_CPU, "cpu", MICROKIT, VALUE_INTEGER, NEED_OPTIONAL, 0, 7, NULL, "0",
     "The hart, and with it the kernel, that it runs on: one kernel per number that is used."},
    {ATTRIBUTE_PP, "pp", BOTH, VALUE_BOOLEAN, NEED_UNSUPPORTED, NO_LIMIT, NULL, NULL,
     "say pp=\"true\" on the channel <end> that may call"},
    {ATTRIBUTE_SMC, "smc", BOTH, VALUE_BOOLEAN, NEED_UNSUPPORTED, NO_LIMIT, NULL, NULL,
     "secure monitor calls exist only on Arm"},
    {ATTRIBUTE_SETVAR_ID, "setvar_id", BOTH, VALUE_SYMBOL, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Of a child: symbol of the parent's image that gets the child's id."},
};

static const struct attribute PROGRAM_IMAGE[] = {
    {ATTRIBUTE_PATH, "path", BOTH, VALUE_PATH, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The ELF file."},
    {ATTRIBUTE_PATH_FOR_SYMBOLS, "path_for_symbols", MICROKIT, VALUE_PATH, NEED_UNSUPPORTED,
     NO_LIMIT, NULL, NULL, "symbols are looked up in the image itself: do not strip it"},
};

static const struct attribute MAP[] = {
    {ATTRIBUTE_MR, "mr", BOTH, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name of a `memory_region`, `region` or `device`."},
    {ATTRIBUTE_VADDR, "vaddr", BOTH, VALUE_ADDRESS, NEED_REQUIRED, 4096, 0x3ffffff000, NULL, NULL,
     "Virtual address, a multiple of the page size."},
    {ATTRIBUTE_PERMS, "perms", BOTH, VALUE_PERMS, NEED_OPTIONAL, NO_LIMIT, NULL, "rw",
     "Some of r, w, x; w needs r."},
    {ATTRIBUTE_CACHED, "cached", BOTH, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "true",
     "Accepted for Microkit's sake: on RISC-V the memory itself decides."},
    {ATTRIBUTE_SETVAR_VADDR, "setvar_vaddr", BOTH, VALUE_SYMBOL, NEED_OPTIONAL, NO_LIMIT, NULL,
     NULL, "Symbol of the image that gets the virtual address."},
    {ATTRIBUTE_SETVAR_SIZE, "setvar_size", BOTH, VALUE_SYMBOL, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Symbol of the image that gets the region's size."},
    {ATTRIBUTE_SETVAR_PREFILL_SIZE, "setvar_prefill_size", BOTH, VALUE_SYMBOL, NEED_OPTIONAL,
     NO_LIMIT, NULL, NULL,
     "Symbol of the image that gets the length of the file that fills the region."},
};

#define X86_INTERRUPT(name)                                                                        \
    {                                                                                              \
        ATTRIBUTE_X86_INTERRUPT, name, MICROKIT, VALUE_INTEGER, NEED_UNSUPPORTED, NO_LIMIT, NULL,  \
            NULL, "it exists only on x86; here an interrupt is irq=\"NUMBER\""                     \
    }

static const struct attribute IRQ[] = {
    {ATTRIBUTE_DEVICE, "device", SKERRY, VALUE_NAME, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Name of a `device` of the same core."},
    {ATTRIBUTE_INDEX, "index", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 0, 15, NULL, "0",
     "Which of the device's interrupts."},
    {ATTRIBUTE_IRQ, "irq", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, 1, 95, NULL, NULL,
     "Interrupt number, Microkit's way, instead of `device`."},
    {ATTRIBUTE_IRQ, "irq", MICROKIT, VALUE_INTEGER, NEED_REQUIRED, 1, 95, NULL, NULL,
     "Interrupt number, as the device tree gives it."},
    {ATTRIBUTE_ID, "id", BOTH, VALUE_INTEGER, NEED_REQUIRED, 0, 61, NULL, NULL,
     "Channel number by which the domain is notified."},
    {ATTRIBUTE_TRIGGER, "trigger", BOTH, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, TRIGGERS, "level",
     "How the device raises it."},
    {ATTRIBUTE_SETVAR_ID, "setvar_id", BOTH, VALUE_SYMBOL, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Symbol of the image that gets the id."},
    X86_INTERRUPT("pin"),
    X86_INTERRUPT("vector"),
    X86_INTERRUPT("ioapic"),
    X86_INTERRUPT("polarity"),
    X86_INTERRUPT("pcidev"),
    X86_INTERRUPT("handle"),
};

static const struct attribute SETVAR[] = {
    {ATTRIBUTE_SYMBOL, "symbol", BOTH, VALUE_SYMBOL, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Symbol of the program image, 1, 2, 4 or 8 bytes long."},
    {ATTRIBUTE_REGION_PADDR, "region_paddr", SKERRY, VALUE_NAME, NEED_OPTIONAL, NO_LIMIT, NULL,
     NULL, "The symbol gets the physical address of this region."},
    {ATTRIBUTE_REGION_PADDR, "region_paddr", MICROKIT, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL,
     NULL, "The symbol gets the physical address of this region."},
    {ATTRIBUTE_REGION_SIZE, "region_size", SKERRY, VALUE_NAME, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "The symbol gets the size of this region."},
    {ATTRIBUTE_VALUE, "value", SKERRY, VALUE_INTEGER, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "The symbol gets this number."},
};

static const struct attribute CHANNEL[] = {
    {ATTRIBUTE_MAX_RATE, "max_rate", SKERRY, VALUE_RATE, NEED_OPTIONAL, 1, 10000000, NULL, NULL,
     "Most signals per second the receiving kernel takes; cross-core channels only."},
};

static const struct attribute END[] = {
    {ATTRIBUTE_PD, "pd", BOTH, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The protection domain."},
    {ATTRIBUTE_ID, "id", BOTH, VALUE_INTEGER, NEED_REQUIRED, 0, 61, NULL, NULL,
     "The channel's number in that domain."},
    {ATTRIBUTE_PP, "pp", BOTH, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "false",
     "This end may make protected calls to the other; same core only."},
    {ATTRIBUTE_NOTIFY, "notify", BOTH, VALUE_BOOLEAN, NEED_OPTIONAL, NO_LIMIT, NULL, "true",
     "This end may notify the other."},
    {ATTRIBUTE_SETVAR_ID, "setvar_id", BOTH, VALUE_SYMBOL, NEED_OPTIONAL, NO_LIMIT, NULL, NULL,
     "Symbol of the image that gets the id."},
};

static const struct attribute TASK[] = {
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name of the task."},
    {ATTRIBUTE_PD, "pd", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The protection domain that executes it."},
    {ATTRIBUTE_ARRIVAL, "arrival", SKERRY, VALUE_WORD, NEED_OPTIONAL, NO_LIMIT, ARRIVALS,
     "periodic", "Exactly every period, or at least a period apart."},
    {ATTRIBUTE_PERIOD, "period", SKERRY, VALUE_TIME, NEED_REQUIRED, 1000, MAX_TIME_NS, NULL, NULL,
     "Period, or least distance of arrivals."},
    {ATTRIBUTE_DEADLINE, "deadline", SKERRY, VALUE_TIME, NEED_OPTIONAL, 1000, MAX_TIME_NS, NULL,
     NULL, "Relative deadline; the period if absent."},
    {ATTRIBUTE_WCET, "wcet", SKERRY, VALUE_TIME, NEED_REQUIRED, 1, MAX_TIME_NS, NULL, NULL,
     "Worst-case execution time."},
};

static const struct attribute CHAIN[] = {
    {ATTRIBUTE_NAME, "name", SKERRY, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Name of the chain."},
    {ATTRIBUTE_TASKS, "tasks", SKERRY, VALUE_NAMES, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "Its tasks, in the order of the data."},
    {ATTRIBUTE_DEADLINE, "deadline", SKERRY, VALUE_TIME, NEED_REQUIRED, 1000, MAX_TIME_NS, NULL,
     NULL, "From the first task's arrival to the last one's end."},
};

static const struct attribute CAP[] = {
    {ATTRIBUTE_SLOT, "slot", MICROKIT, VALUE_INTEGER, NEED_REQUIRED, 0, 127, NULL, NULL,
     "Number that microkit_cspace_root_slot_to_cptr turns into the capability's address."},
    {ATTRIBUTE_PD, "pd", MICROKIT, VALUE_NAME, NEED_REQUIRED, NO_LIMIT, NULL, NULL,
     "The protection domain whose it is; on the same core."},
};

#define IN_SYSTEM BIT(ELEMENT_SYSTEM)
#define IN_CORE   BIT(ELEMENT_CORE)
#define IN_DOMAIN BIT(ELEMENT_PROTECTION_DOMAIN)
#define IN_EITHER(parents)                                                                         \
    { parents, parents }
#define ANY_NUMBER 0, 0
#define WITH(list) list, ARRAY_LENGTH(list)

const struct element ELEMENT_TABLE[ELEMENTS] = {
    {ELEMENT_SYSTEM, "system", {0, 0}, 1, 1, NULL, "The whole machine.", WITH(SYSTEM)},
    {ELEMENT_CORE,
     "core",
     {IN_SYSTEM, 0},
     1,
     8,
     NULL,
     "One kernel on one hart, with the memory, devices and programs that are its own. The first core "
     "of a file is the platform kernel: it programs the shared interrupt controller and has a pair "
     "region with every other core, for their consoles.",
     WITH(CORE)},
    {ELEMENT_MEMORY, "memory", {IN_CORE, 0}, 1, 1, NULL, "RAM of the partition.", WITH(MEMORY)},
    {ELEMENT_KERNEL,
     "kernel",
     {IN_CORE, 0},
     0,
     1,
     NULL,
     "Sizes of the kernel's tables.",
     WITH(KERNEL)},
    {ELEMENT_DEVICE,
     "device",
     {IN_CORE, 0},
     ANY_NUMBER,
     NULL,
     "A device of the machine that this core owns alone.",
     WITH(DEVICE)},
    {ELEMENT_REGION,
     "region",
     {IN_SYSTEM, 0},
     ANY_NUMBER,
     NULL,
     "Memory shared by two cores; it lies in the pair region of the two.",
     WITH(REGION)},
    {ELEMENT_MEMORY_REGION,
     "memory_region",
     {IN_CORE, IN_SYSTEM},
     ANY_NUMBER,
     NULL,
     "Memory that domains of this core may map.",
     WITH(MEMORY_REGION)},
    {ELEMENT_ROOT_TASK,
     "root_task",
     {IN_CORE, 0},
     0,
     1,
     NULL,
     "A root task of one's own, instead of protection domains.",
     WITH(ROOT_TASK)},
    {ELEMENT_PROTECTION_DOMAIN,
     "protection_domain",
     {IN_CORE | IN_DOMAIN, IN_SYSTEM | IN_DOMAIN},
     ANY_NUMBER,
     NULL,
     "A program with its own address space, thread and scheduling context. Inside another domain it "
     "is that domain's child: its faults go there.",
     WITH(PROTECTION_DOMAIN)},
    {ELEMENT_PROGRAM_IMAGE, "program_image", IN_EITHER(IN_DOMAIN), 1, 1, NULL, "The program.",
     WITH(PROGRAM_IMAGE)},
    {ELEMENT_MAP, "map", IN_EITHER(IN_DOMAIN), ANY_NUMBER, NULL,
     "Maps memory or registers into the domain.", WITH(MAP)},
    {ELEMENT_IRQ, "irq", IN_EITHER(IN_DOMAIN), ANY_NUMBER, NULL,
     "Delivers an interrupt to the domain.", WITH(IRQ)},
    {ELEMENT_SETVAR, "setvar", IN_EITHER(IN_DOMAIN), ANY_NUMBER, NULL,
     "Writes one number into a variable of the image; exactly one source attribute.", WITH(SETVAR)},
    {ELEMENT_VIRTUAL_MACHINE, "virtual_machine", IN_EITHER(IN_DOMAIN), ANY_NUMBER,
     "virtual machines need a hypervisor kernel, which this is not", "Refused.", NULL, 0},
    {ELEMENT_IOPORT, "ioport", IN_EITHER(IN_DOMAIN), ANY_NUMBER, "I/O ports exist only on x86",
     "Refused.", NULL, 0},
    {ELEMENT_IO_ADDRESS_SPACE,
     "io_address_space",
     {0, IN_SYSTEM},
     ANY_NUMBER,
     "it needs an IOMMU, which the machine does not have",
     "Refused.",
     NULL,
     0},
    {ELEMENT_DOMAINS,
     "domains",
     {0, IN_SYSTEM},
     ANY_NUMBER,
     "schedules of domains are not built; a version 1 file has domain= and domains= by number",
     "Refused.",
     NULL,
     0},
    {ELEMENT_CSPACE,
     "cspace",
     {0, IN_DOMAIN},
     0,
     1,
     NULL,
     "Further capabilities for the domain, in slots of its own choice.",
     NULL,
     0},
    {ELEMENT_CAP_TCB,
     "cap_tcb",
     {0, BIT(ELEMENT_CSPACE)},
     ANY_NUMBER,
     NULL,
     "The thread control block of a domain.",
     WITH(CAP)},
    {ELEMENT_CAP_SC,
     "cap_sc",
     {0, BIT(ELEMENT_CSPACE)},
     ANY_NUMBER,
     NULL,
     "The scheduling context of a domain.",
     WITH(CAP)},
    {ELEMENT_CAP_VSPACE,
     "cap_vspace",
     {0, BIT(ELEMENT_CSPACE)},
     ANY_NUMBER,
     NULL,
     "The address space of a domain.",
     WITH(CAP)},
    {ELEMENT_CHANNEL, "channel", IN_EITHER(IN_SYSTEM), ANY_NUMBER, NULL,
     "Joins two domains: by notifications on one core, by a doorbell line across cores.",
     WITH(CHANNEL)},
    {ELEMENT_END, "end", IN_EITHER(BIT(ELEMENT_CHANNEL)), 2, 2, NULL, "One end of a channel.",
     WITH(END)},
    {ELEMENT_TASK,
     "task",
     {IN_SYSTEM, 0},
     ANY_NUMBER,
     NULL,
     "What a domain promises about time; for reports and analysis.",
     WITH(TASK)},
    {ELEMENT_CHAIN,
     "chain",
     {IN_SYSTEM, 0},
     ANY_NUMBER,
     NULL,
     "Tasks that data passes through, in order.",
     WITH(CHAIN)},
};

const struct element *element_by_name(const char *name) {
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (!strcmp(ELEMENT_TABLE[i].name, name)) {
            return &ELEMENT_TABLE[i];
        }
    }
    return NULL;
}

const struct attribute *attribute_by_name(const struct element *element, const char *name,
                                          enum dialect dialect) {
    for (unsigned i = 0; i < element->attribute_count; i++) {
        const struct attribute *attribute = &element->attributes[i];
        if (attribute_in(attribute, dialect) && !strcmp(attribute->name, name)) {
            return attribute;
        }
    }
    return NULL;
}

bool element_in(const struct element *element, enum dialect dialect) {
    return element->id == ELEMENT_SYSTEM || element->parents[dialect] != 0;
}

bool attribute_in(const struct attribute *attribute, enum dialect dialect) {
    return (attribute->dialects & BIT(dialect)) != 0;
}

int attribute_index(const struct element *element, enum attribute_id id, enum dialect dialect) {
    int other = -1;
    for (unsigned i = 0; i < element->attribute_count; i++) {
        const struct attribute *attribute = &element->attributes[i];
        if (attribute->id != id || attribute->need == NEED_UNSUPPORTED) {
            continue;
        }
        if (attribute_in(attribute, dialect)) {
            return (int)i;
        }
        other = (int)i;
    }
    return other;
}

const char *value_type_about(enum value_type type, enum dialect dialect) {
    static const char *const ABOUT[] = {
        [VALUE_NAME] = "a name such as console",
        [VALUE_NAMES] = "names separated by spaces",
        [VALUE_INTEGER] = "a whole number such as 12",
        [VALUE_BYTES] = "a size such as 64KiB",
        [VALUE_ADDRESS] = "an address such as 0x10000000",
        [VALUE_TIME] = "a time such as 400us",
        [VALUE_RATE] = "a rate such as 1000/s",
        [VALUE_BOOLEAN] = "true or false",
        [VALUE_WORD] = "one of the words listed",
        [VALUE_PERMS] = "letters out of r, w, x",
        [VALUE_SYMBOL] = "a C identifier",
        [VALUE_PATH] = "a file",
        [VALUE_NODE] = "a device-tree path such as /soc/serial@10000000",
    };
    if (dialect == DIALECT_MICROKIT && type == VALUE_BYTES) {
        return "a number of bytes such as 0x1000";
    }
    if (dialect == DIALECT_MICROKIT && type == VALUE_TIME) {
        return "a number of microseconds such as 400";
    }
    return ABOUT[type];
}
