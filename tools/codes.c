// SPDX-License-Identifier: BSD-2-Clause
// The table of codes. Groups: 00x the text, 02x cores and harts, 03x memory, 04x devices, 05x channels,
// 06x time, 07x program images, 08x the package.
#include "tools/codes.h"

#include <strings.h>

struct code_entry {
    const char *name;
    const char *title;
    const char *about;
};

static const struct code_entry ENTRIES[CODES] = {
    [SK001] =
        {"SK001", "not well-formed XML",
         "The file cannot be read as XML beyond this point, so nothing after it was checked. Usual "
         "causes: a tag that is not closed, a missing quote, a bare & (write &amp;). Document type "
         "declarations are refused: system files need none."},
    [SK002] =
        {"SK002", "file cannot be read",
         "The file does not exist, may not be read, is larger than 1MiB, or is not UTF-8 text."},
    [SK003] = {"SK003", "unknown element",
               "The dialect has no element of this name. docs/system-file.md lists them all."},
    [SK004] =
        {"SK004", "element in the wrong place",
         "The element exists, but not inside this parent. A device, for example, belongs to a core "
         "and stands inside its <core>."},
    [SK005] = {"SK005", "element repeated",
               "The parent may contain only one element of this kind. Remove one of the two."},
    [SK006] =
        {"SK006", "unknown attribute",
         "The element has no attribute of this name. docs/system-file.md lists them all. An attribute "
         "that is not understood is never ignored: it might have been a wall or a deadline."},
    [SK007] = {"SK007", "attribute repeated",
               "An attribute may be given once. Remove one of the two."},
    [SK008] = {"SK008", "attribute missing", "The element means nothing without this attribute."},
    [SK009] =
        {"SK009", "element missing",
         "The parent must contain an element of this kind: a channel two ends, a core its memory, a "
         "protection domain its program image."},
    [SK010] =
        {"SK010", "value of the wrong kind",
         "The attribute takes another kind of value. Times and sizes carry their unit (400us, 64KiB), "
         "so that nobody has to know whether a number counts microseconds or ticks."},
    [SK011] = {"SK011", "value out of range",
               "The value is of the right kind, but outside what the kernel, "
               "the machine or the format allows. The message names the limits."},
    [SK012] =
        {"SK012", "not supported",
         "A word of Microkit that this system does not support. It is refused, not ignored: a system "
         "that silently lacks a part is worse than one that does not build."},
    [SK013] =
        {"SK013", "dialect not known",
         "The <system> element must say version=\"1\". A Microkit file has no version; wrap its "
         "protection domains in <core> elements to use it here."},
    [SK014] =
        {"SK014", "name taken",
         "Cores, protection domains, tasks and chains have names of their own in the whole system; "
         "regions and devices must differ wherever a core can see both."},
    [SK015] =
        {"SK015", "nothing has this name",
         "The attribute refers to something by name, and nothing in the file has that name. Names are "
         "case-sensitive."},
    [SK016] =
        {"SK016", "text between elements",
         "System files consist of elements and attributes only. Text between them is usually a tag "
         "whose < or > was lost."},
    [SK017] =
        {"SK017", "too many",
         "The file has more of something than the tool, the kernel or the formats provide for."},
    [SK018] =
        {"SK018", "option that the file makes useless",
         "Microkit's files do not say which machine they are for and which kernel they want, so options "
         "do. A version 1 file says both itself."},
    [SK020] =
        {"SK020", "hart taken twice",
         "Each hart runs exactly one kernel: two kernels on a hart would have to share it, and they "
         "share nothing."},
    [SK021] =
        {"SK021", "hart absent",
         "The machine's device tree has no such hart, or it is not enabled there. The machine gets as "
         "many harts as there are cores, or as many as harts= of <system> says."},
    [SK022] =
        {"SK022", "machine lacks something",
         "The machine's device tree does not have what the chosen machine kind needs, such as its "
         "interrupt controller."},
    [SK023] =
        {"SK023", "device tree cannot be read",
         "The facts about harts, devices and interrupts come from the machine's device tree. The tool "
         "asks QEMU for it, or reads the file given with --dtb. Neither worked."},
    [SK024] = {"SK024", "core runs nothing",
               "A core needs a root task or at least one protection domain."},
    [SK025] =
        {"SK025", "core runs two things",
         "A core has either a root task, which gets everything, or protection domains, which the init "
         "task sets up. Not both."},
    [SK026] =
        {"SK026", "no console program",
         "Programs and kernels write their lines into rings; the console program of the first core reads "
         "them and prints them, and tells the tool when the run is over. Without it such a system runs, "
         "but nobody hears of it, and `run` waits in vain. Take user/console (examples/hello shows how), "
         "or say console=\"off\" in <system> if that is what you want."},
    [SK027] =
        {"SK027", "console program cannot work",
         "There is one console program, it belongs to the first core, and it writes the registers of an "
         "ns16550 serial port: a <device> of that core, mapped with perms=\"rw\" and "
         "setvar_vaddr=\"console_uart\". Without them it faults with its first line, and everything "
         "else is silent."},
    [SK028] =
        {"SK028", "partitions share a cache",
         "The harts of two partitions use the same cache, so what one does changes how long the other takes, "
         "behind the back of budgets and walls. Where response times matter, take harts that share none, or "
         "measure with the neighbour at its worst."},
    [SK029] =
        {"SK029", "core cannot restart",
         "A core with on_failure=\"restart\" is started over by the next signal from another core, so there must "
         "be a channel by which one may come. The first core programs the interrupt controller and prints "
         "for all: it cannot start over under the others."},
    [SK030] =
        {"SK030", "memory overlap",
         "Two owners claim the same physical memory. Owners are the firmware, the package, each "
         "partition's RAM, each pair region and each device."},
    [SK031] =
        {"SK031", "size or address cannot be walled",
         "The walls are PMP entries that cover naturally aligned powers of two: a partition's size must "
         "be a power of two, and its address a multiple of that size."},
    [SK032] =
        {"SK032", "memory does not fit",
         "The machine has no free, aligned place of this size left. Make the machine's memory larger "
         "(memory= of <system>) or the partitions smaller."},
    [SK033] =
        {"SK033", "too many PMP entries",
         "A hart has 16 PMP entries; the firmware takes 3, or 5 on a machine with AIA, and each "
         "partition needs one for the package, its RAM, each pair region, each device and each "
         "doorbell page. One too many stops the whole machine at boot, so the tool counts. Fewer "
         "devices or fewer peers on this core help; devices that lie next to each other share one."},
    [SK034] =
        {"SK034", "not inside anything this core owns",
         "A fixed physical address must lie inside a device or the RAM of the same core: behind walls, "
         "nothing else can be reached."},
    [SK035] =
        {"SK035", "region of other cores",
         "The region exists, but is not shared with this core. Add the core to the region's cores, or "
         "map another region."},
    [SK036] =
        {"SK036", "mappings overlap",
         "Two mappings of one protection domain, or a mapping and the program image, its stack or its "
         "IPC buffer, cover the same virtual addresses."},
    [SK037] = {"SK037", "not aligned to a page",
               "Memory is mapped in pages: sizes and addresses are multiples of the page size."},
    [SK038] =
        {"SK038", "region shared by the wrong number of cores",
         "A region is shared by exactly two different cores, because it lies in the memory that just "
         "these two kernels can reach. For three cores, use a region for each pair."},
    [SK039] =
        {"SK039", "region that nobody maps",
         "A Microkit file's region takes no memory until a protection domain maps it. Perhaps a "
         "map is missing."},
    [SK040] = {"SK040", "no such device", "The machine's device tree has no node at this path."},
    [SK041] =
        {"SK041", "device owned twice",
         "A device belongs to one core: two drivers that do not know of each other would break it."},
    [SK042] =
        {"SK042", "interrupt owned twice",
         "An interrupt is delivered to one protection domain. If two need it, one takes it and "
         "notifies the other."},
    [SK043] =
        {"SK043", "device has no such part",
         "The device's node has fewer register ranges or interrupts than the index asks for."},
    [SK044] =
        {"SK044", "devices share a page",
         "The two devices' registers lie in one 4KiB page, and walls and page tables cannot separate "
         "what is in one page. Give both to the same core."},
    [SK045] =
        {"SK045", "device masters the bus",
         "The walls are in the harts. A device that reads and writes memory by itself (DMA) passes beside "
         "them, so whoever drives it can reach every partition. Give it to a program that all of them "
         "may trust."},
    [SK050] = {"SK050", "channel end does not exist",
               "The end names a protection domain that is not in the file."},
    [SK051] =
        {"SK051", "channel number used twice",
         "Within a protection domain each channel end, interrupt and child has its own number, because "
         "the number is how the domain learns what happened."},
    [SK052] = {"SK052", "channel from a domain to itself",
               "A channel joins two different domains."},
    [SK053] =
        {"SK053", "protected call across cores",
         "Kernels share no threads, so a protected call cannot leave its core. Send a notification, "
         "and put the data into a shared region."},
    [SK054] =
        {"SK054", "protected call to a lower priority",
         "A protected call must go to a domain of strictly higher priority: this is what makes such "
         "calls free of deadlock and of priority inversion."},
    [SK055] =
        {"SK055", "doorbell not possible",
         "Behind walls the firmware drops interrupts between partitions without an error, so doorbells "
         "need hardware that a store can ring: the IMSIC or the ACLINT SSWI. With walls=\"off\" all kernels "
         "share one domain, and the firmware rings for them, at some 4,000 instructions a ring."},
    [SK056] =
        {"SK056", "rate limit without a doorbell",
         "max_rate bounds what a foreign kernel can cost this one. Between domains of one core, the "
         "sender's own budget is the bound."},
    [SK057] = {"SK057", "too many channels between two cores",
               "An ordered pair of kernels has 1024 lines."},
    [SK058] = {"SK058", "channel carries nothing",
               "Neither end may notify the other or call it: whoever waits for it waits for ever."},
    [SK059] =
        {"SK059", "not across cores",
         "Faults go to a parent, and capabilities reach objects, within one kernel only. A Microkit "
         "domain without cpu= runs on cpu 0, a child too."},
    [SK060] =
        {"SK060", "budget above period",
         "A thread cannot run for longer than a period in each period. Budget equal to period means "
         "round robin."},
    [SK061] =
        {"SK061", "deadline impossible",
         "The task needs more time than it has: its wcet is above its deadline, or the wcet of the "
         "tasks of a chain together above the chain's."},
    [SK062] = {"SK062", "scheduling domain absent",
               "The core does not have that many scheduling domains; see domains= of <core>."},
    [SK063] = {"SK063", "passive domain with time of its own",
               "A passive domain runs on its callers' time: budget and period mean nothing there."},
    [SK064] =
        {"SK064", "budget too small for its task",
         "The task's wcet is larger than the budget of its domain for the same stretch of time, so the "
         "kernel would stop it before it is done."},
    [SK065] =
        {"SK065", "periodic work without a period",
         "The program calls rt_periodic(): its scheduling context is its timer, a job gives up the rest of "
         "its budget, and the next refill is the next release. So a <task> has to say the period, the "
         "budget has to be below the domain's period, and the task's period has to be that period or a "
         "multiple of it. Otherwise rt_periodic() ends the domain at once, or its releases are late."},
    [SK070] =
        {"SK070", "image missing",
         "The ELF file was not found. It is looked for next to the system file, then in the build "
         "folder under examples/<folder of the system file>/."},
    [SK071] = {"SK071", "image for another machine",
               "The file is not a statically linked 64-bit little-endian RISC-V ELF program."},
    [SK072] =
        {"SK072", "no such symbol",
         "The image has no variable of this name: perhaps it is static and was optimised away, or "
         "the file was stripped."},
    [SK073] =
        {"SK073", "symbol of the wrong shape",
         "A patched symbol must be a variable, not code: 1, 2, 4 or 8 bytes of initialised or zeroed "
         "data; and the value must fit."},
    [SK074] =
        {"SK074", "image cannot be mapped",
         "The program's segments lie outside user memory, two of them share a page with different "
         "rights, or the program's entry lies in none that may be executed."},
    [SK075] =
        {"SK075", "symbol set twice",
         "Two attributes write the same symbol of the same image, or one writes a symbol that the tool "
         "sets itself from the rest of the file (user/microkit/layout.h lists them)."},
    [SK076] =
        {"SK076", "exactly one of several attributes",
         "The element needs exactly one out of a group of attributes: a setvar one source, an irq "
         "either a device or a number."},
    [SK077] =
        {"SK077", "program of the other kind",
         "A protection domain is linked with the runtime of user/microkit and finds its capabilities in "
         "agreed slots; a root task is linked for itself and is told by the boot information what it has. "
         "Neither can start as the other."},
    [SK078] =
        {"SK078", "file that fills a region",
         "The file of prefill_path was not found, is empty, or does not fit; or something asks for its "
         "length, and there is none. It is looked for where images are."},
    [SK080] =
        {"SK080", "partition too small",
         "Kernel, tables, init task, images and objects do not fit into the partition's RAM. Objects are "
         "naturally aligned: a 2MiB page needs 2MiB that begin at a multiple of 2MiB and that neither the "
         "kernel at the bottom of the partition nor its tables at the top reach into."},
    [SK081] =
        {"SK081", "kernel or init image missing",
         "The kernel or a part of the user runtime has not been built for this machine and variant."},
    [SK082] =
        {"SK082", "kernel image not fit for booting",
         "The kernel's ELF file is not what the bootloader can start: its first byte must be its entry, "
         "and its segments must be contiguous."},
};

const char *code_name(enum code code) {
    return ENTRIES[code].name;
}

const char *code_title(enum code code) {
    return ENTRIES[code].title;
}

const char *code_about(enum code code) {
    return ENTRIES[code].about;
}

bool code_by_name(const char *name, enum code *code) {
    for (unsigned i = 0; i < CODES; i++) {
        if (!strcasecmp(ENTRIES[i].name, name)) {
            *code = (enum code)i;
            return true;
        }
    }
    return false;
}

void codes_print_manual(FILE *out) {
    fputs(
        "# Errors\n\n"
        "Every message about a system file ends with a code in brackets; this page says what the codes "
        "mean.\n`skerry explain CODE` prints the same. Made from `tools/codes.c` by `skerry explain --all`;"
        "\nedit there.\n",
        out);
    for (unsigned i = 0; i < CODES; i++) {
        fprintf(out, "\n## %s: %s\n\n%s\n", ENTRIES[i].name, ENTRIES[i].title, ENTRIES[i].about);
    }
}
