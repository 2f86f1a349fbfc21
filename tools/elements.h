// SPDX-License-Identifier: BSD-2-Clause
// The two dialects, as data: every element and attribute of a system file, once.
//
// Ours is what <system version="1"> begins. A <system> without version is Microkit's SDF, as of its manual
// 2.3.0. They share most words; what only one of them has says so here.
//
// The parser, the validator, the did-you-mean, docs/system-file.md and the shell completion all read
// this table (tools/elements.c); nothing else knows the name of an element or attribute.
#pragma once

#include <stdio.h>

#include "lib/types.h"

enum dialect { DIALECT_SKERRY, DIALECT_MICROKIT, DIALECTS };

// Which of them have a word: a mask of BIT(enum dialect).
#define SKERRY   1u
#define MICROKIT 2u
#define BOTH     3u

enum element_id {
    ELEMENT_SYSTEM,
    ELEMENT_CORE,
    ELEMENT_MEMORY,
    ELEMENT_KERNEL,
    ELEMENT_DEVICE,
    ELEMENT_REGION,
    ELEMENT_MEMORY_REGION,
    ELEMENT_ROOT_TASK,
    ELEMENT_PROTECTION_DOMAIN,
    ELEMENT_PROGRAM_IMAGE,
    ELEMENT_MAP,
    ELEMENT_IRQ,
    ELEMENT_SETVAR,
    ELEMENT_VIRTUAL_MACHINE,
    ELEMENT_IOPORT,
    ELEMENT_IO_ADDRESS_SPACE,
    ELEMENT_DOMAINS,
    ELEMENT_CSPACE,
    ELEMENT_CAP_TCB,
    ELEMENT_CAP_SC,
    ELEMENT_CAP_VSPACE,
    ELEMENT_CHANNEL,
    ELEMENT_END,
    ELEMENT_TASK,
    ELEMENT_CHAIN,
    ELEMENTS
};

enum attribute_id {
    ATTRIBUTE_VERSION,
    ATTRIBUTE_NAME,
    ATTRIBUTE_MACHINE,
    ATTRIBUTE_WALLS,
    ATTRIBUTE_CONSOLE,
    ATTRIBUTE_HARTS,
    ATTRIBUTE_MEMORY,
    ATTRIBUTE_HART,
    ATTRIBUTE_VARIANT,
    ATTRIBUTE_DOMAINS,
    ATTRIBUTE_ON_FAILURE,
    ATTRIBUTE_PLATFORM,
    ATTRIBUTE_SIZE,
    ATTRIBUTE_ADDRESS,
    ATTRIBUTE_CNODE_BITS,
    ATTRIBUTE_CHECK_INTERVAL,
    ATTRIBUTE_PATH,
    ATTRIBUTE_CORES,
    ATTRIBUTE_PAGE_SIZE,
    ATTRIBUTE_PHYS_ADDR,
    ATTRIBUTE_PREFILL_PATH,
    ATTRIBUTE_PREFILL_BOOTINFO,
    ATTRIBUTE_PATH_FOR_SYMBOLS,
    ATTRIBUTE_IMAGE,
    ATTRIBUTE_PRIORITY,
    ATTRIBUTE_BUDGET,
    ATTRIBUTE_PERIOD,
    ATTRIBUTE_PP,
    ATTRIBUTE_PASSIVE,
    ATTRIBUTE_ID,
    ATTRIBUTE_STACK_SIZE,
    ATTRIBUTE_SMC,
    ATTRIBUTE_CPU,
    ATTRIBUTE_FPU,
    ATTRIBUTE_ENDS_RUN,
    ATTRIBUTE_DOMAIN,
    ATTRIBUTE_REFILLS,
    ATTRIBUTE_SPORADIC,
    ATTRIBUTE_SETVAR_ID,
    ATTRIBUTE_MR,
    ATTRIBUTE_VADDR,
    ATTRIBUTE_PERMS,
    ATTRIBUTE_CACHED,
    ATTRIBUTE_SETVAR_VADDR,
    ATTRIBUTE_SETVAR_SIZE,
    ATTRIBUTE_SETVAR_PREFILL_SIZE,
    ATTRIBUTE_IRQ,
    ATTRIBUTE_X86_INTERRUPT,
    ATTRIBUTE_TRIGGER,
    ATTRIBUTE_DEVICE,
    ATTRIBUTE_INDEX,
    ATTRIBUTE_SYMBOL,
    ATTRIBUTE_REGION_PADDR,
    ATTRIBUTE_REGION_SIZE,
    ATTRIBUTE_VALUE,
    ATTRIBUTE_MAX_RATE,
    ATTRIBUTE_PD,
    ATTRIBUTE_NOTIFY,
    ATTRIBUTE_ARRIVAL,
    ATTRIBUTE_DEADLINE,
    ATTRIBUTE_WCET,
    ATTRIBUTE_TASKS,
    ATTRIBUTE_SLOT,
    ATTRIBUTES
};

enum value_type {
    VALUE_NAME,    // letters, digits, '_', '-', '.'; begins with a letter; at most 31 bytes
    VALUE_NAMES,   // several names, separated by spaces
    VALUE_INTEGER, // decimal or 0x hexadecimal, within [minimum, maximum]
    VALUE_BYTES,   // "64KiB", or hexadecimal without a unit; Microkit: an integer
    VALUE_ADDRESS, // an integer, usually hexadecimal
    VALUE_TIME,    // "400us"; number in nanoseconds; Microkit: an integer, of microseconds
    VALUE_RATE,    // "1000/s"; number per second
    VALUE_BOOLEAN, // "true" or "false"; number 1 or 0
    VALUE_WORD,    // one of `words`; number is its index
    VALUE_PERMS,   // some of the letters r, w, x; number is a mask of enum perms
    VALUE_SYMBOL,  // a C identifier
    VALUE_PATH,    // a file, relative to the system file
    VALUE_NODE     // a path in the device tree: "/soc/serial@10000000"
};

enum perms { PERM_READ = 4, PERM_WRITE = 2, PERM_EXECUTE = 1 };

enum attribute_need {
    NEED_OPTIONAL,
    NEED_REQUIRED,
    NEED_UNSUPPORTED // a word of Microkit that this machine does not have: an error that says so
};

struct attribute {
    enum attribute_id id;
    const char *name;
    u32 dialects; // BOTH, SKERRY or MICROKIT; where the two differ, a name stands twice
    enum value_type type;
    enum attribute_need need;
    u64 minimum, maximum;     // numbers only; both 0: no limit
    const char *const *words; // VALUE_WORD only; ends with NULL
    const char *fallback;     // value when absent, as it would be written; NULL: none
    const char *about;        // one sentence for the documentation
};

struct element {
    enum element_id id;
    const char *name;
    u64 parents
        [DIALECTS];       // BIT(element_id) of each element it may stand in; 0: not in this dialect
    unsigned least, most; // how often in one parent; most 0: any number
    const char *unsupported; // why not, for words of Microkit that we refuse; else NULL
    const char *about;
    const struct attribute *attributes;
    unsigned attribute_count;
};

extern const struct element ELEMENT_TABLE[ELEMENTS];

// NULL if there is none of that name (in that dialect).
const struct element *element_by_name(const char *name);
const struct attribute *attribute_by_name(const struct element *element, const char *name,
                                          enum dialect dialect);

// Whether the dialect has it. The root belongs to both.
bool element_in(const struct element *element, enum dialect dialect);
bool attribute_in(const struct attribute *attribute, enum dialect dialect);

// Index of the attribute in the element's list: the dialect's own if it has one, else the other's, whose
// fallback then holds; -1: none has a value.
int attribute_index(const struct element *element, enum attribute_id id, enum dialect dialect);

// What a value of the attribute looks like, in words: "a size such as 64KiB".
const char *value_type_about(enum value_type type, enum dialect dialect);

// The reference manual of the dialect (docs/system-file.md), whole.
void elements_print_manual(FILE *out);

// The dialect as a RELAX NG schema (docs/system-file.rng), whole.
void elements_print_schema(FILE *out);

// "element attribute attribute…" per line, for shell completion and editors.
void elements_print_words(FILE *out);
