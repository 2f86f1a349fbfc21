// SPDX-License-Identifier: BSD-2-Clause
// The system as the tool thinks of it.
//
// Built from the nodes of a system file (model_build), then completed in this order: facts of the machine
// (tools/machine.h), placement (tools/place.h), program images (tools/image.h). Names are resolved to
// pointers here; a pointer is NULL where the reference was wrong and has been reported, and later steps
// skip it. Lists are in the order of the file.
//
//     system ─┬─ core ──┬─ device           pair (a, b): the memory two kernels share
//             │         ├─ region (local)     ├─ log pages of b, if a is the platform kernel
//             │         └─ domain ─┬─ map      └─ region (shared)
//             ├─ region (shared)   ├─ interrupt
//             ├─ channel ─ 2 ends  └─ setvar
//             └─ task, chain
#pragma once

#include "abi/boot_record.h"
#include "tools/files.h"
#include "tools/parse.h"

#define MAX_CORES       8
#define MAX_PAIRS       (MAX_CORES * (MAX_CORES - 1) / 2)
#define MAX_DEVICE_IRQS 16
#define MAX_FOUND       64 // devices found by a Microkit file's addresses
#define MAX_PMP         32 // more than any hart has: the surplus is reported, not written

enum machine_kind { MACHINE_VIRT_AIA, MACHINE_VIRT_ACLINT, MACHINE_VIRT_PLAIN, MACHINES_KNOWN };
enum variant { VARIANT_DEBUG, VARIANT_RELEASE, VARIANT_BENCH };

struct range {
    u64 base;
    u64 size;
};

struct core;
struct domain;
struct image;

struct device {
    const struct node *node; // <device>, or the Microkit <memory_region> that lies in it
    struct place at;         // where the file says which device it is
    const char *name;
    const char *path;
    struct core *core;
    unsigned index;         // of the register range
    bool found;             // the fields below are known
    struct range registers; // exact
    struct range pages;     // whole pages around them
    unsigned irq_count;
    u32 irq[MAX_DEVICE_IRQS];
    bool irq_edge[MAX_DEVICE_IRQS];
};

struct region {
    const struct node *node;
    const char *name;
    u64 size;
    u64 page_bits;               // 12 or 21
    struct core *core;           // of a local region; NULL if shared
    struct core *share[2];       // of a shared region; NULL if local
    const struct bytes *prefill; // contents of the file that fills it; NULL: none
    bool fixed;                  // base given in the file
    bool placed; // base is known: shared, fixed, or its address is asked for by a setvar
    u64 base;
};

struct mapping {
    const struct node *node;
    struct domain *domain;
    struct region *region; // one of the two, or neither if the name was wrong
    struct device *device;
    u64 vaddr;
    u64 size;  // 0: unknown
    u32 perms; // enum perms
};

struct interrupt {
    const struct node *node;
    struct domain *domain;
    struct device *device;
    unsigned index; // of the device's interrupt
    u32 source;     // 0: unknown
    u32 id;         // channel number
    bool edge;
};

// A variable of an image and what to write there: a number, or what becomes known of a region.
enum setvar_kind { SETVAR_NUMBER, SETVAR_ADDRESS, SETVAR_SIZE, SETVAR_PREFILL_SIZE };

struct setvar {
    struct setvar *next;
    struct place at;
    const char *symbol;
    enum setvar_kind kind;
    u64 number;                  // SETVAR_NUMBER
    const struct region *region; // the others
};

// A further capability in a domain's CNode (<cspace>).
enum cap_kind { CAP_TCB, CAP_SC, CAP_VSPACE };

struct cap {
    const struct node *node;
    struct domain *holder, *of;
    enum cap_kind kind;
    u32 slot;
};

struct channel_end {
    const struct node *node;
    struct domain *domain;
    u32 id;
    bool pp;
    bool notify;
};

struct channel {
    const struct node *node;
    struct channel_end end[2];
    u64 max_rate_per_s; // 0: none
    u32 line[2];        // cross-core: line by which end i is rung
};

struct task {
    const struct node *node;
    const char *name;
    struct domain *domain;
    bool sporadic;
    u64 period_ns, deadline_ns, wcet_ns;
};

struct chain {
    const struct node *node;
    const char *name;
    struct task **tasks;
    unsigned task_count;
    u64 deadline_ns;
};

struct domain {
    const struct node *node;
    const char *name;
    struct core *core;
    struct domain *parent; // NULL: a child of nobody
    unsigned index;        // among the domains of its core
    u32 child_id;
    u32 priority;
    u64 budget_ns, period_ns;
    bool passive;
    bool fpu;
    bool sporadic;
    bool ends_run;
    u32 refills;
    u32 scheduling_domain;
    u64 stack_bytes;
    const struct node *image_node;
    const char *image_path; // as written
    struct image *image;    // loaded; NULL: missing
    struct task *task;      // the first one that names it
    struct setvar *setvars; // in the order of the file
    u64 ring, stats;        // physical addresses of its console ring and statistics page
};

// What one PMP entry of a partition covers.
struct pmp_entry {
    struct range range; // naturally aligned power of two
    bool writable;
    bool executable;
    bool device;
    const char *what;
};

struct core {
    const struct node *node;             // <core>, or the first Microkit domain on it
    struct place at, hart_at, memory_at; // where the file says that it exists, its hart, its memory
    bool chosen;                         // sizes of memory and tables are the tool's to choose
    const char *name;
    unsigned index;
    u64 hart;
    bool hart_known;
    enum variant variant;
    u32 domains;      // scheduling domains
    u64 memory_bytes; // 0: was wrong
    bool memory_fixed;
    u32 cnode_bits;
    u32 check_interval;
    bool restarts; // when its kernel panics
    const struct node *memory_node;
    const struct node *root_task_node; // NULL: protection domains
    const char *root_task_path;
    struct image *root_task;
    unsigned domain_count;
    bool placed;
    struct range ram;
    struct range
        log; // pages: kernel's ring, init task's ring, then ring and statistics of each domain
    struct range fixed; // local regions whose address must be known
    struct pmp_entry pmp[MAX_PMP];
    unsigned pmp_count, pmp_limit;
};

struct pair {
    struct core *core[2]; // core[0] is the one with the lower index: side 0
    u64 bytes;            // power of two
    bool placed;
    u64 base;
    u32 lines[2]; // lines by which core[i] is rung
};

// Facts of the machine, from its device tree.
struct machine {
    u64 harts[64]; // hart ids of the enabled cpu nodes, in the tree's order
    char *hart_paths[64];
    u32 imsic_index[64]; // which page of the IMSIC is this hart's; also its hart index at the APLIC
    u32 plic_context[64]; // its supervisor context at the PLIC
    unsigned hart_count;
    u32 timebase_hz;
    bool sstc;
    u32 zicboz_bytes;
    struct range ram;
    u32 sources;
    struct range plic, aplic, imsic, sswi;
    u32 imsic_ids;
    const void *tree; // the flattened tree
    size_t tree_bytes;
};

struct system {
    const struct document *document;
    const struct node *node;
    const char *path, *name;
    enum machine_kind kind;
    bool walls;
    bool console; // wanted: the first core must have a console program
    u64 memory_bytes;
    unsigned harts; // of the machine; 0: was wrong
    struct core cores[MAX_CORES];
    unsigned core_count;
    struct device *devices;
    unsigned device_count;
    struct region *regions;
    unsigned region_count;
    struct domain *domains;
    unsigned domain_count;
    struct mapping *mappings;
    unsigned mapping_count;
    struct interrupt *interrupts;
    unsigned interrupt_count;
    struct cap *caps;
    unsigned cap_count;
    struct channel *channels;
    unsigned channel_count;
    struct task *tasks;
    unsigned task_count;
    struct chain *chains;
    unsigned chain_count;
    struct pair pairs[MAX_PAIRS];
    unsigned pair_count;
    struct machine machine;
    struct range package;
    struct range firmware, firmware_tree;
};

struct system *model_build(struct arena *arena, struct diagnostics *diags,
                           const struct document *document);

// The core that a node of the file belongs to; NULL: none, or it was wrong.
struct core *model_core_at(struct system *system, const struct node *node);

// What is to be written, once the region is placed and its file read.
u64 setvar_value(const struct setvar *setvar);

const char *machine_kind_name(enum machine_kind kind);
const char *variant_name(enum variant variant);

// False: there is none of that name.
bool machine_kind_by_name(const char *name, enum machine_kind *kind);
bool variant_by_name(const char *name, enum variant *variant);

// The pair of two different cores, or NULL.
struct pair *pair_of(struct system *system, const struct core *a, const struct core *b);

// Whether two ranges have a byte in common.
bool ranges_overlap(struct range a, struct range b);
